"""The Korean words of the report: scores. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {
    # 점수
    "scores.title": "지표",
    "scores.sentence": "{metric}: {estimate} ({level} 신뢰구간 {interval}, 응답 {n}건).",
    "scores.nothing": "{metric}: 질문했으나 응답이 없습니다.",
    "scores.caption": "전체 지표",
    "scores.unweighted": "{metric}, 가중 전",
    "scores.rate": "응답률, {metric}",
    "fact.rate": "응답률",
    "fact.rate-value": "초대한 고객의 {rate} ({interval})",
    "fact.no-invitations": "알 수 없음: 초대 기록 없음",
    "fact.fieldwork": "조사 기간",
    "fact.dates": "{first} ~ {last}",
    "fact.mode": "조사 방식",
    "fact.mode-value": "{mode} {n}건",
    "fact.unknown": "기록 없음",
    # 구간
    "bands.title": "지표의 구성",
    "bands.sentence": "지표는 요약값입니다. 아래는 지표를 이루는 응답의 비율입니다.",
    "bands.block": "{band}: 응답의 {share} ({level} 신뢰구간 {interval}). {other}: {other_share}.",
    "bands.caption": "{metric}: 응답 비율",
    "bands.call": "{metric}: 구간별 비율",
    # 추세
    "trend.title": "추세",
    "trend.sentence": "기간에 따른 지표의 움직임과, 그것이 우연을 넘어서는지를 보입니다.",
    "trend.block": "{metric}, {every}",
    "trend.slope": "{metric} 변화: {every} {slope} ({level} 신뢰구간 {interval}, p {p}).",
    "trend.no-slope": "{metric}: 기간 {periods}개. 끝까지 채워진 기간이 적어 기울기를 검정하지 않았습니다.",
    "trend.signals": "관리 기준에서 벗어난 기간: {signals}개.",
    "trend.no-signals": "우연으로 볼 수 있는 범위를 벗어난 기간이 없습니다.",
    "trend.no-limits": "관리 한계를 그리려면 끝까지 채워진 기간 20개가 필요하므로 그리지 않았습니다.",
    "every.1w": "주별",
    "every.1mo": "월별",
    "every.1q": "분기별",
    "per.1w": "주마다",
    "per.1mo": "달마다",
    "per.1q": "분기마다",
    "signal.beyond-limits": "한계 밖",
    "signal.nine-on-one-side": "한쪽으로 연속 9개",
    "signal.six-in-a-row": "연속 6개 증가 또는 감소",
    "signal.fourteen-alternating": "연속 14개 교대",
    "signal.incomplete": "진행 중인 기간",
    # 집단
    "segments.title": "고객 집단",
    "segments.sentence": "{columns} 기준의 지표이며, 각 집단을 나머지 전체와도 비교했습니다.",
    "segments.block": "{column}별 {metric}",
    "segments.rest": "{title}: 각 집단과 나머지의 비교",
    "segments.small": "{column}: 사례 수가 충분한 집단이 둘이 되지 않아 가장 높은 집단과 낮은 집단을 말할 수 없습니다.",
    "segments.extremes": (
        "{metric} 최고: {high} {high_value} ({level} 신뢰구간 {high_interval}), 최저: {low} {low_value} ({low_interval})."
    ),
    # 접점
    "touchpoints.title": "접점",
    "touchpoints.sentence": (
        "평가가 가장 낮은 접점: {low}, 상위 2점 비율 {low_value} ({level} 신뢰구간 {low_interval}). 가장 높은 접점: {high}, "
        "{high_value} ({high_interval})."
    ),
    "touchpoints.note": "척도 상위({points}) 평가의 비율이며, 낮은 순서입니다.",
    "touchpoints.wave": "조사 차수 {wave} 평가입니다.",
    "touchpoints.all-waves": "모든 조사 차수의 평가를 함께 썼습니다. 경험 표에 wave 열이 없습니다.",
    "touchpoints.axis": "상위 2점 비율(%)",
    "touchpoints.caption": "접점별 만족도",
    # 비교
    "comparison.title": "비교",
    "comparison.sentence": "차이에는 차이의 신뢰구간이 있습니다. 두 지표의 신뢰구간이 겹쳐도 차이가 있을 수 있습니다.",
    "comparison.block": "{column}별 {metric}",
    "comparison.values": "{title}: 비교한 값",
    "comparison.pair": "{group} − {reference}",
    "comparison.last": "{metric}, {group} − {reference}: {difference} ({level} 신뢰구간 {interval}, 보정 p값 {p}).",
    "comparison.change": "{column}별 {metric}: {before} → {after} 변화",
    "comparison.change-largest": "변화가 가장 큰 집단. {finding}",
    "comparison.change-small": "{column}: 두 조사 모두에서 사례 수가 충분한 집단이 없어 변화를 말할 수 없습니다.",
    "comparison.change-note": "각 집단에서 나중 조사의 값에서 앞 조사의 값을 뺀 차이입니다. 관찰된 변화이며, 원인의 설명이 아닙니다.",
    "comparison.omnibus": "모든 수준이 같다는 가설의 검정: p값 {p}.",
    # 분해
    "decomposition.title": "변화가 어디에서 왔는가",
    "decomposition.sentence": "마지막 두 조사 사이의 변화를, 집단의 점수가 변한 부분과 집단의 비중이 변한 부분으로 나눕니다.",
    "decomposition.block": "{metric}, {before} → {after}, {column}별",
    "decomposition.total": (
        "{metric}, {before} → {after}: {difference} ({level} 신뢰구간 {interval}). 수준 효과(집단의 점수 변화): {rate}, "
        "구성 효과(응답자 구성 변화): {mix}."
    ),
    "decomposition.note": "{total}개 행의 합은 전체 변화와 정확히 같습니다. 구성 효과는 고객 구성이 아니라 응답자 구성 변화입니다.",
    # 자료 품질
    "quality.title": "자료 품질",
    "quality.ok": "표 {tables}개 모두 규약(열, 자료형, 범위, 키)을 지킵니다.",
    "quality.broken": "자료가 규약을 {violations}건 어깁니다. 해당 행에서 나온 결과는 주의해서 읽어야 합니다.",
    "quality.caption": "문항별 응답",
    "quality.tables": "조사의 표",
    "quality.violations": "어긴 규약",
    "quality.notes": "이상하지만 틀린 것은 아닌 점",
    "quality.part": "{n} ({share})",
    "quality.note": (
        "무응답: 응답이 없거나 '응답 없음' 부호. 무효: 척도 밖의 값. 둘 다 세어 두고 계산에서 뺐습니다. 마지막 열은 조사에 있는 "
        "전체 고객 가운데 한 번이라도 응답한 고객의 비율입니다."
    ),
}

SENTENCES: dict[str, str] = {
    "independent": "응답을 서로 독립이고 가중치가 같은 것으로 봅니다.",
    "simple-random": "표본을 지표가 대표하는 고객에서 단순 무작위로 뽑은 것으로 봅니다.",
    "customers-are-clusters": (
        "두 번 이상 응답한 고객이 있어(응답 {rows}건, 고객 {customers}명) 고객을 집락으로 봅니다. "
        "Design.independent() 설계는 모든 응답을 독립으로 봅니다."
    ),
    "groups-are-clusters": "집단이 곧 설계의 집락({column!r})이므로, 각 집락 안의 응답을 서로 독립으로 봅니다.",
    "scale-unused": (
        "응답 {rows}건이 척도 {low:g}~{high:g} 가운데 {least:g}~{most:g} 범위에만 있습니다. 이 척도로 물은 문항인지 확인하십시오."
    ),
    "weighted": "응답에 {column!r} 열의 가중치를 적용합니다.",
    "questions-left-out": "문항 {question!r}에 대한 응답만 썼고, 다른 문항의 {rows}개 행은 뺐습니다.",
    "nested-clusters": "집락 이름 {clusters}개가 둘 이상의 층에 나타나며, 층마다 별개의 집락으로 셉니다.",
    "collapsed-interval": "응답이 모두 같아 {groups}개 행의 신뢰구간 폭이 0이 되었으며, 이 구간에는 정보가 없습니다.",
    "all-alike": "{groups}개 행의 응답이 모두 같아, 집락 수를 사례 수로 한 보정 신뢰구간을 씁니다.",
    "no-degrees-of-freedom": "{groups}개 행은 층마다 응답 집락이 하나뿐이어서 표준오차가 없고, 신뢰구간은 척도 전체입니다.",
    "suppressed": (
        "고객 수 {min_base}명 미만인 {groups}개 행을 숨겼고, 뺄셈으로 알아낼 수 없도록 {complementary}개 행을 더 숨겼습니다. "
        "한 표를 보호할 뿐, 여러 번의 호출을 보호하지는 않습니다."
    ),
    "invalid-left-out": "척도({low:g}~{high:g}) 밖의 응답 {rows}건을 빼고 무효로 세었습니다.",
    "missing-at-random": "무응답({rows}개 행)은 표시된 집단 안에서 무작위로 생긴 것으로 봅니다.",
    "linearised": "표준오차는 표본 설계에 따라 선형화(Taylor 급수)했고, t 신뢰구간을 씁니다.",
    "jackknife": "표준오차는 집락을 하나씩 뺀 잭나이프에서 나왔습니다(반복 {replicates}회).",
    "bootstrap": "표준오차는 붓스트랩 반복 {replicates}회에서 나왔습니다(시드 {seed}).",
    "replicate-weights": "표준오차는 설계의 반복 가중치 {replicates}개에서 나왔습니다.",
    "calibrated": "가중치를 {columns} 주변합에 맞추었고, 표준오차는 주변합에서의 잔차를 씁니다.",
    "calibrated-replicates": "가중치를 {columns} 주변합에 맞추었고, 반복마다 새로 맞춥니다.",
    "raked": "가중치를 {columns} 주변합에 맞추었습니다. 주변합이 말해 주지 않는 무응답자의 특성은 알 수 없습니다.",
    "not-invited": "초대 기록이 없는 {rows}개 행(그중 응답 {answered}건)은 응답률에 넣지 않고 무응답으로 세었습니다.",
    "rows-are-invitations": "행마다 한 번의 초대로 보며, 응답 여부는 {column!r} 열로 압니다.",
    "finite-population": "모집단에서 뽑은 비율만큼 분산을 줄였습니다({column!r} 열).",
    "weights-are-sampling": "가중치는 빈도가 아니라 표본 가중치입니다.",
    "shared-respondents": "비교하는 양쪽에 모두 응답한 집락(또는 고객)이 있어, 표준오차에 공분산을 씁니다.",
    "part-of-whole": "집단이 비교 대상의 일부이므로, 표준오차에 공분산을 씁니다.",
    "adjusted-p-values": "p값은 비교 {comparisons}건에 대해 보정했습니다({method}).",
    "mix-is-who-answered": "고객 기반의 비중이 없으므로, 구성 효과는 고객 구성이 아니라 응답자 구성 변화입니다.",
    "population-shares": "집단을 고객 기반의 비중으로 가중했으므로, 응답자 구성 변화는 없습니다.",
    "segments-appear": "한 기간에만 나타난 집단은 구성 효과로 셉니다: {segments}.",
    "incomplete-period": "마지막 기간({period})은 아직 끝나지 않아 신호를 내지 않습니다.",
    "no-limits": (
        "선의 구간 {lines}개에는 관리 한계를 그리지 않았습니다. 응답이 있는 완결 기간이 가장 긴 구간에서 {periods}개이며, "
        "기준에 필요한 수는 {needed}개입니다."
    ),
    "overlapping-windows": "{window} 창이 겹쳐 이웃한 값이 응답을 공유하므로, 한계·신호·검정을 내지 않습니다.",
    "mode-changed": "조사 방식이 바뀌어({modes}) 선이 거기서 끊깁니다.",
    "frozen-baseline": "중심과 한계는 처음 완결된 기간 {periods}개의 값으로 고정했습니다.",
    "laney": "표본 오차를 넘는 변동을 반영해 한계를 최대 {sigma_z:.3g}배로 넓혔습니다(Laney).",
    "null-times": "{column!r} 열에 시각이 없는 {rows}개 행은 어느 기간에도 속하지 않아 쓰지 않았습니다.",
    "alike-periods": "기간 {periods}개는 응답이 모두 같아, 한계와 검정에 보정 신뢰구간의 표준오차를 씁니다.",
    "shared-between-periods": (
        "{column!r} 열의 집락(또는 고객) 일부가 여러 기간에 응답했습니다. 한계·신호·추세 검정·변화점은 기간을 독립으로 보고 "
        "그 공분산을 넣지 않습니다."
    ),
    "exchangeable": "집단들이 하나의 디리클레 분포에서 나온 것으로 보고, 각각을 공통 평균 쪽으로 당깁니다.",
    "homogeneous": "집단 사이의 차이가 우연을 넘지 않아, 모두 공통 평균으로 당깁니다.",
    "single-group": "응답이 있는 집단이 하나뿐이어서 당길 곳이 없으므로, 그 집단만으로 추정합니다(Jeffreys 사전분포).",
    "unidentified-spread": "응답이 둘 이상인 집단이 없어 집단 사이의 차이를 추정할 수 없으므로, 당기는 모든 세기를 가능한 것으로 봅니다.",
    "effective-counts": "표본 설계 아래에서 집단은 가중 비율과 유효 사례 수의 곱으로 셉니다. 유효 사례 수는 응답 수를 넘지 않습니다.",
    "trimmed": "가중치 {rows}개를 한계({low:g}~{high:g})에 묶었습니다.",
    "target-probability": "목표 달성 확률은 Jeffreys 사전분포를 가정합니다.",
    "collected-rows": "{method} 방법은 행이 필요하므로 {columns} 열을 모았습니다({rows}개 행).",
}
