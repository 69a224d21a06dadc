"""Leavers and those who stayed: how satisfied both were, by the age of their last answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cemkit.charts.theme import ROLES, altair, inline, themed, word

__all__ = ["trap_chart"]

_WORDS = {
    "left": "Left",
    "stayed": "Stayed (same date, tenure, window)",
    "answer-age": "Age of the last answer (days)",
    "satisfied": "Satisfied",
    "all-ages": "all",
}


def trap_chart(table: pd.DataFrame, ages: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart: two points with intervals per age of the answer, and over all ages.

    Parameters
    ----------
    table : DataFrame
        ``quantity, estimate, low, high``, with the quantities ``satisfied-given-left`` and ``satisfied-given-stayed``.
    ages : DataFrame
        ``age_low, age_high, estimate, low, high, stayed, stayed_low, stayed_high``.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    words = {**_WORDS, **(labels or {})}
    names = [f"{a + 1:.0f}–{b:.0f}" for a, b in zip(ages["age_low"].tolist(), ages["age_high"].tolist(), strict=True)]
    whole = table.set_index("quantity")
    parts = []
    for group, columns in (("left", ("estimate", "low", "high")), ("stayed", ("stayed", "stayed_low", "stayed_high"))):
        part = ages[list(columns)].set_axis(["estimate", "low", "high"], axis=1).assign(age=names)
        total = whole.loc[[f"satisfied-given-{group}"], ["estimate", "low", "high"]].assign(age=word(words, "all-ages"))
        parts.append(pd.concat([part, total]).assign(group=word(words, group)))
    rows = pd.concat(parts, ignore_index=True)
    order = [*names, word(words, "all-ages")]
    colour = alt.Color(
        "group:N",
        scale=alt.Scale(domain=[word(words, "left"), word(words, "stayed")], range=[ROLES["worst"], ROLES["accent"]]),
    )
    tips = [
        alt.Tooltip("group:N"),
        alt.Tooltip("age:N", title=word(words, "answer-age")),
        *(alt.Tooltip(f"{c}:Q", title=word(words, c), format=".1%") for c in ("estimate", "low", "high")),
    ]
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("age:N", sort=order, title=word(words, "answer-age"), axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("group:N"),
        color=colour,
        tooltip=tips,
    )
    axis = alt.Axis(format="~%", tickCount=5)
    title = word(words, "satisfied")
    scale = alt.Scale(domain=[0, 1])
    rule = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", title=title, axis=axis, scale=scale), y2="high:Q")
    point = base.mark_point(size=70, filled=True, opacity=1).encode(
        y=alt.Y("estimate:Q", title=title, axis=axis, scale=scale)
    )
    return themed(alt.layer(rule, point).properties(width="container", height=240))
