"""The Korean words of the report: satisfaction. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {
    "column.overall": "전반적 만족도",
    "column.overall_sat": "전반적 만족도",
    "column.Q7ALL": "공항 전반에 대한 만족도",
    "item.price": "가격",
    "item.network": "통신 품질",
    "item.billing": "요금 청구",
    "item.staff": "직원 응대",
    "item.trust": "신뢰",
    "item.warmth": "친밀감",
    "dimension.rational": "이성적 경험",
    "dimension.emotional": "감성적 경험",
    "method.bootstrap-percentile": "응답자 또는 집락을 재추출한 붓스트랩 백분위수 구간",
    "without.satisfaction": "폭넓은 설문의 열이 무엇을 묻는지 지정되지 않았습니다([answers.survey]).",
    "satisfaction.title": "기대와 만족",
    "satisfaction.sentence": "설문 {items}개 항목에 대한 평가와, 전반적 만족도와 함께 움직이는 항목입니다.",
    "satisfaction.refused": "표시하지 않음: {reason}.",
    # 기대–지각 격차
    "satisfaction.gaps-title": "기대–지각 격차",
    "satisfaction.overall": "전체 {items}개 항목의 기대–지각 격차: {difference} ({level} 신뢰구간 {interval}, 응답자 {n}명).",
    "satisfaction.shortfall": (
        "기대에 가장 못 미친 항목: {item}, {difference} ({level} 신뢰구간 {interval}). 이 항목에서 지각이 기대보다 낮은 응답자 비율: "
        "{below}."
    ),
    "satisfaction.no-shortfall": "기대에 못 미친 항목이 없습니다.",
    "satisfaction.gaps-note": (
        "격차는 같은 응답자의 지각에서 기대를 뺀 값입니다. 전체 격차는 응답자별 항목 평균을 다시 평균한 값입니다. 그림의 가는 선은 "
        "기대에서부터 그린 격차의 신뢰구간입니다."
    ),
    "satisfaction.dimensions": "차원별",
    "satisfaction.expected": "기대",
    "satisfaction.perceived": "지각",
    "satisfaction.head-item": "항목",
    "satisfaction.head-dimension": "차원",
    "satisfaction.head-expected": "기대",
    "satisfaction.head-perceived": "지각",
    "satisfaction.head-gap": "격차({unit})",
    "satisfaction.head-below": "기대 미달 비율",
    # 만족 요인
    "satisfaction.drivers-title": "만족 요인: {outcome}",
    "satisfaction.leading": (
        "항목들이 설명하는 몫이 가장 큰 항목: {item}, {share} ({level} 신뢰구간 {interval}, 재추출에서의 순위 {ranks}). 항목 전체가 "
        "설명하는 분산({outcome}): {explained}."
    ),
    "satisfaction.drivers-note": (
        "R²를 나눈 몫({method})이며, 모든 항목에 응답한 {n}명(전체의 {complete}) 기준입니다. 아무 뜻이 없는 열도 {probe}까지의 몫을 "
        "얻을 수 있습니다. 관찰된 연관이며, 조치 효과의 예측이 아닙니다. 분산팽창이 크면 항목들이 겹쳐 몫의 나눔이 불안정합니다."
    ),
    "satisfaction.method-lmg": "LMG: 항목의 모든 순서에 대한 평균",
    "satisfaction.method-relative-weights": "Johnson의 상대 가중치",
    "satisfaction.share": "항목들이 설명하는 몫",
    "satisfaction.probe": "아무 뜻이 없는 열",
    "satisfaction.lowers": "주황색: 높을수록 결과가 낮은 항목",
    "satisfaction.head-share": "몫",
    "satisfaction.head-rank": "순위(재추출 범위)",
    "satisfaction.head-coefficient": "표준화 회귀계수",
    "satisfaction.head-vif": "분산팽창",
    # 중요도–성과
    "satisfaction.map-title": "중요도와 성과",
    "satisfaction.fix": "중요하면서 성과가 기준선 아래일 확률이 {probability} 이상인 집중 개선 항목: {items}.",
    "satisfaction.perhaps": "집중 개선에 해당할 확률이 {probability} 이상인 항목은 없으며, 가장 유력한 항목: {item} ({chance}).",
    "satisfaction.nothing-to-fix": "중요하면서 성과가 기준선 아래일 가능성이 높은 항목은 없습니다.",
    "satisfaction.map-note": (
        "고정 기준선: 중요도 {importance}, 성과 {performance}(척도의 중앙). 확률은 재추출에서 항목이 그 영역에 놓인 비율이며, 속이 찬 "
        "점은 확률이 {probability} 이상입니다. 그림의 번호는 표의 번호입니다."
    ),
    "satisfaction.importance": "중요도",
    "satisfaction.importance-derived": "중요도(설명하는 몫)",
    "satisfaction.importance-stated": "중요도(응답)",
    "satisfaction.performance": "성과",
    "satisfaction.fix_first": "집중 개선",
    "satisfaction.keep_up": "유지",
    "satisfaction.low_priority": "점진 개선",
    "satisfaction.overdone": "과잉 투자",
    "satisfaction.head-quadrant": "영역",
    "satisfaction.head-probability": "해당 확률",
    "satisfaction.head-fix": "집중 개선 확률",
}

SENTENCES: dict[str, str] = {
    # csi: 지수, 격차, Kano, 벌점·보상
    "equivalence-margin": "벌점과 보상의 차이가 결과 변수 단위로 {margin:.4g} 미만이면 같은 것으로 봅니다.",
    "items-answered": "일부 문항에만 응답한 응답자가 있어({rows}명), 응답한 문항의 평균을 씁니다.",
    "kano-questionable": "서로 모순되는 회의적 응답({answers}건)은 어느 계수에도 넣지 않습니다.",
    "observed-bounds": "척도를 지정하지 않아, 관찰된 응답의 범위({low:g}~{high:g})를 씁니다.",
    "one-sided-groups": "한쪽에만 있는 집단({groups}개)은 견줄 상대가 없어 뺐습니다.",
    "paired-differences": "격차는 같은 응답자의 지각에서 기대를 뺀 값이며, 신뢰구간은 이 짝을 반영합니다.",
    "pairs-missing": "한쪽 또는 양쪽 응답이 없는 짝({pairs}개)은 그 문항에서만 빠지며, 무작위로 생긴 것으로 봅니다.",
    "rows-complete": "전체 {rows}개 행 중 응답이 완전한 {used}개 행을 썼고, 나머지는 무작위로 빠진 것으로 봅니다.",
    "top-after-the-fact": (
        "상위 두 범주는 가장 많기 때문에 고른 것이어서 p값이 실제보다 작습니다. 1위일 붓스트랩 확률에는 이 문제가 없습니다."
    ),
    "two-populations": "기업 쪽 응답 {provider}건과 고객 응답 {customers}건을 서로 독립인 두 표본으로 봅니다.",
    # drivers and path models
    "association-not-effect": "R²의 몫은 연관일 뿐이며, 항목을 바꾸면 어떻게 되는지는 말해 주지 않습니다.",
    "bootstrap-percentile": "한계는 응답자 또는 집락을 {replicates}회 재추출한 백분위수입니다(시드 {seed}).",
    "calibration-fixed": "{columns} 주변합에 맞춘 가중치를 재추출에서 고정했으므로 구간이 다소 넓습니다.",
    "collinear-drivers": "항목들이 겹칩니다. 분산팽창이 {vif:.1f}에 이르므로({item!r}) 공통 몫을 나눈 결과는 불안정합니다.",
    "complete-rows": "{total}개 행 중 {rows}개({share:.1%})가 {columns}개 열에 모두 응답했습니다. 나머지는 무작위 결측으로 보고 뺐습니다.",
    "correlation-given": "상관행렬을 받았으므로 응답자 수를 알 수 없어 비교용 무의미 항목과 구간이 없습니다.",
    "declared-bounds": "지수는 선언된 척도의 한계와 항목 본래 단위의 가중치를 씁니다.",
    "improper-resamples": "재추출 {improper}회는 부적절한 해였고 {stuck}회는 수렴하지 않아, 한계 계산에서 뺐습니다.",
    "improper-solution": "부적절한 해입니다(신뢰도, 적재값 또는 R²가 범위를 벗어남). 모형이 이 항목들에 맞지 않습니다.",
    "negative-weights": "{items} 항목의 가중치가 음수여서 지수가 0~100을 벗어날 수 있습니다. 방향이 반대인 문항인지 확인하세요.",
    "no-resamples": "재추출을 요청하지 않아 구간이 없습니다. bootstrap=1000이면 구간을 만듭니다.",
    "relative-cuts": "항목들의 {rule} 기준선은 모든 항목이 아무리 좋아도 늘 우선 개선 항목을 만들어 냅니다.",
    "sampled-orders": "항목이 {items}개라서 LMG는 모든 부분집합이 아니라 무작위 순서 2000개와 그 역순의 평균입니다(시드 {seed}).",
    "singular-resamples": "재추출 {replicates}회에서 항목이 모두 같거나 완전히 공선이어서 한계 계산에서 뺐습니다.",
}
