"""The channels of every touchpoint as dots, and how far they differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import INK, ROLES, SERIES, altair, group_labels, inline, row_height, themed, word

__all__ = ["channel_chart"]


def channel_chart(
    channels: pd.DataFrame,
    units: pd.DataFrame,
    *,
    by: str,
    over: str,
    labels: Mapping[str, str] | None = None,
) -> Any:
    """Return an Altair chart: a dot per channel in the row of its touchpoint, over a bar of the mean ± τ.

    Parameters
    ----------
    channels : DataFrame
        ``by, over, estimate, low, high, raw_estimate, n, used``.
    units : DataFrame
        ``by, estimate, low, high, mean``: τ and the mean per touchpoint; the order of the rows is the chart's.
    by, over : str
        The columns of touchpoints and channels.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.LayerChart
        Up to six channels have colours of their own; more are all of one.
    """
    alt = altair()
    names = group_labels(units, [by], labels)
    shown = channels[channels["used"].to_numpy(dtype=bool)]
    kinds = group_labels(channels, [over], labels)
    levels = list(dict.fromkeys(kinds))
    few = len(levels) <= len(SERIES)
    dots = inline(shown, _label=group_labels(shown, [by], labels), _over=group_labels(shown, [over], labels))
    tau, mean = (units[c].to_numpy(dtype=np.float64) for c in ("estimate", "mean"))
    bars = inline(units, _label=names, _from=mean - tau, _to=mean + tau)
    title = word(labels, "scale")
    y = alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names)), axis=alt.Axis(grid=False))
    x = alt.X("estimate:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6))
    bar = (
        alt.Chart(bars)
        .mark_bar(color=ROLES["soft"], height=12)
        .encode(
            y=y,
            x=alt.X("_from:Q", title=title),
            x2="_to:Q",
            tooltip=[
                alt.Tooltip("_label:N", title=word(labels, "group")),
                alt.Tooltip("estimate:Q", title=word(labels, "tau"), format=".3f"),
                *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".3f") for c in ("low", "high")),
            ],
        )
    )  # fmt: skip
    middle = alt.Chart(bars).mark_tick(color=INK, thickness=2, height=14).encode(y=y, x=alt.X("mean:Q", title=title))
    paint = (
        alt.Color("_over:N", sort=levels, scale=alt.Scale(domain=levels, range=list(SERIES[: len(levels)])))
        if few
        else alt.value(ROLES["accent"])
    )
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("_over:N", title=over),
        *(
            alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".2f")
            for c in ("estimate", "low", "high", "raw_estimate")
        ),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    dot = alt.Chart(dots).mark_circle(size=60, opacity=0.9).encode(y=y, x=x, color=paint, tooltip=tips)
    return themed(alt.layer(bar, middle, dot).properties(width="container", height=row_height(len(names))))
