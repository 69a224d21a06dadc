"""Path attribution: another program's numbers, hand arithmetic, laws, engines, bad input, coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import example, given
from hypothesis import strategies as st

from cemkit import churn
from cemkit.churn.path_attribution import METHODS, PATH_COLUMNS
from cemkit.errors import CemkitError
from cemkit.results import Result

TAKEN = pd.DataFrame(
    {
        "path": ["bill > app > bill", "app > support", "support", "bill", "app > app > support > bill", "", "reminder"],
        "left": [12, 8, 20, 5, 9, 3, 0],
        "kept": [40, 30, 22, 60, 15, 50, 70],
        "open": [3, 0, 5, 0, 1, 2, 4],
    }
)
STEPS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=5)
ROWS = st.lists(st.tuples(STEPS, st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=10)


def table(rows: list, rename: dict | None = None) -> pd.DataFrame:
    paths = [" > ".join((rename or {}).get(s, s) for s in steps) for steps, _, _ in rows]
    return pd.DataFrame({"path": paths, "left": [r[1] for r in rows], "kept": [r[2] for r in rows]})


def test_by_hand() -> None:
    # bill → support → left, bill → left, support → kept, and so on: see the docstring; x_support = 1/2, x_bill = 3/4
    taken = pd.DataFrame({"path": ["bill > support", "bill", "support"], "left": [1, 1, 0], "kept": [0, 0, 1]})
    found = churn.path_attribution(taken)
    np.testing.assert_allclose(found.table["removal_effect"], [0.75, 0.5])
    np.testing.assert_allclose(found.table["estimate"], [0.6, 0.4])
    np.testing.assert_allclose(found.table["customers"], [1.2, 0.8])
    assert found.base_rate == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("method", "expected"),
    # leavers with a touchpoint: 54. In the order app, bill, reminder, support
    [
        ("first", [8 + 9, 12 + 5, 0, 20]),
        ("last", [0, 12 + 5 + 9, 0, 8 + 20]),
        ("linear", [4 + 4 + 4.5, 8 + 5 + 2.25, 0, 4 + 20 + 2.25]),
        ("position", [2.4 + 4 + 9 * 0.5, 9.6 + 5 + 3.6, 0, 4 + 20 + 0.9]),
        ("shapley", [6 + 4 + 3, 6 + 5 + 3, 0, 4 + 20 + 3]),
    ],
)
def test_rules_by_hand(method: str, expected: list[float]) -> None:
    found = churn.path_attribution(TAKEN, method=method, open="open").table
    assert found["touchpoint"].tolist() == ["app", "bill", "reminder", "support"]
    np.testing.assert_allclose(found["customers"], expected)
    np.testing.assert_allclose(found["estimate"], np.array(expected) / 54)
    assert found["removal_effect"].isna().all()
    np.testing.assert_array_equal(found["met_left"], [29, 26, 0, 37])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("repeated", [False, True])
def test_paths_that_are_all_alike_have_the_error_zero_and_wilsons_limits(method: str, repeated: bool) -> None:
    # what rounding leaves of an error once chose between an interval of no width and Wilson's
    for path in ("b > a > a > a", "a > b > c > a > c > a"):
        taken = pd.DataFrame({"path": path, "left": [4, 3], "kept": [0, 0]})
        if repeated:
            taken = pd.DataFrame({"path": path, "left": [1] * 8, "customer_id": [0, 0, 1, 1, 2, 2, 3, 3]})
        found = churn.path_attribution(taken, method=method).table
        assert (found["std_error"] == 0).all()
        assert set(found["method"]) == {"wilson"}
        assert (found["high"] - found["low"] > 0.2).all()


def test_time_decay_by_hand() -> None:
    found = churn.path_attribution(TAKEN, method="time-decay", half_life=1).table.set_index("touchpoint")["customers"]
    # weights 1/4, 1/2, 1 of 7/4; 1/2, 1 of 3/2; 1/8, 1/4, 1/2, 1 of 15/8
    assert found["app"] == pytest.approx(12 * 2 / 7 + 8 / 3 + 9 * 3 / 15)


# an error that is nothing but rounding, under one order of the names, and exactly zero under the other
@example([(["a", "a", "a", "b"], 1, 0)], 1)
@given(ROWS, st.integers(1, 4))
def test_laws(rows: list, order: int) -> None:
    taken = table(rows)
    customers = taken["left"].sum() + taken["kept"].sum()
    if not customers:
        with pytest.raises(CemkitError, match="no customer"):
            churn.path_attribution(taken)
        return
    found = churn.path_attribution(taken, order=order, touchpoints=["a", "b", "c", "d", "never"])
    # s'x is the rate observed, at every order
    assert found.base_rate == pytest.approx(taken["left"].sum() / customers, abs=1e-12)
    rows_of = found.table.set_index("touchpoint")
    assert rows_of.loc["never", "removal_effect"] == 0
    if found.table["method"].iloc[0] != "no-leavers":
        assert rows_of.loc["never", "estimate"] == 0
        assert rows_of.loc["never", "std_error"] == 0
        assert found.table["estimate"].sum() == pytest.approx(1)
        met = taken.loc[taken["path"] != "", "left"].sum()
        assert found.table["customers"].sum() == pytest.approx(met)
    # other names for the same touchpoints, and touchpoints in another order
    other = churn.path_attribution(table(rows, {"a": "z", "b": "y"}), order=order).table.set_index("touchpoint")
    old = rows_of.rename(index={"a": "z", "b": "y"}).loc[other.index]
    columns = ["estimate", "std_error", "removal_effect", "low", "high"]
    np.testing.assert_allclose(other[columns], old[columns], atol=1e-9)


@given(ROWS, st.sampled_from(METHODS))
def test_a_row_per_customer_says_the_same(rows: list, method: str) -> None:
    taken = table(rows)
    if not taken["left"].sum():
        return
    single = pd.DataFrame(
        {
            "path": [p for p, a, b in zip(*(taken[c] for c in taken), strict=True) for _ in range(a + b)],
            "left": [i < a for _, a, b in zip(*(taken[c] for c in taken), strict=True) for i in range(a + b)],
        }
    )
    both = [churn.path_attribution(t, method=method, touchpoints=list("abcd")).table for t in (taken, single)]
    columns = ["estimate", "std_error", "low", "high", "met", "n"]
    np.testing.assert_allclose(both[0][columns].astype(float), both[1][columns].astype(float), atol=1e-12)


def test_every_engine_agrees(engine: Engine) -> None:
    taken = TAKEN.assign(count=2, worth=[1.5, 0, 2, 0, 3, 1, 0])
    given = engine(taken)
    expected = churn.path_attribution(taken, open="open", count="count", value="worth")
    found = churn.path_attribution(given, open="open", count="count", value="worth")
    columns = [c for c in PATH_COLUMNS if expected.table[c].dtype.kind == "f"]
    np.testing.assert_allclose(found.table[columns], expected.table[columns], rtol=1e-12)
    assert found.table["touchpoint"].tolist() == expected.table["touchpoint"].tolist()
    assert [str(a) for a in found.assumptions] == [str(a) for a in expected.assumptions]
    # the value credited is what the leavers with a touchpoint were worth, twice over
    assert found.table["value"].sum() == pytest.approx(2 * 6.5)


def test_lists_are_paths_too(local_engine: Engine) -> None:
    lists = [[s.strip() for s in path.split(">") if s.strip()] for path in TAKEN["path"]]
    given = local_engine({"path": lists, "left": TAKEN["left"].tolist(), "kept": TAKEN["kept"].tolist()})
    found, expected = churn.path_attribution(given, order=2), churn.path_attribution(TAKEN, order=2)
    pd.testing.assert_frame_equal(found.table, expected.table)


def test_customers_with_several_paths_are_clusters(local_engine: Engine) -> None:
    rng = np.random.default_rng(3)
    paths = rng.choice(["a > b", "a", "b > a", "c"], 300).tolist()
    left = (rng.random(300) < 0.4).tolist()
    alone = churn.path_attribution(pd.DataFrame({"path": paths, "left": left}))
    # everybody three times: a third of the information, so √3 the error
    thrice = {"path": paths * 3, "left": left * 3, "customer_id": list(range(300)) * 3}
    found = churn.path_attribution(local_engine(thrice))
    np.testing.assert_allclose(found.table["estimate"], alone.table["estimate"])
    np.testing.assert_allclose(found.table["std_error"], alone.table["std_error"] * np.sqrt(300 / 299))
    assert "paths-of-customers" in [a.code for a in found.assumptions]
    shapley = churn.path_attribution(local_engine(thrice), method="shapley").table
    one = churn.path_attribution(pd.DataFrame({"path": paths, "left": left}), method="shapley").table
    np.testing.assert_allclose(shapley["std_error"], one["std_error"] * np.sqrt(300 / 299))


def test_the_channel_attribution_package_agrees_within_its_noise() -> None:
    # ChannelAttribution 2.2.5, markov_model(order=1, seed=7, max_step=100, nsim_start=1e6, conv_par=.5): it simulates
    taken = TAKEN[TAKEN["path"] != ""].drop(columns="open")
    found = churn.path_attribution(taken).table.set_index("touchpoint")["removal_effect"]
    for name, effect in {"bill": 0.6240, "app": 0.4728, "support": 0.5845, "reminder": 0.0}.items():
        assert found[name] == pytest.approx(effect, abs=0.004)


def test_open_paths_are_counted_and_said() -> None:
    found = churn.path_attribution(TAKEN, open="open")
    assert found.base.loc[0, ["left", "kept", "open"]].tolist() == [57, 287, 15]
    assert found.base_rate == pytest.approx(57 / 359)
    assert "15 of 359 customers are still open" in str(found)
    # without the column, those who did not leave were kept
    flags = pd.DataFrame({"path": ["a", "a", "b"], "left": [1, 0, 0], "open": [0, 0, 1]})
    assert churn.path_attribution(flags, open="open").base.loc[0, ["left", "kept", "open"]].tolist() == [1, 1, 1]


def test_the_result_goes_round() -> None:
    found = churn.path_attribution(TAKEN)
    assert Result.from_json(found.to_json()) == found
    assert tuple(found.table.columns) == PATH_COLUMNS
    drawn = found.plot().to_dict()
    assert [row["_label"] for row in drawn["data"]["values"]] if "values" in drawn.get("data", {}) else drawn["layer"]
    assert "descriptive" in repr(found)
    none = churn.path_attribution(TAKEN, level=None).table
    assert none[["std_error", "low", "high", "level"]].isna().all(axis=None)
    assert set(none["method"]) == {"none"}
    np.testing.assert_array_equal(none["estimate"], found.table["estimate"])


def test_no_leavers_is_a_refusal_in_the_row() -> None:
    found = churn.path_attribution(TAKEN.assign(left=0), touchpoints=["app", "bill", "reminder", "support", "never"])
    assert found.base_rate == 0
    assert set(found.table["method"]) == {"no-leavers"}
    assert found.table["estimate"].isna().all()
    assert found.table["removal_effect"].tolist()[2] == 0


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        ({}, {"path": "way"}, "path='way': the table has no such column"),
        ({}, {"left": "churned"}, "left='churned'"),
        ({}, {"kept": "stayed"}, "kept='stayed'"),
        ({"left": ["a"] * 7}, {}, "must hold numbers"),
        ({"left": [1, 2, None, 1, 1, 1, 1]}, {}, "'left' is null in 1 of 7 rows"),
        ({"left": [1, -2, 1, 1, 1, 1, 1]}, {}, "'left' is -2 in a row"),
        ({"left": [1, np.inf, 1, 1, 1, 1, 1]}, {}, "infinite"),
        ({"left": [1, 1e300, 1, 1, 1, 1, 1]}, {}, r"'left' holds numbers as large as 1e\+300"),
        ({"left": 1e-300, "kept": 0.0}, {}, "paths stand for 7e-300 customers in all"),
        ({"path": ["a >  > b"] * 7}, {}, "empty step"),
        ({"path": [None] * 7}, {}, "null in all 7 rows"),
        ({"path": [f"a|{i}" for i in range(7)]}, {}, r"no path holds the separator ' > ', but most hold '\|'"),
        ({"path": list(range(7))}, {}, "must hold texts or lists of touchpoints"),
        ({"path": [["a", None]] * 7}, {}, "null step"),
        ({}, {"method": "markow"}, "Did you mean 'markov'"),
        ({}, {"order": 0}, "whole number from 1 to 20"),
        ({}, {"order": 10**400}, "whole number from 1 to 20"),
        ({}, {"left": None}, "left=None: the table has no such column"),
        ({}, {"kept": ["kept"]}, "kept=.*no such column"),
        ({}, {"kept": pd.NA}, "kept=<NA>: the table has no such column"),
        ({}, {"method": np.array([1, 2])}, "is not one of"),
        ({}, {"order": 2, "method": "last"}, "for method='markov' alone"),
        ({}, {"level": 95}, "Did you mean 0.95"),
        ({}, {"separator": ""}, "separator must be"),
        ({}, {"touchpoints": ["app", "bil", "support", "reminder"]}, "touchpoint 'bill' .* Did you mean 'bil'"),
        ({}, {"touchpoints": "app"}, "list of names"),
        ({}, {"count": "left"}, "named for two things"),
        ({"customer_id": [1, 1, None, 2, 3, 4, 5]}, {}, "'customer_id' is null in 1 rows"),
        ({"left": 0, "kept": 0}, {}, "no customer"),
        ({}, {"method": "time-decay", "half_life": -1}, "half_life"),
    ],
)
def test_bad_input_is_named(change: dict, options: dict, match: str) -> None:
    given = TAKEN.assign(**{k: v if not isinstance(v, list) else pd.Series(v, dtype=None) for k, v in change.items()})
    before = given.copy(deep=True)
    with pytest.raises(CemkitError, match=match):
        churn.path_attribution(given, **options)
    pd.testing.assert_frame_equal(given, before)


def test_empty_tables_are_named(engine: Engine) -> None:
    with pytest.raises(CemkitError, match="no rows"):
        churn.path_attribution(engine(TAKEN.iloc[:0].astype({"path": "str"})))
    with pytest.raises(CemkitError, match="column 'kept'"):
        churn.path_attribution(TAKEN[["path", "left"]])


def draw(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    """Return customers of a second-order chain on four touchpoints, who leave with a chance that depends on the last."""
    first = rng.choice(4, customers, p=[0.4, 0.3, 0.2, 0.1])
    paths, now, going = first[:, None], first, np.ones(customers, dtype=bool)
    for _ in range(4):
        going = going & (rng.random(customers) < 0.55)
        now = (now + rng.choice(4, customers, p=[0.1, 0.3, 0.2, 0.4])) % 4
        paths = np.column_stack([paths, np.where(going, now, -1)])
    last = paths[np.arange(customers), (paths >= 0).sum(axis=1) - 1]
    left = rng.random(customers) < np.array([0.1, 0.3, 0.2, 0.05])[last] + 0.1 * (paths == 1).any(axis=1)
    return pd.DataFrame(
        {"path": [" > ".join("abcd"[s] for s in row if s >= 0) for row in paths.tolist()], "left": left}
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [{}, {"order": 2}, {"method": "shapley"}, {"method": "last"}, {"method": "time-decay"}]
)
def test_intervals_cover(options: dict, replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    truth = churn.path_attribution(draw(np.random.default_rng(0), 1_500_000), level=None, **options).table
    runs, held, gone = replicates(60), [], []
    for seed in range(runs):
        found = churn.path_attribution(draw(np.random.default_rng(1000 + seed), 600), **options).table
        held.append((found["low"] <= truth["estimate"]) & (found["high"] >= truth["estimate"]))
        gone.append(found["estimate"].to_numpy())
    error = np.std(gone, axis=0) / np.sqrt(runs)
    assert (np.abs(np.mean(gone, axis=0) - truth["estimate"]) < 4 * error + 0.005).all()
    slack = 4 * np.sqrt(0.95 * 0.05 / runs) + 0.01
    name = options.get("method", f"markov of order {options.get('order', 1)}")
    covers(
        held,
        estimator=f"churn.path_attribution, {name}",
        world="600 customers with paths of second order, four touchpoints",
        slack=(slack, slack),
    )
