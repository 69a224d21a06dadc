"""The Korean words of the report: churn. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {
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
