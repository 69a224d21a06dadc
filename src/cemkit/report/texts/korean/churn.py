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
    # 경로
    "leavers-without-touchpoint": "이탈 고객 {total}명 가운데 {customers}명은 접점을 거치지 않았으므로 어느 접점에도 배분하지 않습니다.",
    "markov-paths": "다음에 어디로 갈지는 마지막 접점 {order}개에만 달려 있는 것으로 봅니다.",
    "paths-describe": (
        "배분된 몫은 경로를 기술할 뿐 효과가 아닙니다. 어떤 접점도 이탈을 일으키지 않았더라도 합은 100%이며, "
        "자주 거치는 접점일수록 몫이 큽니다."
    ),
    "paths-missing": "경로가 없는 {rows}개 행을 뺐습니다.",
    "paths-of-customers": "한 고객에게 경로가 여러 개 있으므로 구간은 고객을 집락으로 하여 구했습니다.",
    "paths-open": "고객 {total}명 가운데 {customers}명은 아직 끝나지 않아 이탈하지 않은 것으로 세었으며, 이 가운데 일부는 이탈하게 됩니다.",
    # 만족의 함정
    "answers-after-leaving": "이탈 시점 또는 그 이후의 응답 {rows}건을 뺐습니다.",
    "answers-before-entering": "가입 이전의 응답 {rows}건을 뺐습니다.",
    "answers-incomplete": "고객, 시각, 점수 가운데 하나라도 없는 {rows}개 행은 응답으로 보지 않고 뺐습니다.",
    "answers-not-followed": "응답 {answers}건은 관측 종료까지 {window}일이 채 남지 않아, 그 뒤의 이탈을 세지 않았습니다.",
    "answers-of-strangers": "고객 표에 없는 고객의 응답 {rows}건을 뺐습니다.",
    "answers-off-scale": "척도를 벗어난 응답 {rows}건을 뺐습니다.",
    "leavers-not-surveyed": (
        "이탈 고객 {total}명 가운데 {leavers}명은 이탈 전 {window}일 안에 응답이 없습니다. "
        "이들이 어떻게 답했을지에 따른 범위를 함께 제시합니다."
    ),
    "leavers-unmatched": "응답이 있는 이탈 고객 {total}명 가운데 {leavers}명은 견줄 만한 잔류 고객이 없어 비교에서 뺐습니다.",
    "stayers-matched": (
        "잔류 고객은 그 이탈 시점에 남아 있었고, 이용 기간이 같은 {band}일 구간에 속하며, {window}일 안에 응답한 고객 전부입니다. 비교는 "
        "연관을 나타낼 뿐 효과가 아닙니다."
    ),
    # 결정적 순간
    "experiences-censored": (
        "경험 {rows}건은 자료의 끝에 가까워 이후 관찰 기간을 다 채우지 못했으므로 중도절단으로 보고 어디에도 "
        "세지 않았습니다."
    ),
    "experiences-incomplete": "고객, 시각, 접점 가운데 하나라도 없는 {rows}개 행은 경험으로 보지 않고 뺐습니다.",
    "experiences-of-strangers": "다른 표에 없는 고객의 경험 {rows}건을 뺐습니다.",
    "experiences-outside": "가입 이전이거나 이탈 당일 또는 그 이후인 경험 {rows}건을 뺐습니다.",
    "experiences-short": "경험 {rows}건은 자료의 시작이나 가입 시점에 가까워 이전 관찰 기간을 다 채우지 못했으므로 뺐습니다.",
    "leaving-unknown": "고객 표가 없어 누가 이탈했는지 알 수 없으며, 구매를 멈춘 고객은 구매가 줄어든 것으로 셉니다.",
    "moments-standardised": (
        "차이는 그 경험을 한 고객의 구성에 맞추어 {columns} 기준으로 표준화했습니다. 고객이 다른 점에서도 "
        "다를 수 있으므로 연관을 나타낼 뿐입니다."
    ),
    "moments-unadjusted": "차이는 아무것도 보정하지 않았습니다. 좋은 경험을 한 고객과 나쁜 경험을 한 고객은 처음부터 다를 수 있습니다.",
    "no-baseline-moments": "자료의 기간이 짧아 경험이 없는 시점을 견줄 수 없습니다.",
    "observed-spending": "구매는 {until}까지 모두 기록된 것으로 봅니다.",
    "purchases-incomplete": "고객이나 시각이 없는 거래 {rows}건을 뺐습니다.",
}
