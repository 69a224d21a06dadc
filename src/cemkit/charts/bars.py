"""Bars: parts of a whole per row, and a bridge from a start to an end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import (
    BLUE,
    INK,
    RED,
    SERIES,
    altair,
    axis_format,
    group_labels,
    inline,
    row_height,
    themed,
    tip_format,
    word,
)

__all__ = ["bars_chart", "bridge_chart"]


def bars_chart(table: pd.DataFrame, *, title: str, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart with a bar per row and part, parts side by side.

    Parameters
    ----------
    table : DataFrame
        ``row, part, value, unit``, in the order of the chart.
    title : str
        What the axis shows.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names, parts = (group_labels(table.drop(columns="metric", errors="ignore"), [c], labels) for c in ("row", "part"))
    share = set(table["unit"]) <= {"share"}
    data = inline(table, _row=names, _part=parts)
    order, kinds = list(dict.fromkeys(names)), list(dict.fromkeys(parts))
    tips = [
        alt.Tooltip("_row:N", title=word(labels, "group")),
        alt.Tooltip("_part:N", title=word(labels, "part")),
        alt.Tooltip("value:Q", title=word(labels, title), format=tip_format(table) if share else ",.0f"),
    ]
    x = alt.X(
        "value:Q", title=word(labels, title), axis=alt.Axis(format=axis_format(table) if share else "~s", tickCount=6)
    )
    colour = alt.Color(
        "_part:N",
        scale=alt.Scale(domain=kinds, range=list(SERIES[: len(kinds)])),
        legend=alt.Legend() if len(kinds) > 1 else None,
    )
    shift = {"yOffset": alt.YOffset("_part:N", sort=kinds)} if len(kinds) > 1 else {}
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            y=alt.Y("_row:N", title=None, sort=order, axis=alt.Axis(grid=False)),
            x=x,
            color=colour,
            tooltip=tips,
            **shift,
        )
        .properties(width="container", height=row_height(len(order) * len(kinds)))
    )
    return themed(chart)


def bridge_chart(table: pd.DataFrame, *, title: str, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart of a bridge: totals stand on the axis, each step begins where the last one ended.

    Parameters
    ----------
    table : DataFrame
        ``row, value, total``: whether a row is a total; and perhaps ``low, high`` of the value.
    title : str
        What the axis shows.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names = group_labels(table.drop(columns="metric", errors="ignore"), ["row"], labels)
    value, total = table["value"].to_numpy(dtype=np.float64), table["total"].to_numpy(dtype=bool)
    ends = np.zeros(value.size)
    begins = np.zeros(value.size)
    at = 0.0
    for i in range(value.size):
        begins[i], at = (0.0, value[i]) if total[i] else (at, at + value[i])
        ends[i] = at
    colour = np.where(total, INK, np.where(value < 0, RED, BLUE)).tolist()
    data = inline(table, _row=names, _from=begins.tolist(), _to=ends.tolist(), _colour=colour)
    tips = [
        alt.Tooltip("_row:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=",.0f") for c in ("value", "low", "high") if c in table),
    ]
    rows = alt.Y("_row:N", title=None, sort=list(dict.fromkeys(names)), axis=alt.Axis(grid=False))
    x = alt.X("_from:Q", title=word(labels, title), axis=alt.Axis(format="~s", tickCount=6))
    bars = (
        alt.Chart(data)
        .mark_bar()
        .encode(y=rows, x=x, x2="_to:Q", color=alt.Color("_colour:N", scale=None), tooltip=tips)
    )
    return themed(bars.properties(width="container", height=row_height(len(set(names)))))
