"""Standard errors of raked weights: other programs' numbers, and the definition row by row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError, DesignError
from cemkit.scales import NPS_SCALE, PERCENT
from cemkit.scores import ScoreMetric, nps, rake
from cemkit.tables.design import Calibration, Design

MARGINS = {"g": {0: 0.2, 1: 0.3, 2: 0.5}, "wave": {"1": 0.6, "2": 0.4}}
DESIGNS = {
    "rows": Design(weights="w"),
    "strata": Design(weights="w", strata="st"),
    "clusters": Design(weights="w", strata="st", cluster="cl"),
}


def det60() -> pd.DataFrame:
    """Return the 60 rows of references/scores.md; R: h <- (i %/% 4) %% 3, wave <- 1 + (i %/% 2) %% 2."""
    i = np.arange(1, 61)
    return pd.DataFrame(
        {
            "score": np.minimum(10, (i**3 + 2 * i) % 11 + 3),
            "w": 1.0 + i % 4,
            "st": np.where(i <= 30, "A", "B"),
            "cl": (i + 4) // 5,
            "g": i % 3,
            "h": i // 4 % 3,
            "wave": np.where(i // 2 % 2 == 0, "1", "2"),
            "N": 15,
        }
    )


def columns(result, *names):
    table = result.to_frame()
    return np.concatenate([table[name].to_numpy(dtype=float) for name in names])


# All numbers: R 4.2.2, survey 4.1-1, v = -100, 0, 100 for the bands. C1 <- calibrate(svydesign(~1, weights=~w, data=d),
# ~st+g, c(100, 50, 30, 50), calfun="raking", epsilon=1e-13)
def test_post_stratification() -> None:
    raked = rake(det60(), {"g": MARGINS["g"]}, weights="w")
    found = nps.score(raked.frame, design=raked.design).only
    # svymean(~v, postStratify(svydesign(~1, weights=~w, data=d), ~g, data.frame(g=0:2, Freq=c(20,30,50))))
    assert (found.estimate, found.std_error) == pytest.approx((-24.6, 13.8452170043775), abs=1e-9)


def test_raking_agrees_with_survey() -> None:
    raked = rake(det60(), {"st": {"A": 0.5, "B": 0.5}, "g": MARGINS["g"]}, weights="w", tolerance=1e-13)
    found = nps.score(raked.frame, design=raked.design).only
    # svymean(~v, C1)
    assert (found.estimate, found.std_error) == pytest.approx((-24.6846840911430, 13.6263436598047), abs=1e-8)
    assert "calibrated" in {note.code for note in found.assumptions}
    mean = ScoreMetric("mean", NPS_SCALE, "mean", unit="scale").score(raked.frame, design=raked.design).only
    # svymean(~score, C1)
    assert (mean.estimate, mean.std_error) == pytest.approx((6.29774780836888, 0.41381148690675), abs=1e-9)


def test_subgroups_use_the_residuals_of_the_whole_sample() -> None:
    raked = rake(det60(), {"st": {"A": 0.5, "B": 0.5}, "g": MARGINS["g"]}, weights="w", tolerance=1e-13)
    by_h = columns(nps.score(raked.frame, by="h", design=raked.design), "estimate", "std_error")
    # svyby(~v, ~h, C1, svymean)
    expected = [
        -25.39691640329404,
        7.57746544033112,
        -50.47566539804302,
        25.04125396198280,
        21.78100137783754,
        22.78142953423895,
    ]
    assert by_h == pytest.approx(expected, abs=1e-7)
    by_g = columns(nps.score(raked.frame, by="g", design=raked.design), "estimate", "std_error")
    # svyby(~v, ~g, C1, svymean): groups that are a margin themselves
    expected = [
        1.91851661708881,
        -30.06745470930307,
        -32.09630200354101,
        22.49480120949010,
        22.26588009020954,
        22.29434373790682,
    ]
    assert by_g == pytest.approx(expected, abs=1e-7)
    pair = nps.compare(raked.frame, over="h", design=raked.design).to_frame().iloc[0]
    # svycontrast(svyglm(v ~ h - 1, C1), c(-1, 1, 0))
    assert (pair["difference"], pair["std_error"]) == pytest.approx((32.9743818436252, 33.5667353988812), abs=1e-7)


@pytest.mark.parametrize(
    ("design", "total", "by_h", "contrast"),
    [
        # C2 <- calibrate(svydesign(~cl, strata=~st, weights=~w, data=d), ~g+wave, c(100,30,50,40), calfun="raking",
        # epsilon=1e-13); SE(svymean(~v, C2)); SE(svyby(~v, ~h, C2, svymean)); SE(svycontrast(svyglm(v~h-1, C2), c(-1,1,0)))
        ("clusters", 13.2719375323665, [18.93300027312491, 13.23531256215587, 13.50080534933856], 19.0357759911191),
        # the same without the clusters
        ("strata", 13.9703156407999, [21.49570392911453, 24.94301229152992, 21.18938383823427], 33.0275389547054),
    ],
)
def test_strata_and_clusters(design, total, by_h, contrast) -> None:
    raked = rake(det60(), MARGINS, design=DESIGNS[design], tolerance=1e-13)
    whole = nps.score(raked.frame, design=raked.design).only
    assert (whole.estimate, whole.std_error) == pytest.approx((-23.4857142857143, total), abs=1e-8)
    groups = nps.score(raked.frame, by="h", design=raked.design)
    expected = [-38.82352941176471, 3.77952755905512, -39.17355371900827, *by_h]
    assert columns(groups, "estimate", "std_error") == pytest.approx(expected, abs=1e-8)
    compared = nps.compare(raked.frame, over="h", design=raked.design)
    pair = compared.to_frame().iloc[0]
    assert (pair["difference"], pair["std_error"]) == pytest.approx((42.6030569708198, contrast), abs=1e-8)
    assert ("shared-respondents" in {note.code for note in compared.assumptions}) == (design == "clusters")


def test_missing_answers_are_a_subpopulation() -> None:
    raked = rake(det60(), MARGINS, design=DESIGNS["clusters"], tolerance=1e-13)
    frame = raked.frame.assign(score=raked.frame["score"].astype(float).where(np.arange(1, 61) % 7 != 0))
    found = nps.score(frame, design=raked.design).only
    # svymean(~m, update(C2, m=ifelse(i %% 7 == 0, NA, v)), na.rm=TRUE)
    assert (found.estimate, found.std_error) == pytest.approx((-21.4097496706192, 15.0790425051936), abs=1e-8)
    assert (found.n, found.missing) == (52, 8)


def test_finite_population_and_bounds() -> None:
    raked = rake(det60(), MARGINS, design=replace(DESIGNS["clusters"], population="N"), tolerance=1e-13)
    # svymean(~v, calibrate(svydesign(~cl, strata=~st, weights=~w, data=d, fpc=~N), ...)) with N = 15 in both strata
    assert nps.score(raked.frame, design=raked.design).only.std_error == pytest.approx(10.2803986069521, abs=1e-8)
    held = rake(det60(), MARGINS, design=DESIGNS["clusters"], bounds=(0.3, 2.9), tolerance=1e-13)
    found = nps.score(held.frame, design=held.design).only
    # svymean(~v, calibrate(D2, ~g+wave, 150*c(1,.3,.5,.4), calfun="logit", bounds=c(.3,2.9), epsilon=1e-13))
    assert (found.estimate, found.std_error) == pytest.approx((-24.8887869295301, 13.1833564709174), abs=1e-7)


def test_every_jackknife_replicate_is_raked_anew() -> None:
    raked = rake(det60(), MARGINS, design=replace(DESIGNS["clusters"], variance="jackknife"))
    found = nps.score(raked.frame, design=raked.design).only
    # svymean(~v, calibrate(as.svrepdesign(D2, type="JKn", mse=TRUE), ~g+wave, 150*c(1,.3,.5,.4), calfun="raking",
    # epsilon=1e-13)); R's replicates converge to about 1e-7
    assert found.std_error == pytest.approx(13.9379177802290, abs=1e-6)
    by_h = columns(nps.score(raked.frame, by="h", design=raked.design), "std_error")
    assert by_h == pytest.approx([20.85720595216945, 16.06723582889733, 14.64328605957807], abs=1e-6)
    rows = rake(det60(), MARGINS, design=Design(weights="w", variance="jackknife"))
    # the same of as.svrepdesign(svydesign(~1, weights=~w, data=d), type="JK1", mse=TRUE)
    assert nps.score(rows.frame, design=rows.design).only.std_error == pytest.approx(14.5825810208129, abs=1e-6)


@pytest.mark.parametrize("name", ["rows", "clusters"])
def test_the_bootstrap_is_near_the_jackknife_and_repeats_itself(name) -> None:
    raked = rake(det60(), MARGINS, design=replace(DESIGNS[name], variance="bootstrap"))
    found = nps.score(raked.frame, design=raked.design, seed=1)
    again = nps.score(raked.frame.sample(frac=1, random_state=2), design=raked.design, seed=1)
    jackknife = nps.score(raked.frame, design=replace(raked.design, variance="jackknife")).only
    # 1,000 replicates of a standard error: 2.2 % noise, and bootstrap and jackknife differ by O(1/n)
    assert found.only.std_error == pytest.approx(jackknife.std_error, rel=0.12)
    assert found.only.std_error == pytest.approx(again.only.std_error, rel=1e-12)


def by_definition(
    frame: pd.DataFrame, design: Design, score: str, unions: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return nets of unions of groups with their covariance, from the residuals of every single row."""
    w, base = frame["weight_raked"].to_numpy(), frame["w"].to_numpy()
    answer = frame[score].to_numpy(dtype=float)
    y = np.where(answer >= 9, 100.0, np.where(answer >= 7, 0.0, -100.0))
    x = np.column_stack(
        [np.ones(len(frame)), *(pd.get_dummies(frame[c], drop_first=True).to_numpy(float) for c in MARGINS)]
    )
    root = np.sqrt(base)[:, None]
    estimates, scores = [], []
    for union in unions:
        inside = union & ~np.isnan(answer)
        total = w[inside].sum()
        estimates.append((w * y)[inside].sum() / total)
        z = np.where(inside, (y - estimates[-1]) / total, 0.0)
        beta = np.linalg.lstsq(x * root, z[:, None] * root, rcond=None)[0][:, 0]
        scores.append(w * (z - x @ beta))
    u = np.column_stack(scores)
    covariance = np.zeros((len(unions), len(unions)))
    stratum = np.zeros(len(frame), dtype=int) if design.strata is None else pd.factorize(frame[design.strata])[0]
    for h in np.unique(stratum):
        part = u[stratum == h]
        if design.cluster is not None:
            part = pd.DataFrame(part).groupby(frame[design.cluster].to_numpy()[stratum == h]).sum().to_numpy()
        m = len(part)
        centred = part - part.mean(axis=0)
        covariance += m / (m - 1) * centred.T @ centred
    return np.array(estimates), covariance


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(DESIGNS)))
def test_groups_and_their_covariance_follow_the_definition(seed, name) -> None:
    rng = np.random.default_rng(seed)
    n = 150
    frame = pd.DataFrame(
        {
            "score": np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 11, n)),
            "w": rng.uniform(0.5, 3, n),
            "st": rng.choice(["A", "B"], n),
            "cl": rng.integers(0, 12, n),
            "g": rng.integers(0, 3, n),
            "h": rng.choice(["x", "y", None], n),
            "wave": rng.choice(["1", "2"], n),
        }
    )
    raked = rake(frame, MARGINS, design=DESIGNS[name], tolerance=1e-12)
    known = raked.frame["h"].isna().to_numpy()
    groups = [(raked.frame["h"] == "x").to_numpy(), (raked.frame["h"] == "y").to_numpy(), known]
    estimate, covariance = by_definition(raked.frame, raked.design, "score", [*groups, np.ones(n, dtype=bool)])
    found = nps.score(raked.frame, by="h", design=raked.design)
    assert columns(found, "estimate") == pytest.approx(estimate[:3], abs=1e-9)
    assert columns(found, "std_error") == pytest.approx(np.sqrt(np.diag(covariance)[:3]), rel=1e-8)
    pairs = nps.compare(raked.frame, over="h", design=raked.design).to_frame()
    spread = [covariance[i, i] + covariance[j, j] - 2 * covariance[i, j] for i, j in ((0, 1), (0, 2), (1, 2))]
    assert pairs["std_error"].to_numpy() == pytest.approx(np.sqrt(spread), rel=1e-8)
    against = nps.compare(raked.frame, over="h", against="total", design=raked.design).to_frame()
    spread = [covariance[i, i] + covariance[3, 3] - 2 * covariance[i, 3] for i in range(3)]
    assert against["std_error"].to_numpy() == pytest.approx(np.sqrt(spread), rel=1e-8)


def test_a_margin_that_explains_everything_leaves_no_error() -> None:
    frame = pd.DataFrame({"score": [10] * 6 + [0] * 4, "kind": ["good"] * 6 + ["bad"] * 4})
    raked = rake(frame, {"kind": {"good": 0.7, "bad": 0.3}})
    # 70 promoters, 30 detractors, known: 100 (.7 - .3)
    found = nps.score(raked.frame, design=raked.design).only
    assert (found.estimate, found.std_error) == pytest.approx((40.0, 0.0), abs=1e-9)


def test_a_continuous_scale_and_lower_is_better() -> None:
    raked = rake(det60().assign(score=lambda d: d["score"] * 3.1), MARGINS, design=DESIGNS["clusters"], tolerance=1e-13)
    found = ScoreMetric("index", PERCENT, "mean").score(raked.frame, design=raked.design).only
    # C2: svymean(~score, C2) is 6.44 (0.400067145647227); times 3.1
    assert (found.estimate, found.std_error) == pytest.approx((6.44 * 3.1, 0.400067145647227 * 3.1), abs=1e-8)


def test_a_part_of_the_rows_is_refused() -> None:
    raked = rake(det60(), MARGINS, weights="w")
    with pytest.raises(DesignError, match="60 rows were raked and 20 are here.*by="):
        nps.score(raked.frame[raked.frame["h"] == 1], design=raked.design)


def test_a_replicate_without_a_level_is_refused() -> None:
    frame = det60().assign(rare=lambda d: np.where(d["cl"] == 3, "rare", "usual"))
    raked = rake(
        frame, {"rare": {"rare": 0.1, "usual": 0.9}}, design=replace(DESIGNS["clusters"], variance="jackknife")
    )
    with pytest.raises(DesignError, match="1 of 12 replicates have nobody in level 'rare' of margin 'rare'"):
        nps.score(raked.frame, design=raked.design)


def test_a_calibration_needs_its_columns() -> None:
    design = Design(weights="w", calibration=Calibration(("region",), "w"))
    with pytest.raises(CemkitError, match="region"):
        nps.score(det60(), design=design)
