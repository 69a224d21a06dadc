"""The Korean words of the report: loyalty. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {
    "loyalty.title": "누가 다시 사는가",
    "without.loyalty": "거래 자료가 없습니다.",
    "loyalty.sentence": "{until}까지 관측한 고객 {customers}명 중 다른 날에 다시 구매한 비율은 {again}입니다.",
    "loyalty.segments": "고객 유형",
    "loyalty.segments-money": "매출 비중이 가장 큰 유형은 '{segment}'입니다(고객의 {share}, 매출의 {money}).",
    "loyalty.segments-share": "고객이 가장 많은 유형은 '{segment}'입니다(고객의 {share}). 거래에 금액이 없어 매출 비중은 알 수 없습니다.",
    "loyalty.segment": "유형",
    "loyalty.customers": "고객 수",
    "loyalty.share": "비중",
    "loyalty.money": "매출",
    "loyalty.money-share": "매출 비중",
    "loyalty.purchases": "1인당 구매 횟수",
    "loyalty.number": "{value}회",
    "loyalty.none": "–",
    "loyalty.bills": "정기 청구 {rows}건은 고객이 그때그때 결정한 구매가 아니므로 뺐습니다.",
    "loyalty.rfm-note": "최근 구매 시점과 구매 횟수로 나눈 유형(RFM)입니다. 이 고객들끼리 견준 순위이므로 구간이 없습니다.",
    "loyalty.again": "첫 구매 이후",
    "loyalty.again-sentence": (
        "첫 구매 후 {days}일 안에 다시 구매한 비율은 {rate}입니다({level} 신뢰구간 {interval}, 그 기간을 모두 관측한 고객 n = {n})."
    ),
    "loyalty.cohort": "첫 구매 월",
    "loyalty.months": "경과 개월",
    "loyalty.cohorts": "월별 신규 고객 가운데 이후 각 달에 구매한 비율",
    "loyalty.cohorts-note": "빈칸은 자료가 끝난 뒤의 기간입니다. 마지막 달은 다 관측되지 않았을 수 있습니다.",
    "loyalty.model": "앞으로의 기대",
    "loyalty.model-sentence": (
        "지금까지의 공백 기간으로 볼 때 {alive}명({share})이 아직 고객으로 남아 있고, 전체 고객이 앞으로 52주 동안 모두 "
        "{purchases}회 구매할 것으로 기대합니다."
    ),
    "loyalty.expected": "현재 고객에게 기대하는 값",
    "loyalty.quantity": "항목",
    "loyalty.alive": "남아 있는 고객 수",
    "loyalty.next-year": "앞으로 52주의 구매 횟수",
    "loyalty.model-note": (
        "MBG/NBD 모형: 고객마다 다른 빈도로 구매하고, 구매 뒤에 보이지 않게 떠날 수 있다고 봅니다. 구간은 기댓값의 구간입니다."
    ),
    "loyalty.status": "모형이 말할 수 있는 한계에 있습니다: {detail}.",
    "method.maximum-likelihood": "최대우도 추정, 델타 방법 구간",
    "method.rfm": "값이 같은 고객을 가르지 않는 등빈도 구간 점수",
    "rfm.champions": "최우수 고객",
    "rfm.loyal customers": "충성 고객",
    "rfm.cannot lose them": "놓치면 안 될 고객",
    "rfm.at risk": "이탈 우려 고객",
    "rfm.potential loyalists": "잠재 충성 고객",
    "rfm.new customers": "신규 고객",
    "rfm.promising": "유망 고객",
    "rfm.need attention": "관심이 필요한 고객",
    "rfm.about to sleep": "휴면 직전 고객",
    "rfm.hibernating": "휴면 고객",
}

SENTENCES: dict[str, str] = {
    # 충성도: 구매 이력, 구매 모형, 생애 가치
    "at-limit": "{model} 적합이 모형의 극한에 있습니다: {limit}.",
    "contract-heterogeneity": "고객마다 갱신 때 떠날 확률이 다르며(베타 분포), 코호트는 서로 같은 것으로 봅니다.",
    "earlier-customers": "첫 구매가 {since} 이전인 고객 {customers}명을 뺐습니다.",
    "expectation-interval": "구간은 모수의 불확실성에서 나온 기댓값의 구간이며, 한 고객의 실제 행동은 훨씬 크게 달라집니다.",
    "first-purchase-apart": "첫 구매는 고객이 된 시점이므로 재구매로 세지 않고, {grain} 안의 구매는 하나로 셉니다.",
    "given-params": "모수는 추정하지 않고 주어진 값이므로 표준오차와 구간이 없습니다.",
    "infinite-mean": "고객 {customers}명의 기대 지출이 무한합니다. 적합된 지출 분포에 평균이 없습니다(px + q가 1 이하).",
    "independent-fits": "구매와 지출의 불확실성은 서로 독립인 것으로 봅니다.",
    "likelihood-of-times": "로그우도는 구매 시점의 로그우도이므로, 같은 이력의 모형끼리 AIC를 비교할 수 있습니다.",
    "likelihood-of-opportunities": "bg/bb의 로그우도는 구매 기회의 로그우도이므로, 시점 모형의 AIC와 비교할 수 없습니다.",
    "look-alike-purchases": (
        "{rows}개 행이 같은 고객, 같은 기간({grain})의 다른 구매와 금액이 같습니다. 행을 두 번 불러왔다면 금액이 부풀려집니다."
    ),
    "margin-constant": "모든 구매의 이익률은 지출 한 단위당 {margin_rate:g}입니다.",
    "no-customer": "{column!r} 열에 고객이 없는 {rows}개 행은 누구의 것인지 알 수 없어 뺐습니다.",
    "no-interval-asked": "구간을 요청하지 않았습니다. level=0.95를 주면 구간을 냅니다.",
    "purchase-model": "고객마다 다른 비율로 무작위로 구매하다가 보이지 않게 떠난다고 봅니다({model} 모형). 비율은 변하지 않습니다.",
    "refunds-dropped": "금액이 음수인 {rows}개 행을 뺐습니다.",
    "refunds-netted": "음수 금액 {rows}건을 그 고객의 구매와 합했습니다. 환불만 있는 날은 구매로 세지 않습니다.",
    "regularity-chosen": "구매 간격은 Erlang-{k} 분포이며, k = 1 ~ {most} 가운데 가장 그럴듯한 값입니다.",
    "spend-depends-on-frequency": (
        "지출이 구매 횟수와 함께 움직여(상관 {correlation:.3f}, p {p_value:.2g}) Gamma-Gamma 모형의 가정에 어긋나므로, 많이 사는 고객의 "
        "값이 치우칩니다."
    ),
    "spend-independent": "지출은 구매 횟수와 독립인 것으로 봅니다(상관 {correlation:.3f}, p {p_value:.2g}).",
    "unidentified": "{model} 적합이 식별되지 않습니다: {why}.",
    "held-out": "모형을 {split}까지의 자료에 적합하고, 그때까지 본 고객의 다음 {length:g} 기간({unit} 단위)으로 평가했습니다.",
    # What customers do (loyalty).
    "anonymous-left-out": "고객이 없는 행 {rows}개는 누구인지 따라갈 수 없어 뺐습니다.",
    "cohorts-alike": "한 코호트의 고객을 서로 독립이고 같은 성질로 봅니다. 한 줄의 칸들은 같은 고객입니다.",
    "customers-alike": "고객을 비슷한 고객 가운데서 독립으로 나온 것으로 봅니다. 큰 고객 몇이 구간의 너비를 정합니다.",
    "cuts-given": "높음은 태도 {attitude:g} 이상, 행동 {behaviour:g} 이상을 뜻하며, 비율은 이 기준에 달려 있습니다.",
    "earned-customers": "새 고객은 {column!r} 값이 다음 가운데 하나이면 입소문으로 온 고객으로 셉니다: {earned}.",
    "earned-origins": "새 고객은 첫날의 {column!r} 값이 다음 가운데 하나이면 스스로 얻은 고객으로 셉니다: {earned}.",
    "equal-rows": "행 {rows}개는 다른 행과 고객·시각·금액이 같습니다. transaction_id 열이 없어 따로따로 세었습니다.",
    "last-period-incomplete": "마지막 기간({period})은 아직 다 관측되지 않아 수가 더 늘어날 수 있습니다.",
    "later-left-out": "{until} 이후의 행 {rows}개를 뺐습니다.",
    "not-followed-yet": "첫 구매 후 {days}일이 아직 지나지 않은 고객 {customers}명은 다시 샀는지와 관계없이 뺐습니다(결측).",
    "pairs-left-out": "고객이나 브랜드가 없는 행 {rows}개를 뺐습니다.",
    "refunds-left-out": "금액이 음수인 행 {rows}개는 환불이므로 구매로 세지 않았습니다.",
    "spans-differ": "두 기간의 길이가 달라({before}일과 {after}일) 같은 조건의 성장률이 아닙니다.",
    "timeless-left-out": "시각이 없는 행 {rows}개를 뺐습니다.",
    "wallet-limits": "고객 한 명의 행은 그 고객이 쓰고 답한 값이므로 구간이 없습니다. 구간은 브랜드별로 냅니다.",
    "wallets-left-out": "값이 빠진 고객 {customers}명은 지갑의 나머지가 실제보다 커 보이므로 통째로 뺐습니다.",
    "scores-compare": "점수는 이 이력의 고객끼리 견준 순위이며, 추정값이 아니므로 구간이 없습니다.",
    "rfm-without-money": "이력에 금액이 없어 금액 점수가 없고, 세그먼트는 최근성과 빈도로만 나눕니다.",
    "fewer-bins": "{dimension} 값의 가짓수가 구간 수({bins}개)보다 적어, 있는 점수만 1점부터 {bins}점 사이에 고르게 놓았습니다.",
    "customers-clustered": "한 고객의 이동은 서로 닮았으므로, 표준오차는 고객 {customers}명을 단위로 계산합니다.",
    "seen-once": "한 번만 관측되어 이동이 없는 고객 {customers}명을 뺐습니다.",
    "null-left-out": "{column!r} 값이 없는 행 {rows}개를 뺐습니다.",
    "repeated-rows-once": "고객·시점·단계가 같은 중복 행 {rows}개는 한 번만 셌습니다.",
    "too-many-times": "서로 다른 시점이 {most}개보다 많아, 시간에 따른 이동은 every=(예: '1mo')를 주어야 냅니다.",
    "ladder-of-stayers": "떠난 고객은 이동으로 세지 않으므로, 비율은 다시 관측된 고객의 비율입니다.",
    "association-only": "모두 연관입니다. 더 만족한 고객은 다른 점에서도 다르므로, 만족을 1점 올린다고 해서 그만큼 오르는 것은 아닙니다.",
    "incomplete-left-out": "만족도나 {outcome!r} 값이 없거나 가중치가 양수가 아닌 행 {rows}개를 뺐습니다.",
    "points-joined": "{outcome!r} 분석에서 응답이 적은 만족도 점수 {points}개를 이웃 점수와 합쳤습니다.",
    "prediction-interval": (
        "prediction_low와 prediction_high는 한 고객의 실제 값이 {level:.0%} 확률로 들어갈 예측구간이고, low와 high는 기댓값의 "
        "구간입니다."
    ),
    "value-if-active": "잔여 가치는 다시 활동하게 된 고객의 가치이며, 증분 효과(uplift)는 접촉이 그 확률을 높이는 정도입니다.",
    "uplift-unknown": "고객 {customers}명은 증분 효과를 모르므로 이득의 상한만 냅니다.",
    "uplift-without-error": "증분 효과의 표준오차(uplift_std_error=)가 없어, 구간에 그 불확실성이 들어 있지 않습니다.",
    "response-is-not-uplift": (
        "반응률은 증분 효과가 아닙니다. 접촉하지 않아도 돌아왔을 고객이 섞여 있으므로, 접촉 효과의 상한으로만 쓰고 이것만으로 "
        "깨우지 않습니다."
    ),
    "no-uplift": (
        "접촉의 효과를 알지 못합니다. 무작위 시험에서 얻은 증분 효과 없이는 아무도 깨우지 않으며, 반응률도 증분 효과가 "
        "아닙니다."
    ),
    "consent-not-given": "수신 동의(consent=)가 주어지지 않았습니다. 동의한 고객에게만 연락해야 합니다.",
    "do-not-write": (
        "고객 {customers}명에게는 아예 보내지 않는 것이 답입니다. '보유 포인트 0점' 같은 내용 없는 안내도 비용과 해를 낳는 "
        "접촉입니다."
    ),
    "one-time-buyers-alive": (
        "{model} 모형에서 한 번만 산 고객 {customers}명은 떠났을 수 없어 휴면으로 보이지 않습니다. mbg/nbd에는 이런 제약이 "
        "없습니다."
    ),
}
