"""What the charts of items share: words, names along an axis, headings, and panels by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cemkit.charts.theme import GREY, altair, row_height, themed

__all__ = ["NARROW", "Words", "finished", "heading", "paneled", "row_names", "words_of"]

NARROW = 400
"""Charts up to this width in pixels are for a telephone."""
_PANEL = 320
Words = Mapping[str, str]

_ENGLISH = {
    "expected": "expected",
    "perceived": "perceived",
    "gap": "Gap",
    "below": "Below expectation",
    "better": "Better: satisfied if it is there",
    "worse": "Worse: dissatisfied if it is not",
    "attractive": "attractive",
    "one-dimensional": "one-dimensional",
    "must-be": "must-be",
    "indifferent": "indifferent",
    "share": "Share of what the items explain",
    "probe": "a column without meaning",
    "coefficient": "Coefficient",
    "lowers": "orange: more of it goes with less of the outcome",
    "importance": "Importance",
    "performance": "Performance",
    "stated": "stated importance",
    "derived": "derived importance",
    "fix_first": "fix first",
    "keep_up": "keep up",
    "low_priority": "low priority",
    "overdone": "overdone",
    "probability": "Probability",
    "penalty": "penalty",
    "reward": "reward",
    "effect": "Difference of the outcome against middle answers",
    "factor": "Kind",
    "index": "Index",
    "reliability": "Reliability",
    "alpha": "alpha",
    "rho_a": "rho A",
    "rho_c": "rho C",
    "ave": "AVE",
}


def words_of(labels: Words | None) -> dict[str, str]:
    """Return the words of a chart: the caller's before the English ones."""
    return {**_ENGLISH, **(labels or {})}


def row_names(names: Sequence[str], width: int | None, **encoding: Any) -> Any:
    """Return the axis of names, one row each, in their order; a telephone has less room for them."""
    alt = altair()
    limit = 118 if width is not None and width <= NARROW else 230
    longest = max((sum(13.0 if ord(letter) > 0x1100 else 7.6 for letter in name) for name in names), default=0.0)
    axis = alt.Axis(grid=False, labelLimit=limit, minExtent=min(longest, limit) + 8, labelPadding=8)
    return alt.Y("_label:N", title=None, sort=list(dict.fromkeys(names)), axis=axis, **encoding)


def heading(text: str) -> Any:
    """Return a small title above the chart that explains its marks."""
    return altair().Title(
        text=text, anchor="start", frame="bounds", fontSize=11, color=GREY, fontWeight="normal", offset=8
    )


def finished(layers: Sequence[Any], rows: int, width: int | None, title: str = "") -> Any:
    """Return the layers as one chart with a line of text per row."""
    more = {"title": heading(title)} if title else {}
    chart = altair().layer(*layers).properties(width=width or "container", height=row_height(rows), **more)
    return themed(chart)


def paneled(
    layers: Sequence[Any], names: Sequence[str], data: Any, *, own_scales: bool = False, title: str = "", **size: int
) -> Any:
    """Return the layers (without data) as one chart, or as a panel per name; the data hold them as ``_panel``."""
    alt = altair()
    panels = list(dict.fromkeys(names))
    more = {"title": heading(title)} if title else {}
    if len(panels) <= 1:
        return themed(alt.layer(*layers, data=data).properties(**size, **more))
    panel = alt.layer(*layers).properties(width=_PANEL, height=_PANEL)
    facet = alt.Facet("_panel:N", sort=panels, header=alt.Header(title=None))
    whole = panel.facet(data=data, facet=facet, columns=2).properties(**more)
    return themed(whole.resolve_scale(y="independent") if own_scales else whole)
