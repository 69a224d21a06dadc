"""Stacked shares of the bands of a scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import DIVERGING, INK, PAPER, altair, group_labels, inline, row_height, themed, word

__all__ = ["bands_chart"]

_SMALLEST_LABELLED = 0.08


def bands_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart with one bar per group, cut into the shares of the bands from worst to best.

    Parameters
    ----------
    table : DataFrame
        ``*by, metric, band, n, share, low, high``: a row per group and band, bands from worst to best.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones, names of bands included.

    Returns
    -------
    altair.LayerChart
        Groups in the order of the table; suppressed groups have no bar.
    """
    alt = altair()
    names = group_labels(table, by, labels)
    bands = [word(labels, str(band)) for band in table["band"].tolist()]
    order = list(dict.fromkeys(bands))
    share = table["share"].to_numpy(dtype=np.float64)
    start = pd.Series(np.nan_to_num(share)).groupby(names, sort=False).cumsum().to_numpy() - np.nan_to_num(share)
    middle = np.where(np.isnan(share), np.nan, start + share / 2)
    data = inline(
        table,
        _label=names,
        _band=bands,
        _start=np.where(np.isnan(share), np.nan, start).tolist(),
        _middle=middle.tolist(),
    )
    colours = [DIVERGING[round(place)] for place in np.linspace(0, len(DIVERGING) - 1, len(order))]
    title = word(labels, "share")
    axis = alt.Axis(format="~%", grid=False, tickCount=5)
    base = (
        alt.Chart(data)
        .transform_calculate(_end="datum.share === null ? null : datum._start + datum.share")
        .encode(y=alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names)), axis=alt.Axis(grid=False)))
    )
    bars = base.mark_bar(stroke=PAPER, strokeWidth=1).encode(
        x=alt.X("_start:Q", title=title, axis=axis, scale=alt.Scale(domain=[0, 1])),
        x2="_end:Q",
        color=alt.Color(
            "_band:N", sort=order, scale=alt.Scale(domain=order, range=colours), legend=alt.Legend(title=None)
        ),
        tooltip=[
            alt.Tooltip("_label:N", title=word(labels, "group")),
            alt.Tooltip("_band:N", title=word(labels, "band")),
            *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".1%") for c in ("share", "low", "high")),
            alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
        ],
    )
    dark = [order[0], order[-1]]
    text = (
        base.transform_filter(f"datum.share >= {_SMALLEST_LABELLED}")
        .mark_text(fontSize=11)
        .encode(
            x=alt.X("_middle:Q", title=title),
            text=alt.Text("share:Q", format=".0%"),
            color=alt.condition(alt.FieldOneOfPredicate(field="_band", oneOf=dark), alt.value("white"), alt.value(INK)),
        )
    )
    return themed((bars + text).properties(width="container", height=row_height(len(set(names)))))
