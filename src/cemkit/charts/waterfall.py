"""A waterfall from a background to a total, and bars of what rows are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cemkit.charts.theme import BLUE, GREY, INK, RED, ROLES, altair, group_labels, inline, row_height, themed, word
from cemkit.errors import CemkitError

__all__ = ["value_chart", "waterfall_chart", "waterfall_layers", "waterfall_rows"]

_WORDS = {
    "background": "Background",
    "total": "Churn observed",
    "customers": "Leavers",
    "share": "Share of churn",
    "at_risk": "Value at risk",
}


def waterfall_rows(table: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """Return the steps of a waterfall: the background, the touchpoints from the largest to the smallest, the total.

    Columns ``*by, touchpoint, part`` (background, harmful, other or total), ``begin, end, customers, share, low, high``;
    ``low, high`` are placed where the step ends.
    """
    groups = [table] if not by else [rows for _, rows in table.groupby(list(by), sort=False, dropna=False)]
    found = []
    for rows in groups:
        last = rows["touchpoint"] == "background"
        steps = rows[~last & rows["customers"].notna()].sort_values("customers", ascending=False, kind="stable")
        steps = pd.concat([rows[last], steps], ignore_index=True)
        steps["end"] = steps["customers"].cumsum()
        steps["begin"] = steps["end"] - steps["customers"]
        surely = steps["low"] > 0
        steps["part"] = ["background", *("harmful" if sure else "other" for sure in surely.iloc[1:])]
        for name in ("low", "high"):
            steps[name] = steps["begin"] + steps[f"customers_{name}"]
        steps.loc[0, ["low", "high"]] = float("nan")
        total = float(steps["customers"].sum())
        whole = {"touchpoint": "total", "part": "total", "begin": 0.0, "end": total, "customers": total, "share": 1.0}
        extra = pd.DataFrame([{**{name: steps[name].iloc[0] for name in by}, **whole}])
        columns = [*by, "touchpoint", "part", "begin", "end", "customers", "share", "low", "high"]
        found.append(pd.concat([steps[columns], extra], ignore_index=True))
    return pd.concat(found, ignore_index=True)


def waterfall_chart(
    table: pd.DataFrame, *, by: Sequence[str] = (), title: str = "", labels: Mapping[str, str] | None = None
) -> Any:
    """Return an Altair waterfall: a row per step from the background to the churn observed.

    Parameters
    ----------
    table : DataFrame
        Rows of a ledger: ``*by, touchpoint, customers, share, low, high, customers_low, customers_high``.
    by : list of str
        The grouping columns: a panel per group.
    title : str
        What the ledger shows.
    labels : dict, optional
        Words to show instead of the English ones and of touchpoints.

    Returns
    -------
    altair.LayerChart or altair.FacetChart
        Touchpoints whose interval lies above zero are red, others grey; thin lines are intervals of the step.

    Raises
    ------
    CemkitError
        If no row can be drawn.
    """
    chart, _ = waterfall_layers(table, by=by, labels=labels)
    return themed(chart.properties(title=title) if title else chart)


def waterfall_layers(
    table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None
) -> tuple[Any, int]:
    """Return the chart of :func:`waterfall_chart` without its look, and how many steps it has."""
    alt = altair()
    drawn = table[table["customers"].notna() & table["share"].notna()]
    if drawn.empty:
        msg = f"none of the {len(table)} rows can be drawn: they are refused, or the table is empty"
        raise CemkitError(msg)
    rows = waterfall_rows(drawn, by=by)
    words = {**_WORDS, **(labels or {})}
    names = [words.get(str(t), str(t)) for t in rows["touchpoint"]]
    panel = group_labels(rows, by, labels) if by else [""] * len(rows)
    colours = {"background": GREY, "harmful": RED, "other": ROLES["middle"], "total": BLUE}
    data = inline(rows, _label=names, _colour=[colours[p] for p in rows["part"]], _panel=panel)
    sort = sorted(dict.fromkeys(names), key=lambda name: name == words["total"])
    base = alt.Chart(data).encode(y=alt.Y("_label:N", title=None, sort=sort, axis=alt.Axis(grid=False)))
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        alt.Tooltip("customers:Q", title=words["customers"], format=",.0f"),
        alt.Tooltip("share:Q", title=words["share"], format=".1%"),
    ]
    axis = alt.Axis(format=",.0f", tickCount=5)
    x = alt.X("begin:Q", title=words["customers"], axis=axis)
    bars = base.mark_bar(height=16).encode(x=x, x2="end:Q", color=alt.Color("_colour:N", scale=None), tooltip=tips)
    limits = base.mark_rule(color=INK, strokeWidth=1.2).encode(
        x=alt.X("low:Q", title=words["customers"], axis=axis), x2="high:Q"
    )
    chart = alt.layer(bars, limits).properties(height=row_height(len(sort)))
    if by:
        chart = chart.facet(row=alt.Row("_panel:N", title=None, sort=list(dict.fromkeys(panel))))
    return chart, len(sort)


def value_chart(table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair bar per row of ``touchpoint, at_risk, low, high``, with its interval."""
    alt = altair()
    rows = table[table["at_risk"].notna()].reset_index(drop=True)
    if rows.empty:
        msg = f"none of the {len(table)} rows can be drawn: they have no value"
        raise CemkitError(msg)
    words = {**_WORDS, **(labels or {})}
    names = [words.get(str(t), str(t)) for t in rows["touchpoint"]]
    if by:
        names = [f"{g} · {n}" for g, n in zip(group_labels(rows, by, labels), names, strict=True)]
    data = inline(rows[["at_risk", "low", "high"]], _label=names)
    base = alt.Chart(data).encode(y=alt.Y("_label:N", title=None, sort=names, axis=alt.Axis(grid=False)))
    bars = base.mark_bar(height=16, color=BLUE).encode(x=alt.X("at_risk:Q", title=words["at_risk"]))
    limits = base.mark_rule(color=INK, strokeWidth=1.2).encode(x=alt.X("low:Q", title=words["at_risk"]), x2="high:Q")
    return themed(alt.layer(bars, limits).properties(height=row_height(len(names))))
