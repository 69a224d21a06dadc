"""The link from satisfaction: by hand, bent and straight worlds, designs, engines, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit import Design, loyalty
from cemkit.errors import CemkitError, ColumnError
from cemkit.statistics.monotone import bend, isotonic_means, monotone_spline, point_means
from cemkit.statistics.regression import least_squares

SHARES = np.array([3, 2, 3, 4, 5, 8, 9, 14, 20, 16, 16]) / 100


def bent(score: np.ndarray) -> np.ndarray:
    """Diminishing returns from 6 on."""
    return np.where(score < 6, 0.15 + 0.1 * score, 0.75 + 0.02 * (score - 6))


def world(rows: int = 1500, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.choice(11, rows, p=SHARES)
    return pd.DataFrame(
        {
            "csat": score,
            "intent": rng.random(rows) < bent(score),
            "spent": 5 + score**2 + rng.normal(0, 12, rows),
            "w": rng.uniform(1, 3, rows),
            "branch": rng.integers(0, 60, rows),
        }
    )


def test_isotonic_means_are_scikit_learn_s() -> None:
    isotonic = pytest.importorskip("sklearn.isotonic")
    rng = np.random.default_rng(1)
    for _ in range(20):
        mean, weight = rng.normal(np.linspace(0, 1, 12), 0.6), rng.uniform(1, 9, 12)
        expected = isotonic.IsotonicRegression().fit(np.arange(12), mean, sample_weight=weight).predict(np.arange(12))
        assert isotonic_means(mean, weight) == pytest.approx(expected)


def test_point_means_have_the_covariance_of_a_regression_on_levels() -> None:
    table = world()
    x, y = table["csat"].to_numpy(float), table["spent"].to_numpy()
    codes = {"weights": table["w"].to_numpy(), "cluster": table["branch"].to_numpy()}
    found = point_means(x, y, **codes)
    levels = (x[:, None] == np.arange(1, 11)[None]).astype(float)
    fit = least_squares(levels, y, **codes)
    take = np.eye(11)
    take[1:, 0] = 1
    assert found.mean == pytest.approx(take @ fit.coefficients)
    assert found.covariance == pytest.approx(take @ fit.covariance @ take.T, abs=1e-9)
    assert found.df == 59


def test_few_answers_share_a_point_and_many_points_are_grouped() -> None:
    x = np.r_[np.repeat([1.0, 2, 4, 5], [2, 30, 40, 3]), 3.0]
    found = point_means(x, x * 2)
    # 1 (2 rows) goes with 2, 3 (1 row) with 4, and 5 (3 rows), the last, with those below
    assert found.n.tolist() == [32, 44]
    assert found.merged == 3
    assert found.mean == pytest.approx(found.x * 2)
    assert point_means(np.arange(1000.0), np.arange(1000.0)).x.size <= 30


def test_the_spline_never_falls_and_is_the_line_where_that_is_best() -> None:
    rng = np.random.default_rng(5)
    x = np.arange(11.0)
    fits = monotone_spline(x, rng.normal(x / 9, 0.5, (30, 11)), np.ones(11))
    assert (np.diff(fits.at(np.linspace(0, 10, 101)), axis=1) >= -1e-9).all()
    assert monotone_spline(x, (2 + 3 * x)[None], np.ones(11)).at(x)[0] == pytest.approx(2 + 3 * x)
    assert monotone_spline(x, (-x)[None], np.ones(11)).at(x)[0] == pytest.approx(np.full(11, -5.0))
    two = monotone_spline(np.array([1.0, 5]), np.array([[1.0, 3]]), np.ones(2))
    assert two.at([3.0, 9.0])[0].tolist() == pytest.approx([2, 3])


def test_the_bend_is_found_exactly_where_there_is_no_noise() -> None:
    found = bend(np.arange(11.0), bent(np.arange(11.0))[None], np.ones(11))
    assert [found.at[0], found.below[0], found.above[0]] == pytest.approx([6, 0.1, 0.02], abs=0.03)


def test_intent_and_behaviour_apart_with_money() -> None:
    named = {"intent": "intent", "behaviour": "spent"}
    found = loyalty.satisfaction_link(world(), satisfaction="csat", outcome=named, value={"intent": 100.0})
    turns = found.turns.set_index("outcome")
    assert turns["shape"].tolist() == ["diminishing", "increasing"]
    assert turns.loc["intent", "at_low"] < 6 < turns.loc["intent", "at_high"]
    assert turns.loc["intent", "low"] < -0.08 < turns.loc["intent", "high"]
    assert (found.models.query("model == 'linear'")["p_value"] < 0.05).all()
    value = found.value.query("outcome == 'intent'")
    assert set(value["unit"]) == {"money"}
    steps = found.to_frame().query("outcome == 'intent'")["estimate"].diff().dropna()
    assert value["estimate"].to_numpy()[:-1] == pytest.approx(100 * steps.to_numpy())
    # everybody one point up, those at the top stay
    truth = 100 * float(np.diff(bent(np.arange(11.0))) @ SHARES[:-1])
    assert value["low"].iloc[-1] < truth < value["high"].iloc[-1]
    assert found.value.query("outcome == 'behaviour'")["unit"].unique().tolist() == ["outcome"]
    assert found.to_frame()["unit"].unique().tolist() == ["share", "outcome"]
    assert loyalty.SatisfactionLink.from_json(found.to_json()) == found


def test_is_the_same_on_every_engine(local_engine: Engine) -> None:
    table = world(400)
    options: dict[str, Any] = {"satisfaction": "csat", "outcome": ["intent", "spent"], "draws": 100}
    design = Design(weights="w", cluster="branch")
    expected = loyalty.satisfaction_link(table, **options, design=design)
    found = loyalty.satisfaction_link(local_engine(table), **options, design=design)
    for part in ("table", "models", "turns", "value"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part), check_dtype=False, rtol=1e-7)


def test_customers_who_answered_twice_are_clusters() -> None:
    table = world(300)
    both = pd.concat([table, table]).assign(customer_id=[*range(300), *range(300)])
    once = loyalty.satisfaction_link(table, satisfaction="csat", outcome="spent", draws=100).to_frame()
    found = loyalty.satisfaction_link(both, satisfaction="csat", outcome="spent", draws=100)
    assert any(note.code == "customers-are-clusters" for note in found.assumptions)
    wide = (found.to_frame()["observed_high"] - found.to_frame()["observed_low"]).to_numpy()
    # the same answers twice say no more than once
    big = once["n"].to_numpy() > 15
    assert wide[-big.sum() :] == pytest.approx((once["observed_high"] - once["observed_low"]).to_numpy()[big], rel=0.1)


def test_a_falling_outcome() -> None:
    table = world().assign(leaves=lambda t: ~t["intent"])
    found = loyalty.satisfaction_link(table, satisfaction="csat", outcome="leaves", direction="falling", draws=100)
    rising = loyalty.satisfaction_link(table, satisfaction="csat", outcome="intent", draws=100)
    assert found.to_frame()["estimate"].to_numpy() == pytest.approx(1 - rising.to_frame()["estimate"].to_numpy())
    assert found.turns["shape"].tolist() == ["diminishing"]


def test_incomplete_rows_are_said() -> None:
    table = world(300).assign(spent=lambda t: t["spent"].where(t.index > 9))
    found = loyalty.satisfaction_link(table, satisfaction="csat", outcome="spent", draws=100)
    assert any("10 rows without" in str(note) for note in found.assumptions)
    assert found.turns["n"].tolist() == [290]


@pytest.mark.slow
def test_intervals_hold_and_straight_lines_are_seldom_called_bent(replicates, covers) -> None:
    number, x = replicates(60), np.arange(11.0)
    for curve, change in ((bent, -0.08), (lambda s: 0.2 + 0.06 * s, 0.0)):
        rng = np.random.default_rng(7)
        inside, turned, gained, bends = [], [], [], []
        for _ in range(number):
            score = rng.choice(11, 1200, p=SHARES)
            table = pd.DataFrame({"csat": score, "y": rng.random(1200) < curve(score)})
            found = loyalty.satisfaction_link(table, satisfaction="csat", outcome="y", draws=300)
            rows, turn, last = found.to_frame(), found.turns.iloc[0], found.value.iloc[-1]
            truth = curve(rows["satisfaction"].to_numpy())
            inside.append(((rows["low"] <= truth) & (truth <= rows["high"])).mean())
            turned.append(turn["low"] <= change <= turn["high"])
            bends.append(turn["p_value"] < 0.05)
            gained.append(last["low"] <= float(np.diff(curve(x)) @ SHARES[:-1]) <= last["high"])
        slack = 4 * np.sqrt(0.95 * 0.05 / number)
        world = f"1,200 answers of 0 to 10; {'a bend, which smooth curves round' if change else 'a straight line'}"
        covers(inside, estimator="loyalty.satisfaction_link: curve", world=world, slack=(0.05, 0.05))
        covers(
            np.column_stack([turned, gained]),
            estimator="loyalty.satisfaction_link: turn, gain",
            world=world,
            slack=(0.04 + slack, 0.05),
        )
        assert np.mean(bends) > 0.99 if change else np.mean(bends) < 0.05 + slack


def test_what_is_refused() -> None:
    table = world(100)
    cases: list[tuple[dict[str, Any], type[CemkitError], str]] = [
        ({"outcome": "csat"}, ColumnError, "is also the satisfaction"),
        ({"outcome": "renewed"}, ColumnError, "no such column"),
        ({"outcome": []}, CemkitError, "outcome must be a column"),
        ({"satisfaction": "name"}, ColumnError, "must hold numbers, found text"),
        ({"outcome": "name"}, ColumnError, "must hold numbers, found text"),
        ({"direction": "up"}, CemkitError, "direction must be 'rising' or 'falling'"),
        ({"draws": 10}, CemkitError, "draws must be a whole number of at least 100"),
        ({"value": {"spent": 3}}, CemkitError, "value must be a number, or give each of the outcomes 'intent'"),
        ({"value": float("nan")}, CemkitError, "value must be a number"),
        ({"step": 20}, CemkitError, "step must be a part of the range"),
        ({"level": 0}, CemkitError, "level must lie between 0 and 1"),
        ({"satisfaction": "flat"}, CemkitError, "has 1 different values in the 100 rows"),
        ({"outcome": "empty"}, CemkitError, "has 0 different values in the 0 rows \\(of 100\\)"),
    ]
    given = table.assign(name="x", flat=3, empty=np.nan)
    for changes, error, message in cases:
        with pytest.raises(error, match=message):
            loyalty.satisfaction_link(given, **{"satisfaction": "csat", "outcome": "intent", **changes})
    with pytest.raises(CemkitError, match="make 1 points|has 2 different"):
        loyalty.satisfaction_link(table.head(6), satisfaction="csat", outcome="intent")
