"""Kinds by rules: the simulated company's own kinds, hand values, engines, bad rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit import stages
from cemkit.errors import CemkitError, ColumnError
from cemkit.stages import Rule
from cemkit.tables.binding import bind, collect

COMPANY = (
    Rule("critical", stage=("support", "cancel")),
    Rule("unique", stage="renew"),
    Rule("typical", tenure=(None, 30)),
)


def joined(world: Any, rows: int | None = None) -> pd.DataFrame:
    data = stages.label(world[0]["experiences"].drop(columns="journey_id"), world[1])
    data = data.merge(world[0]["customers"][["customer_id", "acquired_at"]], on="customer_id")
    return data if rows is None else data.head(rows)


def test_the_companys_own_rules_give_its_own_kinds(world: Any) -> None:
    # simulate/experiences.py: typical while joining and in the first 30 days, critical at support and cancelling, unique at renewal
    data = joined(world)
    found = stages.classify(data, COMPANY, into="again")
    assert (found["again"].fillna("-") == data["kind"].fillna("-")).all()
    assert set(found["again"].dropna()) == {"typical", "critical", "unique"}
    counts = stages.rule_counts(data, COMPANY)
    assert counts.table["n"].tolist() == [
        *(int((data["kind"] == kind).sum()) for kind in ("critical", "unique", "typical")),
        int(data["kind"].isna().sum()),
    ]
    assert counts.table["n"].sum() == len(data)
    assert [a.code for a in counts.assumptions] == ["unmatched-experiences"]


ROWS = {
    "row": [0, 1, 2, 3, 4, 5, 6, 7],
    "customer_id": ["a", "a", "a", "a", "b", "b", "b", None],
    "stage": ["use", "use", "use", "renew", "support", "visit", "bill", "use"],
    "valence": ["negative", "neutral", "positive", "positive", None, "positive", "neutral", "neutral"],
    "occurred_at": [pd.Timestamp(f"2025-01-{d:02d} 08:00").to_pydatetime() for d in (1, 8, 9, 20, 1, 1, 5, 2)],
}


def test_by_hand(engine: Callable[[Any], Any]) -> None:
    # row 1 follows a negative one after exactly seven days, row 2 follows row 1; row 7 has no customer, so nothing precedes it
    found = stages.classify(engine(ROWS))
    assert type(found) is type(engine(ROWS))
    table = collect(bind(found).frame.select("row", "kind"))
    order = np.argsort(np.asarray(table["row"]))
    kinds = [None if pd.isna(table["kind"][i]) else table["kind"][i] for i in order]
    assert kinds == [None, "critical", None, "unique", "critical", "typical", None, None]


def test_first_match_wins_and_simultaneous_events_do_not_precede_each_other() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": ["a"] * 4,
            "touchpoint_id": ["x", "y", "z", "x"],
            "valence": ["negative", "positive", "neutral", "neutral"],
            "occurred_at": pd.to_datetime(["2025-01-01"] * 2 + ["2025-01-02"] * 2),
        }
    )
    after = [Rule("unique", touchpoint="z"), Rule("critical", after_valence="negative")]
    assert stages.classify(rows, after)["kind"].fillna("-").tolist() == ["-", "-", "unique", "critical"]
    # one experience of the moment must meet both conditions
    both = [Rule("critical", after_valence="negative", after_touchpoint="y")]
    assert stages.classify(rows, both)["kind"].isna().all()


def test_labels_do_not_depend_on_the_order_of_rows_or_parts(world: Any) -> None:
    data = joined(world, 3000)
    left = stages.classify(data, into="again")
    right = stages.classify(data.sample(frac=1, random_state=5), into="again")
    pd.testing.assert_series_equal(left["again"], right["again"].loc[left.index])
    whole = data.sort_values("customer_id", kind="stable")
    half = whole["customer_id"] < whole["customer_id"].iloc[1500]
    parts = pd.concat([stages.classify(part, into="again") for part in (whole[half], whole[~half])])
    pd.testing.assert_series_equal(stages.classify(whole, into="again")["again"], parts["again"])


def test_engines_agree(local_engine: Callable[[Any], Any], world: Any) -> None:
    data = joined(world, 4000)
    rules = (*COMPANY[:2], Rule("critical", after_stage="bill", after_valence="negative", within=5.5), COMPANY[2])
    expected = stages.rule_counts(data, rules).table
    pd.testing.assert_frame_equal(stages.rule_counts(local_engine(data), rules).table, expected)
    assert (expected["n"] > 0).all()


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Rule("critcal", stage="x"), "Did you mean 'critical'"),  # type: ignore[arg-type]
        (lambda: Rule("critical"), "has no condition"),
        (lambda: Rule("critical", within=3), "within needs a preceding event"),
        (lambda: Rule("critical", after_stage="x", within=0), "number of days above zero"),
        (lambda: Rule("critical", stage=()), "one name or several"),
        (lambda: Rule("critical", stage=[1]), "one name or several"),  # type: ignore[list-item]
        (lambda: Rule("critical", tenure=(5, 2)), "low below high"),
        (lambda: Rule("critical", tenure=(None, None)), "low below high"),
        (lambda: Rule("critical", tenure=30), "tenure is (low, high)"),  # type: ignore[arg-type]
        (lambda: stages.classify(pd.DataFrame(ROWS), []), "rules must be one or more"),
        (lambda: stages.classify(pd.DataFrame(ROWS), [{"kind": "unique"}]), "got dict"),  # type: ignore[list-item]
    ],
)
def test_bad_rules(make: Callable[[], Any], text: str) -> None:
    with pytest.raises(CemkitError) as raised:
        make()
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("change", "rules", "error", "text"),
    [
        (
            {"stage": None},
            None,
            CemkitError,
            "rule 1 asks for stage, and experiences has no column 'stage': add it with stages.label",
        ),
        ({"valence": None}, None, CemkitError, "rule 2 asks for after_valence"),
        (
            {"occurred_at": None},
            None,
            CemkitError,
            "rule 2 asks for the preceding event, and experiences has no column 'occurred_at'",
        ),
        ({}, [Rule("typical", tenure=(0, 30))], CemkitError, "no column 'acquired_at': add it with store.join"),
        ({"kind": ["x"] * 8}, None, ColumnError, "into='kind' must be the name of a new column"),
        ({"occurred_at": ["2025-01-01"] * 8}, None, ColumnError, "must hold dates or times, found text"),
        (
            {"acquired_at": pd.Series(pd.to_datetime(["2025-01-01"] * 8)).dt.tz_localize("Asia/Seoul")},
            [Rule("typical", tenure=(0, 30))],
            CemkitError,
            "times that are compared need one time zone: 'occurred_at' is in no zone, 'acquired_at' is in Asia/Seoul",
        ),
        (
            {"occurred_at": [pd.Timestamp("2025-01-01", tz="UTC"), *[pd.Timestamp("2025-01-01", tz="Asia/Seoul")] * 7]},
            None,
            ColumnError,
            "mix time zones",
        ),
    ],
)
def test_bad_tables(change: dict[str, Any], rules: Any, error: type[CemkitError], text: str) -> None:
    rows = {name: values for name, values in {**ROWS, **change}.items() if values is not None}
    if "acquired_at" not in change and "occurred_at" in change and change["occurred_at"] is not None:
        rows["occurred_at"] = pd.Series(change["occurred_at"], dtype=object)
    frame = pd.DataFrame(rows)
    with pytest.raises(error) as raised:
        stages.classify(frame, *([rules] if rules else []))
    assert text in str(raised.value)


def test_events_without_a_time_precede_nothing() -> None:
    rows = pd.DataFrame(ROWS)
    rows.loc[0, "occurred_at"] = pd.NaT
    assert stages.classify(rows)["kind"].isna().tolist()[:2] == [True, True]


def test_default_rules_know_the_stages_of_both_default_maps() -> None:
    from cemkit.model import DEFAULT_STAGES, TELECOM_STAGES

    known = {stage.name for stage in (*DEFAULT_STAGES, *TELECOM_STAGES)}
    named = {name for rule in stages.DEFAULT_RULES for name in rule.stage or ()}
    assert named == known - {"use", "bill"}
