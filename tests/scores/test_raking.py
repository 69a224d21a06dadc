"""Raking: the margins hold, in the caller's own kind of frame, and what cannot be raked is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError, ColumnError, DesignError
from cemkit.scores import Raking, nps, rake
from cemkit.tables.design import Calibration, Design

MARGINS = {"g": {0: 0.2, 1: 0.3, 2: 0.5}, "wave": {"1": 0.6, "2": 0.4}}
ENGINES = [
    "pandas",
    "pandas-arrow",
    "pandas-categories",
    "polars",
    "polars-lazy",
    "polars-categories",
    "pyarrow",
    "duckdb",
]


def det60() -> pd.DataFrame:
    """Return the 60 rows of references/scores.md; R: wave <- 1 + (i %/% 2) %% 2."""
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
        },
        index=pd.Index(i[::-1], name="row"),
    )


def on(engine: str, frame: pd.DataFrame):
    frame = frame.reset_index(drop=True)
    if engine == "pandas":
        return frame
    if engine == "pandas-arrow":
        pytest.importorskip("pyarrow")
        return frame.convert_dtypes(dtype_backend="pyarrow")
    if engine == "pandas-categories":
        return frame.astype({"wave": "category"})
    if engine == "duckdb":
        return pytest.importorskip("duckdb").connect().from_df(frame)
    if engine == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pandas(frame)
    polars = pytest.importorskip("polars")
    found = polars.from_pandas(frame)
    if engine == "polars-categories":
        return found.with_columns(polars.col("wave").cast(polars.Categorical))
    return found.lazy() if engine == "polars-lazy" else found


def weights_of(frame, name: str = "weight_raked") -> np.ndarray:
    if isinstance(frame, pd.DataFrame):
        return frame[name].to_numpy()
    if hasattr(frame, "df"):
        return frame.df()[name].to_numpy()
    if hasattr(frame, "collect"):
        frame = frame.collect()
    return frame[name].to_numpy()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_weights_in_the_same_kind_of_frame(engine) -> None:
    data = on(engine, det60())
    raked = rake(data, MARGINS, weights="w", tolerance=1e-13)
    assert type(raked.frame) is type(data)
    found = weights_of(raked.frame)
    # R survey 4.1-1: weights(calibrate(svydesign(~1, weights=~w), ~g+wave, 150*c(1,.3,.5,.4), calfun="raking",
    # epsilon=1e-13)) / w has the range below, and 60 Σw² / (Σw)² is 1.28424489795918
    ratio = found / det60()["w"].to_numpy()
    assert found.sum() == pytest.approx(150, abs=1e-9)
    assert (ratio.min(), ratio.max()) == pytest.approx((0.342857142857143, 3.0), abs=1e-12)
    assert (raked.factor_low, raked.factor_high) == pytest.approx((0.342857142857143, 3.0), abs=1e-12)
    assert 60 * (found**2).sum() / found.sum() ** 2 == pytest.approx(1.28424489795918, abs=1e-12)
    assert (raked.design_effect, raked.effective_n) == pytest.approx((1.28424489795918, 46.72006102212051), abs=1e-10)
    error = nps.score(raked.frame, design=raked.design).only.std_error
    # R: SE(svymean(~v, calibrate(svydesign(~1, weights=~w, data=d), ~g+wave, ..., calfun="raking", epsilon=1e-13)))
    assert error == pytest.approx(13.8525679401233, abs=1e-8)


@pytest.mark.dask
def test_dask_partitions() -> None:
    dask = pytest.importorskip("dask.dataframe")
    raked = rake(dask.from_pandas(det60().reset_index(drop=True), npartitions=3), MARGINS, weights="w", tolerance=1e-13)
    assert weights_of(raked.frame.compute()) == pytest.approx(
        weights_of(rake(det60(), MARGINS, weights="w", tolerance=1e-13).frame)
    )


def test_the_callers_frame_is_left_alone() -> None:
    data = det60()
    before = data.copy(deep=True)
    raked = rake(data, MARGINS, weights="w")
    pd.testing.assert_frame_equal(data, before)
    pd.testing.assert_frame_equal(raked.frame.drop(columns="weight_raked"), before)
    assert "weight_raked" not in data


def test_what_it_reports() -> None:
    raked = rake(det60(), MARGINS, weights="w")
    assert isinstance(raked, Raking)
    table = raked.to_frame()
    assert list(table.columns) == ["column", "level", "target", "before", "after"]
    assert table["column"].tolist() == ["g", "g", "g", "wave", "wave"]
    assert table["level"].tolist() == [0, 1, 2, "1", "2"]
    assert table["after"].to_numpy() == pytest.approx(table["target"].to_numpy(), abs=1e-10)
    # Σ w by wave of the 150, by hand: i mod 4 in (0, 1) has weights 1 and 2, (2, 3) has 3 and 4: 45 and 105
    assert table["before"].iloc[3:].to_numpy() == pytest.approx([0.3, 0.7])
    assert raked.converged
    assert raked.trimmed == 0
    assert raked.iterations >= 1
    assert [note.code for note in raked.assumptions] == ["raked"]
    assert raked.design == Design(weights="weight_raked", calibration=Calibration(("g", "wave"), "w", 60))
    assert "design effect 1.28" in repr(raked)
    assert "<strong>Raking</strong>" in raked._repr_html_()


def test_the_design_is_carried_over_and_replicates_are_raked_anew() -> None:
    rng = np.random.default_rng(1)
    data = det60().assign(
        r1=lambda d: d["w"] * rng.uniform(0.5, 1.5, 60), r2=lambda d: d["w"] * rng.uniform(0.5, 1.5, 60)
    )
    design = Design(weights="w", strata="st", cluster="cl", replicates=("r1", "r2"))
    raked = rake(data, MARGINS, design=design)
    expected = replace(
        design,
        weights="weight_raked",
        replicates=("r1_raked", "r2_raked"),
        calibration=Calibration(("g", "wave"), "w", 60),
    )
    assert raked.design == expected
    for name in ("r1_raked", "r2_raked"):
        total = raked.frame[name].sum()
        assert total == pytest.approx(data[name.removesuffix("_raked")].sum())
        shares = raked.frame.groupby("g")[name].sum() / total
        assert shares.to_numpy() == pytest.approx([0.2, 0.3, 0.5], abs=1e-10)
    scores = [
        nps.score(raked.frame, design=Design(weights=name)).only.estimate
        for name in ("weight_raked", "r1_raked", "r2_raked")
    ]
    found = nps.score(raked.frame, design=raked.design).only
    # mean squared deviation of the replicate estimates
    assert found.std_error == pytest.approx(np.sqrt(np.mean((np.array(scores[1:]) - scores[0]) ** 2)))


def test_bounds_hold_the_factors_and_the_margins() -> None:
    raked = rake(det60(), MARGINS, weights="w", bounds=(0.3, 2.9), tolerance=1e-13)
    # R: range(weights(calibrate(D2, ~g+wave, 150*c(1,.3,.5,.4), calfun="logit", bounds=c(.3,2.9), epsilon=1e-13)) / w)
    assert (raked.factor_low, raked.factor_high) == pytest.approx((0.332218806629047, 2.739830246267146), abs=1e-9)
    table = raked.to_frame()
    assert table["after"].to_numpy() == pytest.approx(table["target"].to_numpy(), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), levels=st.integers(2, 9))
def test_every_margin_is_met_and_cells_keep_their_proportions(seed, levels) -> None:
    rng = np.random.default_rng(seed)
    size = 40 * levels
    data = pd.DataFrame(
        {"a": np.arange(size) % levels, "b": rng.choice(["x", "y"], size), "w": rng.uniform(0.1, 3, size)}
    )
    shares = rng.dirichlet(np.full(levels, 5.0))
    raked = rake(data, {"a": dict(enumerate(shares / shares.sum())), "b": {"x": 0.25, "y": 0.75}}, weights="w")
    w = raked.frame["weight_raked"]
    assert (w.groupby(data["a"]).sum() / w.sum()).to_numpy() == pytest.approx(shares, abs=1e-9)
    assert w.sum() == pytest.approx(data["w"].sum(), rel=1e-9)
    # Raking keeps odds ratios: within a cell all factors are one number
    assert ((w / data["w"]).groupby([data["a"], data["b"]]).std() < 1e-12).all()


@pytest.mark.parametrize("engine", ["pandas", "polars-lazy", "duckdb"])
def test_many_levels(engine) -> None:
    data = pd.DataFrame(
        {"a": np.repeat(np.arange(600), 3), "b": np.tile(["x", "y", "z"], 600), "score": 10, "wave": "1"}
    )
    raked = rake(on(engine, data), {"a": dict.fromkeys(range(600), 1 / 600), "b": {"x": 0.5, "y": 0.25, "z": 0.25}})
    assert weights_of(raked.frame) == pytest.approx(np.tile([1.5, 0.75, 0.75], 600))


@pytest.mark.parametrize(
    ("change", "margins", "message"),
    [
        ({}, {"waves": {"1": 1.0}}, "margins='waves': the table has no such column. Did you mean 'wave'"),
        ({}, {"wave": {"1": 0.58, "2": 0.4}}, "must sum to 1, and they sum to 0.98. Did you round"),
        ({}, {"wave": {"1": 60, "2": 40}}, "they sum to 100. Did you give percent"),
        ({}, {"wave": {"1": 1.2, "2": -0.2}}, "share of at least zero, found '2': -0.2"),
        ({}, {"wave": {"1": None, "2": 0.2}}, "share of at least zero, found '1': None"),
        ({}, {"wave": {1: 0.6, 2: 0.4}}, "They are int in the margins and str in the data"),
        ({}, {"wave": {"1": 0.6, "wave 2": 0.4}}, "has a share for 'wave 2', which no row has, and none for '2'"),
        ({}, {"wave": {"1": 1.0}}, "level '2' of margin 'wave' carries 0.5 of the weight and has no target"),
        ({}, {"wave": {"1": 0.5, "2": 0.4, "3": 0.1}}, "level '3' of margin 'wave' has target 0.1 and no answers"),
        ({}, {}, "at least one column"),
        ({}, {"wave": 0.5}, "column: {level: share}"),
        ({"wave": None}, {"wave": {"1": 0.5, "2": 0.5}}, "'wave' is null in 60 of 60 rows"),
        ({"weight_raked": 1.0}, MARGINS, "already has a column 'weight_raked'"),
        ({"question": ["nps", "csat"] * 30}, MARGINS, "answers to 2 questions"),
        ({"answered_at": [pd.Timestamp("2026-01-01"), pd.NaT] * 30}, MARGINS, "'answered_at' is null in 30 of 60 rows"),
    ],
)
def test_bad_margins_are_one_clear_sentence(change, margins, message) -> None:
    with pytest.raises(CemkitError, match=message.replace("(", r"\(")):
        rake(det60().assign(**change), margins)


def test_bad_weights_and_bounds() -> None:
    bad = det60().assign(w=lambda d: d["w"].where(d["w"] > 1, -1.0))
    with pytest.raises(DesignError, match=r"at least zero, found 15 negative \(such as -1\)"):
        rake(bad, MARGINS, weights="w")
    with pytest.raises(DesignError, match="found 15 null"):
        rake(bad.assign(w=bad["w"].where(bad["w"] > 0)), MARGINS, weights="w")
    with pytest.raises(CemkitError, match="0 <= low < 1 < high"):
        rake(det60(), MARGINS, bounds=(1.2, 3))
    with pytest.raises(CemkitError, match="level '1' of margin 'wave' needs a mean factor of 2.*widen the bounds"):
        rake(det60(), MARGINS, weights="w", bounds=(0.5, 1.5))
    with pytest.raises(CemkitError, match="raise max_iterations"):
        rake(det60(), {"st": {"A": 0.5, "B": 0.5}, "g": MARGINS["g"]}, weights="w", max_iterations=1)
    with pytest.raises(ColumnError, match="weights='wt'"):
        rake(det60(), MARGINS, weights="wt")
    with pytest.raises(DesignError, match="differ"):
        rake(det60(), MARGINS, weights="w", design=Design(weights="h"))
    raked = rake(det60(), MARGINS)
    with pytest.raises(DesignError, match="already raked"):
        rake(det60(), MARGINS, design=raked.design)
    with pytest.raises(CemkitError, match="no rows"):
        rake(det60().head(0), MARGINS)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pandas", "polars-lazy", "duckdb"])
def test_intervals_cover_when_the_margins_explain_who_answers(engine, replicates, covers) -> None:
    """Non-response depends on age and region, and so do scores: unweighted is biased, raked covers."""
    # The engines agree to 1e-9, so that one of them with many replicates tells for all.
    runs = replicates(1000 if engine == "pandas" else 150)
    rng = np.random.default_rng(20260101)
    answer = np.array([[0.15, 0.3], [0.3, 0.6]])
    chance = np.array([[[0.5, 0.2, 0.3], [0.4, 0.3, 0.3]], [[0.3, 0.3, 0.4], [0.1, 0.3, 0.6]]])
    joint = np.array([[0.3, 0.2], [0.1, 0.4]])
    truth = 100 * (joint * (chance[..., 2] - chance[..., 0])).sum()
    margins = {"age": {"old": 0.5, "young": 0.5}, "region": {"east": 0.4, "west": 0.6}}
    held, plain = [], 0
    for _ in range(runs):
        cell = rng.choice(4, size=1200, p=joint.ravel())
        kept = cell[rng.random(1200) < answer.ravel()[cell]]
        draw = rng.random(len(kept))[:, None] > np.cumsum(chance.reshape(4, 3)[kept], axis=1)[:, :2]
        data = pd.DataFrame(
            {
                "score": np.array([0, 7, 10])[draw.sum(axis=1)],
                "age": np.array(["old", "young"])[kept // 2],
                "region": np.array(["east", "west"])[kept % 2],
                "wave": "1",
            }
        )
        raked = rake(on(engine, data), margins)
        found = nps.score(raked.frame, design=raked.design).only
        held.append(found.low <= truth <= found.high)
        naive = nps.score(data).only
        plain += naive.low <= truth <= naive.high
    # The response propensities are products of a factor per margin, so that raking is consistent.
    covers(
        held,
        estimator=f"rake and nps.score, on {engine}",
        world="1,200 asked, of whom 15 to 60 % answer by age and region, raked to the margins of both",
    )
    assert plain / runs < 0.5
