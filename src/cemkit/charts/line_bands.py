"""Lines over a number, each with the band of its interval, in a panel or in several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cemkit.charts.theme import SERIES, altair, axis_format, group_labels, inline, themed, tip_format, word

__all__ = ["lines_chart"]

_PANEL_WIDTH = 280


def lines_chart(
    table: pd.DataFrame,
    *,
    x: str,
    y: str,
    step: bool = False,
    columns: int = 2,
    labels: Mapping[str, str] | None = None,
) -> Any:
    """Return an Altair chart of lines.

    Parameters
    ----------
    table : DataFrame
        ``x, series, estimate, unit``, and perhaps ``low, high`` (a band), ``point`` (a mark that is no part of the line) and ``panel``.
    x, y : str
        What the axes show.
    step : bool
        Whether lines are steps.
    columns : int
        Panels side by side.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    plain = table.drop(columns="metric", errors="ignore")
    series = group_labels(plain, ["series"], labels)
    panels = group_labels(plain, ["panel"], labels) if "panel" in table else [""] * len(table)
    kinds = list(dict.fromkeys(series))
    form = tip_format(table)
    tips = [
        alt.Tooltip("_series:N", title=word(labels, "group")),
        alt.Tooltip("x:Q", title=word(labels, x)),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c in ("estimate", "low", "high") if c in table),
    ]
    data = inline(plain, _series=series, _panel=panels)
    colour = alt.Color(
        "_series:N",
        scale=alt.Scale(domain=kinds, range=[SERIES[i % len(SERIES)] for i in range(len(kinds))]),
        legend=alt.Legend() if len(kinds) > 1 else None,
    )
    across = alt.X("x:Q", title=word(labels, x), scale=alt.Scale(zero=False), axis=alt.Axis(grid=False, tickCount=6))

    def up(column: str) -> Any:
        return alt.Y(
            f"{column}:Q", title=word(labels, y), scale=alt.Scale(zero=False), axis=alt.Axis(format=axis_format(table))
        )

    base = alt.Chart().encode(x=across, color=colour)
    shape = {"interpolate": "step-after"} if step else {}
    layers = []
    if "low" in table and table["low"].notna().any():
        band = base.transform_filter("datum.low != null")
        layers.append(band.mark_area(opacity=0.15, **shape).encode(y=up("low"), y2="high:Q"))
    layers.append(
        base.transform_filter("datum.estimate != null")
        .mark_line(strokeWidth=2, **shape)
        .encode(y=up("estimate"), tooltip=tips)
    )
    if "point" in table:
        marks = base.transform_filter("datum.point != null")
        layers.append(marks.mark_point(filled=True, size=35, opacity=1).encode(y=up("point"), tooltip=tips))
    if len(set(panels)) <= 1:
        return themed(alt.layer(*layers, data=data).properties(width="container", height=260))
    panel = alt.layer(*layers).properties(width=_PANEL_WIDTH, height=180)
    facet = alt.Facet("_panel:N", sort=list(dict.fromkeys(panels)), header=alt.Header(title=None))
    return themed(panel.facet(data=data, facet=facet, columns=columns).resolve_scale(y="independent"))
