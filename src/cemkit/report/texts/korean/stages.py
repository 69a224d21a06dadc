"""The Korean words of the report: stages. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {
    "association": "이 차이는 연관성입니다. 고객은 이 밖의 점에서도 서로 다릅니다.",
    "collected-units": "회귀를 위해 고객마다 한 행씩 모았습니다({units}개 행).",
    "incomplete-customers": "두 측면 가운데 하나나 결과가 없는 고객 {customers}명을 뺐습니다.",
    "unmatched-experiences": "경험 {rows}건은 어느 규칙의 조건에도 맞지 않아 유형이 비어 있습니다.",
}
