"""Points with intervals: estimates per group, and differences between groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import (
    BLUE,
    GREY,
    INK,
    PAPER,
    RED,
    altair,
    axis_format,
    axis_title,
    group_labels,
    inline,
    row_height,
    small_base_title,
    small_bases,
    themed,
    tip_format,
    word,
)

__all__ = ["difference_chart", "interval_chart"]


def interval_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart with a point and an interval per row, in the order of the table.

    Parameters
    ----------
    table : DataFrame
        Rows of estimates: ``*by, metric, estimate, low, high, unit, n``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones (and of metrics and groups): ``{"estimate": ..., "points": ...}``.

    Returns
    -------
    altair.LayerChart
        Open marks are bases under 30; suppressed rows keep their line and have no mark.

    Raises
    ------
    MissingExtraError
        If altair is not installed.
    """
    alt = altair()
    names = group_labels(table, by, labels)
    small = small_bases(table["n"])
    form = tip_format(table)
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c in ("estimate", "low", "high")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    base = alt.Chart(inline(table, _label=names, _small=small)).encode(y=_rows(names), tooltip=tips)
    x = alt.X(
        "estimate:Q",
        title=axis_title(table, labels),
        axis=alt.Axis(format=axis_format(table), tickCount=6),
        scale=alt.Scale(zero=False),
    )
    rule = base.mark_rule(color=BLUE, strokeWidth=2).encode(
        x=alt.X("low:Q", title=axis_title(table, labels)), x2="high:Q"
    )
    return _finished([rule, _points(base, x, alt.value(BLUE), BLUE)], names, small, labels)


def difference_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart of differences with their intervals and a line at zero.

    Parameters
    ----------
    table : DataFrame
        Rows of a comparison: ``*by, metric, group, reference, difference, low, high, p_adjusted, n_group, n_reference,
        unit``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.LayerChart
        Rises whose interval excludes zero are blue, falls are orange, the rest is grey.
    """
    alt = altair()
    pair = [
        f"{a} − {b}" for a, b in zip(*(group_labels(table, [c], labels) for c in ("group", "reference")), strict=True)
    ]
    names = [f"{g} · {p}" for g, p in zip(group_labels(table, by, labels), pair, strict=True)] if len(by) else pair
    small = small_bases(table["n_group"], table["n_reference"])
    low, high = (table[c].to_numpy(dtype=np.float64) for c in ("low", "high"))
    colour = np.where(low > 0, BLUE, np.where(high < 0, RED, GREY)).tolist()
    form = tip_format(table)
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c in ("difference", "low", "high")),
        alt.Tooltip("p_adjusted:Q", title=word(labels, "p_adjusted"), format=".3f"),
    ]
    base = alt.Chart(inline(table, _label=names, _small=small, _colour=colour)).encode(y=_rows(names), tooltip=tips)
    title = axis_title(table, labels, "difference")
    x = alt.X("difference:Q", title=title, axis=alt.Axis(format=axis_format(table), tickCount=6))
    paint = alt.Color("_colour:N", scale=None)
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK).encode(x=alt.X("zero:Q", title=title))
    rule = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q", color=paint)
    return _finished([zero, rule, _points(base, x, paint, "_colour")], names, small, labels)


def _rows(names: Sequence[str]) -> Any:
    alt = altair()
    return alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names)), axis=alt.Axis(grid=False))


def _points(base: Any, x: Any, stroke: Any, fill: str) -> Any:
    alt = altair()
    full = alt.Fill("_colour:N", scale=None) if fill.startswith("_") else alt.value(fill)
    filled = base.transform_filter("!datum._small").mark_point(size=70, opacity=1).encode(x=x, stroke=stroke, fill=full)
    # an open mark covers the rule behind it
    hollow = base.transform_filter("datum._small").mark_point(size=70, opacity=1, fill=PAPER).encode(x=x, stroke=stroke)
    return filled + hollow


def _finished(layers: list[Any], names: Sequence[str], small: Sequence[bool], labels: Mapping[str, str] | None) -> Any:
    alt = altair()
    chart = alt.layer(*layers).properties(
        width="container", height=row_height(len(set(names))), **small_base_title(small, labels)
    )
    return themed(chart)
