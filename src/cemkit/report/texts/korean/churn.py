"""The Korean words of the report: churn. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {
    # 고객으로 머문 기간
    "entered-after-until": "{until} 이후에 가입한 고객 {rows}명을 뺐습니다.",
    "left-after-until": "{until} 이후에 이탈한 고객 {rows}명은 그 시점에 남아 있는 것으로 봅니다.",
    "observed-until": (
        "자료의 마지막 시각인 {until}까지 이탈을 관측한 것으로 보며, 그때까지 이탈하지 않은 고객은 남아 있는 것으로 봅니다."
    ),
}
