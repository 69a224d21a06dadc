"""A path model as a diagram: constructs with their index and R², arrows with their coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import atan2, degrees
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.charts.items import Words, words_of
from cemkit.charts.theme import BLUE, GREY, INK, PAPER, RED, altair, themed

__all__ = ["path_chart"]

_HEIGHT, _WIDTH, _BOX = 84, 700, (58.0, 24.0)
_MOST_TRIES = 20_000


def path_chart(
    paths: pd.DataFrame,
    *,
    index: Mapping[str, float],
    r_squared: Mapping[str, float],
    labels: Words | None = None,
    width: int | None = None,
) -> Any:
    """Return an Altair chart of a path model, causes on the left.

    Parameters
    ----------
    paths : DataFrame
        ``source, target, estimate, low, high``.
    index, r_squared : dict
        By construct; a construct without an entry shows none.
    labels : dict, optional
        Words to show instead of the English ones, the constructs' included.
    width : int, optional
        In pixels; 700 without it.

    Returns
    -------
    altair.LayerChart
        Arrows are as thick as their coefficient is large; dashed where the interval reaches zero, orange where negative.
    """
    alt, words = altair(), words_of(labels)
    wide = width or _WIDTH
    names = list(dict.fromkeys([*index, *paths["source"], *paths["target"]]))
    place, rows = _layout(names, list(zip(paths["source"], paths["target"], strict=True)), wide)
    high = rows * _HEIGHT
    shown = [words.get(name, name) for name in names]
    nodes = pd.DataFrame(
        {
            "name": shown,
            "x": [place[n][0] for n in names],
            "y": [place[n][1] for n in names],
            "low": [place[n][0] - _BOX[0] for n in names],
            "high": [place[n][0] + _BOX[0] for n in names],
            "bottom": [place[n][1] - _BOX[1] for n in names],
            "top": [place[n][1] + _BOX[1] for n in names],
            "said": [_said(words, index.get(n), r_squared.get(n)) for n in names],
        }
    )
    arrows = pd.DataFrame(
        [_arrow(place, *row) for row in paths[["source", "target", "estimate", "low", "high"]].itertuples(index=False)]
    )
    # plain pixels: the arrow heads' angles hold only where both axes have the same unit
    across, along = alt.Scale(domain=[0, wide], nice=False), alt.Scale(domain=[high, 0], nice=False)

    def at(x: str, y: str) -> dict[str, Any]:
        return {"x": alt.X(f"{x}:Q", scale=across, axis=None), "y": alt.Y(f"{y}:Q", scale=along, axis=None)}

    base = alt.Chart(alt.Data(values=arrows.to_dict("records")))
    boxes = alt.Chart(alt.Data(values=nodes.to_dict("records")))
    paint, tip = alt.Color("colour:N", scale=None), alt.Tooltip("tip:N", title=" ")
    layers = [
        base.mark_rule().encode(
            **at("x", "y"), x2="x2:Q", y2="y2:Q", color=paint, strokeWidth=alt.StrokeWidth("thick:Q", scale=None),
            strokeDash=alt.StrokeDash("dash:N", scale=alt.Scale(domain=["yes", "no"], range=[[4, 3], [1, 0]]), legend=None),
            tooltip=tip,
        ),
        base.mark_point(shape="triangle", filled=True, size=90, opacity=1).encode(
            **at("x2", "y2"), color=paint, angle=alt.Angle("angle:Q", scale=None)
        ),
        boxes.mark_rect(fill=PAPER, stroke=INK, cornerRadius=4).encode(**at("low", "bottom"), x2="high:Q", y2="top:Q"),
        boxes.mark_text(dy=-7, fontSize=11, fontWeight=600, color=INK, limit=2 * _BOX[0] - 6).encode(
            **at("x", "y"), text="name:N"
        ),
        boxes.mark_text(dy=8, fontSize=10, color=GREY, limit=2 * _BOX[0] - 6).encode(**at("x", "y"), text="said:N"),
        base.mark_text(fontSize=11, color=INK, dy=-6, stroke=PAPER, strokeWidth=3, strokeOpacity=0.9).encode(
            **at("mx", "my"), text="text:N"
        ),
        base.mark_text(fontSize=11, color=INK, dy=-6).encode(**at("mx", "my"), text="text:N", tooltip=tip),
    ]  # fmt: skip
    return themed(alt.layer(*layers).properties(width=wide, height=high))


def _layout(
    names: Sequence[str], arrows: Sequence[tuple[str, str]], width: int
) -> tuple[dict[str, tuple[float, float]], int]:
    """Return the middle of each construct in pixels, and the number of lanes; a column is a construct's longest way.

    Lanes are those, of all that can be tried, in which fewest arrows run through a box.
    """
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in arrows:
            depth[target] = max(depth[target], depth[source] + 1)
    column = np.array([depth[name] for name in names])
    fullest = int(np.bincount(column).max())
    lanes = fullest if column.max() < 2 else max(fullest, min(4, len(names)))
    step = (width - 2 * _BOX[0] - 12) / max(int(column.max()), 1)
    x = _BOX[0] + 6 + step * column
    number = {name: i for i, name in enumerate(names)}
    tried = _tries(column, x, lanes)
    y = (tried + 0.5) * _HEIGHT
    crossed = np.zeros(len(tried))
    part = np.linspace(0.0, 1.0, 25)
    for source, target in arrows:
        i, j = number[source], number[target]
        along_x = x[i] + part * (x[j] - x[i])
        along_y = y[:, [i]] + part * (y[:, [j]] - y[:, [i]])
        crossed += 0.02 * np.abs(y[:, j] - y[:, i]) / _HEIGHT
        for k in set(range(len(names))) - {i, j}:
            inside = (np.abs(along_x - x[k]) < _BOX[0] + 4) & (np.abs(along_y - y[:, [k]]) < _BOX[1] + 4)
            crossed += inside.any(axis=1)
    for i in range(len(names)):
        for k in range(i):
            crossed += 100.0 * ((abs(x[i] - x[k]) < 2 * _BOX[0] + 6) & (tried[:, i] == tried[:, k]))
    best = int(np.argmin(crossed))
    used = tried[best] - tried[best].min()
    return {name: (float(x[i]), float((used[i] + 0.5) * _HEIGHT)) for name, i in number.items()}, int(used.max()) + 1


def _tries(column: npt.NDArray[np.intp], x: npt.NDArray[np.float64], lanes: int) -> npt.NDArray[np.intp]:
    """Return ways to put constructs into lanes: all of them while they are few, else one in which no box hides another."""
    if lanes ** len(column) <= _MOST_TRIES:
        return np.array(list(product(range(lanes), repeat=len(column))), dtype=np.intp)
    chosen = np.full(len(column), -1, dtype=np.intp)
    for i in np.argsort(column, kind="stable").tolist():
        taken = {int(lane) for lane in chosen[np.abs(x - x[i]) < 2 * _BOX[0] + 6] if lane >= 0}
        start = int(column[i]) % lanes
        order = [*range(start, lanes), *range(start), *range(lanes, len(column))]
        chosen[i] = next(lane for lane in order if lane not in taken)
    return chosen[None]


def _arrow(
    place: Mapping[str, tuple[float, float]], source: str, target: str, estimate: float, low: float, high: float
) -> dict[str, Any]:
    start, end = np.array(place[source]), np.array(place[target])
    way = end - start
    with np.errstate(divide="ignore"):
        reach = np.min(np.array(_BOX) / np.abs(way))
    tip = end - way * min(reach + 8 / np.hypot(*way), 0.9)
    begin = start + way * min(reach, 0.9)
    middle = begin + (tip - begin) * 0.42
    unsure = low == low and low <= 0 <= high
    limits = f" ({low:.2f} – {high:.2f})" if low == low else ""
    return {
        "x": begin[0], "y": begin[1], "x2": tip[0], "y2": tip[1], "mx": middle[0], "my": middle[1],
        "angle": degrees(atan2(way[1], way[0])) + 90, "thick": 1 + 4 * min(abs(float(estimate)), 1.0),
        "dash": "yes" if unsure else "no", "colour": RED if estimate < 0 else BLUE if not unsure else GREY,
        "text": f"{estimate:.2f}".replace("-", "\N{MINUS SIGN}"), "tip": f"{source} → {target}: {estimate:.3f}{limits}",
    }  # fmt: skip


def _said(words: Mapping[str, str], index: float | None, r_squared: float | None) -> str:
    parts = [] if index is None or index != index else [f"{words['index']} {index:.1f}"]
    parts += [] if r_squared is None or r_squared != r_squared else [f"R² {r_squared:.2f}"]
    return " · ".join(parts)
