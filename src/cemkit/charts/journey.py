"""The journey on the wall: stages as columns, the curve with its interval, channels as marks; and how often rules hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from cemkit.charts.theme import (
    BLUE,
    GREY,
    INK,
    LIGHT,
    PAPER,
    ROLES,
    altair,
    group_labels,
    inline,
    row_height,
    themed,
    word,
)

__all__ = ["journey_chart", "rule_chart"]

_STEP = 74
_HEIGHT = 300
_LINE = 13
_CHANNELS = tuple(ROLES[name] for name in ("violet", "ochre", "best", "muted", "worst"))
"""Not the curve's own colour, and those of peak and low last."""


def journey_chart(
    table: pd.DataFrame,
    channels: pd.DataFrame,
    moments: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    low: float,
    high: float,
    labels: Mapping[str, str] | None = None,
) -> Any:
    """Return an Altair chart of the journey: one picture per group, above one another.

    Parameters
    ----------
    table : DataFrame
        A row per group and touchpoint in the order of the map: ``*by, stage, touchpoint_id, name, estimate, low, high, n``.
    channels : DataFrame
        A row per group, touchpoint and channel: ``*by, touchpoint_id, channel, estimate, low, high, n``.
    moments : DataFrame
        ``*by, moment, touchpoint_id, estimate``: peak and low are named.
    by : list of str
        The grouping columns.
    low, high : float
        Ends of the scale.
    labels : dict, optional
        Words to show instead of the English ones.

    Returns
    -------
    altair.VConcatChart
        Stages are columns, the line is the mean with its interval, marks are channels, their size is the number of experiences.
    """
    alt = altair()
    names = _unique_names(table)
    used = sorted({str(c) for c in channels.loc[channels["n"] > 0, "channel"].tolist() if not pd.isna(c)})
    most = int(channels["n"].max()) if len(channels) and not pd.isna(channels["n"].max()) else 1
    groups = list(dict.fromkeys(_keys(table, by)))
    drawn = []
    for place, group in enumerate(groups):
        parts = [_of(part, by, group) for part in (table, channels, moments)]
        title = group_labels(parts[0].head(1)[list(by)], by, labels)[0] if by else ""
        last = place == len(groups) - 1
        drawn.append(_picture(alt, parts, names, used, most, (low, high), labels, title=title, axis=last))
    chart = alt.vconcat(*drawn, spacing=18) if len(drawn) > 1 else drawn[0]
    return themed(chart).configure_legend(
        orient="bottom", labelColor=INK, labelFontSize=12, title=None, columns=8, symbolType="circle"
    )


def _picture(
    alt: Any,
    parts: Sequence[pd.DataFrame],
    names: Mapping[str, str],
    used: Sequence[str],
    most: int,
    ends: tuple[float, float],
    labels: Mapping[str, str] | None,
    *,
    title: str,
    axis: bool,
) -> Any:
    table, channels, moments = parts
    order = [names[i] for i in table["touchpoint_id"].tolist()]
    y_scale = alt.Scale(domain=list(ends), nice=False)
    ticks = [ends[0] + i * (ends[1] - ends[0]) / 4 for i in range(5)]
    look = alt.Axis(labels=axis, labelAngle=-35, labelLimit=150, labelPadding=8, grid=False)
    x = alt.X("_name:N", sort=order, title=None, axis=look, scale=alt.Scale(domain=order, padding=0))
    y_axis = alt.Axis(values=ticks, format="~g")
    y = alt.Y("estimate:Q", title=word(labels, "perceived-points"), scale=y_scale, axis=y_axis)
    bottom = alt.Y("bottom:Q", title=word(labels, "perceived-points"), scale=y_scale, axis=y_axis)
    stages = _stages(alt, table, order, ends, bottom, labels)
    known = table[table["estimate"].notna()]
    data = inline(known, _name=[names[i] for i in known["touchpoint_id"].tolist()])
    base = alt.Chart(data).encode(x=x)
    tips = [
        alt.Tooltip("name:N", title=word(labels, "touchpoint")),
        alt.Tooltip("stage:N", title=word(labels, "stage")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".2f") for c in ("estimate", "low", "high")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    band = base.mark_area(color=ROLES["soft"], opacity=0.55).encode(
        y=alt.Y("low:Q", scale=y_scale, title=word(labels, "perceived-points")), y2="high:Q"
    )
    line = base.mark_line(color=BLUE, strokeWidth=2).encode(y=y)
    points = base.mark_point(size=60, filled=True, color=BLUE, opacity=1).encode(y=y, tooltip=tips)
    marks = channels[channels["estimate"].notna() & channels["channel"].notna()]
    layers = [*stages, band]
    if len(marks):
        layers.append(_marks(alt, marks, names, used, most, x, y, labels))
    layers += [line, points, *_named(alt, moments, names, x, y, labels)]
    kept = {"title": alt.Title(text=title, fontSize=13, color=INK)} if title else {}
    return alt.layer(*layers).properties(width=_STEP * len(order), height=_HEIGHT, **kept)


def _stages(
    alt: Any,
    table: pd.DataFrame,
    order: Sequence[str],
    ends: tuple[float, float],
    bottom: Any,
    labels: Mapping[str, str] | None,
) -> list[Any]:
    """Return every stage's column, shaded in turn, with its name on top."""
    rows, at = [], 0
    for number, (stage, members) in enumerate(groupby(table["stage"].tolist())):
        count = len(list(members))
        own = {
            "first": order[at],
            "last": order[at + count - 1],
            "stage": word(labels, str(stage)),
            "shade": number % 2,
        }
        rows.append(
            {**own, "middle": order[at + (count - 1) // 2], "even": count % 2 == 0, "bottom": ends[0], "top": ends[1]}
        )
        at += count
    data = alt.Data(values=rows)
    sort = list(order)

    def at_place(name: str, position: float) -> Any:
        return alt.X(f"{name}:N", sort=sort, title=None, bandPosition=position, scale=alt.Scale(domain=sort, padding=0))

    columns = (
        alt.Chart(data)
        .transform_filter("datum.shade == 0")
        .mark_rect(color=LIGHT, opacity=0.55)
        .encode(
            x=at_place("first", 0),
            x2=alt.X2("last:N", bandPosition=1),
            y=bottom,
            y2="top:Q",
        )
    )
    texts = [
        alt.Chart(data)
        .transform_filter(f"datum.even == {even}")
        .mark_text(baseline="bottom", dy=-6, fontSize=12, fontWeight="bold", color=INK)
        .encode(x=at_place("middle", 1 if even == "true" else 0.5), y=alt.value(0), text="stage:N")
        for even in ("false", "true")
    ]
    return [columns, *texts]


def _marks(
    alt: Any,
    marks: pd.DataFrame,
    names: Mapping[str, str],
    used: Sequence[str],
    most: int,
    x: Any,
    y: Any,
    labels: Mapping[str, str] | None,
) -> Any:
    shown = [word(labels, c) for c in used]
    colours = [_CHANNELS[i % len(_CHANNELS)] for i in range(len(used))]
    data = inline(
        marks,
        _name=[names[str(i)] for i in marks["touchpoint_id"].tolist()],
        _channel=[word(labels, str(c)) for c in marks["channel"].tolist()],
    )
    tips = [
        alt.Tooltip("name:N", title=word(labels, "touchpoint")),
        alt.Tooltip("_channel:N", title=word(labels, "channel")),
        *(alt.Tooltip(f"{c}:Q", title=word(labels, c), format=".2f") for c in ("estimate", "low", "high")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]
    size = alt.Size("n:Q", scale=alt.Scale(domain=[0, most], range=[24, 620]), legend=None)
    return (
        alt.Chart(data)
        .mark_point(filled=True, opacity=0.62, stroke=PAPER, strokeWidth=1)
        .encode(
            x=x,
            xOffset=alt.XOffset("_channel:N", sort=shown),
            y=y,
            size=size,
            color=alt.Color("_channel:N", scale=alt.Scale(domain=shown, range=colours)),
            tooltip=tips,
        )
    )


def _named(
    alt: Any, moments: pd.DataFrame, names: Mapping[str, str], x: Any, y: Any, labels: Mapping[str, str] | None
) -> list[Any]:
    found = []
    for moment, dy, colour in (("peak", -_LINE, ROLES["best"]), ("low", _LINE, ROLES["worst"])):
        rows = moments[moments["moment"] == moment]
        if not len(rows):
            continue
        data = inline(rows, _name=[names[str(i)] for i in rows["touchpoint_id"].tolist()])
        base = alt.Chart(data).encode(x=x, y=y)
        found.append(base.mark_point(size=150, filled=False, strokeWidth=2.5, color=colour, opacity=1))
        text = {"text": word(labels, f"{moment}-point"), "fontSize": 12, "fontWeight": "bold", "color": colour}
        # a halo in the paper's colour keeps the word readable above the marks
        halo = {**text, "stroke": PAPER, "strokeWidth": 4}
        found += [base.mark_text(dy=1.6 * dy, **style) for style in (halo, text)]
    return found


def _unique_names(table: pd.DataFrame) -> dict[str, str]:
    """Return what each touchpoint is called; its key beside the name where two have the same."""
    pairs = dict(zip(map(str, table["touchpoint_id"].tolist()), map(str, table["name"].tolist()), strict=True))
    twice = [name for name in pairs.values() if list(pairs.values()).count(name) > 1]
    return {key: f"{name} ({key})" if name in twice else name for key, name in pairs.items()}


def _keys(table: pd.DataFrame, by: Sequence[str]) -> list[tuple[Any, ...]]:
    rows = table[list(by)].itertuples(index=False, name=None) if by else iter([()] * len(table))
    return [tuple(None if pd.isna(value) else value for value in key) for key in rows]


def _of(table: pd.DataFrame, by: Sequence[str], group: tuple[Any, ...]) -> pd.DataFrame:
    return table[[key == group for key in _keys(table, by)]] if by else table


def rule_chart(table: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Any:
    """Return an Altair chart of how many experiences each rule named: a bar per rule, what none named in grey.

    Parameters
    ----------
    table : DataFrame
        ``rule, kind, n, share``.
    labels : dict, optional
        Words to show instead of the English ones.
    """
    alt = altair()
    names = [
        word(labels, "none") if pd.isna(rule) else f"{int(rule)} · {word(labels, str(kind))}"
        for rule, kind in zip(table["rule"].tolist(), table["kind"].tolist(), strict=True)
    ]
    colour = [GREY if pd.isna(rule) else BLUE for rule in table["rule"].tolist()]
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "rule")),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
        alt.Tooltip("share:Q", title=word(labels, "share"), format=".1%"),
    ]
    bars = (
        alt.Chart(inline(table, _label=names, _colour=colour))
        .mark_bar(height=14)
        .encode(
            y=alt.Y("_label:N", sort=names, title=None, axis=alt.Axis(grid=False)),
            x=alt.X("share:Q", title=word(labels, "share"), axis=alt.Axis(format="~%", tickCount=6)),
            color=alt.Color("_colour:N", scale=None),
            tooltip=tips,
        )
    )
    return themed(bars.properties(width="container", height=row_height(len(names))))
