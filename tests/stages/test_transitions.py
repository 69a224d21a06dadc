"""Transitions against another program, laws, engines, copies and bad input."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from stages_flow_data import helpdesk, random_experiences

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.results import Result
from cemkit.stages import Transitions, transitions

DAY = 86_400.0


def row(found: Transitions, source: str, target: str) -> pd.Series:
    table = found.table
    return table[(table["source"] == source) & (table["target"] == target)].iloc[0]


def test_counts_and_times_of_the_help_desk(shared_data) -> None:
    # pm4py 2.7.23.11, log sorted by case, time and activity: discover_dfg and discover_performance_dfg (seconds)
    found = transitions(helpdesk(shared_data), ends=True)
    table = found.table
    inner = table[(table["source"] != "(start)") & (table["target"] != "(end)")]
    assert (inner["count"].sum(), len(inner)) == (16_768, 55)
    counts = {("Resolve ticket", "Closed"): 4558, ("Assign seriousness", "Take in charge ticket"): 4160}
    counts |= {("Take in charge ticket", "Resolve ticket"): 3563, ("Take in charge ticket", "Wait"): 1265}
    counts |= {("Wait", "Resolve ticket"): 773, ("Wait", "Take in charge ticket"): 558}
    counts |= {("Assign seriousness", "Assign seriousness"): 439, ("Resolve ticket", "Resolve ticket"): 254}
    for pair, number in counts.items():
        assert row(found, *pair)["count"] == number
    for pair, mean, median in (
        (("Take in charge ticket", "Resolve ticket"), 295563.94386752736, 9758.0),
        (("Resolve ticket", "Closed"), 2538109.2770952173, 2592116.0),
        (("Wait", "Wait"), 350517.73451327434, 84877.0),
    ):
        seconds = row(found, *pair)[["mean_time", "median_time"]].to_numpy(dtype=float) * DAY
        np.testing.assert_allclose(seconds, [mean, median], rtol=1e-12)
    starts = {"Assign seriousness": 4384, "Insert ticket": 118, "Take in charge ticket": 74, "Resolve ticket": 2}
    ends = {"Closed": 4557, "Wait": 8, "VERIFIED": 1, "Require upgrade": 3, "Take in charge ticket": 1}
    assert {name: row(found, "(start)", name)["count"] for name in starts} == starts
    assert {name: row(found, name, "(end)")["count"] for name in ends} == ends
    assert table.loc[table["target"] == "(end)", ["probability", "low", "high"]].isna().all(axis=None)
    assert table.loc[table["source"] == "(start)", "probability"].sum() == pytest.approx(1)


def test_the_cluster_variance_by_hand() -> None:
    # a: x > y twice out of three from x; b: once out of one. p = 3/4, residuals a: 2 - 9/4, b: 1 - 3/4
    log = pd.DataFrame(
        {
            "customer_id": ["a"] * 6 + ["b"] * 2,
            "touchpoint_id": ["x", "y", "x", "y", "x", "x", "x", "y"],
            "occurred_at": pd.date_range("2025-01-01", periods=8),
        }
    )
    found = transitions(log)
    cell = row(found, "x", "y")
    assert (cell["count"], cell["customers"], cell["n"], cell["probability"]) == (3, 2, 4, 0.75)
    assert cell["std_error"] == pytest.approx(np.sqrt(2 / 1 * (0.25**2 + 0.25**2) / 16))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_laws(seed: int, order: int) -> None:
    log = random_experiences(seed)
    found = transitions(log, order=order, ends=True).table
    inner = found[(found["source"] != "(start)") & (found["target"] != "(end)")]
    sizes = log.groupby("customer_id").size()
    assert inner["count"].sum() == (sizes - order).clip(lower=0).sum()
    if len(inner):
        np.testing.assert_allclose(inner.groupby("source")["probability"].sum(), 1, rtol=1e-12)
        assert ((inner["low"] <= inner["probability"]) & (inner["probability"] <= inner["high"])).all()
    assert (inner["customers"] <= inner["count"]).all()
    shuffled = transitions(log.sample(frac=1, random_state=seed), order=order, ends=True).table
    pd.testing.assert_frame_equal(shuffled, found)
    # what comes into a source comes out of it
    flow_in, flow_out = found.groupby("target")["count"].sum(), found.groupby("source")["count"].sum()
    if order == 1:
        for state in set(log["touchpoint_id"]):
            assert flow_in[state] == flow_out[state]


def test_disjoint_customers_add_up() -> None:
    log = random_experiences(4)
    half = log["customer_id"].isin(["c1", "c3", "c5"])
    parts = [transitions(part).table.set_index(["source", "target"])["count"] for part in (log[half], log[~half])]
    whole = transitions(log).table.set_index(["source", "target"])["count"]
    assert parts[0].add(parts[1], fill_value=0).astype(int).sort_index().equals(whole.sort_index())


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    log = random_experiences(7)
    expected = transitions(log, by="segment", ends=True)
    found = transitions(local_engine(log), by="segment", ends=True)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-12)
    assert found.assumptions == expected.assumptions


def test_an_id_called_na_is_an_id(local_engine: Engine) -> None:
    log = random_experiences(2).assign(customer_id=lambda d: d["customer_id"].replace("c1", "NA"))
    assert transitions(local_engine(log)).table["count"].sum() == len(log) - log["customer_id"].nunique()


def test_duplicates_are_kept_dropped_or_refused() -> None:
    log = random_experiences(5)
    log = pd.concat([log, log.iloc[:3]], ignore_index=True)
    kept, dropped = transitions(log), transitions(log, duplicates="drop")
    # simulated times are whole hours, so that some experiences were twins before
    twins = len(log) - len(log.drop_duplicates(["customer_id", "occurred_at", "touchpoint_id"]))
    assert kept.table["count"].sum() - dropped.table["count"].sum() == twins
    assert dict(kept.assumptions[0].values) == dict(dropped.assumptions[0].values) == {"rows": twins}
    with pytest.raises(CemkitError, match=f"{twins} of {len(log)} experiences equal another one"):
        transitions(log, duplicates="raise")


def test_incomplete_rows_are_counted() -> None:
    log = random_experiences(6)
    log.loc[0, "customer_id"], log.loc[1, "occurred_at"], log.loc[2, "touchpoint_id"] = None, pd.NaT, None
    notes = {a.code: dict(a.values) for a in transitions(log).assumptions}
    for code in ("experiences-without-customer", "experiences-without-time", "experiences-without-state"):
        assert notes[code]["rows"] == 1


def test_shapes_copies_and_pictures() -> None:
    found = transitions(random_experiences(8), by="segment", order=2, ends=True)
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found
    columns = list(found.table.columns)
    assert list(transitions(random_experiences(8), by="segment").table.columns) == columns
    plain = transitions(random_experiences(8))
    matrix = plain.matrix()
    np.testing.assert_allclose(matrix.sum(axis=1), 1)
    assert plain.matrix("count").to_numpy().sum() == plain.table["count"].sum()
    for kind in ("sankey", "graph"):
        assert plain.plot(kind).to_dict()["layer"]
        assert found.plot(kind).to_dict()["vconcat"]
    with pytest.raises(CemkitError, match="value must be a column of numbers"):
        plain.matrix("source")
    with pytest.raises(CemkitError, match="kind must be 'sankey' or 'graph', got 'tree'"):
        plain.plot("tree")


def test_states_that_are_numbers_stay_numbers(local_engine: Engine) -> None:
    log = random_experiences(3).assign(
        touchpoint_id=lambda d: d["touchpoint_id"].map({"shop": 10, "bill": 9, "call": 2})
    )
    assert transitions(local_engine(log)).table["source"].unique().tolist() == [2, 9, 10]


def test_bad_input_is_one_clear_sentence(local_engine: Engine) -> None:
    log = random_experiences(1)
    for data in (log, local_engine(log)):
        with pytest.raises(
            ColumnError, match="state='touchpoint': the table has no such column. Did you mean 'touchpoint_id'"
        ):
            transitions(data, state="touchpoint")
        with pytest.raises(ColumnError, match=r"by='source' is also the name of a result column|by='source'"):
            transitions(data, by="source")
        with pytest.raises(CemkitError, match="order must be a whole number from 1 to 5, got 0"):
            transitions(data, order=0)
        with pytest.raises(
            CemkitError, match="duplicates must be 'keep' or 'drop' or 'raise', got 'dorp'. Did you mean 'drop'"
        ):
            transitions(data, duplicates="dorp")
        with pytest.raises(CemkitError, match="level must lie between 0 and 1"):
            transitions(data, level=95)
        with pytest.raises(ColumnError, match="by='customer_id' is the column of customer="):
            transitions(data, by="customer_id")
        with pytest.raises(ContractError, match="customers have more than one value of 'touchpoint_copy'"):
            transitions(local_engine(log.assign(touchpoint_copy=log["touchpoint_id"])), by="touchpoint_copy")
    with pytest.raises(ColumnError, match="must hold dates or times, found text"):
        transitions(local_engine(log.assign(occurred_at=log["occurred_at"].astype(str))))
    with pytest.raises(CemkitError, match="no experience can be used: check the file"):
        transitions(local_engine(log.iloc[:0]))
    with pytest.raises(CemkitError, match=r"no experience can be used \(\d+ without a time\)"):
        transitions(local_engine(log.assign(occurred_at=pd.Series(pd.NaT, index=log.index, dtype="datetime64[us]"))))
    mixed = [pd.Timestamp("2024-01-01", tz="UTC"), pd.Timestamp("2024-01-02", tz="Asia/Seoul")]
    with pytest.raises(ColumnError, match="mix time zones"):
        transitions(
            pd.DataFrame(
                {"customer_id": ["a", "a"], "touchpoint_id": ["x", "y"], "occurred_at": pd.Series(mixed, dtype=object)}
            )
        )


def test_one_event_has_no_transition(local_engine: Engine) -> None:
    log = random_experiences(1).iloc[:1]
    found = transitions(local_engine(log), ends=True)
    assert found.table["count"].tolist() == [1, 1]
    empty = transitions(local_engine(log))
    assert len(empty) == 0
    with pytest.raises(CemkitError, match="there is no transition to draw"):
        empty.plot()


def simulated(seed: int, customers: int = 200) -> pd.DataFrame:
    """Return experiences of customers each of whom has chances, a number of experiences and a favourite of their own."""
    rng = np.random.default_rng(seed)
    lengths = 2 + rng.poisson(rng.gamma(1.5, 4.0, customers))
    chances = rng.dirichlet([2.0, 1.5, 0.5], size=(customers, 3))
    who = np.repeat(np.arange(customers), lengths)
    place = np.arange(who.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    state, draw = np.zeros(who.size, dtype=np.int64), rng.random(who.size)
    for step in range(1, int(lengths.max())):
        rows = np.flatnonzero(place == step)
        edges = np.cumsum(chances[who[rows], state[rows - 1]], axis=1)
        state[rows] = np.minimum((draw[rows, None] > edges).sum(axis=1), 2)
    at = np.datetime64("2024-01-01", "us") + place.astype("timedelta64[D]")
    return pd.DataFrame({"customer_id": who, "touchpoint_id": np.array(["a", "b", "c"])[state], "occurred_at": at})


@pytest.mark.slow
def test_coverage_with_customers_who_differ(replicates, covers) -> None:
    # the share of transitions of all customers like these: from 200,000 of them
    true = transitions(simulated(10**9, 200_000)).matrix().to_numpy()
    number = replicates(100)
    held, naive = [], np.zeros((3, 3))
    for seed in range(number):
        found = transitions(simulated(seed))
        wide = {
            c: found.table.pivot(index="source", columns="target", values=c).to_numpy() for c in ("low", "high", "n")
        }
        low, high, n = wide["low"], wide["high"], wide["n"]
        p = found.matrix().to_numpy()
        held.append((low <= true) & (true <= high))
        naive += np.abs(p - true) <= 1.96 * np.sqrt(p * (1 - p) / n)
    slack = 4 * np.sqrt(0.95 * 0.05 / number) + 0.01
    covers(
        held,
        estimator="stages.transitions: nine probabilities",
        world="200 customers with chances and lengths of their own",
        slack=(slack, slack),
    )
    # as if transitions were independent, intervals would be far too narrow
    assert (naive / number).mean() < 0.92
