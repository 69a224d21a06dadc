"""Steps with their shares, progress by day, shares of paths, and medians of lengths of stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cemkit.charts.theme import (
    BLUE,
    GREY,
    INK,
    PAPER,
    SERIES,
    altair,
    group_labels,
    inline,
    row_height,
    themed,
    word,
)

__all__ = ["dwell_chart", "funnel_chart", "progress_chart", "share_chart"]

_WORDS = {
    "conversion": "Share of customers at the first step",
    "share": "Share of customers",
    "median_all": "Median days (Kaplan-Meier)",
    "mean": "Mean of completed visits",
    "day": "Days since the first step",
    "progress": "Share that has come",
    "customers": "Customers",
}
Labels = Mapping[str, str] | None


def _word(labels: Labels, key: str) -> str:
    return (labels or {}).get(key, _WORDS.get(key, word(labels, key)))


def funnel_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Labels = None) -> Any:
    """Return an Altair chart of the steps: bars of conversion with their intervals, a column per group.

    Parameters
    ----------
    table : DataFrame
        ``*by, step, conversion, low, high, reached, customers, waiting``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    groups = group_labels(table.drop(columns=["metric"], errors="ignore"), by, labels) if by else [""] * len(table)
    steps = [word(labels, str(step)) for step in table["step"]]
    data = inline(table, _label=steps, _group=groups)
    order = list(dict.fromkeys(steps))
    y = alt.Y("_label:N", sort=order, title=None, axis=alt.Axis(grid=False))
    x = alt.X(
        "conversion:Q",
        title=_word(labels, "conversion"),
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="~%", tickCount=5),
    )
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=_word(labels, c), format=".1%") for c in ("conversion", "low", "high")),
        *(alt.Tooltip(f"{c}:Q", title=_word(labels, c), format=",") for c in ("customers", "reached", "waiting")),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tips)
    bars = base.mark_bar(color=BLUE, opacity=0.45).encode(x=x)
    rules = base.mark_rule(color=INK, strokeWidth=2).encode(
        x=alt.X("low:Q", title=_word(labels, "conversion")), x2="high:Q"
    )
    if not by:
        return themed(alt.layer(bars, rules).properties(width="container", height=row_height(len(order))))
    chart = alt.layer(bars, rules).properties(width=240, height=row_height(len(order)))
    return themed(chart.facet(alt.Facet("_group:N", sort=list(dict.fromkeys(groups)), title=None), columns=2))


def progress_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Labels = None) -> Any:
    """Return an Altair chart of progress by day: a line per step with its interval; a panel per group.

    Parameters
    ----------
    table : DataFrame
        ``*by, step, day, metric, estimate, low, high``; rows of the metric ``progress`` are drawn.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    rows = table[(table["metric"] == "progress") & table["estimate"].notna()].reset_index(drop=True)
    groups = group_labels(rows.drop(columns=["metric"]), by, labels) if by else [""] * len(rows)
    steps = [word(labels, str(step)) for step in rows["step"]]
    order = list(dict.fromkeys(steps))
    data = inline(rows, _label=steps, _group=groups)
    colour = alt.Color(
        "_label:N",
        sort=order,
        scale=alt.Scale(domain=order, range=[SERIES[i % len(SERIES)] for i in range(len(order))]),
    )
    x = alt.X("day:Q", title=_word(labels, "day"), axis=alt.Axis(grid=False))
    title = _word(labels, "progress")
    base = alt.Chart(data).encode(x=x, color=colour)
    area = base.mark_area(opacity=0.18, interpolate="step-after").encode(y=alt.Y("low:Q", title=title), y2="high:Q")
    line = base.mark_line(interpolate="step-after").encode(
        y=alt.Y("estimate:Q", title=title, axis=alt.Axis(format="~%"))
    )
    chart = alt.layer(area, line).properties(width=280 if by else "container", height=220)
    if by:
        chart = chart.facet(alt.Facet("_group:N", sort=list(dict.fromkeys(groups)), title=None), columns=2)
    return themed(chart)


def share_chart(table: pd.DataFrame, *, name: str, value: str = "share", labels: Labels = None) -> Any:
    """Return an Altair chart of shares with their intervals, a row per name, in the order of the table.

    Parameters
    ----------
    table : DataFrame
        ``name, value, low, high``.
    name, value : str
        The columns of names and of shares.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names = [word(labels, str(n)) for n in table[name]]
    data = inline(table, _label=names)
    y = alt.Y("_label:N", sort=list(dict.fromkeys(names)), title=None, axis=alt.Axis(grid=False, labelLimit=340))
    x = alt.X(f"{value}:Q", title=_word(labels, value), axis=alt.Axis(format="~%", tickCount=5))
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=_word(labels, c), format=".1%") for c in (value, "low", "high")),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tips)
    rules = base.mark_rule(color=BLUE, strokeWidth=2).encode(x=alt.X("low:Q", title=_word(labels, value)), x2="high:Q")
    points = base.mark_point(filled=True, size=70, opacity=1, color=BLUE).encode(x=x)
    return themed(alt.layer(rules, points).properties(width="container", height=row_height(len(names))))


def dwell_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Labels = None) -> Any:
    """Return an Altair chart of lengths of stay: the Kaplan-Meier median with its interval, and the mean of completed visits as a tick.

    Parameters
    ----------
    table : DataFrame
        ``*by, state, median_all, median_all_low, median_all_high, mean, visits``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names = group_labels(table, [*by, "state"], labels)
    data = inline(table, _label=names)
    y = alt.Y("_label:N", sort=list(dict.fromkeys(names)), title=None, axis=alt.Axis(grid=False))
    title = _word(labels, "median_all")
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=_word(labels, c), format=".2f") for c in ("median_all", "mean")),
        alt.Tooltip("visits:Q", title=word(labels, "n"), format=","),
    ]
    base = alt.Chart(data).encode(y=y, tooltip=tips)
    rules = base.mark_rule(color=BLUE, strokeWidth=2).encode(
        x=alt.X("median_all_low:Q", title=title), x2="median_all_high:Q"
    )
    ticks = base.mark_tick(color=GREY, thickness=2, height=12).encode(x=alt.X("mean:Q", title=title))
    points = base.mark_point(size=70, opacity=1, fill=BLUE, stroke=PAPER).encode(x=alt.X("median_all:Q", title=title))
    return themed(alt.layer(rules, ticks, points).properties(width="container", height=row_height(len(names))))
