"""The Korean words of the report: stages. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

SENTENCES: dict[str, str] = {
    # 채널 일관성
    "adjusted-for-mix": (
        "채널은 접점마다 실제 고객 구성({columns})을 똑같이 맞추어 주효과 회귀로 비교하며, 그 구성은 주어진 것으로 봅니다."
    ),
    "channels-as-sample": "τ는 이 채널들을 참평균이 정규분포를 따르는 많은 채널의 표본으로 보고, spread는 이 채널들만의 차이를 뜻합니다.",
    "channels-left-out": "응답이 {least}건 미만이거나 분산을 알 수 없는 접점별 채널({channels}개)은 계산에서 뺐습니다.",
    "no-order": "채널 전환은 살펴보지 않았습니다. 여정 또는 고객 열과 시각 열({column!r})이 있어야 합니다.",
    "no-switching": "시각이 있는 행이나 응답, 집락이 너무 적거나 한꺼번에 비교할 칸이 너무 많은 곳에서는 채널 전환의 구간이 없습니다.",
    "rows-without-channel": "{over!r} 또는 {unit!r} 값이 없는 행({rows}개)은 뺐습니다.",
    "steps-without-order": "시각이나 여정이 없는 행({rows}개)은 채널 전환을 셀 때 뺐습니다.",
    "switching-is-association": (
        "채널 전환은 같은 {journey!r} 안에서 앞 단계와 채널이 다른 경우입니다. 자주 바꾸는 데는 까닭이 있으므로 이 차이는 연관일 뿐입니다."
    ),
    "units-not-compared": "쓸 수 있는 채널이 하나뿐이거나 다른 채널에는 없는 고객만 있는 접점({units}개)은 비교하지 않았습니다.",
    # 세분집단
    "held-out-folds": (
        "각 행은 {folds}개 묶음 가운데 자신이 속하지 않은 묶음의 집단 평균으로 예측하며, "
        "예측 이득은 그만한 행 수로 구한 평균의 이득입니다."
    ),
    "unknown-segments": "집단을 알 수 없는 행은 따로 하나의 집단으로 둡니다({names}).",
    "one-segment": "세분집단은 하나입니다({chosen}). 이 행들을 나누어도 더 잘 설명되지 않으므로 구분할 것이 없습니다.",
    "profiles-given-assignment": (
        "비율과 프로파일은 행의 집단 배정을 고정하고 구한 값입니다. 경계가 얼마나 확실한지는 안정성 지표로 판단하세요."
    ),
    "skewed-features": "한쪽으로 치우친 변수가 있습니다({features}). 혼합모형은 긴 꼬리에도 집단을 배정하므로, 먼저 로그를 취하세요.",
    "unstable-segments": "재추출하면 다시 나타나지 않는 집단이 있습니다({segments}번, Jaccard {limit:g} 미만). 이 집단은 믿기 어렵습니다.",
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
