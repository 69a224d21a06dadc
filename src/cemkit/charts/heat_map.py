"""A square of cells: cohorts by period, rungs by rung."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import GREY, ROLES, altair, group_labels, inline, themed, tip_format, word

__all__ = ["heat_chart"]

_DARK = 0.55


def heat_chart(
    table: pd.DataFrame, *, rows: str, columns: str, top: float | None = None, labels: Mapping[str, str] | None = None
) -> Any:
    """Return an Altair chart of cells, darker where more; cells without a value are not drawn.

    Parameters
    ----------
    table : DataFrame
        ``row, column, value, unit, n``, and perhaps ``low, high``: a row per cell, in the order of the chart.
    rows, columns : str
        What rows and columns are, for their titles.
    top : float, optional
        The value from which on cells are darkest; the largest by default.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.LayerChart
    """
    alt = altair()
    names = {
        axis: group_labels(table.drop(columns="metric", errors="ignore"), [axis], labels) for axis in ("row", "column")
    }
    values = table["value"].to_numpy(dtype=np.float64, na_value=np.nan)
    if top is None or not top > 0:
        top = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
    share = "unit" not in table or set(table["unit"]) <= {"share"}
    shown = ["" if v != v else f"{100 * v:.0f}%" if share else f"{v:,.0f}" for v in values.tolist()]
    form = tip_format(table)
    tips = [
        alt.Tooltip("_row:N", title=word(labels, rows)),
        alt.Tooltip("_column:N", title=word(labels, columns)),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c in ("value", "low", "high") if c in table),
        *([alt.Tooltip("n:Q", title=word(labels, "n"), format=",")] if "n" in table else []),
    ]
    dark = [bool(v > _DARK * top) for v in values.tolist()]
    data = inline(table, _row=names["row"], _column=names["column"], _shown=shown, _dark=dark)
    order = {axis: list(dict.fromkeys(found)) for axis, found in names.items()}
    y = alt.Y("_row:N", title=word(labels, rows), sort=order["row"], axis=alt.Axis(grid=False))
    x = alt.X(
        "_column:N",
        title=word(labels, columns),
        sort=order["column"],
        axis=alt.Axis(grid=False, orient="top", labelAngle=0, labelOverlap=True),
    )
    base = alt.Chart(data).transform_filter("datum.value != null").encode(x=x, y=y, tooltip=tips)
    scale = alt.Scale(domain=[0, top or 1.0], range=[ROLES["paper"], ROLES["accent"]], clamp=True)
    cells = base.mark_rect(stroke=ROLES["grid"]).encode(color=alt.Color("value:Q", scale=scale, legend=None))
    layers = [cells]
    if len(order["column"]) <= 15:
        ink = alt.condition("datum._dark", alt.value(ROLES["paper"]), alt.value(ROLES["ink"]))
        layers.append(base.mark_text(fontSize=11).encode(text="_shown:N", color=ink))
    title = {} if np.isfinite(values).any() else {"title": alt.Title(text=word(labels, "none"), color=GREY)}
    height = max(90, 24 * len(order["row"]))
    return themed(alt.layer(*layers).properties(width="container", height=height, **title))
