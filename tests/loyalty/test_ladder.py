"""The ladder by hand, over customers, on every engine, over time, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit import loyalty
from cemkit.errors import CemkitError, ColumnError, ContractError

RUNGS = ["prospect", "buyer", "fan"]
COLUMNS: dict[str, Any] = {"customer": "who", "at": "on", "rung": "stands", "rungs": RUNGS}


def stood(rows: int = 260, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"who": rng.integers(0, 60, rows), "wave": rng.integers(0, 20, rows)})
    table = table.drop_duplicates(["who", "wave"], ignore_index=True)
    table["stands"] = rng.choice(RUNGS, len(table))
    table["on"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(table["wave"] * 11, unit="D")
    return table


def steps_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the steps by plain pandas."""
    ordered = table.sort_values(["who", "on"])
    ordered["before"] = ordered.groupby("who")["stands"].shift()
    return ordered.dropna(subset=["before"])


def test_against_pandas() -> None:
    table = stood()
    found, steps = loyalty.ladder(table, **COLUMNS), steps_of(table)
    counts = pd.crosstab(steps["before"], steps["stands"]).loc[RUNGS, RUNGS]
    assert found.matrix("steps").to_numpy().tolist() == counts.to_numpy().tolist()
    assert found.matrix().sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    # the ratio of sums over customers, linearised by hand
    from_, to = "buyer", "fan"
    own = steps[steps["before"] == from_]
    per = pd.DataFrame({"k": (own["stands"] == to).groupby(own["who"]).sum(), "m": own.groupby("who").size()})
    share = per["k"].sum() / per["m"].sum()
    error = np.sqrt(len(per) / (len(per) - 1) * ((per["k"] - share * per["m"]) ** 2).sum()) / per["m"].sum()
    row = found.to_frame().query("from_rung == @from_ and to_rung == @to").iloc[0]
    assert [row["estimate"], row["std_error"], row["customers"]] == pytest.approx([share, error, len(per)])
    rank = {name: i for i, name in enumerate(RUNGS)}
    gained = steps["stands"].map(rank) - steps["before"].map(rank)
    net = found.net[found.net["rung"].isna()].set_index("metric")["estimate"]
    expected = [(gained > 0).mean(), (gained < 0).mean(), np.sign(gained).mean(), gained.mean()]
    assert net.loc[["up", "down", "net", "rise"]].tolist() == pytest.approx(expected)
    by_time = found.periods[found.periods["metric"] == "net"].set_index("at")["estimate"]
    assert by_time.to_numpy() == pytest.approx(np.sign(gained).groupby(steps["on"]).mean().to_numpy())


def test_is_the_same_on_every_engine(engine: Engine) -> None:
    table = stood()
    for more in ({}, {"every": "1mo"}):
        expected, found = loyalty.ladder(table, **COLUMNS, **more), loyalty.ladder(engine(table), **COLUMNS, **more)
        for part in ("table", "net", "periods"):
            pd.testing.assert_frame_equal(
                getattr(found, part), getattr(expected, part), check_dtype=False, rtol=1e-9, atol=1e-12
            )
        assert found.assumptions == expected.assumptions


def test_the_last_of_a_period_counts() -> None:
    table = pd.DataFrame(
        {
            "who": ["a"] * 4,
            "on": pd.to_datetime(["2024-01-01", "2024-01-30", "2024-02-02", "2024-02-20"]),
            "stands": ["fan", "prospect", "fan", "buyer"],
        }
    )
    found = loyalty.ladder(table, **COLUMNS, every="1mo")
    moved = found.to_frame().query("steps > 0")
    assert moved[["from_rung", "to_rung"]].to_numpy().tolist() == [["prospect", "buyer"]]
    assert found.periods["at"].unique().tolist() == [pd.Timestamp("2024-02-01")]


def test_waves_may_be_numbers_and_what_is_left_out_is_said() -> None:
    table = stood().assign(on=lambda t: t["wave"])
    expected = loyalty.ladder(table, **COLUMNS)
    alone = pd.DataFrame({"who": [999, 998], "on": [3, 4], "stands": ["fan", None], "wave": 0})
    found = loyalty.ladder(pd.concat([table, table.head(3), alone]), **COLUMNS)
    assert found.to_frame().equals(expected.to_frame())
    codes = {note.code for note in found.assumptions}
    assert {"repeated-rows-once", "null-left-out", "seen-once", "ladder-of-stayers"} <= codes
    assert loyalty.LadderTransitions.from_json(found.to_json()) == found


def test_an_empty_rung_has_no_share() -> None:
    table = pd.DataFrame({"who": [1, 1, 2, 2], "on": [1, 2, 1, 2], "stands": ["buyer", "fan", "buyer", "buyer"]})
    found = loyalty.ladder(table, **COLUMNS)
    rows = found.to_frame().set_index(["from_rung", "to_rung"])
    assert rows.loc[("prospect", "buyer"), ["estimate", "low", "high"]].isna().all()
    # nobody of two fell: Wilson's interval of 0 of 2
    assert rows.loc[("buyer", "prospect"), "high"] == pytest.approx(0.6576, abs=1e-4)
    assert rows.loc[("buyer", "prospect"), "method"] == "wilson"


@pytest.mark.slow
def test_intervals_over_customers_hold(replicates, covers) -> None:
    # customers with an inclination of their own to rise, seen 2 to 9 times
    rng, held, number = np.random.default_rng(3), [], replicates(200)
    for _ in range(number):
        own = rng.beta(2, 3, 150)
        seen = rng.integers(2, 10, 150)
        who = np.repeat(np.arange(150), seen)
        table = pd.DataFrame({"who": who, "on": np.concatenate([np.arange(n) for n in seen])})
        table["stands"] = np.where(rng.random(who.size) < own[who], "fan", "buyer")
        row = loyalty.ladder(table, **COLUMNS).to_frame().query("from_rung == 'buyer' and to_rung == 'fan'").iloc[0]
        # E[p(1-p)] / E[1-p], steps independent of p in number
        truth = (2 / 5 - (2 * 3) / (25 * 6) - 4 / 25) / (3 / 5)
        held.append(row["low"] <= truth <= row["high"])
    covers(
        held,
        estimator="loyalty.ladder",
        world="150 customers with an inclination of their own to rise, seen 2 to 9 times; may hold too often",
        slack=(0.01 + 4 * np.sqrt(0.95 * 0.05 / number), 0.05),
    )


def test_what_is_refused() -> None:
    table = stood()
    twice = pd.concat(
        [table, table.head(1).assign(stands=lambda t: ["fan" if t["stands"].iloc[0] != "fan" else "buyer"])]
    )
    cases: list[tuple[pd.DataFrame, dict[str, Any], type[CemkitError], str]] = [
        (table, {"rungs": RUNGS[:2]}, CemkitError, "also holds 'fan' \\(1 values in \\d+ rows\\)"),
        (table, {"rungs": "fan"}, CemkitError, "two or more different rungs"),
        (table, {"rungs": ["fan", "fan"]}, CemkitError, "two or more different rungs"),
        (table, {"rungs": [1, 2]}, CemkitError, "also holds 'buyer'"),
        (table.assign(on="2024"), {}, ColumnError, "must hold dates or times"),
        (table, {"at": "when"}, ColumnError, "no such column"),
        (table, {"at": "who"}, ColumnError, "must be three columns"),
        (table, {"every": "month"}, CemkitError, "every must be a number and a unit"),
        (table.assign(on=table["wave"]), {"every": "1mo"}, ColumnError, "must hold dates or times"),
        (table.head(0), {}, CemkitError, "has no rows|no rows"),
        (table.drop_duplicates("who"), {}, CemkitError, "nobody was seen twice"),
        (twice, {}, ContractError, "1 pairs of 'who' and 'on' have several"),
        (table, {"level": 95}, CemkitError, "level must lie between 0 and 1"),
    ]
    for data, changes, error, message in cases:
        with pytest.raises(error, match=message):
            loyalty.ladder(data, **{**COLUMNS, **changes})
