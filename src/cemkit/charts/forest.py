"""Hazard ratios with their intervals on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import BLUE, GREY, INK, RED, altair, inline, row_height, themed, word

__all__ = ["forest_chart"]

_LABEL_WIDTH = 240


def forest_chart(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart with a hazard ratio and its interval per row, and a line at 1.

    Parameters
    ----------
    table : DataFrame
        ``covariate, hazard_ratio, hazard_ratio_low, hazard_ratio_high, p_value, reference``.
    labels : dict, optional
        Words to show instead of the English ones, names of covariates included.

    Returns
    -------
    altair.LayerChart
        Ratios whose interval lies above 1 (leaving sooner) are red, below 1 blue, the rest grey; a covariate without a
        finite ratio keeps its line and has no mark.
    """
    alt = altair()
    names = [word(labels, name) for name in table["covariate"].tolist()]
    values = {
        name: table[name].to_numpy(dtype=np.float64)
        for name in ("hazard_ratio", "hazard_ratio_low", "hazard_ratio_high")
    }
    finite = np.all([np.isfinite(v) & (v > 0) for v in values.values()], axis=0)
    shown = table.assign(**{name: np.where(finite, v, np.nan) for name, v in values.items()})
    low, high = values["hazard_ratio_low"], values["hazard_ratio_high"]
    colour = np.where(low > 1, RED, np.where(high < 1, BLUE, GREY)).tolist()
    title = word(labels, "hazard_ratio")
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "covariate")),
        alt.Tooltip("reference:N", title=word(labels, "reference")),
        *(
            alt.Tooltip(f"{c}:Q", title=word(labels, w), format=".3~g")
            for c, w in (("hazard_ratio", "hazard_ratio"), ("hazard_ratio_low", "low"), ("hazard_ratio_high", "high"))
        ),
        alt.Tooltip("p_value:Q", title=word(labels, "p_value"), format=".3f"),
    ]
    scale = alt.Scale(type="log", nice=False, padding=12)
    axis = alt.Axis(format="~g", tickCount=6)
    base = alt.Chart(inline(shown, _label=names, _colour=colour)).encode(
        y=alt.Y("_label:N", title=None, sort=names, axis=alt.Axis(grid=False, labelLimit=_LABEL_WIDTH)),
        color=alt.Color("_colour:N", scale=None),
        tooltip=tips,
    )
    rule = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("hazard_ratio_low:Q", title=title, scale=scale, axis=axis), x2="hazard_ratio_high:Q"
    )
    point = base.mark_point(size=70, opacity=1, filled=True).encode(
        x=alt.X("hazard_ratio:Q", title=title, scale=scale, axis=axis)
    )
    one = (
        alt.Chart(alt.Data(values=[{"one": 1}])).mark_rule(color=INK).encode(x=alt.X("one:Q", title=title, scale=scale))
    )
    return themed(alt.layer(one, rule, point).properties(width="container", height=row_height(len(names))))
