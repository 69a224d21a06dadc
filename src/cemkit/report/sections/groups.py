"""What the sections with groups share: rows of pictures, marks of small bases, tables of estimates and differences."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from cemkit.report.context import SMALL_BASE, Asked, Context
from cemkit.report.reading import count, p_value
from cemkit.report.section import Column, Finding, Row, Table
from cemkit.results import Comparison, Estimates

__all__ = [
    "difference_table",
    "extremes",
    "findings",
    "found_difference",
    "group_table",
    "picture_rows",
    "ranks",
    "small",
]


def small(context: Context, n: Any, n_eff: Any) -> str:
    """Return the mark of a base that is too small to be read without care, else nothing."""
    known = [float(v) for v in (n, n_eff) if v is not None and v == v]
    return context.texts("mark.small") if known and min(known) < SMALL_BASE else ""


def picture_rows(context: Context, result: Estimates, *, factor: float = 1.0, names: Any = None) -> pd.DataFrame:
    """Return ``group, estimate, low, high, small`` for a picture; ``names`` are the groups as shown."""
    table = result.table
    if names is None:
        names = [context.group(v) for v in table[result.by[0]]] if result.by else [""] * len(table)
    marks = [bool(small(context, n, e)) for n, e in zip(table["n"], table["n_eff"], strict=True)]
    numbers = {c: table[c].to_numpy(dtype=float) * factor for c in ("estimate", "low", "high")}
    return pd.DataFrame({"group": names, **numbers, "small": marks})


def group_table(
    context: Context,
    asked: Asked,
    result: Estimates,
    differences: Comparison | None,
    *,
    heading: str,
    caption: str,
    names: list[str] | None = None,
) -> Table:
    """Return a row per group: estimate, interval, bases, and beside it the difference from the rest."""
    t, read = context.texts, asked.reading
    columns = [
        Column(heading, number=False),
        Column(f"{asked.short}, {read.unit}"),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
        Column(t("head.n_eff")),
        Column(t("head.missing")),
    ]
    by_group: dict[str, Any] = {}
    if differences is not None:
        columns += [
            Column(t("head.rest", unit=read.difference_unit)),
            Column(t("head.interval", level=context.level_shown)),
            Column(t("head.p_adjusted")),
        ]
        by_group = {_key(row["group"]): row for _, row in differences.table.iterrows()}
    rows = []
    for place, (_, row) in enumerate(result.table.iterrows()):
        value = row[result.by[0]]
        cells = [
            names[place] if names else context.group(value),
            read.value(row["estimate"]),
            read.interval(row["low"], row["high"]),
            count(row["n"]),
            count(row["n_eff"]),
            count(row["missing"]),
        ]
        if differences is not None:
            other = by_group.get(_key(value))
            if other is None:
                cells += [read.value(math.nan)] * 3
            else:
                interval = read.difference_interval(other["low"], other["high"])
                cells += [read.difference(other["difference"]), interval, p_value(other["p_adjusted"])]
        rows.append(Row(tuple(cells), small(context, row["n"], row["n_eff"])))
    return Table(caption, tuple(columns), tuple(rows))


def difference_table(context: Context, asked: Asked, result: Comparison, *, caption: str) -> Table:
    """Return a row per comparison."""
    t, read = context.texts, asked.reading
    columns = (
        Column(t("head.comparison"), number=False),
        Column(t("head.difference", unit=read.difference_unit)),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.p_adjusted")),
        Column(t("head.n_group")),
        Column(t("head.n_reference")),
    )
    rows = [
        Row(
            (
                t("comparison.pair", group=context.group(row["group"]), reference=context.group(row["reference"])),
                read.difference(row["difference"]),
                read.difference_interval(row["low"], row["high"]),
                p_value(row["p_adjusted"]),
                count(row["n_group"]),
                count(row["n_reference"]),
            ),
            small(context, row["n_group"], row["n_reference"]),
        )
        for _, row in result.table.iterrows()
    ]
    return Table(caption, columns, tuple(rows), t("note.difference"))


def findings(
    context: Context,
    asked: Asked,
    result: Comparison,
    *,
    column: str,
    names: dict[Any, str] | None = None,
    wave: Any = None,
) -> tuple[Finding, ...]:
    """Return each difference as a candidate for the summary; of two groups against the rest, the second is the first's mirror."""
    t, read = context.texts, asked.reading
    table = result.table
    if len(table) == 2 and set(table["reference"]) == {"rest"}:
        table = table.iloc[:1]
    found = []
    for _, row in table.iterrows():
        size = float(row["difference"])
        if not math.isfinite(size) or not math.isfinite(float(row["p_value"])):
            continue
        value = (names or {}).get(row["group"], context.group(row["group"]))
        against = "rest" if row["reference"] == "rest" else "level"
        sentence = t(
            f"finding.{against}",
            metric=asked.short,
            where=context.within(wave, t("finding.where", column=column, group=value)),
            reference=context.group(row["reference"]),
            estimate=read.full(row["estimate_group"]),
            other=read.full(row["estimate_reference"]),
            difference=read.full_difference(size),
            level=context.level_shown,
            interval=read.difference_interval(row["low"], row["high"]),
        )
        found.append(found_difference(asked, sentence, row))
    return tuple(found)


def found_difference(asked: Asked, sentence: str, row: Any) -> Finding:
    """Return a row of differences as a candidate for the summary."""
    scaled = abs(float(row["difference"])) / asked.least
    return Finding(sentence, float(row["p_value"]), scaled, scaled >= 1)


def ranks(low: Any, high: Any) -> str:
    """Return the interval of a rank."""
    if low is None or low is pd.NA or low != low:
        return "\N{EN DASH}"
    return f"{int(low)}" if low == high else f"{int(low)}\N{EN DASH}{int(high)}"


def extremes(result: Estimates) -> tuple[int, int] | None:
    """Return the places of the lowest and the highest estimate of bases that are not small, where there are two."""
    table = result.table
    enough = [
        i
        for i, (n, e, v) in enumerate(zip(table["n"], table["n_eff"], table["estimate"], strict=True))
        if v == v and n == n and min(float(n), float(e)) >= SMALL_BASE
    ]
    if len(enough) < 2:
        return None
    values = table["estimate"].to_numpy(dtype=float)
    return min(enough, key=lambda i: values[i]), max(enough, key=lambda i: values[i])


def _key(value: Any) -> str:
    return "" if value is None or value != value else str(value)
