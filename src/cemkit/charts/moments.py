"""What customers did after experiences, by touchpoint and sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cemkit.charts.theme import ROLES, altair, inline, themed, word

__all__ = ["moments_chart"]

_WORDS = {
    "less": "Bought less",
    "left": "Left",
    "same": "Same",
    "more": "Bought more",
    "none": "No experience",
    "negative": "Negative",
    "neutral": "Neutral",
    "positive": "Positive",
    "unknown": "Unknown",
    "share-after": "Share of experiences",
}
_OUTCOMES = ("left", "less", "same", "more")
_COLOURS = ("worst", "poor", "middle", "best")
_VALENCES = ("negative", "none", "neutral", "positive", "unknown")


def moments_chart(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart: per touchpoint a bar for each sign, divided by what customers did next.

    Parameters
    ----------
    table : DataFrame
        ``touchpoint, valence, outcome, estimate, low, high, n``.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    words = {**_WORDS, **(labels or {})}
    shown = table[table["estimate"].notna()]
    names = [word(words, str(name)) for name in shown["touchpoint"].tolist()]
    valence = [word(words, v) for v in shown["valence"].tolist()]
    outcome = [word(words, o) for o in shown["outcome"].tolist()]
    rank = [_OUTCOMES.index(o) for o in shown["outcome"].tolist()]
    domain = [word(words, o) for o in _OUTCOMES]
    tips = [
        alt.Tooltip("_touchpoint:N", title=word(words, "touchpoint")),
        alt.Tooltip("_valence:N", title=word(words, "valence")),
        alt.Tooltip("_outcome:N", title=word(words, "outcome")),
        *(alt.Tooltip(f"{c}:Q", title=word(words, c), format=".1%") for c in ("estimate", "low", "high")),
        alt.Tooltip("n:Q", title=word(words, "n"), format=","),
    ]
    data = inline(shown, _touchpoint=names, _valence=valence, _outcome=outcome, _rank=rank)
    chart = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.8})
        .encode(
            x=alt.X(
                "estimate:Q",
                stack="normalize",
                title=word(words, "share-after"),
                axis=alt.Axis(format="~%", tickCount=5),
            ),
            y=alt.Y("_valence:N", title=None, sort=[word(words, v) for v in _VALENCES], axis=alt.Axis(grid=False)),
            color=alt.Color("_outcome:N", scale=alt.Scale(domain=domain, range=[ROLES[c] for c in _COLOURS])),
            order=alt.Order("_rank:Q"),
            row=alt.Row("_touchpoint:N", sort=list(dict.fromkeys(names)), spacing=10),
            tooltip=tips,
        )
        .properties(width=480, height=alt.Step(18))
    )
    return themed(chart)
