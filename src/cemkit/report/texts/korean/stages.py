"""The Korean words of the report: stages. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {
    # the journey: stays, moves, paths
    "journey.title": "고객 여정",
    "journey.sentence": (
        "가장 잦은 이동은 ‘{source}’ 다음의 ‘{target}’입니다. 관찰된 다음 경험의 {value}({level} 신뢰구간 "
        "{interval})이며, 절반은 {days}일 안에 일어났습니다."
    ),
    "journey.still": "여정의 한 단계에서 다른 단계로 옮겨 간 고객이 관찰되지 않았습니다.",
    "journey.stays": "단계별 경험 고객과 머문 기간",
    "journey.stays-sentence": (
        "고객 {customers}명 가운데 여정의 각 부분을 경험한 고객의 비율과 {level} 신뢰구간입니다. n은 고객 수입니다."
    ),
    "journey.stays-note": (
        "머문 기간은 그곳의 첫 경험부터 다른 곳의 첫 경험까지입니다. 중앙값은 아직 끝나지 않은 체류를 "
        "중도절단으로 반영한 값이며(카플란–마이어), 절반 이상이 자료의 기간보다 길 수 "
        "있으면 줄표로 표시합니다."
    ),
    "journey.others": "고객 수가 더 적은 {others}개는 표시하지 않았습니다.",
    "journey.axis": "고객 비율(%)",
    "journey.moves": "다음에 가는 곳",
    "journey.moves-sentence": "이어진 두 경험 사이의 이동 {count}건이며, 띠의 두께는 이동 건수에 비례합니다.",
    "journey.moves-note": "확률은 그곳에서 관찰된 모든 이동에 대한 비율이며 고객을 집락으로 보았습니다. 데이터의 끝은 이탈이 아닙니다.",
    "journey.paths": "가장 많은 경로",
    "journey.paths-sentence": (
        "고객 {customers}명이 서로 다른 경로 {different}개를 거쳤으며, 아래는 가장 많은 경로입니다. 바로 "
        "이어진 반복은 한 번으로 셌습니다."
    ),
    "journey.with-n": "{name} (n {n})",
    "without.journey": "고객과 시각이 있는 경험 자료가 없습니다.",
    "column.stage": "단계",
    "head.customers": "고객 수",
    "head.visits": "체류 수",
    "head.open": "진행 중",
    "head.median-days": "중앙값(일)",
    "head.median-days-between": "소요일 중앙값",
    "head.from": "출발",
    "head.to": "도착",
    "head.transitions": "이동 건수",
    "head.probability": "확률",
    "head.path": "경로",
    "stage.discover": "탐색",
    "stage.visit": "방문",
    "stage.purchase": "구매",
    "stage.use": "이용",
    "stage.care": "관리",
    "stage.consult": "상담",
    "stage.activate": "가입/개통",
    "stage.bill": "요금",
    "stage.support": "고객지원",
    "stage.renew": "재약정",
    "stage.cancel": "해지",
    "method.clustered-wilson": "고객을 집락으로 본 유효 사례 수의 윌슨 신뢰구간",
    "method.kaplan-meier": "카플란–마이어 중앙값과 log(−log) 신뢰한계, 비율은 윌슨 신뢰구간",
}

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
    # flow: transitions, funnel, dwell, paths
    "customers-clusters-of-transitions": (
        "한 고객이 여러 번 이동하므로 고객을 집락으로 보았으며, 신뢰구간은 유효 사례 수에 따른 윌슨 구간으로 "
        "확률마다 따로 구했습니다."
    ),
    "duplicates-dropped": "고객·시각·상태가 다른 행과 똑같은 경험 {rows}건은 제외했습니다.",
    "duplicates-kept": "고객·시각·상태가 다른 행과 똑같은 경험이 {rows}건 있으며, 각각 별개의 경험으로 셌습니다.",
    "end-of-data": "데이터의 끝은 이탈이 아닙니다. 고객의 마지막 경험 이후는 알 수 없습니다.",
    "experiences-later": "{until} 이후의 경험 {rows}건은 제외했습니다.",
    "experiences-without-customer": "고객({column!r})이 없는 경험 {rows}건은 누구의 경험인지 알 수 없어 제외했습니다.",
    "experiences-without-state": "값({column!r})이 없는 경험 {rows}건은 제외했으며, 그 앞뒤의 경험을 이어진 것으로 보았습니다.",
    "experiences-without-time": "시각({column!r})이 없는 경험 {rows}건은 순서를 알 수 없어 제외했습니다.",
    "funnel-censored": "고객 {customers}명은 아직 {days:.4g}일이 지나지 않아 이탈로 세지 않고 중도절단으로 처리했습니다.",
    "funnel-entered": "고객 {customers}명 가운데 {entered}명이 첫 단계({step})에 도달했으며, 나머지는 퍼널에 포함되지 않습니다.",
    "funnel-held": "추정값 {rows}개가 우연히 앞 단계보다 높아 앞 단계의 값으로 낮추었습니다. 퍼널은 뒤로 갈수록 높아지지 않습니다.",
    "funnel-independent": "고객은 서로 독립이며, 첫 단계에 도달한 시점은 이후의 진행과 무관하다고 가정합니다.",
    "funnel-median-follow-up": "전환율은 고객의 절반을 관찰할 수 있었던 {days:.4g}일 기준입니다. 다른 기간은 within=으로 지정합니다.",
    "higher-order": "출발 상태는 직전 {order}개 상태의 조합이며, 경험이 그보다 적은 고객은 세지 않습니다.",
    "leaving-competes": (
        "단계에 도달하기 전에 이탈한 고객은 더 이상 도달할 수 없으며(경쟁 사건), 비율의 분모는 첫 단계에 "
        "도달한 모든 고객입니다."
    ),
    "leaving-unknown": "이탈 여부를 알 수 없는 자료입니다(left=로 지정). 이탈한 고객도 자료에서는 계속 대기 중인 것으로 남습니다.",
    "median-buckets": "중앙값은 기간을 구간으로 묶어 구했으며, 정확한 값과의 차이는 {bound:.0%} 이내입니다.",
    "paths-selected": (
        "서로 다른 경로 {different}개 가운데 가장 많은 경로를 보여 줍니다. 많아서 선택된 경로이므로, 이 자료 "
        "밖에서는 비율이 조금 더 낮을 수 있습니다."
    ),
    "visits-independent": "카플란–마이어 중앙값의 신뢰구간은 같은 고객의 방문을 포함해 모든 방문이 독립이라고 가정합니다.",
    "visits-open": "방문 {visits}건은 자료가 끝날 때까지 진행 중이었으므로 중도절단으로 처리했으며, 완료된 방문에는 포함되지 않습니다.",
}
