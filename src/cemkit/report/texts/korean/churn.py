"""The Korean words of the report: churn. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {
    # 위험 모형
    "adjusted-for-covariates": "위험비는 연관을 나타내며, 모형에 넣은 공변량 말고는 아무것도 보정하지 않았습니다.",
    "collinear-covariates": "앞의 공변량에서 그대로 따라 나오는 공변량은 계수를 내지 않았습니다: {covariates}.",
    "few-clusters": "군집이 {clusters}개뿐이어서 강건 표준오차가 실제보다 작습니다. 구간은 최소한의 너비로 읽어야 합니다.",
    "infinite-coefficients": (
        "다음 공변량의 계수는 우도가 끝없이 커져 구간이 없습니다(그 특성을 가진 고객이 아무도 이탈하지 않았거나 모두 이탈한 경우): "
        "{covariates}."
    ),
    "hazards-not-proportional": (
        "위험비가 시간에 따라 변하므로(전체 점수 검정 p {p_value:.2g}) 각 값은 이탈 시점에 걸친 평균입니다. 어느 공변량인지는 "
        "proportionality에 있으며, 그 공변량은 층(strata)으로 두는 편이 낫습니다."
    ),
    "proportional-hazards": "위험비는 시간이 지나도 일정하다고 봅니다(전체 점수 검정 p {p_value:.2g}).",
    "reference-level": "{column!r} 열은 기준 수준({reference!r}) 대비로 비교합니다.",
    "robust-errors": (
        "{column!r} 열의 값 {clusters}개를 군집으로 본 강건 표준오차입니다(행 {rows}개). cluster=False이면 행끼리 독립으로 봅니다."
    ),
    # 고객으로 머문 기간
    "entered-after-until": "{until} 이후에 가입한 고객 {rows}명을 뺐습니다.",
    "last-churn-period-incomplete": "마지막 기간({period})은 {until}까지만 관측되어 이탈이 더 늘어날 수 있습니다.",
    "late-entries": "고객 {rows}명은 가입한 뒤에 관측이 시작되어, 그때부터 셉니다.",
    "left-after-until": "{until} 이후에 이탈한 고객 {rows}명은 그 시점에 남아 있는 것으로 봅니다.",
    "observed-until": (
        "자료의 마지막 시각인 {until}까지 이탈을 관측한 것으로 보며, 그때까지 이탈하지 않은 고객은 남아 있는 것으로 봅니다."
    ),
    "other-causes-censored": (
        "이탈로 치지 않는 사유로 떠난 고객 {rows}명은 떠난 시점까지만 관측한 것으로 보므로, 그런 사유가 없는 경우의 곡선입니다."
    ),
    "period-customers-alike": "한 기간의 고객을 서로 독립이고 같은 성질로 봅니다. 이어지는 기간에는 같은 고객이 들어 있습니다.",
    "spells-independent": "고객 {customers}명의 이용 기간 {spells}건을 서로 독립인 것으로 봅니다.",
    "uninformative-end": "고객을 마지막으로 관측한 시점은 그 고객이 언제 이탈할지와 무관하다고 봅니다.",
    "unknown-causes": "고객 {rows}명은 이탈 사유를 알 수 없어 '사유 미상(unknown)'으로 따로 둡니다.",
}
