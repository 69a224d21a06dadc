"""Curves of steps over time with their bands: who is still there, and who has left for which cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import BLUE, GREY, SERIES, altair, group_labels, inline, row_height, themed, word

__all__ = ["expected_chart", "incidence_chart", "survival_chart"]

MOST_STEPS = 400
"""Steps drawn of a curve; more than that no screen tells apart."""
MOST_COLOURS = len(SERIES)
_PANEL_WIDTH = 280


def survival_chart(
    table: pd.DataFrame,
    groups: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    unit: str = "",
    labels: Mapping[str, str] | None = None,
) -> Any:
    """Return an Altair chart of survival curves: steps from 1, a band for each, one colour per group.

    Parameters
    ----------
    table : DataFrame
        ``*by, time, survival, low, high``, group after group.
    groups : DataFrame
        ``*by, n, times, last``: rows of the table and the end of each curve.
    by : list of str
        The grouping columns.
    unit : str
        Unit of time, for the axis.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.LayerChart or altair.FacetChart
        More than six groups have a panel each.
    """
    names = group_labels(groups, by, labels)
    drawn = _steps(table, groups, "survival", names, start=1.0)
    layers = _layers(drawn, "survival", names, unit, labels)
    if len(names) <= MOST_COLOURS:
        return themed(layers.properties(width="container", height=280))
    return _panels(layers, names)


def incidence_chart(
    table: pd.DataFrame,
    groups: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    unit: str = "",
    labels: Mapping[str, str] | None = None,
) -> Any:
    """Return an Altair chart of cumulative incidence: steps from 0 with their bands, one colour per cause, a panel per group.

    Parameters
    ----------
    table : DataFrame
        ``*by, cause, time, incidence, low, high``, group after group and cause after cause.
    groups : DataFrame
        ``*by, cause, n, times, last``.
    by, unit, labels
        As in :func:`survival_chart`.
    """
    causes = [word(labels, str(cause)) for cause in groups["cause"].tolist()]
    panels = group_labels(groups, by, labels)
    drawn = _steps(table, groups, "incidence", causes, start=0.0, panels=panels)
    layers = _layers(drawn, "incidence", list(dict.fromkeys(causes)), unit, labels)
    if len(set(panels)) <= 1:
        return themed(layers.properties(width="container", height=280))
    return _panels(layers, list(dict.fromkeys(panels)))


def expected_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart of leavers observed (bars) beside leavers expected if all groups were alike (ticks).

    Parameters
    ----------
    table : DataFrame
        ``*by, n, observed, expected``.
    by, labels
        As in :func:`survival_chart`.
    """
    alt = altair()
    names = group_labels(table, by, labels)
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("observed:Q", title=word(labels, "observed"), format=","),
        alt.Tooltip("expected:Q", title=word(labels, "expected"), format=",.1f"),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    y = alt.Y("_label:N", title=None, sort=names, axis=alt.Axis(grid=False))
    base = alt.Chart(inline(table, _label=names)).encode(y=y, tooltip=tips)
    title = f"{word(labels, 'observed')} · | {word(labels, 'expected')}"
    bars = base.mark_bar(color=BLUE, height=12).encode(x=alt.X("observed:Q", title=title))
    ticks = base.mark_tick(color=GREY, thickness=3, height=20).encode(x=alt.X("expected:Q", title=title))
    return themed((bars + ticks).properties(width="container", height=row_height(len(names))))


def _steps(
    table: pd.DataFrame,
    groups: pd.DataFrame,
    value: str,
    series: Sequence[str],
    *,
    start: float,
    panels: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the points of each curve from time 0 to its end, thinned where there are too many to see."""
    edges = np.concatenate([[0], np.cumsum(groups["times"].to_numpy(dtype=np.int64))]).tolist()
    columns = {name: table[name].to_numpy(dtype=np.float64) for name in ("time", value, "low", "high")}
    ends = groups["last"].to_numpy(dtype=np.float64)
    found = []
    for i, (low, high) in enumerate(pairwise(edges)):
        own = {name: np.concatenate([[start], column[low:high]]) for name, column in columns.items()}
        own["time"][0] = 0.0
        last = max(float(ends[i]), float(own["time"][-1])) if np.isfinite(ends[i]) else 0.0
        if own["time"].size > MOST_STEPS:
            grid = np.linspace(0.0, last, MOST_STEPS)
            place = np.unique(np.searchsorted(own["time"], grid, side="right") - 1)
            own = {name: column[place] for name, column in own.items()}
        own = {name: np.append(column, last if name == "time" else column[-1]) for name, column in own.items()}
        own = {"value" if name == value else name: column for name, column in own.items()}
        labels = {"series": series[i], "panel": panels[i] if panels is not None else series[i]}
        found.append(pd.DataFrame(own).assign(**labels))
    return pd.concat(found, ignore_index=True)


def _layers(drawn: pd.DataFrame, value: str, series: Sequence[str], unit: str, labels: Mapping[str, str] | None) -> Any:
    alt = altair()
    order = list(dict.fromkeys(series))
    several = 1 < len(order) <= MOST_COLOURS
    title = f"{word(labels, 'time')} ({word(labels, unit)})" if unit else word(labels, "time")
    form = alt.Axis(format="~%", tickCount=5)
    scale = alt.Scale(domain=[0, 1]) if value == "survival" else alt.Undefined
    colour: Any = alt.value(BLUE)
    if several:
        colour = alt.Color(
            "series:N",
            sort=order,
            scale=alt.Scale(domain=order, range=list(SERIES[: len(order)])),
            legend=alt.Legend(title=None, symbolOpacity=1),
        )
    base = alt.Chart(inline(drawn)).encode(x=alt.X("time:Q", title=title), color=colour)
    y = alt.Y("value:Q", title=word(labels, value), axis=form, scale=scale)
    band = base.mark_area(opacity=0.15, interpolate="step-after").encode(
        y=alt.Y("low:Q", title=word(labels, value), axis=form, scale=scale), y2="high:Q"
    )
    tips = [
        *([alt.Tooltip("series:N", title=word(labels, "group"))] if several else []),
        alt.Tooltip("time:Q", title=word(labels, "time"), format=",.4~g"),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, w), format=".1%") for c, w in _TIPS),
    ]
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=y, tooltip=tips)
    return alt.layer(band, line)


_TIPS = (("value", "estimate"), ("low", "low"), ("high", "high"))


def _panels(layers: Any, order: Sequence[str]) -> Any:
    alt = altair()
    facet = alt.Facet("panel:N", sort=list(order), header=alt.Header(title=None))
    data = layers.layer[0].data
    for layer in layers.layer:
        layer.data = alt.Undefined
    return themed(layers.properties(width=_PANEL_WIDTH, height=150).facet(data=data, facet=facet, columns=2))
