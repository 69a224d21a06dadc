"""The report's charts: Altair, drawn once as static SVG for a wide page and once for a phone.

Colours stand for roles; the page's stylesheet maps each of them to its light and its dark value.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from cemkit.charts.theme import ROLES
from cemkit.errors import MissingExtraError
from cemkit.report.section import Picture

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "BANDS",
    "ROLES",
    "band_picture",
    "group_picture",
    "parts_picture",
    "picture",
    "require_charts",
    "trend_picture",
    "with_own_names",
]

BANDS = {1: ["best"], 2: ["worst", "best"], 3: ["worst", "middle", "best"]}
_WIDE, _NARROW = 840, 340
_ROW, _BAR, _ROOM = 27, 34, 12


def require_charts() -> None:
    """Raise where what draws the charts is not installed."""
    for package in ("altair", "vl_convert", "jinja2"):
        if importlib.util.find_spec(package) is None:
            name = "vl-convert-python" if package == "vl_convert" else package
            raise MissingExtraError(name, "report", "The report")


def group_picture(
    rows: pd.DataFrame,
    *,
    axis: str,
    label: str,
    suffix: str = "",
    line: float | None = None,
    domain: tuple[float, float] | None = None,
) -> Picture:
    """Draw a point and an interval for each group.

    Parameters
    ----------
    rows
        ``group, estimate, low, high, small`` in the order of the picture; small bases are hollow.
    axis
        Title of the axis.
    label
        What the picture shows, in words.
    suffix
        What follows the numbers of the axis.
    line
        Where a dashed line is drawn, such as the value of all, or zero.
    domain
        Ends of the axis; left out, those of the data.
    """

    def draw(width: int) -> Any:
        import altair as alt

        known = rows.dropna(subset=["estimate"])
        order = list(rows["group"])
        scale = (
            alt.Scale(zero=False, nice=True, padding=8)
            if domain is None
            else alt.Scale(domain=list(domain), nice=False)
        )
        x = alt.X("estimate:Q", title=axis or None, scale=scale, axis=_axis(suffix, width))
        y = alt.Y("group:N", sort=order, title=None, axis=_labels(width, order))
        base = alt.Chart(known)
        layers = [
            base.mark_rule(color=ROLES["accent"], strokeWidth=2, opacity=1).encode(
                x=alt.X("low:Q", title=axis or None, scale=scale, axis=_axis(suffix, width)), x2="high:Q", y=y
            ),
            base.mark_point(color=ROLES["accent"], filled=True, size=70, opacity=1).encode(
                x=x,
                y=y,
                fill=alt.condition("datum.small", alt.value(ROLES["paper"]), alt.value(ROLES["accent"])),
                stroke=alt.value(ROLES["accent"]),
                strokeWidth=alt.value(1.5),
            ),
        ]
        if line is not None:
            rule = alt.Chart(pd.DataFrame({"x": [line]}))
            layers.insert(
                0, rule.mark_rule(color=ROLES["muted"], strokeDash=[3, 3]).encode(x=alt.X("x:Q", scale=scale))
            )
        return alt.layer(*layers).properties(width=width, height=alt.Step(_ROW))

    return _drawn(draw, label)


def band_picture(rows: pd.DataFrame, *, label: str) -> Picture:
    """Draw the shares of the bands as one bar: ``band, share`` from the worst to the best."""

    def draw(width: int) -> Any:
        import altair as alt

        frame = rows.assign(
            high=rows["share"].cumsum(),
            low=rows["share"].cumsum() - rows["share"],
            shown=[f"{100 * s:.0f}%" if s >= (0.06 if width > _NARROW else 0.12) else "" for s in rows["share"]],
        )
        frame["middle"] = (frame["low"] + frame["high"]) / 2
        names = list(frame["band"])
        roles = BANDS.get(len(names), ["worst", *["middle"] * (len(names) - 2), "best"])
        x = alt.X("low:Q", title=None, scale=alt.Scale(domain=[0, 1], nice=False), axis=None)
        colour = alt.Color(
            "band:N",
            sort=names,
            scale=alt.Scale(domain=names, range=[ROLES[r] for r in roles]),
            legend=alt.Legend(
                title=None,
                orient="top",
                direction="horizontal",
                symbolType="square",
                labelLimit=140,
                offset=6,
                columnPadding=34,
            ),
        )
        bars = alt.Chart(frame).mark_bar(height=_BAR, opacity=1, stroke=ROLES["paper"], strokeWidth=1.5)
        words = alt.Chart(frame).mark_text(fontSize=13, fontWeight=600, baseline="middle")
        middle = alt.FieldOneOfPredicate(
            field="band", oneOf=[n for n, r in zip(names, roles, strict=True) if r == "middle"]
        )
        return alt.layer(
            bars.encode(x=x, x2="high:Q", color=colour),
            words.encode(
                x="middle:Q",
                text="shown:N",
                color=alt.condition(middle, alt.value("#101418"), alt.value("#ffffff")),
            ),
        ).properties(width=width, height=_BAR + 6)

    return _drawn(draw, label)


def parts_picture(rows: pd.DataFrame, *, axis: str, label: str, names: Sequence[str], suffix: str = "") -> Picture:
    """Draw signed parts stacked by group: ``group, part, value``; parts in the order of ``names``."""

    def draw(width: int) -> Any:
        import altair as alt

        order = list(dict.fromkeys(rows["group"]))
        colours = [ROLES["accent"], ROLES["middle"], ROLES["best"]][: len(names)]
        return (
            alt.Chart(rows)
            .mark_bar(opacity=1, size=14)
            .encode(
                x=alt.X("value:Q", title=axis or None, axis=_axis(suffix, width)),
                y=alt.Y("group:N", sort=order, title=None, axis=_labels(width, order)),
                color=alt.Color(
                    "part:N",
                    scale=alt.Scale(domain=list(names), range=colours),
                    legend=alt.Legend(
                        title=None,
                        orient="top",
                        direction="horizontal",
                        symbolType="square",
                        labelLimit=240,
                        columnPadding=34,
                    ),
                ),
                order=alt.Order("part:N"),
            )
            .properties(width=width, height=alt.Step(_ROW))
        )

    return _drawn(draw, label)


def trend_picture(rows: pd.DataFrame, *, axis: str, label: str, suffix: str = "") -> Picture:
    """Draw a control chart.

    Parameters
    ----------
    rows
        ``at, estimate, low, high, centre, lower_limit, upper_limit, signal, part``: limits may be missing; a new ``part``
        breaks the line.
    axis
        Title of the axis.
    label
        What the picture shows, in words.
    suffix
        What follows the numbers of the axis.
    """

    def draw(width: int) -> Any:
        import altair as alt

        form = "%Y-%m" if rows["at"].min()[:7] != rows["at"].max()[:7] and len(rows) > 2 else "%Y-%m-%d"
        ticks: dict[str, Any] = {
            "tickCount": 6 if width > _NARROW else 3,
            "labelFlush": True,
            "format": form,
            "labelOverlap": True,
        }
        x = alt.X("at:T", title=None, axis=alt.Axis(grid=False, **ticks))
        y_axis = _axis(suffix, width)
        y = alt.Y("estimate:Q", title=axis or None, scale=alt.Scale(zero=False), axis=y_axis)
        base = alt.Chart(rows)
        layers = []
        if rows["lower_limit"].notna().any():
            layers.append(
                base.mark_area(color=ROLES["grid"], opacity=0.7, interpolate="step").encode(
                    x=x, y=alt.Y("lower_limit:Q", title=axis or None), y2="upper_limit:Q"
                )
            )
            layers.append(
                base.mark_line(color=ROLES["muted"], strokeDash=[3, 3], strokeWidth=1).encode(x=x, y="centre:Q")
            )
        layers += [
            base.mark_rule(color=ROLES["soft"], strokeWidth=2).encode(x=x, y="low:Q", y2="high:Q"),
            base.mark_line(color=ROLES["accent"], strokeWidth=2).encode(x=x, y=y, detail="part:N"),
            base.mark_point(filled=True, size=48, opacity=1).encode(
                x=x,
                y=y,
                color=alt.condition("datum.signal", alt.value(ROLES["worst"]), alt.value(ROLES["accent"])),
                size=alt.condition("datum.signal", alt.value(90), alt.value(40)),
            ),
        ]
        return alt.layer(*layers).properties(width=width, height=240)

    return _drawn(draw, label)


def _axis(suffix: str, width: int) -> Any:
    import altair as alt

    expression = f"replace(datum.label, '-', '\N{MINUS SIGN}') + '{suffix}'"
    return alt.Axis(labelExpr=expression, tickCount=6 if width > _NARROW else 4)


def _labels(width: int, names: Sequence[str]) -> Any:
    """Return an axis of names with room for them in any font: the reader's may be wider than the one measured here."""
    import altair as alt

    limit = 230 if width > _NARROW else 118
    longest = max((sum(13.0 if ord(letter) > 0x1100 else 7.6 for letter in name) for name in names), default=0.0)
    room = min(longest, limit) + 8 if longest else 0
    return alt.Axis(
        labelLimit=limit, minExtent=room, labelPadding=8, ticks=False, domain=False, grid=False, labels=room > 0
    )


def picture(draw: Callable[[int], Any], label: str) -> Picture:
    """Draw a chart for a wide page and for a phone.

    Parameters
    ----------
    draw
        Gives an Altair chart of a width in pixels; any chart of ``cemkit.charts`` will do, as its colours are roles.
    label
        What the picture shows, in words.
    """
    return _drawn(draw, label, room=_ROOM)


def _drawn(draw: Callable[[int], Any], label: str, *, room: int = 0) -> Picture:
    return Picture(_svg(draw(_WIDE), room), _svg(draw(_NARROW), room), label)


def _svg(chart: alt.TopLevelMixin, room: int) -> Any:
    """Return a chart as markup, with room on the left for names that the reader's font sets wider."""
    import vl_convert
    from markupsafe import Markup

    themed = chart.configure(
        autosize={"type": "fit-x", "contains": "padding"},
        background="transparent",
        font="sans-serif",
        padding={"left": room, "right": 6, "top": 4, "bottom": 2},
        view={"stroke": None},
        axis={
            "labelColor": ROLES["muted"],
            "titleColor": ROLES["muted"],
            "gridColor": ROLES["grid"],
            "domainColor": ROLES["grid"],
            "tickColor": ROLES["grid"],
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
            "titlePadding": 10,
        },
        axisY={"labelColor": ROLES["ink"]},
        legend={
            "labelColor": ROLES["ink"],
            "labelFontSize": 12,
            "symbolSize": 110,
            "symbolStrokeWidth": 0,
            "title": None,
            "orient": "top",
            "labelLimit": 240,
        },
        aria=False,
    )
    return Markup(vl_convert.vegalite_to_svg(themed.to_dict(format="vega-lite")))  # noqa: S704 (its texts are escaped)


def with_own_names(svg: str, prefix: str) -> Any:
    """Return a drawing whose inner names start with ``prefix``, so that they clash with no other drawing's of the page."""
    from markupsafe import Markup

    named = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', str(svg))
    return Markup(re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", named))  # noqa: S704 (only names were changed)
