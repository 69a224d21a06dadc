"""How every chart looks: fonts, colours, sizes, words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from cemkit.errors import MissingExtraError

__all__ = [
    "BLUE",
    "DIVERGING",
    "GREY",
    "INK",
    "LIGHT",
    "PAPER",
    "RED",
    "ROLES",
    "SERIES",
    "SMALL_BASE",
    "altair",
    "axis_format",
    "axis_title",
    "group_labels",
    "inline",
    "row_height",
    "small_base_title",
    "small_bases",
    "themed",
    "tip_format",
    "word",
]

FONT = "'Noto Sans', 'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Helvetica Neue', Arial, sans-serif"
"""Latin first, then the Korean faces of Linux, macOS and Windows."""
ROLES = {
    "ink": "#1b2733",
    "muted": "#5b6876",
    "grid": "#e3e7eb",
    "paper": "#fefefe",
    "accent": "#1f5f8b",
    "soft": "#c5d9e8",
    "worst": "#b5492f",
    "poor": "#dfa693",
    "middle": "#b9c0c8",
    "good": "#93c4b9",
    "best": "#2a7d6f",
    "violet": "#7a5195",
    "ochre": "#a9780f",
}
"""Colours by role, told apart with any colour vision; the report's page maps each to its light and its dark value."""
INK, GREY, LIGHT, PAPER = ROLES["ink"], ROLES["muted"], ROLES["grid"], ROLES["paper"]
BLUE, RED = ROLES["accent"], ROLES["worst"]
DIVERGING = tuple(ROLES[name] for name in ("worst", "poor", "middle", "good", "best"))
"""From worst to best."""
SERIES = tuple(ROLES[name] for name in ("accent", "worst", "best", "violet", "ochre", "muted"))
"""For lines or groups that have no order."""
SMALL_BASE = 30

_WORDS = {
    "group": "Group",
    "period": "Period",
    "estimate": "Estimate",
    "difference": "Difference",
    "share": "Share",
    "band": "Band",
    "low": "Low",
    "high": "High",
    "n": "n",
    "rank": "rank",
    "raw_estimate": "Plain value",
    "signal": "Signal",
    "centre": "Centre",
    "control_low": "Lower limit",
    "control_high": "Upper limit",
    "p_adjusted": "p (adjusted)",
    "points": "points",
    "scale": "scale points",
    "none": "(none)",
    "time": "Time",
    "day": "days",
    "survival": "Share still there",
    "incidence": "Share that has left",
    "observed": "Observed",
    "expected": "Expected",
    "hazard_ratio": "Hazard ratio",
    "covariate": "Covariate",
    "reference": "Against",
    "churn_rate": "Churn rate",
    "median_time": "Time until half have left",
    "quantile_time": "Time until this share has left",
    "restricted_mean_time": "Mean time until leaving or the end",
    "p_value": "p",
    "small-base": "○ n < 30",
    "tau": "τ",
    "segment": "Segment",
    "distance": "Distance from all",
    "stability": "Stability",
    "adjusted_rand": "All (adjusted Rand)",
    "perceived-points": "perceived (scale points)",
    "peak-point": "peak",
    "low-point": "low",
    "points-lost": "scale points lost per customer",
}


def altair() -> Any:
    """Return the module altair, or raise where it is not installed."""
    try:
        import altair as alt
    except ImportError:
        raise MissingExtraError("altair", "report", "charts") from None
    return alt


def word(labels: Mapping[str, str] | None, key: str) -> str:
    """Return a word of a chart: the caller's, else the English one, else the key."""
    return (labels or {}).get(key, _WORDS.get(key, key))


def axis_title(table: pd.DataFrame, labels: Mapping[str, str] | None, key: str = "estimate") -> str:
    """Return what the axis shows: the metric (if there is one) and its unit."""
    metrics = table["metric"].unique().tolist() if "metric" in table else []
    name = word(labels, str(metrics[0])) if len(metrics) == 1 else word(labels, key)
    if key == "difference" and len(metrics) == 1:
        name = f"{name}: {word(labels, key)}"
    unit = str(table["unit"].iloc[0]) if "unit" in table and len(table) else "share"
    return name if unit == "share" else f"{name} ({word(labels, unit)})"


def axis_format(table: pd.DataFrame) -> str:
    """Return the number format of the unit: percent for shares."""
    units = set(table["unit"]) if "unit" in table else {"share"}
    return "~%" if units == {"share"} else "~f"


def tip_format(table: pd.DataFrame) -> str:
    """Return the number format of the unit for one value."""
    units = set(table["unit"]) if "unit" in table else {"share"}
    return ".1%" if units == {"share"} else ".1f" if units == {"points"} else ".2f"


def group_labels(table: pd.DataFrame, by: Sequence[str], labels: Mapping[str, str] | None = None) -> list[str]:
    """Return a name per row from its groups; the metric where there are no groups, or several metrics."""
    names = [*by]
    if "metric" in table and (not names or table["metric"].nunique() > 1):
        names = ["metric", *names]
    columns = [[_label(value, labels) for value in table[name].tolist()] for name in names]
    return [" · ".join(parts) for parts in zip(*columns, strict=True)] if columns else [""] * len(table)


def _label(value: Any, labels: Mapping[str, str] | None) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return word(labels, "none")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value == datetime(value.year, value.month, value.day, tzinfo=value.tzinfo):
        return value.strftime("%Y-%m-%d")
    return word(labels, value) if isinstance(value, str) else str(value)


def inline(table: pd.DataFrame, **extra: Sequence[Any]) -> Any:
    """Return the table's rows, with more columns, as data inside the chart; what is not a number is null."""
    columns = {str(name): [_plain(v) for v in table[name].tolist()] for name in table.columns}
    columns |= {name: [_plain(v) for v in values] for name, values in extra.items()}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return altair().Data(values=rows)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        # with its time of day, which browsers read as local
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return value if isinstance(value, str | int | bool) else str(value)


def row_height(rows: int) -> int:
    """Return the height of a chart with one line of text per row."""
    return max(60, 26 * rows)


def small_base_title(small: Sequence[bool], labels: Mapping[str, str] | None) -> dict[str, Any]:
    """Return the property ``title`` that explains open marks; nothing where there are none."""
    return {"title": altair().Title(text=word(labels, "small-base"))} if any(small) else {}


def small_bases(*bases: pd.Series) -> list[bool]:
    """Return whether the smallest base of each row is under 30."""
    smallest = np.min([base.to_numpy(dtype=np.float64, na_value=np.nan) for base in bases], axis=0)
    return [bool(n < SMALL_BASE) for n in smallest]


def themed(chart: Any, *, legend: str = "bottom") -> Any:
    """Return the chart with the common look; nothing global is touched."""
    return (
        chart.configure(font=FONT, background=PAPER, padding=8)
        .configure_view(stroke=None, continuousWidth=520)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            gridColor=LIGHT,
            domain=False,
            ticks=False,
            labelPadding=6,
            labelLimit=220,
        )
        .configure_axisY(labelLimit=160)
        .configure_title(anchor="start", frame="bounds", fontSize=11, color=GREY, fontWeight="normal", offset=8)
        .configure_legend(orient=legend, labelColor=INK, labelFontSize=12, title=None, columns=3, symbolType="square")
        .configure_header(labelFontSize=12, labelColor=INK, labelAnchor="start", title=None)
    )
