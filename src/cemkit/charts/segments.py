"""Segments: how they differ from all customers, and how stable they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import DIVERGING, GREY, INK, ROLES, altair, group_labels, inline, row_height, themed, word

__all__ = ["profile_chart", "stability_chart"]

_LIMITS = (0.6, 0.75)


def profile_chart(profiles: pd.DataFrame, segments: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair heat map: features as rows, segments as columns, the distance from all customers as colour.

    Parameters
    ----------
    profiles : DataFrame
        ``segment, feature, category, estimate, low, high, distance``.
    segments : DataFrame
        ``segment, estimate``: shares, shown above the columns.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.LayerChart
        The number in each cell is the segment's own value.
    """
    alt = altair()
    category = profiles["category"].tolist()
    names = [
        f"{feature} · {value}" if value is not None and value == value else feature
        for feature, value in zip(group_labels(profiles, ["feature"], labels), category, strict=True)
    ]
    share = {int(s): v for s, v in zip(segments["segment"].tolist(), segments["estimate"].tolist(), strict=True)}
    columns = [f"{int(s)} ({share[int(s)]:.0%})" for s in profiles["segment"].tolist()]
    order = [f"{s} ({v:.0%})" for s, v in share.items()]
    distance = profiles["distance"].to_numpy(dtype=np.float64)
    most = float(np.nanmax(np.abs(distance), initial=0.1))
    dark = (np.abs(distance) > 0.6 * most).tolist()
    shown = [f"{value:.3g}".replace("-", "−") for value in profiles["estimate"].tolist()]
    data = inline(profiles, _label=names, _segment=columns, _dark=dark, _text=shown)
    base = alt.Chart(data).encode(
        x=alt.X("_segment:N", title=word(labels, "segment"), sort=order, axis=alt.Axis(orient="top", labelAngle=0)),
        y=alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names))),
        tooltip=[
            alt.Tooltip("_label:N", title=word(labels, "group")),
            alt.Tooltip("_segment:N", title=word(labels, "segment")),
            *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".3~f") for c in ("estimate", "low", "high")),
            alt.Tooltip("distance:Q", title=word(labels, "distance"), format="+.2f"),
        ],
    )
    paint = alt.Color(
        "distance:Q",
        title=word(labels, "distance"),
        scale=alt.Scale(domain=[-most, 0, most], range=[DIVERGING[0], ROLES["paper"], DIVERGING[-1]]),
    )
    cells = base.mark_rect(stroke=ROLES["grid"]).encode(color=paint)
    text = base.mark_text(fontSize=11).encode(
        text="_text:N",
        color=alt.condition("datum._dark", alt.value(ROLES["paper"]), alt.value(INK)),
    )
    height = row_height(len(set(names)))
    return themed(alt.layer(cells, text).properties(width="container", height=height))


def stability_chart(stability: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart: each segment's Jaccard over resamples, with lines at .6 and .75.

    Parameters
    ----------
    stability : DataFrame
        ``measure, segment, estimate, low, high, resamples``.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names = [
        word(labels, "adjusted_rand") if pd.isna(s) else f"{word(labels, 'segment')} {int(s)}"
        for s in stability["segment"].tolist()
    ]
    title = word(labels, "stability")
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".2f") for c in ("estimate", "low", "high")),
    ]
    base = alt.Chart(inline(stability, _label=names)).encode(
        y=alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names)), axis=alt.Axis(grid=False)), tooltip=tips
    )
    x = alt.X(
        "estimate:Q",
        title=title,
        scale=alt.Scale(
            domain=[min(0.0, float(np.nanmin(stability["low"].to_numpy(dtype=np.float64), initial=0.0))), 1.0]
        ),
    )
    rule = base.mark_rule(color=ROLES["accent"], strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q")
    dot = base.mark_point(size=70, filled=True, opacity=1, color=ROLES["accent"]).encode(x=x)
    limit = (
        alt.Chart(alt.Data(values=[{"limit": limit} for limit in _LIMITS]))
        .mark_rule(color=GREY, strokeDash=[4, 3])
        .encode(x=alt.X("limit:Q", title=title))
    )
    return themed(alt.layer(limit, rule, dot).properties(width="container", height=row_height(len(names))))
