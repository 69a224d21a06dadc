"""Differences between the levels of a column, within groups, under any design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.estimation.contrasts import (
    Pair,
    design_pairs,
    independent_omnibus,
    independent_pairs,
    require_difference_method,
)
from cemkit.estimation.counted import Counted, count, degrees_of_freedom
from cemkit.estimation.estimate import variance_of
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, Sample, check_level, sample
from cemkit.estimation.suppression import suppressed_groups, suppression_note
from cemkit.results import COMPARISON_COLUMNS, Assumption, Comparison
from cemkit.statistics._arguments import is_one_of
from cemkit.statistics.multiplicity import adjust as adjust_p_values
from cemkit.statistics.survey import WaldTest, wald_test
from cemkit.tables.binding import column_names
from cemkit.tables.design import Design
from cemkit.tables.groups import group_rows
from cemkit.typing import Frame

__all__ = ["compare"]

Floats = npt.NDArray[np.float64]
_KEYWORDS = ("each-other", "rest", "total")


def compare(
    data: Frame,
    measure: Measure,
    *,
    over: str,
    by: str | Sequence[str] | None = None,
    against: Any = "each-other",
    adjust: Literal["holm", "bh", "none"] = "holm",
    score: str,
    question: str | None = None,
    design: Design | None = None,
    level: float = 0.95,
    method: str | None = None,
    invalid: Invalid = "raise",
    min_base: int | None = None,
    levels: Any = None,
    seed: int | None = None,
) -> Comparison:
    """Compare a measure between the levels of ``over`` (see :meth:`cemkit.scores.ScoreMetric.compare`)."""
    check_level(level)
    if not is_one_of(adjust, ("holm", "bh", "none")):
        msg = f"adjust must be 'holm', 'bh' or 'none', got {adjust!r}"
        raise CemkitError(msg)
    within = column_names(by, reserved=COMPARISON_COLUMNS)
    if not isinstance(over, str):
        msg = f"over must be the name of one column, got {over!r}"
        raise ColumnError(msg)
    if over in within:
        msg = f"over={over!r} is also in by: compare over one column within groups of others"
        raise ColumnError(msg)
    if levels is not None and not hasattr(levels, "keys"):
        levels = {over: levels}
    rows = sample(
        data,
        score=score,
        scale=measure.scale,
        by=(*within, over),
        question=question,
        design=design,
        invalid=invalid,
        levels=levels,
        reserved=(),
        over=over,
    )
    counted = count(rows, measure, bases=min_base is not None)
    layout = _layout(counted, rows, within, over, against)
    hidden = suppressed_groups(counted.groups.keys, counted.bases, min_base)
    notes = [*rows.assumptions, *counted.assumptions]
    variance = variance_of(rows, measure, counted, seed=seed)
    chosen = require_difference_method(measure, method, with_design=variance is not None, against=against)
    found: list[Pair] = []
    tests: list[WaldTest] = []
    if variance is None and against != "total":
        notes.append(Assumption("independent"))
        for slice_ in layout.slices:
            found += independent_pairs(counted, measure, slice_.members, slice_.pairs, level=level, method=chosen)
            tests.append(independent_omnibus(counted, measure, slice_.members, method=chosen))
    else:
        from cemkit.estimation.variance import Linearised

        source = variance if variance is not None else Linearised(rows, measure, counted)
        notes += source.assumptions if variance is not None else [Assumption("independent")]
        df = {} if variance is None else degrees_of_freedom(rows, measure, counted, within)
        for slice_ in layout.slices:
            free = df.get(slice_.key, np.inf)
            pairs, estimate, covariance = design_pairs(
                source, counted, measure, slice_.members, slice_.pairs, df=free, level=level, method=chosen
            )
            found += pairs
            tests.append(_omnibus(estimate, covariance, free))
        if variance is not None and getattr(source, "shares_clusters", False):
            notes.append(Assumption("shared-respondents"))
    if against == "total":
        notes.append(Assumption("part-of-whole"))
    table = _table(found, layout, counted, measure, hidden, level, chosen, adjust, variance)
    made = int(table["p_value"].notna().sum())
    if made > 1 and adjust != "none":
        notes.append(Assumption("adjusted-p-values", {"comparisons": made, "method": adjust}))
    notes += suppression_note(hidden, counted.bases, min_base)
    omnibus = _omnibus_table(tests, layout, within, measure, hidden, variance is not None)
    return Comparison(table, tuple(dict.fromkeys(notes)), by=within, omnibus=omnibus)


@dataclass(frozen=True, eq=False)
class _Slice:
    """One combination of ``by``: the counted group of every level (-1: absent) and the pairs as rows of unions."""

    key: tuple[Any, ...]
    members: npt.NDArray[np.intp]
    pairs: list[tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class _Layout:
    within: tuple[str, ...]
    keys: pd.DataFrame
    labels: list[tuple[Any, Any]]
    slices: list[_Slice]


def _layout(counted: Counted, rows: Sample, within: tuple[str, ...], over: str, against: Any) -> _Layout:
    keys = counted.groups.keys
    ordered, _ = group_rows({over: [key[-1] for key in keys]}, [over], orders=rows.orders)
    levels = [key[0] for key in ordered.keys]
    if len(levels) < 2:
        only = f"only {levels[0]!r}" if levels else "none"
        msg = f"over={over!r} has one level ({only}), so there is nothing to compare: use data with at least two"
        raise CemkitError(msg)
    if against not in _KEYWORDS and against not in levels:
        shown = ", ".join(map(repr, levels[:8]))
        hint = did_you_mean(against, [*_KEYWORDS, *levels])
        msg = f"against={against!r} is neither 'each-other', 'rest', 'total' nor a level of {over!r} ({shown}).{hint}"
        raise CemkitError(msg)
    size = len(levels)
    unit = np.eye(size)
    if against == "each-other":
        places = [(j, i) for i in range(size) for j in range(i + 1, size)]
        labels = [(levels[j], levels[i]) for j, i in places]
        pairs = [(unit[j], unit[i]) for j, i in places]
    elif against == "rest":
        labels = [(level, "rest") for level in levels]
        pairs = [(unit[j], 1 - unit[j]) for j in range(size)]
    elif against == "total":
        labels = [(level, "total") for level in levels]
        pairs = [(unit[j], np.ones(size)) for j in range(size)]
    else:
        i = levels.index(against)
        labels = [(levels[j], against) for j in range(size) if j != i]
        pairs = [(unit[j], unit[i]) for j in range(size) if j != i]
    place = {key: g for g, key in enumerate(keys)}
    slices, _ = group_rows(
        {name: [key[i] for key in keys] for i, name in enumerate(within)}, within, orders=rows.orders, rows=len(keys)
    )
    found = [
        _Slice(key, np.array([place.get((*key, level), -1) for level in levels], dtype=np.intp), pairs)
        for key in slices.keys
    ]
    return _Layout(within, slices.frame(), labels, found)


def _omnibus(estimate: Floats, covariance: Floats, df: float) -> WaldTest:
    known = np.isfinite(estimate)
    return wald_test(estimate[known], covariance[np.ix_(known, known)], df=df)


def _table(
    found: list[Pair],
    layout: _Layout,
    counted: Counted,
    measure: Measure,
    hidden: npt.NDArray[np.bool_],
    level: float,
    method: str,
    adjust: Literal["holm", "bh", "none"],
    variance: Any,
) -> pd.DataFrame:
    count_pairs = len(layout.labels)
    size = count_pairs * len(layout.slices)
    where = np.repeat(np.arange(len(layout.slices)), count_pairs)
    sides = np.zeros((size, 2))
    blank = np.zeros(size, dtype=bool)
    for s, slice_ in enumerate(layout.slices):
        present = slice_.members >= 0
        n = np.where(present, counted.n[slice_.members], 0.0)
        covered = present & hidden[slice_.members]
        for p, (left, right) in enumerate(slice_.pairs):
            row = s * count_pairs + p
            sides[row] = left @ n, right @ n
            touched = (left > 0) if right.sum() > 1 else (left > 0) | (right > 0)
            blank[row] = bool((touched & covered).any())

    def shown(name: str) -> Floats:
        return np.where(blank, np.nan, np.array([getattr(pair, name) for pair in found], dtype=np.float64))

    p_value = shown("p_value")
    name = method if variance is None else f"{variance.name}-{method}"
    columns: dict[str, Any] = {
        "metric": pd.Series([measure.name] * size, dtype=object),
        "group": pd.Series([label[0] for label in layout.labels] * len(layout.slices), dtype=object),
        "reference": pd.Series([label[1] for label in layout.labels] * len(layout.slices), dtype=object),
        **{
            c: shown(c)
            for c in (
                "estimate_group",
                "estimate_reference",
                "difference",
                "std_error",
                "low",
                "high",
                "statistic",
                "df",
            )
        },
        "p_value": p_value,
        "p_adjusted": adjust_p_values(p_value, method=adjust),
        "n_group": pd.arrays.IntegerArray(sides[:, 0].astype(np.int64), blank.copy()),
        "n_reference": pd.arrays.IntegerArray(sides[:, 1].astype(np.int64), blank.copy()),
        "level": np.full(size, float(level)),
        "method": pd.Series([name] * size, dtype=object),
        "unit": pd.Series([measure.unit] * size, dtype=object),
        "suppressed": blank,
    }
    keys = layout.keys.iloc[where].reset_index(drop=True)
    return pd.DataFrame({**{c: keys[c] for c in layout.within}, **{c: columns[c] for c in COMPARISON_COLUMNS}})


def _omnibus_table(
    tests: list[WaldTest],
    layout: _Layout,
    within: tuple[str, ...],
    measure: Measure,
    hidden: npt.NDArray[np.bool_],
    with_design: bool,
) -> pd.DataFrame:
    size = len(tests)
    covered = np.array([bool(hidden[s.members[s.members >= 0]].any()) for s in layout.slices])

    def shown(name: str) -> Floats:
        return np.where(covered, np.nan, np.array([getattr(test, name) for test in tests], dtype=np.float64))

    return pd.DataFrame(
        {
            **{c: layout.keys[c] for c in within},
            "metric": pd.Series([measure.name] * size, dtype=object),
            "statistic": shown("statistic"),
            "df1": shown("df1"),
            "df2": shown("df2"),
            "p_value": shown("p_value"),
            "groups": np.array([int((s.members >= 0).sum()) for s in layout.slices]),
            "method": pd.Series(["wald-f" if with_design else "wald-chi2"] * size, dtype=object),
        }
    )
