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
