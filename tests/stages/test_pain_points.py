"""Pain points: hand counts, engines, the simulated company's truth, complaints, ledgers, bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import Scale, stages
from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.results import Result
from cemkit.simulate import experiences as simulated
from cemkit.simulate.company import CHANNELS, TOUCHPOINTS
from cemkit.simulate.contacts import bad_chance
from cemkit.simulate.world import telecom_tables
from cemkit.stages.pain_points import PAIN_COLUMNS

ROWS = {
    "customer_id": ["a", "a", "a", "b", "b", "c", "d", "d"],
    "touchpoint_id": ["bill", "bill", "shop", "bill", "shop", "shop", "shop", "fair"],
    "perceived": [1.0, 2, 5, 2, 2, 4, None, 3],
}
LEDGER = pd.DataFrame(
    {
        "touchpoint": ["shop", "background", None],
        "share": [0.2, 0.7, 1.0],
        "low": [0.1, 0.6, 1.0],
        "high": [0.3, 0.8, 1.0],
    }
)


def test_by_hand(engine: Callable[[Any], Any]) -> None:
    found = stages.pain_points(engine(ROWS), seed=1).to_frame()
    assert tuple(found.columns) == PAIN_COLUMNS
    assert found["touchpoint_id"].tolist() == ["bill", "shop", "fair"]
    # four customers rated something; at the bill a lost 2 + 1 points in two experiences, b lost 1; in the shop b lost 1
    assert found["customers"].tolist() == [4, 4, 4]
    assert found["affected"].tolist() == [2, 1, 0]
    np.testing.assert_allclose(found["reach"], [2 / 4, 1 / 4, 0])
    np.testing.assert_allclose(found["episodes"], [3 / 2, 1, np.nan])
    np.testing.assert_allclose(found["severity"], [4 / 3, 1, np.nan])
    np.testing.assert_allclose(found["estimate"], [4 / 4, 1 / 4, 0])
    np.testing.assert_allclose(found["std_error"], [np.std([3, 1, 0, 0], ddof=1) / 2, 0.25, 0])
    assert found["n"].tolist() == [3, 3, 1]
    assert found["missing"].tolist() == [0, 1, 0]
    assert found["rank"].tolist() == [1, 2, 3]
    assert (found["low"] <= found["estimate"]).all()
    assert (found["high"] > found["estimate"]).all()
    assert found["preventable_rank"].isna().all()


def test_lower_is_better_turns_the_scale_round() -> None:
    rows = pd.DataFrame(ROWS).assign(perceived=lambda d: 6 - d["perceived"])
    turned = stages.pain_points(rows, scale=Scale(1, 5, direction="lower-is-better"), seed=1)
    pd.testing.assert_frame_equal(turned.table, stages.pain_points(pd.DataFrame(ROWS), seed=1).table)


def test_engines_agree_to_the_byte_of_the_seed(local_engine: Callable[[Any], Any], experiences: pd.DataFrame) -> None:
    some = experiences.head(2500).drop(columns="journey_id")
    expected = stages.pain_points(some, seed=3, replicates=200)
    found = stages.pain_points(local_engine(some.sample(frac=1, random_state=1)), seed=3, replicates=200)
    pd.testing.assert_frame_equal(found.table, expected.table, rtol=1e-9)
    pd.testing.assert_frame_equal(found.complaints, expected.complaints, rtol=1e-9)


def chance_below_midpoint() -> pd.DataFrame:
    """Return per touchpoint and channel the chance of a rating under 3 and its expected points, by enumeration."""
    rows = []
    for profile in TOUCHPOINTS:
        expected = list(enumerate(simulated._EXPECTED[profile.aspect], start=2))
        if_bad = {"p": 0.0, "points": 0.0}
        if_good = {"p": 0.0, "points": 0.0}
        for value, share in expected:
            for short, chance in enumerate(simulated._SHORT, start=1):
                got = max(value - short, 1)
                if_bad["p"] += share * chance * (got < 3)
                if_bad["points"] += share * chance * max(3 - got, 0)
            for more, chance in enumerate(simulated._steps(profile)):
                got = min(value + more, 5)
                if_good["p"] += share * chance * (got < 3)
                if_good["points"] += share * chance * max(3 - got, 0)
        for channel, bad in zip(CHANNELS, bad_chance(profile), strict=True):
            mixed = {k: bad * if_bad[k] + (1 - bad) * if_good[k] for k in if_bad}
            rows.append({"touchpoint_id": profile.touchpoint_id, "channel": channel.name, **mixed})
    return pd.DataFrame(rows)


def severity_truth(data: pd.DataFrame) -> pd.Series:
    known = data.merge(chance_below_midpoint(), on=["touchpoint_id", "channel"])
    sums = known.groupby("touchpoint_id")[["p", "points"]].sum()
    return sums["points"] / sums["p"]


def test_severity_and_points_lost_of_the_simulated_company(experiences: pd.DataFrame) -> None:
    found = stages.pain_points(experiences, level=0.999, seed=1, replicates=100).table.set_index("touchpoint_id")
    known = experiences.merge(chance_below_midpoint(), on=["touchpoint_id", "channel"])
    severity = severity_truth(experiences)
    lost = known.groupby("touchpoint_id")["points"].sum() / experiences["customer_id"].nunique()
    for name, row in found.iterrows():
        assert row["severity_low"] < severity[name] < row["severity_high"], name
        # given the contacts that were recorded: the interval of the mean over customers is wider than that
        assert row["low"] < lost[name] < row["high"], name


def test_ranks_hold_what_is_known_to_be_different(experiences: pd.DataFrame) -> None:
    found = stages.pain_points(experiences, seed=1).table
    assert (found["rank_low"] <= found["rank"]).all()
    assert (found["rank"] <= found["rank_high"]).all()
    # a half of all contacts at the reminder: met so often that it hurts most although it is hardly ever bad
    assert found["touchpoint_id"].iloc[0] == "reminder"
    again = stages.pain_points(experiences, seed=1)
    assert again.table.equals(found)
    assert Result.from_json(again.to_json()) == again
    assert again.plot().to_dict()["layer"][0]["mark"]["type"] == "bar"


def test_a_ledger_gives_a_second_ranking() -> None:
    found = stages.pain_points(pd.DataFrame(ROWS), outcome=LEDGER, seed=1).table.set_index("touchpoint_id")
    assert found.loc["shop", "preventable"] == 0.2
    assert found.loc["shop", "preventable_rank"] == 1
    assert found["preventable"].isna().tolist() == [True, False, True]
    pl = pytest.importorskip("polars")
    lazy = pl.DataFrame({"touchpoint_id": ["shop"], "share": [0.2], "low": [0.1], "high": [0.3]}).lazy()
    assert stages.pain_points(pd.DataFrame(ROWS), outcome=lazy, seed=1).table["preventable"].max() == 0.2
    result = Result(LEDGER)
    assert stages.pain_points(pd.DataFrame(ROWS), outcome=result, seed=1).table["preventable"].max() == 0.2


def complaint_rows() -> pd.DataFrame:
    day = pd.Timestamp("2025-01-01")
    rows = [
        # customer, touchpoint, day, perceived, complaint, resolved on day
        ("a", "bill", 0, 1, True, 4),
        ("a", "shop", 2, 2, False, None),  # while open
        ("a", "shop", 6, 5, False, None),
        ("b", "bill", 0, 2, True, 1),
        ("b", "shop", 3, 4, False, None),  # after it was resolved
        ("c", "bill", 5, 1, True, None),
        ("c", "shop", 9, 3, False, None),  # still open
        ("d", "bill", 6, 2, True, 7),
        ("d", "shop", 8, 5, False, None),  # after it was resolved
        ("e", "shop", 10, 4, False, None),
    ]
    return pd.DataFrame(
        {
            "customer_id": [r[0] for r in rows],
            "touchpoint_id": [r[1] for r in rows],
            "occurred_at": [day + pd.Timedelta(days=r[2]) for r in rows],
            "perceived": [float(r[3]) for r in rows],
            "complaint": [r[4] for r in rows],
            "resolved_at": [pd.NaT if r[5] is None else day + pd.Timedelta(days=r[5]) for r in rows],
        }
    )


def test_complaints_by_hand(engine: Callable[[Any], Any]) -> None:
    found = stages.pain_points(engine(complaint_rows()), seed=1, replicates=100).complaints
    assert found["touchpoint_id"].tolist() == ["bill", None]
    row = found.iloc[1]
    assert (row["complaints"], row["customers"], row["n_resolved"], row["n_open"]) == (4, 4, 2, 2)
    assert row["resolved"] == 3 / 4
    # days until resolution 1, 1, 4, and 5 without one: Kaplan-Meier is at 1/2 after day 1
    assert row["median_days"] == 1.0
    # the next rating, all of them in the shop: 4 and 5 after the resolution, 2 and 3 before it
    assert row["change"] == pytest.approx(2.0)
    assert row["change_low"] < 2 < row["change_high"]


def test_how_fast_and_how_many_in_the_simulated_company(experiences: pd.DataFrame) -> None:
    found = stages.pain_points(experiences, level=0.999, seed=1, replicates=100).complaints.iloc[-1]
    # 70 % are resolved, after a minute and an exponential time with mean 5 days: half of all after 6.26 days
    truth = -5 * np.log((0.5 - 0.3) / 0.7) + 60 / 86_400
    assert found["median_days_low"] < truth < found["median_days_high"]
    assert found["resolved_low"] < 0.7
    assert found["change_low"] < 0 < found["change_high"]  # resolving changes nothing


@pytest.mark.parametrize(
    ("rows", "options", "error", "text"),
    [
        (ROWS, {"replicates": 5}, CemkitError, "replicates must be a whole number from 100"),
        (ROWS, {"level": 95}, CemkitError, "level must lie between 0 and 1"),
        (ROWS, {"score": "percieved"}, ColumnError, "Did you mean 'perceived'"),
        (ROWS, {"scale": Scale(1, 3)}, ContractError, "2 values of 'perceived' are outside the scale 1 to 3"),
        ({**ROWS, "touchpoint_id": [None, *["x"] * 7]}, {}, ContractError, "'touchpoint_id' is null in 1 rows"),
        ({**ROWS, "customer_id": [None, None, *["x"] * 6]}, {}, ContractError, "'customer_id' is null in 2 rows"),
        ({**ROWS, "perceived": [float("nan")] * 8}, {}, ContractError, "has no rating: all 8 values are missing"),
        ({**ROWS, "perceived": ["1"] * 8}, {}, ColumnError, "must hold numbers"),
        ({name: [] for name in ROWS}, {}, CemkitError, "perceived|no rows"),
        (ROWS, {"outcome": LEDGER.drop(columns="low")}, ColumnError, "it lacks 'low'"),
        (ROWS, {"outcome": LEDGER.replace("shop", "shpo")}, CemkitError, "Did you mean 'shop'"),
        (ROWS, {"outcome": pd.concat([LEDGER, LEDGER])}, ContractError, "'shop' in several rows"),
        (ROWS, {"outcome": 3}, CemkitError, "outcome must be a table"),
    ],
)
def test_bad_input(rows: Any, options: dict[str, Any], error: type[CemkitError], text: str) -> None:
    frame = pd.DataFrame(rows)
    before = frame.copy()
    with pytest.raises(error) as raised:
        stages.pain_points(frame, **options)
    assert any(part in str(raised.value) for part in text.split("|"))
    pd.testing.assert_frame_equal(frame, before)


def test_resolved_before_it_happened() -> None:
    rows = complaint_rows()
    rows.loc[0, "resolved_at"] = pd.Timestamp("2024-12-31")
    with pytest.raises(CemkitError, match="1 complaints were resolved before they happened"):
        stages.pain_points(rows, seed=1)
    zoned = complaint_rows()
    zoned["resolved_at"] = zoned["resolved_at"].dt.tz_localize("UTC")
    with pytest.raises(CemkitError, match="need one time zone"):
        stages.pain_points(zoned, seed=1)


@pytest.mark.slow
def test_coverage_in_the_simulated_company(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    count = replicates(12)
    held, items, changes = [], 0, []
    for seed in range(100, 100 + count):
        data = telecom_tables(1500, 8, seed)[0]["experiences"]
        found = stages.pain_points(data, seed=1, replicates=100)
        truth = severity_truth(data)
        table = found.table.set_index("touchpoint_id")
        inside = [table["severity_low"][name] < truth[name] < table["severity_high"][name] for name in truth.index]
        held.append(np.mean(inside))
        items += len(inside)
        row = found.complaints.iloc[-1]
        changes.append(row["change_low"] < 0 < row["change_high"])
    slack = 0.02 + 4 * np.sqrt(0.05 * 0.95 / items)
    world = "telecom, 1,500 customers in 8 months"
    covers(
        held,
        estimator="stages.pain_points: severity",
        world=f"{world}: the mean over its touchpoints",
        slack=(slack, slack),
    )
    covers(
        changes,
        estimator="stages.pain_points: change of complaints",
        world=f"{world}, no change; may hold too often",
        slack=(0.02 + 4 * np.sqrt(0.05 * 0.95 / count), 0.05),
    )
