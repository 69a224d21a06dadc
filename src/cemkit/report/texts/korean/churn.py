"""The Korean words of the report: churn. No particle stands straight after a number or a word from the data."""

from __future__ import annotations

__all__ = ["SENTENCES", "TEXTS"]

TEXTS: dict[str, str] = {
    # 이탈 기여도
    "churn.title": "이탈 기여도(연관)",
    "churn.sentence": (
        "가입 후 {horizon}일 안에 떠난 고객 {leavers}명 가운데 예방 가능 이탈은 {customers}명({share}, {level} "
        "신뢰구간 {interval})입니다. 나쁜 경험이 "
        "없었다면 그때까지 떠나지 않았을 고객의 몫이며, 연관을 그대로 원인으로 볼 때의 값입니다."
    ),
    "churn.subtitle": "예방 가능 이탈: 관찰된 연관이며, 조치 효과의 예측이 아님",
    "churn.adjusted": "가입 기간만 보정했습니다.",
    "churn.excluded": "이탈 과정의 일부여서 뺀 접점: {touchpoints}.",
    "churn.largest": "가장 큰 몫: {touchpoint}, {share} ({interval}).",
    "churn.caption": "접점별 이탈 기여도",
    "churn.note": (
        "모든 행의 합은 관찰된 이탈과 같습니다. 기저 이탈은 이 접점들의 나쁜 경험과 이어지지 않는 이탈입니다. 위험비는 "
        "최근 90일 안에 나쁜 경험이 있을 때 "
        "떠날 위험이 몇 배인지를 뜻합니다."
    ),
    "churn.background": "기저 이탈",
    "churn.observed": "관찰된 이탈",
    "churn.leavers": "이탈 고객 수",
    "churn.ratio": "위험비",
    "churn.exposed": "경험 고객 수",
    "churn.refused": "추정하지 않음",
    "churn.while-exposed": "노출 중 이탈",
    "churn.lag": "{days}일",
    "churn.lags": "경험 후 일정 기간이 지난 뒤부터 셀 때의 비율",
    "churn.lags-note": "7일 뒤부터 셀 때 비율이 사라지는 접점은 이탈의 원인이 아니라 이탈 과정의 일부입니다.",
    "without.churn": "고객의 가입일과 이탈일, 경험의 시각과 좋고 나쁨이 필요합니다.",
    "method.preventable: additive hazard": "예방 가능 이탈, 가법 위험 모형, 섀플리 값, 영향 함수",
    "method.preventable: multiplicative hazard": "예방 가능 이탈, 승법 위험 모형, 섀플리 값, 영향 함수",
    "method.preventable: additive+pairs hazard": "예방 가능 이탈, 상호작용을 포함한 가법 위험 모형, 섀플리 값, 영향 함수",
    "method.preventable: multiplicative+pairs hazard": "예방 가능 이탈, 상호작용을 포함한 승법 위험 모형, 섀플리 값, 영향 함수",
}

SENTENCES: dict[str, str] = {
    # 위험 모형
    "adjusted-for-covariates": "위험비는 연관을 나타내며, 모형에 넣은 공변량 말고는 아무것도 보정하지 않았습니다.",
    "collinear-covariates": "앞의 공변량에서 그대로 따라 나오는 공변량은 계수를 내지 않았습니다: {covariates}.",
    "few-clusters": "군집이 {clusters}개뿐이어서 강건 표준오차가 실제보다 작습니다. 구간은 최소한의 너비로 읽어야 합니다.",
    "infinite-coefficients": (
        "다음 공변량의 계수는 우도가 끝없이 커져 구간이 없습니다(그 특성을 가진 고객이 아무도 이탈하지 않았거나 모두 이탈한 경우): "
        "{covariates}."
    ),
    "hazards-not-proportional": (
        "위험비가 시간에 따라 변하므로(전체 점수 검정 p {p_value:.2g}) 각 값은 이탈 시점에 걸친 평균입니다. 어느 공변량인지는 "
        "proportionality에 있으며, 그 공변량은 층(strata)으로 두는 편이 낫습니다."
    ),
    "proportional-hazards": "위험비는 시간이 지나도 일정하다고 봅니다(전체 점수 검정 p {p_value:.2g}).",
    "reference-level": "{column!r} 열은 기준 수준({reference!r}) 대비로 비교합니다.",
    "robust-errors": (
        "{column!r} 열의 값 {clusters}개를 군집으로 본 강건 표준오차입니다(행 {rows}개). cluster=False이면 행끼리 독립으로 봅니다."
    ),
    # 고객으로 머문 기간
    "entered-after-until": "{until} 이후에 가입한 고객 {rows}명을 뺐습니다.",
    "last-churn-period-incomplete": "마지막 기간({period})은 {until}까지만 관측되어 이탈이 더 늘어날 수 있습니다.",
    "late-entries": "고객 {rows}명은 가입한 뒤에 관측이 시작되어, 그때부터 셉니다.",
    "left-after-until": "{until} 이후에 이탈한 고객 {rows}명은 그 시점에 남아 있는 것으로 봅니다.",
    "observed-until": (
        "자료의 마지막 시각인 {until}까지 이탈을 관측한 것으로 보며, 그때까지 이탈하지 않은 고객은 남아 있는 것으로 봅니다."
    ),
    "other-causes-censored": (
        "이탈로 치지 않는 사유로 떠난 고객 {rows}명은 떠난 시점까지만 관측한 것으로 보므로, 그런 사유가 없는 경우의 곡선입니다."
    ),
    "period-customers-alike": "한 기간의 고객을 서로 독립이고 같은 성질로 봅니다. 이어지는 기간에는 같은 고객이 들어 있습니다.",
    "spells-independent": "고객 {customers}명의 이용 기간 {spells}건을 서로 독립인 것으로 봅니다.",
    "uninformative-end": "고객을 마지막으로 관측한 시점은 그 고객이 언제 이탈할지와 무관하다고 봅니다.",
    "unknown-causes": "고객 {rows}명은 이탈 사유를 알 수 없어 '사유 미상(unknown)'으로 따로 둡니다.",
    # 이탈 기여도.
    "after-leaving": "고객 {customers}명은 이탈 후에 남은 경험 기록이 있습니다. 이 기록은 세지 않았습니다.",
    "at-risk-from": (
        "경험 기록이 시작된 날({since}) 이전에 가입한 고객은 그전에 무엇을 겪었는지 알 수 없으므로 기록 시작 "
        "{window}일 후부터, 그 밖의 고객은 가입일부터 "
        "관찰합니다."
    ),
    "cancellation-like": (
        "{touchpoint}: 이탈의 원인이 아니라 이탈 과정의 일부로 보입니다. 위험비가 {ratio:.1f}이지만 "
        "경험 후 {days}일이 지난 뒤부터 세면 {later:.1f}입니다. exclude=로 빼거나 lag=로 늦추십시오."
    ),
    "causes-counted": "다음 사유의 이탈만 이탈로 셉니다: {causes}. 다른 사유로 떠난 고객 {competing}명은 경쟁 사건입니다.",
    "confounders-declared": (
        "가입 기간과 다음 항목을 보정했습니다: {columns}. 나쁜 경험과 이탈을 함께 움직이는 다른 요인이 없을 때만 "
        "인과로 읽을 수 있으며, 그렇지 않으면 연관입니다."
    ),
    "confounders-fixed": (
        "교란 변수({columns})는 표에 있는 값 그대로 썼습니다. 시간이 지나며 변하고 나쁜 경험의 영향을 받는 변수(약정, "
        "이용량, 불만 등)는 시변 교란 가중치가 "
        "필요하며, 이 분석에는 포함되어 있지 않습니다."
    ),
    "control-fails": (
        "음성 대조 접점 {touchpoint}: 위험비가 1이어야 하지만 {ratio:.2f}({low:.2f} ~ {high:.2f})입니다. 접촉과 이탈을 "
        "함께 움직이는, 밝히지 않은 요인이 있습니다."
    ),
    "controls-hold": "음성 대조 접점({touchpoints})의 위험비는 1과 어긋나지 않습니다.",
    "e-value": (
        "E-값: 밝히지 않은 요인이 {touchpoint}의 연관(위험비 {ratio:.2f})을 모두 설명하려면 나쁜 경험과 이탈 양쪽에 "
        "위험비 {e_value:.2f} 이상으로 이어져야 "
        "합니다(구간의 한계는 {e_value_low:.2f})."
    ),
    "ever-both": "한 번이라도 겪은 고객과 전혀 겪지 않은 고객을 견주면 이탈의 {naive:.1%}, 겪은 시점부터 세면 {share:.1%}입니다.",
    "ever-converted": (
        "끝나지 않는 노출은 겪은 시점부터 셉니다. 경험 기록이 시작된 날({since}) 이전에 가입한 고객은 그전에 무엇을 "
        "겪었는지 알 수 없어 뺐습니다."
    ),
    "experiences-keyless": "접점이 없는 경험 {rows}건을 뺐습니다.",
    "experiences-nameless": "고객이 없는 경험 {rows}건을 뺐습니다.",
    "strangers-left-out": "고객 표에 없는 고객의 경험 {rows}건을 뺐습니다.",
    "experiences-timeless": "시각이 없는 경험 {rows}건은 이탈 전에 있었는지 알 수 없어 뺐습니다.",
    "hazard-chosen": (
        "적합에 쓰지 않은 고객을 얼마나 잘 예측하는지로 위험 모형({hazard})을 골랐습니다({other} 모형과의 로그우도 차이 {lead:+.1f}). "
        "차이가 표준오차 안이면 더 단순한 모형을 씁니다."
    ),
    "hazard-given": "위험 모형({hazard})은 예측력으로 고른 것이 아니라 지정한 것입니다.",
    "hazard-share-higher": (
        "이탈 시점의 위험을 나눈 몫은 회계상의 배분입니다. 한 번 붙잡은 고객도 나중에 떠날 수 있으므로 예방 가능 "
        "이탈보다 크게 나옵니다."
    ),
    "horizon-thin": "관찰 고객이 충분한 기간은 {longest}일까지이며, 요청한 {horizon}일은 그보다 깁니다.",
    "leavers-outside": "노출을 알 수 있기 전에 떠난 고객 {before}명과 대상 기간 밖에서 떠난 고객 {after}명은 세지 않았습니다.",
    "ledger-association": "관찰된 연관이며, 조치 효과의 예측이 아닙니다.",
    "ledger-horizon": "가입 후 {start}일부터 {horizon}일까지의 이탈입니다.",
    "log-ends-early": "경험 기록이 {end}에 끝나 {until}보다 이르므로, 고객을 기록의 끝까지만 관찰했습니다.",
    "no-overlap": (
        "{touchpoint}: 거의 모든 고객이 늘 겪어 견줄 대상이 없으므로(견줄 수 있는 노출 시간 {overlap:.0%}) 추정하지 "
        "않았습니다. 그 몫은 기저 이탈에 들어 있습니다."
    ),
    "overlap-found": "비교 가능성: 가장 낮은 접점은 {touchpoint}이며, 노출 시간의 {overlap:.0%}에 견줄 수 있는 비노출 시간이 있습니다.",
    "random-orders": "접점이 12개를 넘어 무작위 순서로 몫을 구했습니다. 이에 따른 오차는 최대 {error:.4f}입니다.",
    "tenure-only": (
        "가입 기간만 보정했습니다. 나쁜 경험과 이탈을 함께 움직이는 다른 요인이 몫에 섞여 있을 수 있습니다. "
        "confounders=로 지정하십시오."
    ),
    "too-few-exposed": "노출 중 이탈이 5명 미만이어서 추정하지 않은 접점: {touchpoints}. 그 몫은 기저 이탈에 들어 있습니다.",
    "touchpoints-excluded": "분석에서 뺀 접점: {touchpoints}.",
    "valence-unknown": (
        "좋고 나쁨이 기록되지 않은 경험 {rows}건은 노출도 비노출도 아닌 별도 수준으로 두었으며, 그 몫은 기저 이탈에 "
        "들어 있습니다."
    ),
    "value-missing": "가치가 없는 고객 {rows}명은 0으로 셌습니다.",
    # 위험에 놓인 가치.
    "acquisition-cost": "떠난 고객 한 명을 새 고객으로 채우는 데 {cost:g}이(가) 듭니다.",
    "break-even": "손익분기는 고객 한 명을 붙잡는 데 쓸 수 있는 최대 금액이며, 붙잡은 고객의 가치가 떠난 고객과 같다고 봅니다.",
    "retention-cost": (
        "고객 한 명을 붙잡는 비용은 {cost:g}이며, 떠날 고객에게만 쓴다고 본 하한입니다. 누가 떠날지는 미리 알 수 "
        "없습니다."
    ),
    # 경로
    "leavers-without-touchpoint": "이탈 고객 {total}명 가운데 {customers}명은 접점을 거치지 않았으므로 어느 접점에도 배분하지 않습니다.",
    "markov-paths": "다음에 어디로 갈지는 마지막 접점 {order}개에만 달려 있는 것으로 봅니다.",
    "paths-describe": (
        "배분된 몫은 경로를 기술할 뿐 효과가 아닙니다. 어떤 접점도 이탈을 일으키지 않았더라도 합은 100%이며, "
        "자주 거치는 접점일수록 몫이 큽니다."
    ),
    "paths-missing": "경로가 없는 {rows}개 행을 뺐습니다.",
    "paths-of-customers": "한 고객에게 경로가 여러 개 있으므로 구간은 고객을 집락으로 하여 구했습니다.",
    "paths-open": "고객 {total}명 가운데 {customers}명은 아직 끝나지 않아 이탈하지 않은 것으로 세었으며, 이 가운데 일부는 이탈하게 됩니다.",
    # 만족의 함정
    "answers-after-leaving": "이탈 시점 또는 그 이후의 응답 {rows}건을 뺐습니다.",
    "answers-before-entering": "가입 이전의 응답 {rows}건을 뺐습니다.",
    "answers-incomplete": "고객, 시각, 점수 가운데 하나라도 없는 {rows}개 행은 응답으로 보지 않고 뺐습니다.",
    "answers-not-followed": "응답 {answers}건은 관측 종료까지 {window}일이 채 남지 않아, 그 뒤의 이탈을 세지 않았습니다.",
    "answers-of-strangers": "고객 표에 없는 고객의 응답 {rows}건을 뺐습니다.",
    "answers-off-scale": "척도를 벗어난 응답 {rows}건을 뺐습니다.",
    "leavers-not-surveyed": (
        "이탈 고객 {total}명 가운데 {leavers}명은 이탈 전 {window}일 안에 응답이 없습니다. "
        "이들이 어떻게 답했을지에 따른 범위를 함께 제시합니다."
    ),
    "leavers-unmatched": "응답이 있는 이탈 고객 {total}명 가운데 {leavers}명은 견줄 만한 잔류 고객이 없어 비교에서 뺐습니다.",
    "stayers-matched": (
        "잔류 고객은 그 이탈 시점에 남아 있었고, 이용 기간이 같은 {band}일 구간에 속하며, {window}일 안에 응답한 고객 전부입니다. 비교는 "
        "연관을 나타낼 뿐 효과가 아닙니다."
    ),
    # 결정적 순간
    "experiences-censored": (
        "경험 {rows}건은 자료의 끝에 가까워 이후 관찰 기간을 다 채우지 못했으므로 중도절단으로 보고 어디에도 "
        "세지 않았습니다."
    ),
    "experiences-incomplete": "고객, 시각, 접점 가운데 하나라도 없는 {rows}개 행은 경험으로 보지 않고 뺐습니다.",
    "experiences-of-strangers": "다른 표에 없는 고객의 경험 {rows}건을 뺐습니다.",
    "experiences-outside": "가입 이전이거나 이탈 당일 또는 그 이후인 경험 {rows}건을 뺐습니다.",
    "experiences-short": "경험 {rows}건은 자료의 시작이나 가입 시점에 가까워 이전 관찰 기간을 다 채우지 못했으므로 뺐습니다.",
    "leaving-unknown": "고객 표가 없어 누가 이탈했는지 알 수 없으며, 구매를 멈춘 고객은 구매가 줄어든 것으로 셉니다.",
    "moments-standardised": (
        "차이는 그 경험을 한 고객의 구성에 맞추어 {columns} 기준으로 표준화했습니다. 고객이 다른 점에서도 "
        "다를 수 있으므로 연관을 나타낼 뿐입니다."
    ),
    "moments-unadjusted": "차이는 아무것도 보정하지 않았습니다. 좋은 경험을 한 고객과 나쁜 경험을 한 고객은 처음부터 다를 수 있습니다.",
    "no-baseline-moments": "자료의 기간이 짧아 경험이 없는 시점을 견줄 수 없습니다.",
    "observed-spending": "구매는 {until}까지 모두 기록된 것으로 봅니다.",
    "purchases-incomplete": "고객이나 시각이 없는 거래 {rows}건을 뺐습니다.",
}
