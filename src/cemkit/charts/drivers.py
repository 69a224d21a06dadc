"""What drives an outcome, as bars with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.items import Words, finished, row_names, words_of
from cemkit.charts.theme import BLUE, INK, RED, altair, group_labels, inline, word

__all__ = ["driver_chart"]


def driver_chart(
    table: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    probe: float = float("nan"),
    labels: Words | None = None,
    width: int | None = None,
) -> Any:
    """Return an Altair chart with a bar per driver, the greatest share first within each group.

    Parameters
    ----------
    table : DataFrame
        ``*by, item, share, share_low, share_high, coefficient, rank, rank_low, rank_high, n``.
    by : list of str
        The grouping columns.
    probe : float
        The share that a column without meaning would get, drawn as a dashed line where it is known.
    labels : dict, optional
        Words to show instead of the English ones, the items' included.
    width : int, optional
        In pixels; that of the page without it.

    Returns
    -------
    altair.LayerChart
        Orange bars belong to items that go with less of the outcome (a negative coefficient).
    """
    alt, words = altair(), words_of(labels)
    bare = table.drop(columns="metric", errors="ignore")
    groups = group_labels(bare, by, labels)
    first = {name: place for place, name in enumerate(dict.fromkeys(groups))}
    order = np.lexsort([-table["share"].to_numpy(dtype=np.float64), np.array([first[name] for name in groups])])
    shown = bare.iloc[order].reset_index(drop=True)
    names = group_labels(shown, [*by, "item"], labels)
    falling = shown["coefficient"].to_numpy(dtype=np.float64) < 0
    tips = [
        alt.Tooltip("_label:N", title=word(labels, "group")),
        *(alt.Tooltip(f"share{end}:Q", title=words[f"share{end}"] if not end else word(labels, end[1:]), format=".1%")
          for end in ("", "_low", "_high")),
        alt.Tooltip("_rank:N", title=word(labels, "rank")),
        alt.Tooltip("coefficient:Q", title=words["coefficient"], format=".3f"),
        alt.Tooltip("n:Q", title=word(labels, "n"), format=","),
    ]  # fmt: skip
    ranks = [_rank(*row) for row in shown[["rank", "rank_low", "rank_high"]].to_numpy(dtype=np.float64)]
    data = inline(shown, _label=names, _colour=np.where(falling, RED, BLUE).tolist(), _rank=ranks)
    base = alt.Chart(data).encode(y=row_names(names, width), tooltip=tips)
    axis = alt.Axis(format="~%", tickCount=6 if width is None or width > 400 else 4)

    def x(column: str) -> Any:
        return alt.X(f"{column}:Q", title=words["share"], axis=axis)

    layers = [
        base.mark_bar(size=13, opacity=0.55).encode(x=x("share"), color=alt.Color("_colour:N", scale=None)),
        base.mark_rule(color=INK, strokeWidth=1.5).encode(x=x("share_low"), x2="share_high:Q"),
    ]
    title = []
    if falling.any():
        title.append(words["lowers"])
    if np.isfinite(probe):
        line = alt.Chart(alt.Data(values=[{"probe": float(probe)}]))
        layers.append(line.mark_rule(color=INK, strokeDash=[3, 3]).encode(x=x("probe")))
        title.append(f"┆ {words['probe']}")
    return finished(layers, len(set(names)), width, "   ".join(title))


def _rank(rank: float, low: float, high: float) -> str:
    return f"{rank:.0f}" if low != low or low == high else f"{rank:.0f} ({low:.0f}–{high:.0f})"
