"""The Korean words of the report: satisfaction. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {}

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
