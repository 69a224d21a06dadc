"""The first case that holds, and the earlier moment, against a loop on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given
from hypothesis import strategies as st

from cemkit.tables import bind
from cemkit.tables.binding import collect
from cemkit.tables.first_match import Case, first_match
from cemkit.tables.preceding import NO_MOMENT, earlier_moment

CASES = (
    Case("a", {"stage": ("use",), "mood": ("bad",)}),
    Case("b", before={"mood": ("bad",), "stage": ("use", "bill")}, within=2),
    Case("c", between=(None, 3)),
    Case("a", {"stage": ("bill",)}, between=(10, 20)),
)


def log() -> dict[str, Any]:
    rng = np.random.default_rng(11)
    size = 160
    day = pd.Timestamp("2025-03-01") + pd.to_timedelta(rng.integers(0, 40, size) * 43_200, unit="s")
    return {
        "who": [None if rng.random() < 0.05 else f"c{i}" for i in rng.integers(0, 12, size)],
        "stage": [[None, "use", "bill", "shop"][i] for i in rng.integers(0, 4, size)],
        "mood": [[None, "bad", "fine"][i] for i in rng.integers(0, 3, size)],
        "at": [None if rng.random() < 0.06 else t.to_pydatetime() for t in day],
        "since": [pd.Timestamp("2025-02-27 06:00").to_pydatetime()] * size,
        "row": list(range(size)),
    }


def by_loop(rows: dict[str, Any]) -> list[str | None]:
    found: list[str | None] = []
    for i in range(len(rows["row"])):
        who, at = rows["who"][i], rows["at"][i]
        own = [
            k
            for k in range(len(rows["row"]))
            if who is not None and at is not None and rows["who"][k] == who and rows["at"][k] and rows["at"][k] < at
        ]
        last = max((rows["at"][k] for k in own), default=None)
        moment = [k for k in own if rows["at"][k] == last]
        days = None if at is None else (at - rows["since"][i]).total_seconds() / 86_400
        hit = None
        for case in CASES:
            good = all(rows[column][i] in values for column, values in case.among.items())
            if case.between is not None:
                low, high = case.between
                good = good and days is not None and (low is None or days >= low) and (high is None or days < high)
            if case.before is not None:
                good = good and any(all(rows[c][k] in values for c, values in case.before.items()) for k in moment)
                good = good and case.within is not None and (at - last).total_seconds() <= case.within * 86_400
            if good:
                hit = case.value
                break
        found.append(hit)
    return found


def test_against_a_loop(engine: Engine) -> None:
    rows = log()
    frame = first_match(bind(engine(rows)), CASES, name="kind", unit="who", at="at", since="since", place="place")
    table = collect(bind(frame).frame.select("row", "kind", "place"))
    order = np.argsort(np.asarray(table["row"]))
    kinds = [
        None if table["kind"][i] is None or table["kind"][i] != table["kind"][i] else table["kind"][i] for i in order
    ]
    assert kinds == by_loop(rows)
    assert set(kinds) == {None, "a", "b", "c"}
    places = np.asarray(table["place"])[order]
    assert [None if p < 0 else CASES[p].value for p in places] == kinds


@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 4), st.booleans()), max_size=12), st.randoms())
def test_neither_rows_nor_ties_are_ordered(events: list[tuple[int, int, bool]], random: Any) -> None:
    def answer(rows: list[tuple[int, int, bool]]) -> list[tuple[Any, ...]]:
        unit, second = (np.array([r[i] for r in rows], dtype=np.int64) for i in (0, 1))
        ago, had = earlier_moment(unit, second, np.array([[r[2]] for r in rows], dtype=bool).reshape(-1, 1))
        return sorted(zip(rows, ago.tolist(), had[:, 0].tolist(), strict=True))

    mixed = events.copy()
    random.shuffle(mixed)
    assert answer(events) == answer(mixed)


def test_nothing_precedes_nothing() -> None:
    ago, had = earlier_moment(np.array([-1, 0]), np.array([5, NO_MOMENT]), np.ones((2, 1), dtype=bool))
    assert ago.tolist() == [-1.0, -1.0]
    assert not had.any()


def test_days_of_its_own(local_engine: Engine) -> None:
    data = local_engine({"days": [1.0, None, 40.0, float("nan")]})
    frame = first_match(bind(data), [Case("x", between=(0, 30))], name="kind", days="days")
    kinds = collect(bind(frame).frame.select("kind"))["kind"]
    assert [v == "x" for v in kinds] == [True, False, False, False]


@pytest.mark.parametrize("column", ["mood"])
def test_categories_are_text(column: str) -> None:
    data = pd.DataFrame({column: pd.Categorical(["bad", None, "fine"])})
    frame = first_match(bind(data), [Case("x", {column: ("bad",)})], name="kind").to_native()
    assert frame["kind"].notna().tolist() == [True, False, False]
