"""Kano's map: what satisfies by being there against what dissatisfies by being absent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.items import Words, paneled, words_of
from cemkit.charts.theme import GREY, INK, PAPER, ROLES, altair, group_labels, inline, word

__all__ = ["kano_chart"]

_COLOURS = {
    "attractive": ROLES["accent"],
    "one-dimensional": ROLES["best"],
    "must-be": ROLES["worst"],
    "indifferent": ROLES["muted"],
    "reverse": ROLES["violet"],
    "questionable": ROLES["ochre"],
}
_CORNERS = (
    ("indifferent", 0.02, 0.03),
    ("must-be", 0.98, 0.03),
    ("attractive", 0.02, 0.97),
    ("one-dimensional", 0.98, 0.97),
)


def kano_chart(
    table: pd.DataFrame, *, by: Sequence[str] = (), labels: Words | None = None, width: int | None = None
) -> Any:
    """Return an Altair chart of Better against Worse, with intervals, a panel per group.

    Parameters
    ----------
    table : DataFrame
        ``*by, item, category, probability_top, better, better_low, better_high, worse, worse_low, worse_high, n``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones, the items' included.
    width : int, optional
        In pixels; that of the page without it.

    Returns
    -------
    altair.LayerChart or altair.FacetChart
        Worse is drawn as its size, 0 to 1. The colour is the category; marks are open where its chance of being the most
        frequent one is under 95 %.
    """
    alt, words = altair(), words_of(labels)
    names = group_labels(table, ["item"], labels)
    panels = group_labels(table, by, labels)
    size = {end: (-table[f"worse{end}"].to_numpy(dtype=np.float64)).tolist() for end in ("", "_low", "_high")}
    kinds = [words.get(str(kind), str(kind)) for kind in table["category"].tolist()]
    sure = (table["probability_top"].to_numpy(dtype=np.float64) >= 0.95).tolist()
    colours = [_COLOURS.get(str(kind), GREY) for kind in table["category"].tolist()]
    data = inline(
        table, _label=names, _kind=kinds, _sure=sure, _colour=colours, _x=size[""], _x_low=size["_high"],
        _x_high=size["_low"], _panel=panels,
    )  # fmt: skip
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("_kind:N", title=words["factor"]),
        alt.Tooltip("probability_top:Q", title=words["probability"], format=".0%"),
        alt.Tooltip("better:Q", title=words["better"], format=".2f"),
        alt.Tooltip("worse:Q", title=words["worse"], format=".2f"),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    unit = alt.Scale(domain=[0, 1], nice=False)
    ticks = alt.Axis(values=[0, 0.5, 1], format="~%")

    def x(column: str) -> Any:
        return alt.X(f"{column}:Q", title=words["worse"], scale=unit, axis=ticks)

    def y(column: str) -> Any:
        return alt.Y(f"{column}:Q", title=words["better"], scale=unit, axis=ticks)

    base = alt.Chart().encode(color=alt.Color("_colour:N", scale=None), tooltip=tips)
    corner = alt.Chart().transform_aggregate(groupby=["_panel"])
    layers = [
        *(
            corner.transform_calculate(_cx=str(cx), _cy=str(cy))
            .mark_text(color=GREY, fontSize=11, align="left" if cx < 0.5 else "right", text=words[name])
            .encode(x=x("_cx"), y=y("_cy"))
            for name, cx, cy in _CORNERS
        ),
        base.mark_rule(opacity=0.45).encode(x=x("_x_low"), x2="_x_high:Q", y=y("better")),
        base.mark_rule(opacity=0.45).encode(x=x("_x"), y=y("better_low"), y2="better_high:Q"),
        base.transform_filter("datum._sure")
        .mark_point(size=70, opacity=1, filled=True)
        .encode(x=x("_x"), y=y("better")),
        base.transform_filter("!datum._sure")
        .mark_point(size=70, opacity=1, fill=PAPER)
        .encode(x=x("_x"), y=y("better")),
        alt.Chart()
        .mark_text(color=INK, dx=8, dy=-8, align="left", fontSize=11)
        .encode(x=x("_x"), y=y("better"), text="_label:N"),
    ]
    return paneled(layers, panels, data, width=width or 520, height=width or 520)
