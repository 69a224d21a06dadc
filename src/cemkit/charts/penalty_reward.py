"""Penalties to the left, rewards to the right."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cemkit.charts.items import Words, finished, row_names, words_of
from cemkit.charts.theme import INK, ROLES, altair, group_labels, inline, word

__all__ = ["penalty_reward_chart"]


def penalty_reward_chart(table: pd.DataFrame, *, labels: Words | None = None, width: int | None = None) -> Any:
    """Return an Altair chart with two bars per item: what low answers cost and what high answers bring.

    Parameters
    ----------
    table : DataFrame
        ``item, penalty, penalty_low, penalty_high, reward, reward_low, reward_high, factor``.
    labels : dict, optional
        Words to show instead of the English ones, the items' included.
    width : int, optional
        In pixels; that of the page without it.

    Returns
    -------
    altair.LayerChart
        Items keep the table's order; the kind of factor stands beside the name.
    """
    alt, words = altair(), words_of(labels)
    kinds = [words.get(kind, kind) for kind in table["factor"].tolist()]
    own = group_labels(table, ["item"], labels)
    names = [f"{name} ({kind})" for name, kind in zip(own, kinds, strict=True)]
    parts = []
    for part in ("penalty", "reward"):
        ends = {"value": part, "low": f"{part}_low", "high": f"{part}_high"}
        parts.append(pd.DataFrame({"part": words[part], **{k: table[c].to_numpy() for k, c in ends.items()}}))
    data = inline(pd.concat(parts, ignore_index=True), _label=[*names, *names])
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("part:N", title=words["factor"]),
        alt.Tooltip("value:Q", title=words["effect"], format=".2f"),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".2f") for c in ("low", "high")),
    ]
    base = alt.Chart(data).encode(y=row_names(names, width), tooltip=tips)
    colours = alt.Scale(domain=[words["penalty"], words["reward"]], range=[ROLES["worst"], ROLES["best"]])
    x = alt.X("value:Q", title=words["effect"])
    layers = [
        base.mark_bar(size=13, opacity=0.6).encode(x=x, color=alt.Color("part:N", scale=colours)),
        base.mark_rule(color=INK, strokeWidth=1.5).encode(x=alt.X("low:Q", title=words["effect"]), x2="high:Q"),
        alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=INK).encode(x=alt.X("zero:Q", title=words["effect"])),
    ]
    return finished(layers, len(names), width)
