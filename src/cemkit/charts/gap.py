"""Expected and perceived as dumbbells, with the interval of the gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.items import Words, finished, row_names, words_of
from cemkit.charts.theme import BLUE, GREY, INK, PAPER, RED, altair, group_labels, inline, word

__all__ = ["gap_chart"]


def gap_chart(
    table: pd.DataFrame, *, by: Sequence[str] = (), labels: Words | None = None, width: int | None = None
) -> Any:
    """Return an Altair chart with a dumbbell per row: what was expected (open) and what was perceived (full).

    Parameters
    ----------
    table : DataFrame
        ``*by, item, expected, perceived, estimate, low, high, n``.
    by : list of str
        The grouping columns.
    labels : dict, optional
        Words to show instead of the English ones, the items' included.
    width : int, optional
        In pixels; that of the page without it.

    Returns
    -------
    altair.LayerChart
        Rows keep the table's order. The thin line is the gap's interval, drawn from what was expected: where it does not
        reach the open mark, the gap is not zero. Falling short is orange, exceeding blue, undecided grey.
    """
    alt, words = altair(), words_of(labels)
    names = group_labels(table.drop(columns="metric", errors="ignore"), [*by, "item"], labels)
    low, high, start = (table[c].to_numpy(dtype=np.float64) for c in ("low", "high", "expected"))
    colour = np.where(low > 0, BLUE, np.where(high < 0, RED, GREY)).tolist()
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"{c}:Q", title=words[c], format=".2f") for c in ("expected", "perceived")),
        alt.Tooltip("estimate:Q", title=words["gap"], format=".2f"),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".2f") for c in ("low", "high")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    shown = inline(table, _label=names, _colour=colour, _low=start + low, _high=start + high)
    base = alt.Chart(shown).encode(y=row_names(names, width), tooltip=tips)
    paint = alt.Color("_colour:N", scale=None)
    axis = alt.Axis(tickCount=6 if width is None or width > 400 else 4)
    scale = alt.Scale(zero=False, nice=True, padding=6)

    def x(column: str) -> Any:
        return alt.X(f"{column}:Q", title=None, scale=scale, axis=axis)

    layers = [
        base.mark_rule(strokeWidth=5, opacity=0.35).encode(x=x("expected"), x2="perceived:Q", color=paint),
        base.mark_rule(strokeWidth=1.5).encode(x=x("_low"), x2="_high:Q", color=paint),
        base.mark_point(size=60, opacity=1, fill=PAPER, stroke=INK, strokeWidth=1.5).encode(x=x("expected")),
        base.mark_point(size=70, opacity=1, filled=True).encode(x=x("perceived"), color=paint),
    ]
    return finished(layers, len(set(names)), width, f"○ {words['expected']}   ● {words['perceived']}")
