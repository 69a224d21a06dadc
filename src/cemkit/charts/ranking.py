"""Shrunken estimates of many groups, with the intervals of their ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cemkit.charts.theme import (
    BLUE,
    GREY,
    INK,
    PAPER,
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

__all__ = ["ranking_chart"]


def ranking_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart of shrunken estimates: point, interval, the plain value as a tick, and the rank's interval.

    Parameters
    ----------
    table : DataFrame
        ``*by, metric, estimate, low, high, unit, raw_estimate, n, rank_low, rank_high``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.LayerChart
        Groups in the order of the table; sort the table by ``estimate`` for a league table.
    """
    alt = altair()
    names = group_labels(table, by, labels)
    small = small_bases(table["n"])
    ranks = [_rank(a, b) for a, b in zip(table["rank_low"].tolist(), table["rank_high"].tolist(), strict=True)]
    title, form = axis_title(table, labels), tip_format(table)
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(
            alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form)
            for c in ("estimate", "low", "high", "raw_estimate")
        ),
        alt.Tooltip("_rank:N", title=word(labels, "rank")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    data = inline(table, _label=names, _small=small, _rank=ranks)
    rows = alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names)), axis=alt.Axis(grid=False))
    base = alt.Chart(data).encode(y=rows, tooltip=tips)
    x = alt.X(
        "estimate:Q", title=title, axis=alt.Axis(format=axis_format(table), tickCount=6), scale=alt.Scale(zero=False)
    )
    rule = base.mark_rule(color=BLUE, strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    plain = base.mark_tick(color=GREY, thickness=2, height=12).encode(x=alt.X("raw_estimate:Q", title=title))
    filled = base.transform_filter("!datum._small").mark_point(size=70, opacity=1, fill=BLUE, stroke=BLUE).encode(x=x)
    hollow = base.transform_filter("datum._small").mark_point(size=70, opacity=1, fill=PAPER, stroke=BLUE).encode(x=x)
    # outside the plot, so that no interval runs into it
    rank = (
        alt.Chart(data)
        .mark_text(align="left", dx=8, color=INK, fontSize=11)
        .encode(y=rows, x=alt.value("width"), text="_rank:N")
    )
    head = (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(align="left", baseline="bottom", dx=8, dy=-2, color=GREY, fontSize=11, text=word(labels, "rank"))
        .encode(x=alt.value("width"), y=alt.value(0))
    )
    chart = alt.layer(rule, plain, filled, hollow, rank, head).properties(
        width="container", height=row_height(len(set(names))), **small_base_title(small, labels)
    )
    return themed(chart)


def _rank(low: float, high: float) -> str:
    if low != low or high != high:
        return ""
    return f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"
