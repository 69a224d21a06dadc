"""Flows between states: bands from source to target, or states in a circle with arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.theme import BLUE, GREY, INK, PAPER, ROLES, altair, group_labels, themed, word
from cemkit.errors import CemkitError

__all__ = ["graph_chart", "sankey_chart"]

_MOST_LINKS = 30
_MOST_GROUPS = 6
_STEPS = 24
_GAP = 0.02
_LINE = 14.0
_LONGEST = 26
_WORDS = {"days": "median days", "probability": "Probability", "count": "Count", "source": "From", "target": "To"}


def sankey_chart(
    table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None, width: int = 520
) -> Any:
    """Return an Altair chart of transitions as bands, as thick as they are frequent; the most frequent 30 of each group.

    Parameters
    ----------
    table : DataFrame
        ``*by, source, target, count, probability, low, high, median_time``.
    by : list of str
        The grouping columns; one picture per group, at most six.
    labels : dict, optional
        Words to show instead of the English ones.
    width : int
        Width in pixels; names longer than their room are cut.
    """
    return _panels(table, by, labels, lambda rows: _sankey(rows, labels, width))


def graph_chart(
    table: pd.DataFrame, *, by: Sequence[str] = (), labels: Mapping[str, str] | None = None, width: int = 520
) -> Any:
    """Return an Altair chart of states in a circle with arrows between them, as thick as they are frequent.

    The arguments are those of :func:`sankey_chart`.
    """
    return _panels(table, by, labels, lambda rows: _graph(rows, labels, width))


def _panels(table: pd.DataFrame, by: Sequence[str], labels: Mapping[str, str] | None, draw: Any) -> Any:
    if not len(table):
        msg = "there is no transition to draw: no customer has two experiences"
        raise CemkitError(msg)
    alt = altair()
    if not by:
        return themed(draw(table))
    names = group_labels(table, by, labels)
    found = list(dict.fromkeys(names))
    if len(found) > _MOST_GROUPS:
        msg = (
            f"{len(found)} groups are too many for one picture: draw at most {_MOST_GROUPS}, or transitions without by="
        )
        raise CemkitError(msg)
    panels = [draw(table[[name == group for name in names]]).properties(title=group) for group in found]
    return themed(alt.vconcat(*panels))


def _links(table: pd.DataFrame, labels: Mapping[str, str] | None) -> pd.DataFrame:
    rows = table.sort_values("count", ascending=False, kind="stable").head(_MOST_LINKS)
    shown = {name: [_shown(value, labels) for value in rows[name]] for name in ("source", "target")}
    return rows.assign(**shown).reset_index(drop=True)


def _shown(value: Any, labels: Mapping[str, str] | None) -> str:
    return word(labels, value) if isinstance(value, str) else str(value)


def _tips(alt: Any, labels: Mapping[str, str] | None) -> list[Any]:
    def title(key: str) -> str:
        return (labels or {}).get(key, _WORDS.get(key, key))

    return [
        alt.Tooltip("source:N", title=title("source")),
        alt.Tooltip("target:N", title=title("target")),
        alt.Tooltip("count:Q", title=title("count"), format=","),
        alt.Tooltip("probability:Q", title=title("probability"), format=".1%"),
        alt.Tooltip("low:Q", title=word(labels, "low"), format=".1%"),
        alt.Tooltip("high:Q", title=word(labels, "high"), format=".1%"),
        alt.Tooltip("median_time:Q", title=title("days"), format=".2f"),
    ]


def _stack(rows: pd.DataFrame, side: str, order: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the lower edge of each link on a side, and the nodes there with their edges; 1 is the whole height."""
    total = rows.groupby(side, sort=False)["count"].sum()
    names = [name for name in order if name in total.index]
    scale = (1 - _GAP * max(len(names) - 1, 0)) / total.sum()
    edge, start, nodes = 1.0, {}, []
    for name in names:
        height = float(total[name]) * scale
        start[name] = edge
        nodes.append({"name": name, "under": edge - height, "over": edge, "n": int(total[name])})
        edge -= height + _GAP
    other = "target" if side == "source" else "source"
    rank = rows[other].map({name: i for i, name in enumerate(order)}).to_numpy()
    low = np.zeros(len(rows))
    for i in np.lexsort((rank, rows[side].map({n: i for i, n in enumerate(names)}).to_numpy())):
        name = rows[side].iloc[i]
        start[name] -= float(rows["count"].iloc[i]) * scale
        low[i] = start[name]
    return low, pd.DataFrame(nodes)


def _sankey(table: pd.DataFrame, labels: Mapping[str, str] | None, width: int) -> Any:
    alt = altair()
    rows = _links(table, labels)
    order = list(dict.fromkeys([*rows["source"], *rows["target"]]))
    left, sources = _stack(rows, "source", order)
    right, targets = _stack(rows, "target", order)
    t = np.linspace(0, 1, _STEPS)
    ease = t * t * (3 - 2 * t)
    thick = {
        side: rows["count"].to_numpy() * (1 - _GAP * (len(nodes) - 1)) / rows["count"].sum()
        for side, nodes in (("left", sources), ("right", targets))
    }
    points = [
        {
            "link": i,
            "x": float(x),
            "under": float(left[i] + e * (right[i] - left[i])),
            "over": float(left[i] + thick["left"][i] + e * (right[i] + thick["right"][i] - left[i] - thick["left"][i])),
            **{name: _value(rows[name].iloc[i]) for name in _FIELDS},
        }
        for i in range(len(rows))
        for x, e in zip(t, ease, strict=True)
    ]
    room = min(0.36 * width, 7.2 * max(map(len, order)) + 10)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], range=[room, width - room]), axis=None)
    y = alt.Y("under:Q", scale=alt.Scale(domain=[0, 1]), axis=None)
    bands = (
        alt.Chart(alt.Data(values=points))
        .mark_area(orient="vertical", color=BLUE, opacity=0.35)
        .encode(x=x, y=y, y2="over:Q", detail="link:N", tooltip=_tips(alt, labels))
    )
    height = int(max(240, 26 * max(len(sources), len(targets))))
    layers = [bands]
    for nodes, at, align, dx in ((sources, 0.0, "right", -8), (targets, 1.0, "left", 8)):
        middle = _apart(((nodes["under"] + nodes["over"]) / 2).tolist(), _LINE / height)
        values = nodes.assign(x=at, middle=middle, shown=[_cut(n, room) for n in nodes["name"]])
        data = alt.Data(values=values.to_dict("records"))
        layers.append(alt.Chart(data).mark_bar(width=6, color=INK, opacity=1).encode(x=x, y=y, y2="over:Q"))
        layers.append(
            alt.Chart(data)
            .mark_text(align=align, dx=dx, color=INK, fontSize=11)
            .encode(x=x, y=alt.Y("middle:Q", scale=alt.Scale(domain=[0, 1]), axis=None), text="shown:N")
        )
    return alt.layer(*layers).properties(width=width, height=height)


def _apart(middles: list[float], least: float) -> list[float]:
    """Return heights of labels, from the top down, moved so that none stands on another."""
    placed: list[float] = []
    for middle in middles:
        placed.append(min(middle, placed[-1] - least) if placed else middle)
    below = least / 2 - placed[-1]
    if below > 0:
        placed[-1] += below
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = max(placed[i], placed[i + 1] + least)
    return placed


_FIELDS = ("source", "target", "count", "probability", "low", "high", "median_time")


def _value(value: Any) -> Any:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and plain != plain else plain


def _cut(name: str, room: float) -> str:
    letters = max(int(room / 6.6), 4)
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _graph(table: pd.DataFrame, labels: Mapping[str, str] | None, width: int) -> Any:
    alt = altair()
    rows = _links(table, labels)
    names = list(dict.fromkeys([*rows["source"], *rows["target"]]))
    angle = {name: np.pi / 2 - 2 * np.pi * i / len(names) for i, name in enumerate(names)}
    place = {name: np.array([np.cos(a), np.sin(a)]) for name, a in angle.items()}
    most = float(rows["count"].max())
    curves, heads = [], []
    for i, row in enumerate(rows.to_dict("records")):
        path = _arc(place[row["source"]], place[row["target"]])
        extra = {name: _value(row[name]) for name in _FIELDS}
        size = 1 + 7 * float(row["count"]) / most
        curves += [
            {"link": i, "step": k, "x": float(p[0]), "y": float(p[1]), "size": size, **extra}
            for k, p in enumerate(path)
        ]
        turn = path[-1] - path[-2]
        heads.append(
            {
                "x": float(path[-1][0]),
                "y": float(path[-1][1]),
                "turn": float(90 - np.degrees(np.arctan2(turn[1], turn[0]))),
                **extra,
            }
        )
    side = min(width, 460)
    scale = alt.Scale(domain=[-1.75, 1.75])
    x, y = alt.X("x:Q", scale=scale, axis=None), alt.Y("y:Q", scale=scale, axis=None)
    lines = (
        alt.Chart(alt.Data(values=curves))
        .mark_trail(color=BLUE, opacity=0.45)
        .encode(
            x=x, y=y, size=alt.Size("size:Q", scale=None), detail="link:N", order="step:Q", tooltip=_tips(alt, labels)
        )
    )
    arrows = (
        alt.Chart(alt.Data(values=heads))
        .mark_point(shape="triangle", filled=True, size=70, color=BLUE, opacity=1)
        .encode(x=x, y=y, angle=alt.Angle("turn:Q", scale=None), tooltip=_tips(alt, labels))
    )
    loops = set(rows.loc[rows["source"] == rows["target"], "source"])
    states = [
        {
            "x": float(p[0]),
            "y": float(p[1]),
            "tx": float((1.34 if n in loops else 1.12) * p[0]),
            "ty": float((1.34 if n in loops else 1.12) * p[1]),
            "name": n if len(n) <= _LONGEST else f"{n[: _LONGEST - 1]}…",
            "align": "left" if p[0] > 0.2 else "right" if p[0] < -0.2 else "center",
        }
        for n, p in place.items()
    ]
    dots = (
        alt.Chart(alt.Data(values=states))
        .mark_point(filled=True, size=150, opacity=1, color=ROLES["accent"], stroke=PAPER)
        .encode(x=x, y=y)
    )
    texts = [
        alt.Chart(alt.Data(values=[s for s in states if s["align"] == align]))
        .mark_text(align=align, color=INK, fontSize=11)
        .encode(x=alt.X("tx:Q", scale=scale, axis=None), y=alt.Y("ty:Q", scale=scale, axis=None), text="name:N")
        for align in ("left", "right", "center")
    ]
    base = alt.Chart(alt.Data(values=[{}])).mark_text(color=GREY, text="")
    return alt.layer(base, lines, arrows, dots, *texts).properties(width=side, height=side)


def _arc(start: np.ndarray, end: np.ndarray) -> list[np.ndarray]:
    """Return points from one state to another, bent to the left; a loop outside of the circle where they are one."""
    if np.allclose(start, end):
        out = start * 0.13
        turn = np.linspace(0.35, 2 * np.pi - 0.35, _STEPS)
        centre = start + out
        return [
            centre + np.array([np.cos(a) * -out[0] - np.sin(a) * -out[1], np.sin(a) * -out[0] + np.cos(a) * -out[1]])
            for a in turn
        ]
    way = end - start
    bend = (start + end) / 2 + 0.18 * np.array([-way[1], way[0]])
    t = np.linspace(0, 1, _STEPS)
    inside = 0.06 / max(float(np.linalg.norm(way)), 0.2)
    t = inside + t * (1 - 2 * inside)
    return [(1 - s) ** 2 * start + 2 * s * (1 - s) * bend + s**2 * end for s in t]
