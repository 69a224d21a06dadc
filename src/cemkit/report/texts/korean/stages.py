"""The Korean words of the report: stages. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {
    "association": "이 차이는 연관성입니다. 고객은 이 밖의 점에서도 서로 다릅니다.",
    "bad-below-midpoint": "척도의 중간점 {midpoint:g}보다 나쁜 쪽으로 평가한 경험을 나쁜 경험으로 봅니다.",
    "collected-units": "회귀를 위해 고객마다 한 행씩 모았습니다({units}개 행).",
    "complainers-collected": "불만을 제기한 고객의 모든 행({rows}개 행)을 모아 그 뒤에 일어난 일을 보았습니다.",
    "customers-drawn-again": "순위의 구간은 고객 {customers}명을 {replicates}번 다시 뽑아 구했으며, 고객을 서로 독립으로 봅니다.",
    "followed-from-then": (
        "경험은 일어난 때부터 같은 유형의 다음 부정적 경험, {within:g}일 경과, 이탈, 자료의 끝 가운데 가장 이른 때까지 따라갑니다."
    ),
    "incomplete-customers": "두 측면 가운데 하나나 결과가 없는 고객 {customers}명을 뺐습니다.",
    "ledger-ranks": "막을 수 있던 이탈의 순위는 원장에 있는 접점 {touchpoints}개의 신뢰구간에 따릅니다.",
    "open-until-end": (
        "불만 {complaints}건은 자료가 끝날 때까지 해결되지 않았습니다. 영영 해결되지 않은 것이 아니라 그때까지 열려 있는 것으로 봅니다."
    ),
    "outcomes-not-told": "필요한 열이 표에 없는 결과는 행이 없습니다: {columns}.",
    "peak-end-customers": "절정·끝 값은 고객 본인의 평가에서 구하며, 고객마다 한 번씩 같은 비중으로 세고 서로 독립으로 봅니다.",
    "rows-followed": "경험을 시간에 따라 따라가기 위해 행을 모았습니다(경험 {rows}건). 고객, 시각, 분류, 금액 열만 씁니다.",
    "same-touchpoint": "비교 비율은 같은 접점의 비율이며, 부정적 경험을 따라간 시간으로 가중했습니다.",
    "timeless-complaints": "시각이 없는 불만 {rows}건을 뺐습니다.",
    "unmatched-experiences": "경험 {rows}건은 어느 규칙의 조건에도 맞지 않아 유형이 비어 있습니다.",
}
