"""How values are distributed over units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.charts.theme import BLUE, altair, inline, themed, word

__all__ = ["distribution_chart", "distribution_rows"]

_BINS = 40


def distribution_rows(values: npt.ArrayLike, counts: npt.ArrayLike | None = None, *, bins: int = _BINS) -> pd.DataFrame:
    """Return ``low, high, units``: a bar per whole number where there are few, else bins of equal width; the last is open.

    The last one per cent of the units share the last bar, so that a few large values do not press all others together.
    """
    x = np.asarray(values, dtype=np.float64)
    n = np.ones(x.size) if counts is None else np.asarray(counts, dtype=np.float64)
    there = np.isfinite(x) & (n > 0)
    x, n = x[there], n[there]
    if not x.size:
        return pd.DataFrame({"low": [], "high": [], "units": [], "open": []}).astype({"open": bool})
    order = np.argsort(x, kind="stable")
    running = np.cumsum(n[order])
    far = float(x[order][np.searchsorted(running, 0.99 * running[-1])])
    first = float(x.min())
    whole = bool((x == np.round(x)).all()) and far - first < bins
    edges = np.arange(first, far + 2) if whole else np.linspace(first, far if far > first else first + 1.0, bins + 1)
    place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, edges.size - 2)
    units = np.bincount(place, weights=n, minlength=edges.size - 1)
    is_open = np.zeros(units.size, dtype=bool)
    is_open[-1] = bool(x.max() > (edges[-2] if whole else edges[-1]))
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "units": units, "open": is_open})


def distribution_chart(table: pd.DataFrame, *, title: str, units: str, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart of bars.

    Parameters
    ----------
    table : DataFrame
        ``low, high, units, open`` from :func:`distribution_rows`.
    title, units : str
        What the axes show: the value, and whose.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    shown = [f"{low:.4g}+" if o else f"{low:.4g}" for low, o in zip(table["low"], table["open"], strict=True)]
    data = inline(table, _from=shown)
    chart = (
        alt.Chart(data)
        .mark_bar(color=BLUE, binSpacing=1)
        .encode(
            x=alt.X("low:Q", title=word(labels, title), bin="binned", axis=alt.Axis(grid=False, tickCount=6)),
            x2="high:Q",
            y=alt.Y("units:Q", title=word(labels, units), axis=alt.Axis(format="~s", tickCount=5)),
            tooltip=[
                alt.Tooltip("_from:N", title=word(labels, title)),
                alt.Tooltip("units:Q", title=word(labels, units), format=",.0f"),
            ],
        )
    )
    return themed(chart.properties(width="container", height=220))
