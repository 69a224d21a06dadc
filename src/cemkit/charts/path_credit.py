"""Shares of the credit that touchpoints get along paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cemkit.charts.theme import GREY, ROLES, altair, inline, row_height, themed, word

__all__ = ["path_credit_chart"]

_WORDS = {
    "credit-share": "Share of the credit (descriptive)",
    "touchpoint": "Touchpoint",
    "met": "Customers who met it",
}


def path_credit_chart(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart: a bar per touchpoint with its interval, the largest first.

    Parameters
    ----------
    table : DataFrame
        ``touchpoint, estimate, low, high, customers, met``.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    words = {**_WORDS, **(labels or {})}
    ordered = table.sort_values("estimate", ascending=False, kind="stable")
    names = [word(words, str(name)) for name in ordered["touchpoint"].tolist()]
    title = word(words, "credit-share")
    tips = [
        alt.Tooltip("_label:N", title=word(words, "touchpoint")),
        *(alt.Tooltip(f"{c}:Q", title=word(words, c), format=".1%") for c in ("estimate", "low", "high")),
        alt.Tooltip("met:Q", title=word(words, "met"), format=",.0f"),
    ]
    base = alt.Chart(inline(ordered, _label=names)).encode(
        y=alt.Y("_label:N", title=None, sort=names, axis=alt.Axis(grid=False)), tooltip=tips
    )
    axis = alt.Axis(format="~%", tickCount=6)
    bar = base.mark_bar(color=ROLES["soft"], height={"band": 0.6}).encode(x=alt.X("estimate:Q", title=title, axis=axis))
    rule = base.mark_rule(color=GREY, strokeWidth=2).encode(x=alt.X("low:Q", title=title, axis=axis), x2="high:Q")
    return themed(alt.layer(bar, rule).properties(width="container", height=row_height(len(names))))
