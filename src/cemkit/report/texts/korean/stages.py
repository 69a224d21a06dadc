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
    # 여정 곡선
    "curve.title": "여정 곡선",
    "curve.sentence": (
        "여정에서 가장 낮은 지점은 {low}, 평균 평가 {low_value}({level} 신뢰구간 {low_interval})이며, 가장 높은 "
        "지점은 {peak}, {peak_value}({peak_interval})입니다."
    ),
    "curve.one": "여정 가운데 평가가 있는 접점은 {low} 하나뿐이며, 평균 {low_value}({level} 신뢰구간 {low_interval})입니다.",
    "curve.note": (
        "지각 평가의 평균({low}~{high}점)과 {level} 신뢰구간을 여정 지도의 순서대로 나타냈습니다. 단계 아래의 n은 "
        "평가 수입니다. 원은 채널이며, 평가가 많을수록 큽니다."
    ),
    "curve.mean": "평균 평가",
    "curve.axis": "평균 평가(점)",
    "curve.peak": "최고점",
    "curve.low": "최저점",
    "curve.stage-n": "{name}\nn {n}",
    "curve.touchpoints": "접점별 평균 평가",
    "curve.stages": "단계별 평균 평가",
    "without.curve": "접점 평가나 여정 지도가 없습니다.",
    # 채널 간 일관성(보고서)
    "consistency.title": "채널 간 일관성",
    "consistency.sentence": (
        "같은 접점이라도 채널에 따라 평가가 다르며, 전체 접점에서 채널 간 표준편차 τ는 {value}({level} 신뢰구간 "
        "{interval})입니다. 가장 크게 갈리는 접점은 {touchpoint}, {worst}({worst_interval})입니다."
    ),
    "consistency.note": "τ는 한 접점의 채널별 참평균이 서로 얼마나 다른지를 나타내는 표준편차이며, 모든 채널의 경험이 같으면 0입니다.",
    "consistency.alone": "비교할 채널이 하나뿐이거나 채널을 서로 구별할 수 없는 접점 {touchpoints}개는 표시하지 않았습니다.",
    "consistency.axis": "τ(척도 점수)",
    "consistency.caption": "접점별 채널 간 차이",
    "consistency.tau": "τ(척도 점수)",
    "consistency.index": "일관성 지수(0–100)",
    "consistency.channels": "채널 수",
    "consistency.table-note": (
        "보정 p값은 그 접점의 모든 채널이 같은 평가를 받는다는 가설을 검정한 값입니다. 일관성 지수는 채널이 모두 "
        "같으면 100, τ가 척도 너비의 절반이면 0입니다."
    ),
    "consistency.offenders": "접점 내 채널 평균과의 거리(낮은 순)",
    "consistency.where": "접점과 채널",
    "consistency.distance": "거리(척도 점수)",
    "consistency.rank": "순위(구간)",
    "consistency.offenders-note": (
        "거리는 우연히 벌어질 수 있는 만큼 접점 평균 쪽으로 당겨 추정했습니다. 1위가 평균보다 가장 낮은 채널입니다. "
        "채널은 고객이 고르는 것이므로 이 차이는 관찰된 연관입니다."
    ),
    "consistency.finding": "{touchpoint}: 채널 간 표준편차 τ {value}점({level} 신뢰구간 {interval}).",
    "rank.of": "{of}개 중 {rank}위",
    "without.consistency": "채널이 둘 이상인 접점 평가가 없습니다.",
    # 여정 진행률
    "funnel.title": "여정 진행률",
    "funnel.sentence": (
        "가장 많이 줄어드는 곳은 ‘{before}’ → ‘{step}’ 구간으로, 앞 단계 고객의 {value}({level} 신뢰구간 "
        "{interval})만 다음 단계에 이르렀습니다. ‘{first}’ 단계에 온 고객 {customers}명을 그로부터 {days}일 동안 "
        "본 값입니다."
    ),
    "funnel.note": (
        "첫 단계에서 관찰된 고객 {n}명 가운데 {days}일 안에 각 단계에 이른 고객의 비율입니다. 아직 기간이 지나지 "
        "않은 고객은 이탈로 세지 않으며, 떠난 고객은 더 이상 다음 단계에 이를 수 없습니다."
    ),
    "funnel.label": "여정 지도의 각 단계에 이른 고객 비율",
    "funnel.axis": "첫 단계 고객 대비 비율(%)",
    "funnel.caption": "여정 지도의 단계(해지 제외)",
    "funnel.share": "도달 비율",
    "funnel.of-before": "앞 단계 대비",
    "funnel.reached": "도달 고객",
    "funnel.left": "도달 전 이탈",
    "funnel.waiting": "기간 미경과",
    "funnel.table-note": "고객지원이나 재약정처럼 모든 고객이 거칠 필요가 없는 단계도 있으므로, 그 단계의 낮은 비율이 곧 손실은 아닙니다.",
    "without.funnel": "고객이 관찰된 단계가 셋 이상이고 시각이 있는 여정 자료가 없습니다.",
    # 우선순위
    "priorities.title": "접점과 항목의 우선순위",
    "priorities.touchpoints": "불편이 큰 접점",
    "priorities.hurts": (
        "가장 큰 불편 지점은 {touchpoint}입니다. 나쁜 경험으로 잃은 점수는 고객 1인당 {value}점({level} 신뢰구간 {interval}), "
        "순위는 {of}개 중 {rank}위이며, 나쁜 경험을 한 고객의 비율은 {reach}입니다."
    ),
    "priorities.leaves": "예방 가능 이탈의 몫이 가장 큰 접점은 {touchpoint}, {share}({interval}, {rank}위)이며, 관찰된 연관입니다.",
    "priorities.leaves-none": "예방 가능 이탈의 몫이 0보다 뚜렷이 큰 접점은 없습니다.",
    "priorities.with-rank": "{rank}위 · {name}",
    "priorities.axis": "고객 1인당 잃은 점수(척도 점수), 이름 앞은 순위 구간",
    "priorities.pain": "불편 크기",
    "priorities.rank": "불편 순위",
    "priorities.reach": "경험 고객 비율",
    "priorities.episodes": "1인당 횟수",
    "priorities.severity": "심각도(점)",
    "priorities.preventable": "예방 가능 이탈",
    "priorities.preventable-rank": "이탈 순위",
    "priorities.note": (
        "불편 크기 = 경험 고객 비율(그곳에서 나쁜 경험을 한 고객) × 경험 고객 1인당 횟수 × 심각도(중간점보다 낮은 "
        "점수)이며, 단위는 고객 1인당 척도 점수입니다. 순위는 구간이며, 구간이 겹치는 접점의 순서는 확실하지 "
        "않습니다."
    ),
    "priorities.preventable-note": (
        "예방 가능 이탈: 관찰된 연관이며, 조치 효과의 예측이 아님. 줄표는 이탈 기여도에 없거나 추정하지 않은 "
        "접점입니다."
    ),
    "priorities.items": "집중 개선할 설문 항목",
    "priorities.fix": (
        "중요하면서 성과선에 못 미칠 가능성이 가장 큰 항목은 {item}, 그 확률은 {chance}입니다. 평균 평가는 "
        "{performance}({level} 신뢰구간 {interval}, 사례 수 {n})입니다."
    ),
    "priorities.fix-none": (
        "중요하면서 성과선에 못 미칠 가능성이 높은 항목은 없습니다. 그 확률이 가장 큰 항목도 {item}, {chance}에 "
        "그칩니다. 평균 평가는 {performance}({level} 신뢰구간 {interval}, 사례 수 {n})입니다."
    ),
    "priorities.items-note": (
        "재추출에서 집중 개선(중요하지만 성과선에 못 미침)에 놓인 비율이 큰 순서입니다. 확률이 비슷한 항목의 순서는 "
        "확실하지 않습니다."
    ),
    "without.priorities": "고객이 있는 접점 평가도, 결과 변수나 직접 물은 중요도가 있는 설문(가로형)도 없습니다.",
    # 용어
    "channel.web": "웹",
    "channel.app": "앱",
    "channel.phone": "전화",
    "channel.shop": "매장",
    "channel.store": "매장",
    "channel.email": "이메일",
    "channel.chat": "채팅",
    "method.log-linearised": "고객 단위 선형화, 로그에서 대칭인 신뢰구간, 순위는 고객 재추출",
    "method.reml-q-profile": "제한 최대우도, Q-프로파일 신뢰구간",
    "method.aalen-johansen": "Aalen–Johansen 누적발생률, 유효 사례 수의 윌슨 신뢰구간",
    "method.influence": "영향 함수, 이탈 고객은 윌슨 신뢰구간, 잔류 고객은 로짓 신뢰구간",
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
