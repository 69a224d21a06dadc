"""Reliability of constructs as points."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cemkit.charts.items import Words, finished, row_names, words_of
from cemkit.charts.theme import GREY, ROLES, altair, group_labels, inline, word

__all__ = ["reliability_chart"]

_PARTS = {"alpha": "accent", "rho_a": "best", "rho_c": "violet", "ave": "ochre"}


def reliability_chart(table: pd.DataFrame, *, labels: Words | None = None, width: int | None = None) -> Any:
    """Return an Altair chart: alpha, ρ_A, ρ_C and the average variance extracted of every construct.

    Parameters
    ----------
    table : DataFrame
        ``construct`` and ``alpha, rho_a, rho_c, ave``, each with ``_low`` and ``_high``.
    labels : dict, optional
        Words to show instead of the English ones, the constructs' included.
    width : int, optional
        In pixels; that of the page without it.

    Returns
    -------
    altair.LayerChart
        Dashed lines at the two conventions: 0.5 for the variance extracted, 0.7 for reliabilities.
    """
    alt, words = altair(), words_of(labels)
    names = group_labels(table, ["construct"], labels)
    long = pd.concat(
        [
            pd.DataFrame({"part": words[part], **{k: table[f"{part}{end}"].to_numpy() for k, end in
                          (("value", ""), ("low", "_low"), ("high", "_high"))}})
            for part in _PARTS
        ],
        ignore_index=True,
    )  # fmt: skip
    data = inline(long, _label=names * len(_PARTS))
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("part:N", title=" "),
        alt.Tooltip("value:Q", title=words["reliability"], format=".3f"),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".3f") for c in ("low", "high")),
    ]
    order = [words[part] for part in _PARTS]
    paint = alt.Color("part:N", sort=order, scale=alt.Scale(domain=order, range=[ROLES[r] for r in _PARTS.values()]))
    shift = alt.YOffset("part:N", sort=order)
    base = alt.Chart(data).encode(y=row_names(names, width), yOffset=shift, color=paint, tooltip=tips)
    scale = alt.Scale(zero=False)
    lines = alt.Chart(alt.Data(values=[{"at": 0.5}, {"at": 0.7}]))
    layers = [
        lines.mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=alt.X("at:Q", scale=scale, title=None)),
        base.mark_rule().encode(x=alt.X("low:Q", scale=scale, title=None), x2="high:Q"),
        base.mark_point(filled=True, size=50, opacity=1).encode(x=alt.X("value:Q", scale=scale, title=None)),
    ]
    return finished(layers, 2 * len(names), width)
