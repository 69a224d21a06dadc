"""A table with everything that bites, and slow, obvious answers about it, one row at a time."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from cemkit.scales import NPS_SCALE, Scale
from cemkit.tables.terms import Term

MISSING, INVALID = "missing", "invalid"
CODED = Scale(0, 10, bands=dict(NPS_SCALE.bands or {}), missing_codes=(99, -1))
HALVES = Scale(0, 5, bands={"bad": (0, 2), "good": (2.5, 5)}, step=0.5, missing_codes=(9,))
EVEN = Scale(0, 10, bands={"bad": (0, 4), "good": (6, 10)}, step=2)
CONTINUOUS = Scale(0, 10, step=None, missing_codes=(99,))

# Every kind of key; each but `key_whole` and `stratum` has nulls.
KEYS = ("key_text", "key_int", "key_whole", "key_bool", "key_date", "key_time", "key_float", "key_category")
# Every kind of score with the scale that it is read on.
SCORES = (
    ("score", CODED),
    ("score_int", CODED),
    ("score_full", NPS_SCALE),
    ("score_small", CODED),
    ("score_decimal", CODED),
    ("score_half", HALVES),
    ("score_int", EVEN),
    ("score_decimal", EVEN),
)


@cache
def survey(rows: int = 180, seed: int = 5) -> Any:
    """Return a PyArrow table with every kind of key and of score."""
    import pyarrow as pa

    rng = np.random.default_rng(seed)

    def some(values: Sequence[Any], null: float = 0.1) -> list[Any]:
        gone = rng.random(rows) < null
        return [None if no else value for no, value in zip(gone, values, strict=True)]

    def drawn(values: Sequence[Any]) -> list[Any]:
        return [values[i] for i in rng.integers(0, len(values), rows)]

    days = [dt.date(2024, 1, day) for day in (1, 2, 10)]
    times = [dt.datetime(2024, 1, day, 12, 30) for day in (1, 2)]
    whole = [*range(11), 11, -3, 99, 1000]
    stratum = drawn(["a", "b", "c"])
    return pa.table(
        {
            "score": some(drawn([*map(float, whole), 6.5, math.nan, math.inf, -1.0])),
            "score_int": pa.array(some(drawn([*whole, 2**40, -1])), pa.int64()),
            "score_full": pa.array(drawn(range(11)), pa.int64()),
            "score_small": pa.array(drawn([*range(11), 11, 99, 255]), pa.uint8()),
            "score_decimal": pa.array(
                some([Decimal(v).quantize(Decimal("0.1")) for v in drawn(whole)]), pa.decimal128(9, 1)
            ),
            "score_half": some([v / 2 for v in drawn(range(12))]),
            "key_text": some(drawn(["2차", "10차", "NA", ""])),
            "key_int": pa.array(some(drawn([3, 1, 2])), pa.int64()),
            "key_whole": drawn([-1, 0, 2**60, 2**60 + 1]),
            "key_bool": some(drawn([True, False])),
            "key_date": some(drawn(days)),
            "key_time": pa.array(some(drawn(times)), pa.timestamp("us")),
            "key_float": some(drawn([0.5, 1.5, math.nan])),
            "key_category": pa.array(some(drawn(["hi", "lo"]))).dictionary_encode(),
            "stratum": stratum,
            # Names of clusters come back in other strata.
            "cluster": drawn(range(7)),
            "population": [{"a": 40.0, "b": 7.0, "c": 70.0}[h] for h in stratum],
            "weight": (rng.integers(1, 9, rows) / 4).tolist(),
            "weight_int": pa.array(rng.integers(1, 9, rows).tolist(), pa.int32()),
            **{f"replicate_{i}": (rng.integers(0, 9, rows) / 4).tolist() for i in range(3)},
        }
    )


def plain(value: Any) -> Any:
    """Return a value of any engine as Python's, every kind of nothing as None."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def rows_of(table: Any) -> Iterator[Mapping[str, Any]]:
    yield from table.to_pylist()


def key_of(row: Mapping[str, Any], keys: Sequence[str]) -> tuple[Any, ...]:
    return tuple(plain(row[name]) for name in keys)


def keys_found(columns: Mapping[str, Sequence[Any]], names: Sequence[str], rows: int) -> list[tuple[Any, ...]]:
    """Return the key of each row of a primitive's answer."""
    if not names:
        return [()] * rows
    return [tuple(map(plain, key)) for key in zip(*(list(columns[name]) for name in names), strict=True)]


def point_of(value: Any, scale: Scale) -> Any:
    """Return the scale point, or why there is none."""
    if value is None or value != value or float(value) in scale.missing_codes:
        return MISSING
    x = float(value)
    if scale.step is None:
        return x if scale.low <= x <= scale.high else INVALID
    return x if x in scale.points.tolist() else INVALID


def terms_of(point: float, terms: Sequence[Term]) -> np.ndarray:
    found = []
    for term in terms:
        away = point - term.low
        band = float(term.low <= point <= term.high)
        found.append({"band": band, "distance": away, "square": away * away, "one": 1.0}[term.kind])
    return np.array(found)


def tally(table: Any, keys: Sequence[str], value: str, scale: Scale, weights: str | None) -> dict[Any, np.ndarray]:
    """Return n, Σw and Σw² per key and point."""
    found: dict[Any, np.ndarray] = defaultdict(lambda: np.zeros(3))
    for row in rows_of(table):
        w = 1.0 if weights is None else float(row[weights])
        found[key_of(row, keys), point_of(row[value], scale)] += (1, w, w * w)
    return dict(found)


def moments(
    table: Any, keys: Sequence[str], value: str, scale: Scale, terms: Sequence[Term], weights: str | None
) -> dict[Any, list[Any]]:
    """Return n, missing, invalid, Σ terms, Σ w terms and Σ w² terms terms' per key."""
    k = len(terms)
    found: dict[Any, list[Any]] = defaultdict(lambda: [0, 0, 0, np.zeros(k), np.zeros(k), np.zeros((k, k))])
    for row in rows_of(table):
        sums = found[key_of(row, keys)]
        point = point_of(row[value], scale)
        if point in (MISSING, INVALID):
            sums[1 if point == MISSING else 2] += 1
            continue
        w = 1.0 if weights is None else float(row[weights])
        x = terms_of(point, terms)
        sums[0] += 1
        sums[3] = sums[3] + x
        sums[4] = sums[4] + w * x
        sums[5] = sums[5] + w * w * np.outer(x, x)
    return dict(found)


def cluster_totals(
    table: Any, keys: Sequence[str], cluster: str, value: str, scale: Scale, terms: Sequence[Term], weights: str | None
) -> dict[Any, list[Any]]:
    """Return the answers and Σ w terms per key and cluster."""
    found: dict[Any, list[Any]] = defaultdict(lambda: [0, np.zeros(len(terms))])
    for row in rows_of(table):
        totals = found[key_of(row, keys), plain(row[cluster])]
        point = point_of(row[value], scale)
        if point not in (MISSING, INVALID):
            totals[0] += 1
            totals[1] = totals[1] + (1.0 if weights is None else float(row[weights])) * terms_of(point, terms)
    return dict(found)
