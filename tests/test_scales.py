"""Scales: bands, edges, codes, and what is valid, missing or neither."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit import scales
from cemkit.errors import CemkitError
from cemkit.scales import CES_7, CSAT_5, NPS_SCALE, PERCENT, Scale
from cemkit.scores import ScoreMetric
from cemkit.tables.terms import band_terms

READY = [getattr(scales, name) for name in scales.__all__ if name.isupper()]
TOUCHING = Scale(0, 10, bands={"low": (0, 6), "middle": (6, 8), "high": (8, 10)}, step=None)


def test_ready_scales() -> None:
    assert NPS_SCALE.band_names == ("detractor", "passive", "promoter")
    # Reichheld (2003): 0 to 6, 7 and 8, 9 and 10
    assert NPS_SCALE.band_index(np.arange(11)).tolist() == [0] * 7 + [1] * 2 + [2] * 2
    assert CSAT_5.band_index(np.arange(1, 6)).tolist() == [0, 0, 1, 2, 2]
    assert CES_7.band_index(np.arange(1, 8)).tolist() == [0, 0, 0, 1, 2, 2, 2]
    assert (NPS_SCALE.midpoint, NPS_SCALE.half_width, NPS_SCALE.top_band) == (5, 5, "promoter")
    assert PERCENT.valid([0, 33.3, 100, 100.1, -0.1]).tolist() == [True, True, True, False, False]


def test_half_steps_and_codes_are_not_points() -> None:
    # 6.5 falls between bands, -3 and 99 are typing errors or undeclared codes
    assert NPS_SCALE.valid([6.5, 8.5, -3, 99, np.nan, np.inf, 0, 10]).tolist() == [False] * 6 + [True] * 2
    assert NPS_SCALE.band_index([6.5, -3, 99, np.nan]).tolist() == [-1] * 4
    assert NPS_SCALE.missing([6.5, 99, np.nan]).tolist() == [False, False, True]
    coded = Scale(0, 10, missing_codes=(99, -1))
    assert coded.missing([99, -1, np.nan, 5, 98]).tolist() == [True, True, True, False, False]
    assert not coded.valid([99, -1]).any()


def test_half_step_scales() -> None:
    half = Scale(0, 5, bands={"low": (0, 2.5), "high": (3, 5)}, step=0.5)
    assert half.points.tolist() == [i / 2 for i in range(11)]
    assert half.valid([2.5, 2.25]).tolist() == [True, False]
    tenth = Scale(0, 1, step=0.1)
    assert tenth.valid([0.1 * k for k in range(11)]).all()
    assert len(tenth.points) == 11


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"bands": {"a": (0, 6), "b": (6, 10)}}, "'b' starts at 6 and overlaps"),
        ({"bands": {"a": (0, 5), "b": (7, 10)}}, "'b' starts at 7 and leaves a hole"),
        ({"bands": {"a": (1, 10)}}, "leaves a hole"),
        ({"bands": {"a": (0, 6), "b": (7, 9)}}, "the last band 'b' ends at 9"),
        ({"bands": {"a": (0, 6), "b": (7, 11)}}, "ends at 11, which is not a point"),
        ({"bands": {"a": (0, 6.5), "b": (7.5, 10)}}, "ends at 6.5, which is not a point"),
        ({"bands": {"a": (6, 0), "b": (7, 10)}}, "its low end lies above"),
        ({"bands": {"a": (float("nan"), 10)}}, "leaves a hole"),
        ({"bands": {}}, "at least one band"),
        ({"bands": [(0, 10)]}, "bands must be"),
        ({"bands": {"a": 10}}, "'a' must be .low, high."),
        ({"bands": {"a": ("0", "10")}}, "'a' must be .low, high."),
        ({"bands": {"a": (0, 5), "b": (5.1, 10)}, "step": None}, "leaves a hole"),
        ({"bands": {"a": (0, 6), "b": (5, 10)}, "step": None}, "overlaps"),
        ({"bands": {"a": (0, 6), "b": (6, 6), "c": (6, 10)}, "step": None}, "the single value 6"),
        ({"missing_codes": (99, 7)}, "missing code 7 is also a point"),
        ({"missing_codes": (6.5,), "step": None}, "missing code 6.5 is also a point"),
        ({"missing_codes": 99}, "several numbers"),
        ({"missing_codes": "99"}, "several numbers"),
        ({"missing_codes": ("x",)}, "must be numbers, got 'x'"),
        ({"direction": "up"}, "direction must be"),
        ({"step": 3}, "does not divide"),
        ({"step": 0}, "does not divide"),
        ({"step": -1}, "does not divide"),
        ({"step": float("inf")}, "does not divide"),
        ({"step": float("nan")}, "does not divide"),
        ({"step": "1"}, "does not divide"),
        ({"step": 0.001}, "at most 1001 points"),
    ],
)
def test_bad_scales_are_one_clear_error(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        Scale(0, 10, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high"), [(10, 0), (5, 5), (float("nan"), 5), (0, float("inf")), ("0", 10), (None, 10), (False, True)]
)
def test_bad_ends_are_one_clear_error(low: object, high: object) -> None:
    with pytest.raises(CemkitError, match=r"scale"):
        Scale(low, high)  # type: ignore[arg-type]


def test_scales_without_bands_or_points_say_so() -> None:
    with pytest.raises(CemkitError, match="has no bands"):
        PERCENT.band_index([1])
    with pytest.raises(CemkitError, match="has no bands"):
        _ = PERCENT.top_band
    with pytest.raises(CemkitError, match="no list of points"):
        _ = PERCENT.points
    assert PERCENT.band_names == ()


def test_a_value_on_an_edge_of_a_continuous_scale_is_in_one_band() -> None:
    values = np.array([0, 5.99, 6, 6.01, 8, 8.01, 10])
    assert TOUCHING.band_index(values).tolist() == [0, 0, 0, 1, 1, 2, 2]
    counted = np.array([term.values(values) for term in band_terms(TOUCHING)])
    assert counted.sum(axis=0).tolist() == [1] * 7
    assert counted.argmax(axis=0).tolist() == TOUCHING.band_index(values).tolist()


@pytest.mark.parametrize("direction", ["higher-is-better", "lower-is-better"])
@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_scores_count_an_edge_once_on_every_engine(engine: str, direction: str) -> None:
    if engine != "pandas":
        pytest.importorskip(engine)
    scale = Scale(0, 10, bands=dict(TOUCHING.bands or {}), step=None, direction=direction)  # type: ignore[arg-type]
    frame = pd.DataFrame({"score": [6.0, 6.0, 8.0, 8.0, 8.0, 10.0, 0.0, 7.3]})
    data: object = frame
    if engine == "polars":
        import polars as pl

        data = pl.from_dict({"score": frame["score"].tolist()}).lazy()
    elif engine == "duckdb":
        import duckdb

        data = duckdb.connect().from_df(frame)
    found = ScoreMetric("x", scale, "net").score(data)
    # by hand: 0, 6, 6 in the lowest band; 7.3, 8, 8, 8 in the middle; 10 in the highest
    by_name = dict(zip(found.bands["band"], found.bands["n"].tolist(), strict=True))
    assert by_name == {"low": 3, "middle": 4, "high": 1}
    assert found.only.estimate == pytest.approx(-25.0 if direction == "higher-is-better" else 25.0)


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_the_last_bit_of_a_float_puts_no_answer_outside(engine: str) -> None:
    tenths = Scale(0, 0.3, bands={"low": (0, 0.1), "high": (0.2, 0.3)}, step=0.1)
    data: object = pd.DataFrame({"score": [0.1 * 3, 0.1 * 3, 0.0]})  # 3 times .1 is .30000000000000004
    if engine == "polars":
        data = pytest.importorskip("polars").from_dict({"score": [0.1 * 3, 0.1 * 3, 0.0]})
    elif engine == "duckdb":
        data = pytest.importorskip("duckdb").connect().from_df(data)
    assert ScoreMetric("x", tenths, "top").score(data).only.n == 3


def test_lower_is_better_turns_the_bands() -> None:
    effort = Scale(1, 5, bands={"easy": (1, 2), "hard": (3, 5)}, direction="lower-is-better")
    assert effort.band_names == ("hard", "easy")
    assert effort.top_band == "easy"
    assert effort.band_index([1, 2, 3, 5]).tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize("scale", [*READY, TOUCHING, Scale(1, 5, missing_codes=(0, 9))])
def test_scales_pickle_copy_hash_and_compare(scale: Scale) -> None:
    for again in (pickle.loads(pickle.dumps(scale)), copy.copy(scale), copy.deepcopy(scale)):
        assert again == scale
        assert hash(again) == hash(scale)
        assert again.band_names == scale.band_names
    assert Scale(1, 5) == Scale(1.0, 5.0)
    assert hash(Scale(1, 5)) == hash(Scale(1.0, 5.0))
    assert Scale(1, 5) != Scale(1, 5, direction="lower-is-better")
    assert Scale(1, 5) != Scale(1, 5, missing_codes=(9,))


def test_scales_are_frozen_and_hold_nobody_s_mapping() -> None:
    bands = {"low": (0.0, 6.0), "high": (7.0, 10.0)}
    scale = Scale(0, 10, bands=bands)
    bands["low"] = (0.0, 9.0)
    assert dict(scale.bands or {})["low"] == (0, 6)
    with pytest.raises(TypeError):
        scale.bands["low"] = (0, 1)  # type: ignore[index]
    with pytest.raises(AttributeError):
        scale.low = 1  # type: ignore[misc]


@st.composite
def banded(draw: st.DrawFn) -> Scale:
    low = draw(st.integers(-5, 5))
    step = draw(st.sampled_from([1.0, 0.5, 0.25]))
    points = draw(st.integers(2, 15))
    cuts = sorted(draw(st.sets(st.integers(1, points - 1), max_size=3)))
    starts, ends = [0, *cuts], [*(c - 1 for c in cuts), points - 1]
    bands = {f"b{i}": (low + step * a, low + step * b) for i, (a, b) in enumerate(zip(starts, ends, strict=True))}
    direction = draw(st.sampled_from(["higher-is-better", "lower-is-better"]))
    return Scale(low, low + step * (points - 1), bands=bands, step=step, direction=direction)


@given(banded())
def test_every_point_is_in_exactly_one_band(scale: Scale) -> None:
    terms = np.array([term.values(scale.points) for term in band_terms(scale)])
    assert (terms.sum(axis=0) == 1).all()
    assert terms.argmax(axis=0).tolist() == scale.band_index(scale.points).tolist()
    assert scale.valid(scale.points).all()
    order = scale.band_index(scale.points)
    better = order if scale.direction == "higher-is-better" else order[::-1]
    assert (np.diff(better) >= 0).all()


@given(banded(), st.floats(allow_nan=True, allow_infinity=True))
def test_a_value_is_valid_missing_or_invalid_and_only_valid_ones_have_a_band(scale: Scale, value: float) -> None:
    valid, missing = bool(scale.valid([value])[0]), bool(scale.missing([value])[0])
    assert not (valid and missing)
    assert (scale.band_index([value])[0] >= 0) == valid


@given(st.floats(0, 10))
def test_every_value_of_a_continuous_scale_is_in_one_band(value: float) -> None:
    x = np.array([value])
    terms = np.array([term.values(x)[0] for term in band_terms(TOUCHING)])
    assert terms.sum() == 1
    assert terms.argmax() == TOUCHING.band_index(x)[0]
