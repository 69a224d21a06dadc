"""First and last times per unit, key and stretch, against a loop; and that windows made of them are those of all rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import numpy as np
from engines import Engine
from oracles import plain

from cemkit.tables import bind
from cemkit.tables.spans import Spans, key_spans, spans

EPOCH = dt.datetime(1970, 1, 1)


def log(rows: int = 300, seed: int = 3) -> dict[str, list[Any]]:
    rng = np.random.default_rng(seed)
    at = [
        dt.datetime(1969, 11, 3, 7) + dt.timedelta(seconds=int(s)) for s in rng.integers(0, 200 * 86_400, rows).tolist()
    ]
    return {
        "who": [None if i == 0 else f"c{i}" for i in rng.integers(0, 9, rows).tolist()],
        "where": [None if i == 3 else ["bill", "app", "shop"][i] for i in rng.integers(0, 4, rows).tolist()],
        "felt": [[None, "negative", "positive", "neutral"][i] for i in rng.integers(0, 4, rows).tolist()],
        "at": [None if i % 17 == 0 else when for i, when in enumerate(at)],
    }


def second(when: dt.datetime) -> int:
    return int((when - EPOCH).total_seconds())


def rows_of(found: Spans) -> set[tuple[Any, ...]]:
    columns = (found.unit, found.key, found.known, found.first, found.last, found.rows)
    return {
        (found.units[u], found.keys[k], bool(known), int(a), int(b), int(n))
        for u, k, known, a, b, n in zip(*columns, strict=True)
    }


def test_against_a_loop(engine: Engine) -> None:
    columns = log()
    groups = defaultdict(list)
    for who, where, felt, at in zip(*columns.values(), strict=True):
        if who is None or at is None or where not in ("bill", "shop") or felt not in (None, "negative"):
            continue
        groups[who, where, felt is not None, (at - dt.datetime(1900, 1, 1)).days].append(second(at))
    for days in (1, 30):
        found = spans(
            bind(engine(columns)), unit="who", key="where", level="felt", at="at", wanted=["negative"],
            keys=["bill", "shop"], days=days,
        )  # fmt: skip
        got = rows_of(found)
        assert sum(row[-1] for row in got) == sum(map(len, groups.values()))
        assert len(got) == len(found.unit)
        assert all(last - first < days * 86_400 for *_, first, last, _ in got)
        if days == 1:
            assert got == {(*key[:3], min(v), max(v), len(v)) for key, v in groups.items()}
        covered = windows(got, days)
        assert covered == windows({(*key[:3], s, s, 1) for key, v in groups.items() for s in v}, days)


def windows(rows: set[tuple[Any, ...]], days: int) -> dict[Any, list[tuple[int, int]]]:
    """Unite the windows of each unit, key and level."""
    found: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for who, where, known, first, last, _ in sorted(rows, key=lambda row: row[3]):
        mine = found[who, where, known]
        if mine and first <= mine[-1][1]:
            mine[-1] = (mine[-1][0], max(mine[-1][1], last + days * 86_400))
        else:
            mine.append((first, last + days * 86_400))
    return dict(found)


def test_counts_what_is_left_out(engine: Engine) -> None:
    columns = log()
    found = key_spans(bind(engine(columns)), unit="who", key="where", level="felt", at="at")
    nameless = sum(who is None for who in columns["who"])
    keyless = sum(w is not None and k is None for w, k in zip(columns["who"], columns["where"], strict=True))
    rows = list(zip(*columns.values(), strict=True))
    timeless = sum(None not in row[:2] and row[3] is None for row in rows)
    assert (found.nameless, found.keyless, found.timeless) == (nameless, keyless, timeless)
    expected = defaultdict(list)
    for who, where, felt, at in rows:
        if who is not None and where is not None and at is not None:
            expected[where, felt].append(second(at))
    got = zip(map(plain, found.key), found.level, found.rows, found.first, found.last, strict=True)
    assert {(k, v): (n, a, b) for k, v, n, a, b in got} == {
        key: (len(v), min(v), max(v)) for key, v in expected.items()
    }


def test_a_log_without_levels_and_without_rows(local_engine: Engine) -> None:
    columns = log(40)
    some = spans(
        bind(local_engine(columns)), unit="who", key="where", level=None, at="at", wanted=[], keys=["app"], days=5
    )
    assert some.known.all()
    assert some.rows.sum() == sum(
        None not in (who, at) and where == "app" for who, where, _, at in zip(*columns.values(), strict=True)
    )
    none = spans(
        bind(local_engine(columns)), unit="who", key="where", level=None, at="at", wanted=[], keys=["x"], days=5
    )
    assert none.rows.size == 0
