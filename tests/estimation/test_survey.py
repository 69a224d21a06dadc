"""Estimates and comparisons under designs against R 4.2.2 `survey` 4.1-1, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from api_data import apiclus1, apistrat
from det60 import det60

from cemkit import Design, Scale, nps
from cemkit.errors import CemkitError, DesignError
from cemkit.estimation import Measure, sample
from cemkit.estimation.counted import count
from cemkit.estimation.variance import Linearised, ratios_of_unions
from cemkit.scales import NPS_SCALE
from cemkit.scores import ScoreMetric

CLOSE = {"rtol": 1e-8}
FULL = Design(weights="w", strata="st", cluster="cl")
API = ScoreMetric("api00", Scale(200, 1000, step=None), "mean", unit="scale")


@pytest.fixture(scope="session")
def sixty(engine: Callable[[Any], Any]) -> Any:
    return engine(det60())


# svymean(~v, svydesign(~cl, weights=~w, strata=~st, data=d)) and so on: coef, SE, degf.
@pytest.mark.parametrize(
    ("design", "estimate", "std_error", "df"),
    [
        (Design(), -21.666666666667, 12.141274485793, 59),
        (Design(weights="w"), -20, 13.235801474711, 59),
        (Design(weights="w", strata="st"), -20, 13.293042572824, 58),
        (Design(weights="w", cluster="cl"), -20, 10.885631341221, 11),
        (FULL, -20, 11.028851053285, 10),
        (Design(weights="w", strata="st", cluster="cl", population="N"), -20, 6.7151437479443, 10),
        # as.svrepdesign(<design>, type="JKn", mse=TRUE)
        (Design(weights="w", strata="st", cluster="cl", variance="jackknife"), -20, 11.039062265763, 10),
        (Design(weights="w", strata="st", variance="jackknife"), -20, 13.365067888695, 58),
        # as.svrepdesign(<design with fpc=~N>, type="JKn", mse=TRUE)
        (
            Design(weights="w", strata="st", cluster="cl", population="N", variance="jackknife"),
            -20,
            6.7223681058728,
            10,
        ),
        # svrepdesign(weights=~w, repweights=d[, c("r1","r2","r3","r4")], type="other", scale=1/4, mse=TRUE)
        (Design(weights="w", replicates=("r1", "r2", "r3", "r4")), -20, 2.7967277012091, 3),
        # the same with scale=3/4
        (Design(weights="w", replicates=("r1", "r2", "r3", "r4"), variance="jackknife"), -20, 4.8440744734295, 3),
    ],
)
def test_net_score(sixty: Any, design: Design, estimate: float, std_error: float, df: float) -> None:
    found = nps.score(sixty, design=design).only
    np.testing.assert_allclose([found.estimate, found.std_error, found.df], [estimate, std_error, df], **CLOSE)


def test_interval(sixty: Any) -> None:
    # confint(svymean(~v, ...), df=10)
    found = nps.score(sixty, design=FULL).only
    np.testing.assert_allclose([found.low, found.high], [-44.57381152, 4.573811525], **CLOSE)
    assert found.method == "linearised-t"


# 60 / deff(svymean(~v, <design>, deff="replace"))
@pytest.mark.parametrize(("design", "n_eff"), [(Design(weights="w"), 50.30959752322), (FULL, 72.458741868519)])
def test_effective_size(sixty: Any, design: Design, n_eff: float) -> None:
    np.testing.assert_allclose(nps.score(sixty, design=design).only.n_eff, n_eff, **CLOSE)


def test_by_group(sixty: Any) -> None:
    # svyby(~v, ~g, svydesign(~cl, weights=~w, strata=~st, data=d), svymean)
    found = nps.score(sixty, by="g", design=FULL).to_frame()
    assert found["g"].tolist() == [0, 1, 2]
    np.testing.assert_allclose(found["estimate"], [2, -30, -32], **CLOSE)
    np.testing.assert_allclose(found["std_error"], [25.044076345515, 24.657980452584, 23.583424687691], **CLOSE)


def test_by_group_jackknife(sixty: Any) -> None:
    # svyby(~v, ~g, as.svrepdesign(<design>, type="JKn", mse=TRUE), svymean)
    found = nps.score(sixty, by="g", design=Design(weights="w", strata="st", cluster="cl", variance="jackknife"))
    np.testing.assert_allclose(
        found.to_frame()["std_error"], [25.690532396719, 25.247578180104, 23.870839698848], **CLOSE
    )


def test_covariances_of_groups_that_share_clusters(sixty: Any) -> None:
    # vcov(svyby(~v, ~g, <design>, svymean, covmat=TRUE))
    measure = Measure("nps", NPS_SCALE, "net")
    rows = sample(sixty, score="score", scale=NPS_SCALE, by="g", design=FULL)
    variance = Linearised(rows, measure, count(rows, measure))
    estimate, covariance = ratios_of_unions(variance, measure.numerator, measure.denominator, np.arange(3), np.eye(3))
    np.testing.assert_allclose(100 * estimate, [2, -30, -32], **CLOSE)
    expected = [[627.20576, 33.36, -247.91424], [33.36, 608.016, -196.9344], [-247.91424, -196.9344, 556.17792]]
    np.testing.assert_allclose(1e4 * covariance, expected, **CLOSE)


def test_contrast_and_wald_test(sixty: Any) -> None:
    found = nps.compare(sixty, over="g", design=FULL)
    first = found.to_frame().iloc[0]
    # svycontrast(<svyby>, c(-1, 1, 0)): -32, SE 34.183355013808
    assert (first["group"], first["reference"]) == (1, 0)
    np.testing.assert_allclose([first["difference"], first["std_error"]], [-32, 34.183355013808], **CLOSE)
    # regTermTest(svyglm(v ~ factor(g), <design>), ~factor(g)): F 0.53905891590349 on 2 and 8 df, p 0.60308244384767
    test = found.omnibus.iloc[0]
    expected = [0.53905891590349, 2, 8, 0.60308244384767]
    np.testing.assert_allclose(test[["statistic", "df1", "df2", "p_value"]].astype(float), expected, **CLOSE)


def test_share_with_logit_interval(sixty: Any) -> None:
    # svyciprop(~I(score >= 9), <design>, method="logit", df=10): .353333, .264075966, .454142223
    promoters = ScoreMetric("promoters", NPS_SCALE, "top", unit="share", question="nps")
    found = promoters.score(sixty, design=FULL).only
    expected = [0.35333333333337, 0.043118029227279, 0.26407596641638, 0.45414222288948]
    np.testing.assert_allclose([found.estimate, found.std_error, found.low, found.high], expected, rtol=1e-8)


def test_mean(sixty: Any) -> None:
    # svymean(~score, <design>)
    mean = ScoreMetric("mean", Scale(0, 10), "mean", unit="scale")
    found = mean.score(sixty, design=FULL).only
    np.testing.assert_allclose([found.estimate, found.std_error], [6.46, 0.36024589133288], **CLOSE)


def test_missing_answers_are_a_subpopulation(engine: Any) -> None:
    # svymean(~v, subset(<design>, i %% 7 != 0))
    frame = det60()
    frame["score"] = frame["score"].where(frame["i"] % 7 != 0)
    found = nps.score(engine(frame), design=FULL).only
    np.testing.assert_allclose([found.estimate, found.std_error], [-20, 12.100173601376], **CLOSE)
    assert (found.n, found.missing) == (52, 8)


def test_clusters_without_an_answer_count(engine: Any) -> None:
    # svymean(~v, subset(<design>, i > 20 & i <= 45)); degf(...) 3
    frame = det60()
    frame["part"] = (frame["i"] > 20) & (frame["i"] <= 45)
    found = nps.score(engine(frame), by="part", design=FULL).to_frame().iloc[1]
    np.testing.assert_allclose(
        [found["estimate"], found["std_error"], found["df"]], [-17.741935483871, 13.168378083231, 3], **CLOSE
    )


def test_stratified_schools(engine: Any) -> None:
    # svymean(~api00, svydesign(id=~1, strata=~stype, weights=~pw, data=apistrat, fpc=~fpc))
    found = API.score(
        engine(apistrat()), score="api00", design=Design(weights="pw", strata="stype", population="fpc")
    ).only
    np.testing.assert_allclose([found.estimate, found.std_error], [662.28736315932, 9.4089408027846], **CLOSE)


def test_clustered_schools(engine: Any) -> None:
    # svymean(~api00, svydesign(id=~dnum, weights=~pw, data=apiclus1, fpc=~fpc)), and svyby(~api00, ~stype, ...)
    data = engine(apiclus1())
    design = Design(weights="pw", cluster="dnum", population="fpc")
    found = API.score(data, score="api00", design=design).only
    np.testing.assert_allclose([found.estimate, found.std_error], [644.1693989071, 23.542240693781], **CLOSE)
    by = API.score(data, score="api00", by="stype", design=design).to_frame()
    np.testing.assert_allclose(by["estimate"], [648.8680555556, 618.5714285714, 631.44], **CLOSE)
    np.testing.assert_allclose(by["std_error"], [22.36240889383, 38.02024935941, 31.60946522725], **CLOSE)


def test_clustered_schools_jackknife(engine: Any) -> None:
    # as.svrepdesign(svydesign(id=~dnum, weights=~pw, data=apiclus1), type="JK1", mse=TRUE)
    design = Design(weights="pw", cluster="dnum", variance="jackknife")
    found = API.score(engine(apiclus1()), score="api00", design=design).only
    np.testing.assert_allclose([found.estimate, found.std_error], [644.1693989071, 26.599713722099], **CLOSE)


def test_bootstrap_is_near_and_repeats(sixty: Any) -> None:
    design = Design(weights="w", strata="st", cluster="cl", variance="bootstrap")
    found = nps.score(sixty, design=design, seed=7)
    assert found == nps.score(det60(), design=design, seed=7)
    # 1000 replicates have a Monte Carlo error of about 2 % of the standard error.
    assert abs(found.only.std_error / 11.028851053285 - 1) < 0.1


def test_a_lonely_cluster(engine: Any) -> None:
    frame = det60()
    frame["st"] = frame["st"].where(frame["cl"] != 12, "C")
    with pytest.raises(DesignError, match=r"1 of 3 strata of 'st' have a single cluster \(such as 'C'\).*merge"):
        nps.score(engine(frame), design=FULL)


def test_methods_that_know_no_design() -> None:
    with pytest.raises(CemkitError, match=r"method='score' takes answers as independent .* choose one of t, wald"):
        nps.score(det60(), design=FULL, method="score")


def test_groups_that_are_clusters_vary_within() -> None:
    """A gate's score has no other gate to vary from: its own answers are the draws, weights and strata kept."""
    data = det60()
    by_cluster = nps.score(data, by="cl", design=Design(weights="w", strata="st", cluster="cl"))
    alone = nps.score(data, by="cl", design=Design(weights="w", strata="st"))
    assert by_cluster.to_frame()[["estimate", "std_error", "df"]].equals(
        alone.to_frame()[["estimate", "std_error", "df"]]
    )
    assert "groups-are-clusters" in [a.code for a in by_cluster.assumptions]


def test_a_side_all_alike_keeps_a_variance() -> None:
    """Six tens in a row are no certainty: the difference is given the adjusted variance and few degrees of freedom."""
    data = det60()
    data.loc[data["i"] <= 6, ["g", "score"]] = [9, 10]
    found = nps.compare(data, over="g", against="rest", design=Design(weights="w")).to_frame().set_index("group")
    # (6 + 3) pseudo answers: centre 6/9, mean square (6 + 3/2)/9, variance over 9
    own = ((6 + 1.5) / 9 - (6 / 9) ** 2) / 9 * 100**2
    assert found.loc[9, "std_error"] ** 2 > own
    assert found.loc[9, "df"] < 20
