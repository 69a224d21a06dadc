"""Pain points: how much each touchpoint hurts, with the interval of its rank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cemkit.charts.theme import GREY, INK, ROLES, altair, inline, row_height, themed, word

__all__ = ["pain_chart"]

_FACTORS = {"reach": ".1%", "episodes": ".2f", "severity": ".2f"}


def pain_chart(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart: a bar of pain per touchpoint with its interval, its factors, and the interval of its rank.

    Parameters
    ----------
    table : DataFrame
        ``touchpoint_id, reach, episodes, severity, estimate, low, high, rank_low, rank_high``, the most painful first.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names = [word(labels, str(v)) for v in table["touchpoint_id"].tolist()]
    ranks = [f"{a}" if a == b else f"{a}–{b}" for a, b in zip(table["rank_low"], table["rank_high"], strict=True)]
    factors = [
        "" if pd.isna(e) else f"{r:.1%} × {e:.2f} × {s:.2f}"
        for r, e, s in table[list(_FACTORS)].itertuples(index=False, name=None)
    ]
    title = f"{word(labels, 'pain')} ({word(labels, 'points-lost')})"
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "touchpoint")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".3f") for c in ("estimate", "low", "high")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=form) for c, form in _FACTORS.items()),
        alt.Tooltip("_rank:N", title=word(labels, "rank")),
    ]
    data = inline(table, _label=names, _rank=ranks, _factors=factors)
    rows = alt.Y("_label:N", sort=names, title=None, axis=alt.Axis(grid=False))
    base = alt.Chart(data).encode(y=rows, tooltip=tips)
    bar = base.mark_bar(color=ROLES["poor"], height=14).encode(
        x=alt.X("estimate:Q", title=title, axis=alt.Axis(tickCount=6))
    )
    rule = base.mark_rule(color=ROLES["worst"], strokeWidth=2).encode(x=alt.X("low:Q", title=title), x2="high:Q")

    # outside the plot, so that no interval runs into them
    def column(field: str, dx: int, colour: str) -> Any:
        text = alt.Chart(data).mark_text(align="left", dx=dx, color=colour, fontSize=11)
        return text.encode(y=rows, x=alt.value("width"), text=f"{field}:N")

    def head(text: str, dx: int) -> Any:
        mark = alt.Chart(alt.Data(values=[{}])).mark_text(
            align="left", baseline="bottom", dx=dx, dy=-2, color=GREY, fontSize=11, text=text
        )
        return mark.encode(x=alt.value("width"), y=alt.value(0))

    product = " × ".join(word(labels, name) for name in _FACTORS)
    layers = [
        bar,
        rule,
        column("_rank", 8, INK),
        head(word(labels, "rank"), 8),
        column("_factors", 52, GREY),
        head(product, 52),
    ]
    return themed(alt.layer(*layers).properties(width=420, height=row_height(len(names))))
