"""Laws that hold for any answers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import constructor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cemkit import Design, nps

ROW = st.tuples(
    st.sampled_from([None, math.nan, *map(float, range(11))]),
    st.sampled_from(["a", "b", None]),
    st.integers(1, 12),
    st.sampled_from(["x", "y"]),
    st.integers(1, 3),
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Two clusters in each stratum, at least one answer, anything else."""
    rows = draw(st.lists(ROW, max_size=30))
    sure = st.sampled_from([0.0, 7.0, 10.0])
    rows += [(draw(sure), "a", 4, stratum, cluster) for stratum in "xy" for cluster in (1, 2)]
    score, g, w, h, c = (list(column) for column in zip(*rows, strict=True))
    return {"score": score, "g": g, "w": [x / 4 for x in w], "h": h, "c": c}


FEW = settings(max_examples=30)
DESIGN = Design(weights="w", strata="h", cluster="c")


@given(st.tuples(*[st.integers(0, 400)] * 3).filter(any), st.sampled_from(["adjusted-wald", "score", "wald", "t"]))
def test_the_estimate_lies_in_its_interval(counts: tuple[int, int, int], method: str) -> None:
    found = nps.from_counts(counts, method=method)
    assert -100 <= found.low <= found.estimate + 1e-9
    assert found.estimate - 1e-9 <= found.high <= 100
    if method in ("adjusted-wald", "score"):
        assert found.low < found.high


@given(st.tuples(*[st.integers(1, 400)] * 3))
def test_the_estimate_lies_in_its_bayes_interval_inside_the_scale(counts: tuple[int, int, int]) -> None:
    found = nps.from_counts(counts, method="bayes")
    assert found.low <= found.estimate <= found.high


@FEW
@given(tables(), st.sampled_from([None, DESIGN, Design(weights="w")]))
def test_scores_stay_on_the_scale(columns: dict[str, list[Any]], design: Design | None) -> None:
    table = nps.score(pd.DataFrame(columns), by="g", design=design).to_frame().dropna(subset="estimate")
    assert table["estimate"].between(-100 - 1e-9, 100 + 1e-9).all()
    assert (table["low"] <= table["estimate"] + 1e-9).all()
    assert (table["estimate"] <= table["high"] + 1e-9).all()
    assert table["low"].between(-100, 100).all()
    assert table["high"].between(-100, 100).all()


@FEW
@given(tables(), st.randoms(use_true_random=False), st.sampled_from([None, DESIGN]))
def test_the_order_of_rows_does_not_matter(columns: dict[str, list[Any]], random: Any, design: Design | None) -> None:
    frame = pd.DataFrame(columns)
    order = list(range(len(frame)))
    random.shuffle(order)
    one, two = (nps.score(f, by="g", design=design).to_frame() for f in (frame, frame.iloc[order]))
    pd.testing.assert_frame_equal(one, two, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("name", ["polars-lazy", "duckdb"])
def test_engines_agree(name: str, request: pytest.FixtureRequest) -> None:
    make = constructor(name, request)

    @settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
    @given(tables(), st.sampled_from([None, DESIGN]))
    def agree(columns: dict[str, list[Any]], design: Design | None) -> None:
        expected = nps.score(pd.DataFrame(columns), by="g", design=design)
        found = nps.score(make(columns), by="g", design=design)
        pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-9, atol=1e-9)
        pd.testing.assert_frame_equal(found.bands, expected.bands, rtol=1e-9, atol=1e-9)
        assert found.assumptions == expected.assumptions

    agree()


@FEW
@given(tables(), st.sampled_from([None, DESIGN]))
def test_a_comparison_turned_round_changes_its_sign(columns: dict[str, list[Any]], design: Design | None) -> None:
    frame = pd.DataFrame(columns)
    one = nps.compare(frame, over="h", levels=["x", "y"], design=design).only
    two = nps.compare(frame, over="h", levels=["y", "x"], design=design).only
    np.testing.assert_allclose(
        [one["difference"], one["low"], one["high"], one["p_value"]],
        [-two["difference"], -two["high"], -two["low"], two["p_value"]],
        rtol=1e-9,
        atol=1e-9,
    )


@FEW
@given(tables())
def test_p_values_agree_with_their_interval(columns: dict[str, list[Any]]) -> None:
    found = nps.compare(pd.DataFrame(columns), over="h").only
    if abs(found["p_value"] - 0.05) > 1e-9 and abs(found["low"]) < 200 and abs(found["high"]) < 200:
        assert (found["p_value"] < 0.05) == (not found["low"] <= 0 <= found["high"])


@FEW
@given(tables(), st.floats(0.01, 1000))
def test_the_unit_of_weights_does_not_matter(columns: dict[str, list[Any]], unit: float) -> None:
    scaled = {**columns, "w": [w * unit for w in columns["w"]]}
    one, two = (nps.score(pd.DataFrame(c), by="g", design=DESIGN).to_frame() for c in (columns, scaled))
    # where clusters are alike, a variance of 0 is left with the rounding of squares of ±100: its root is up to 1e-6
    pd.testing.assert_frame_equal(one, two, rtol=1e-7, atol=1e-5)
