"""Rate and mix of every segment as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cemkit.errors import CemkitError, MissingExtraError

__all__ = ["decomposition_chart"]

_LABELS = {"rate": "its score changed", "mix": "its share changed", "axis": "Contribution to the change"}
_COLOURS = ("#4c78a8", "#f58518")
_BAR = 22


def decomposition_chart(table: pd.DataFrame, *, by: Sequence[str], labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart: a row per segment, bars for rate and mix, and a rule for the interval of their sum.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``*by, estimate, low, high, rate, mix, unit``; rows without an estimate are hidden ones and left out.
    by : sequence of str
        The segment columns.
    labels : mapping, optional
        Words for ``rate``, ``mix`` and ``axis`` in the reader's language.

    Returns
    -------
    altair.LayerChart
        Segments keep the table's order.

    Raises
    ------
    MissingExtraError
        If Altair is not installed.
    CemkitError
        If no row can be shown.
    """
    try:
        import altair as alt
    except ImportError:
        raise MissingExtraError("altair", "report", "a chart") from None
    words = {**_LABELS, **(labels or {})}
    shown = table[table["estimate"].notna()].reset_index(drop=True)
    if shown.empty:
        msg = f"none of the {len(table)} segments can be drawn: all are hidden, or the table is empty"
        raise CemkitError(msg)
    segment = [", ".join("(none)" if pd.isna(v) else str(v) for v in key) for key in shown[list(by)].to_numpy()]
    wide = pd.DataFrame({"segment": segment, **{name: shown[name] for name in ("estimate", "low", "high")}})
    parts = [
        pd.DataFrame({"segment": segment, "part": words[name], "value": shown[name], "place": place})
        for place, name in enumerate(("rate", "mix"))
    ]
    long = pd.concat(parts, ignore_index=True)
    y = alt.Y("segment:N", sort=list(dict.fromkeys(segment)), title=", ".join(map(str, by)))
    unit = str(shown["unit"].iloc[0])
    colour = alt.Scale(domain=[words["rate"], words["mix"]], range=list(_COLOURS))
    bars = (
        alt.Chart(long)
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("value:Q", title=f"{words['axis']} ({unit})", stack="zero"),
            color=alt.Color("part:N", scale=colour, title=None),
            order="place:O",
            tooltip=["segment:N", "part:N", alt.Tooltip("value:Q", format=".2f")],
        )
    )
    limits = alt.Chart(wide).mark_rule(strokeWidth=1.5).encode(y=y, x="low:Q", x2="high:Q")
    tooltip = ["segment:N", *(alt.Tooltip(f"{name}:Q", format=".2f") for name in ("estimate", "low", "high"))]
    points = (
        alt.Chart(wide).mark_point(filled=True, color="black", size=40).encode(y=y, x="estimate:Q", tooltip=tooltip)
    )
    return alt.layer(bars, limits, points).properties(height=alt.Step(_BAR))
