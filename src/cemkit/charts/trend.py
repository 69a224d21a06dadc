"""A line over calendar periods, with its intervals, control limits and signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cemkit.charts.theme import (
    BLUE,
    GREY,
    PAPER,
    RED,
    altair,
    axis_format,
    axis_title,
    group_labels,
    inline,
    small_base_title,
    small_bases,
    themed,
    tip_format,
    word,
)

__all__ = ["trend_chart"]

_PANEL_WIDTH = 280
"""Of one of several lines: what fits on a telephone."""


def trend_chart(
    table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None, columns: int = 1
) -> Any:
    """Return an Altair chart of a trend: one panel per line.

    Parameters
    ----------
    table : DataFrame
        ``*by, period, metric, estimate, low, high, unit, n, complete, centre, control_low, control_high, signal,
        segment``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones, the names of signals included.
    columns : int
        Panels side by side, where there are several lines; each is 280 pixels wide.

    Returns
    -------
    altair.LayerChart or altair.FacetChart
        The band is the interval; dashed lines are control limits; orange diamonds are signals; open marks are bases
        under 30; a faint mark is a period that is not complete. The line breaks at changes of survey mode and where
        there is no estimate.
    """
    alt = altair()
    names = group_labels(table, by, labels)
    small = small_bases(table["n"].mask(table["n"] == 0))
    form = tip_format(table)
    tips = [
        *([alt.Tooltip("_label:N", title=word(labels, "group"))] if len(by) else []),
        alt.Tooltip("period:T", title=word(labels, "period"), format="%Y-%m-%d"),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c in ("estimate", "low", "high")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c in ("control_low", "control_high")),
        alt.Tooltip("_signal:N", title=word(labels, "signal")),
    ]
    signal = [
        ", ".join(word(labels, rule) for rule in text.split(", ")) if text else "" for text in table["signal"].tolist()
    ]
    data = inline(table, _label=names, _small=small, _signal=signal, _alone=_alone(table, names))
    x = alt.X("period:T", title=None, axis=alt.Axis(grid=False, labelOverlap=True, tickCount=6, format="%Y-%m"))
    scale, title = alt.Scale(zero=False), axis_title(table, labels)

    def y(column: str) -> Any:
        return alt.Y(f"{column}:Q", title=title, scale=scale, axis=alt.Axis(format=axis_format(table)))

    base = alt.Chart().encode(x=x, detail="segment:N")
    points = base.encode(
        y=y("estimate"), tooltip=tips, opacity=alt.condition("datum.complete", alt.value(1), alt.value(0.45))
    )
    layers = [
        base.mark_area(color=BLUE, opacity=0.15).encode(y=y("low"), y2="high:Q"),
        base.transform_filter("datum._alone")
        .mark_rule(color=BLUE, opacity=0.3, strokeWidth=2)
        .encode(y=y("low"), y2="high:Q"),
        base.mark_line(color=GREY, strokeWidth=1).encode(y=y("centre")),
        *(
            base.mark_line(color=GREY, strokeWidth=1.5, strokeDash=[5, 4]).encode(y=y(c))
            for c in ("control_low", "control_high")
        ),
        base.mark_line(color=BLUE, strokeWidth=2).encode(y=y("estimate")),
        points.transform_filter("!datum._small && datum.signal == ''").mark_point(size=35, stroke=BLUE, fill=BLUE),
        points.transform_filter("datum._small && datum.signal == ''").mark_point(size=35, stroke=BLUE, fill=PAPER),
        points.transform_filter("!datum._small && datum.signal != ''").mark_point(
            size=90, shape="diamond", stroke=RED, fill=RED
        ),
        points.transform_filter("datum._small && datum.signal != ''").mark_point(
            size=90, shape="diamond", stroke=RED, fill=PAPER
        ),
    ]
    subtitle = small_base_title(small, labels)
    if len(set(names)) <= 1:
        return themed(alt.layer(*layers, data=data).properties(width="container", height=260, **subtitle))
    panel = alt.layer(*layers).properties(width=_PANEL_WIDTH, height=150)
    order = list(dict.fromkeys(names))
    facet = alt.Facet("_label:N", sort=order, header=alt.Header(title=None))
    return themed(panel.facet(data=data, facet=facet, columns=columns).properties(**subtitle))


def _alone(table: pd.DataFrame, names: Sequence[str]) -> list[bool]:
    """Return which periods have no neighbour that the band could run to."""
    known = table["estimate"].notna().tolist()
    stretch = list(zip(names, table["stretch"].tolist(), strict=True))

    def joined(i: int, j: int) -> bool:
        return 0 <= j < len(known) and known[i] and known[j] and stretch[i] == stretch[j]

    return [known[i] and not joined(i, i - 1) and not joined(i, i + 1) for i in range(len(known))]
