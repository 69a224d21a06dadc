"""The map of importance and performance, with its lines and how sure every item's place is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.items import Words, paneled, words_of
from cemkit.charts.theme import BLUE, GREY, INK, PAPER, RED, altair, group_labels, inline, word

__all__ = ["SURE", "importance_performance_chart"]

SURE = 0.9
"""Probability of its quadrant from which an item's mark is full."""
_QUADRANTS = ("fix_first", "keep_up", "low_priority", "overdone")
_CORNERS = {"fix_first": ("left", "top"), "keep_up": ("right", "top"), "low_priority": ("left", "bottom"),
            "overdone": ("right", "bottom")}  # fmt: skip


def importance_performance_chart(
    table: pd.DataFrame, cuts: pd.DataFrame, *, labels: Words | None = None, width: int | None = None
) -> Any:
    """Return an Altair chart of importance (up) against performance (right), a panel per basis of importance.

    Parameters
    ----------
    table : DataFrame
        ``basis, item, importance, performance`` (each with ``_low`` and ``_high``) ``, quadrant, fix_first, keep_up,
        low_priority, overdone, n``.
    cuts : DataFrame
        ``basis, axis, estimate``: the lines.
    labels : dict, optional
        Words to show instead of the English ones, the items' included.
    width : int, optional
        In pixels; that of the page without it.

    Returns
    -------
    altair.LayerChart or altair.FacetChart
        Marks are full where the item's quadrant has a probability of at least 90 % under resampling, open where it has
        less; what is to be fixed first is orange.
    """
    alt, words = altair(), words_of(labels)
    names = group_labels(table, ["item"], labels)
    panels = [words[basis] for basis in table["basis"].tolist()]
    places = table[list(_QUADRANTS)].to_numpy(dtype=np.float64)
    chance = [row[_QUADRANTS.index(q)] for row, q in zip(places, table["quadrant"].tolist(), strict=True)]
    lines = {(b, a): float(v) for b, a, v in zip(cuts["basis"], cuts["axis"], cuts["estimate"], strict=True)}
    colours = [RED if q == "fix_first" else BLUE for q in table["quadrant"].tolist()]
    data = inline(
        table, _label=names, _panel=panels, _colour=colours, _chance=chance, _sure=[bool(p >= SURE) for p in chance],
        _quadrant=[words[q] for q in table["quadrant"].tolist()],
        **{f"_{axis}": [lines[b, axis] for b in table["basis"].tolist()] for axis in ("importance", "performance")},
    )  # fmt: skip
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("importance:Q", title=words["importance"], format=".3f"),
        alt.Tooltip("performance:Q", title=words["performance"], format=".2f"),
        alt.Tooltip("_quadrant:N", title=words["factor"]),
        alt.Tooltip("_chance:Q", title=words["probability"], format=".0%"),
        *(alt.Tooltip(f"{q}:Q", title=words[q], format=".0%") for q in _QUADRANTS),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    form = "~%" if set(table["basis"]) == {"derived"} else "~f"
    few = 4 if width is not None and width <= 400 else 6

    def x(column: str) -> Any:
        axis = alt.Axis(grid=False, tickCount=few)
        return alt.X(f"{column}:Q", title=words["performance"], axis=axis, scale=alt.Scale(zero=False, padding=14))

    def y(column: str) -> Any:
        axis = alt.Axis(grid=False, format=form, tickCount=5)
        return alt.Y(f"{column}:Q", title=words["importance"], axis=axis, scale=alt.Scale(zero=False, padding=14))

    base = alt.Chart().encode(color=alt.Color("_colour:N", scale=None), tooltip=tips)
    # one mark for all rows of a panel: the lines are the same in each of them
    line = alt.Chart().transform_aggregate(groupby=["_panel"], _at_x="min(_performance)", _at_y="min(_importance)")
    corner = alt.Chart().transform_aggregate(groupby=["_panel"])
    layers = [
        line.mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=x("_at_x")),
        line.mark_rule(color=GREY, strokeDash=[4, 3]).encode(y=y("_at_y")),
        *(
            corner.mark_text(
                **halo, fontSize=11, align=side, baseline=end, dx=4 if side == "left" else -4,
                dy=4 if end == "top" else -4, text=words[name],
            ).encode(
                x=alt.value(0) if side == "left" else alt.value("width"),
                y=alt.value(0) if end == "top" else alt.value("height"),
            )
            for halo in ({"stroke": PAPER, "strokeWidth": 4, "color": PAPER}, {"color": GREY})
            for name, (side, end) in _CORNERS.items()
        ),
        base.mark_rule(opacity=0.3).encode(x=x("performance_low"), x2="performance_high:Q", y=y("importance")),
        base.mark_rule(opacity=0.3).encode(x=x("performance"), y=y("importance_low"), y2="importance_high:Q"),
        base.transform_filter("datum._sure").mark_point(size=60, opacity=1, filled=True).encode(
            x=x("performance"), y=y("importance")
        ),
        base.transform_filter("!datum._sure").mark_point(size=60, opacity=1, fill=PAPER).encode(
            x=x("performance"), y=y("importance")
        ),
        alt.Chart().mark_text(color=INK, dx=7, dy=-7, align="left", fontSize=11).encode(
            x=x("performance"), y=y("importance"), text="_label:N"
        ),
    ]  # fmt: skip
    return paneled(layers, panels, data, own_scales=True, width=width or 560, height=min(width or 480, 480))
