"""The journey: who comes to each stage and how long they stay, where they go next, and which paths they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cemkit.charts.flow import sankey_chart
from cemkit.errors import CemkitError
from cemkit.report.context import SMALL_BASE, Context
from cemkit.report.drawing import group_picture, picture
from cemkit.report.reading import count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.stages import Dwell, Paths, Transitions, dwell, paths, transitions
from cemkit.statistics.proportions import proportion_interval
from cemkit.tables import columns_of
from cemkit.tables.renamed import with_names
from cemkit.typing import Frame

__all__ = ["build"]

_MOST_STATES, _MOST_PAIRS, _MOST_PATHS = 15, 12, 8
_NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class _Journey:
    """The experiences with their column of states, the states' names and order, and the code that gives them."""

    data: Frame
    state: str
    setup: str
    names: Mapping[Any, str]
    order: tuple[Any, ...]


def build(context: Context) -> Section | None:
    """Build the section, where experiences have a customer and a time."""
    store, t = context.store, context.texts
    if not store.has("experiences"):
        return None
    own = columns_of(store.experiences)
    if (
        not {"customer_id", "touchpoint_id", "occurred_at"} <= set(own)
        or context.span(store.experiences, "occurred_at") is None
    ):
        return None
    journey = _journey(context, own)
    options: dict[str, Any] = {"state": journey.state, "level": context.level}
    stays = dwell(journey.data, **options)
    moves = transitions(journey.data, **options)
    taken = paths(journey.data, top=_MOST_PATHS, **options)
    if not len(moves):
        return None
    level = "" if context.level == 0.95 else f", level={context.level:g}"
    given = f"experiences, state={journey.state!r}{level}".replace("'", '"')
    calls = tuple(
        Call(t(f"journey.{name}"), f"{journey.setup}{code}", method, result.assumptions)
        for name, code, method, result in (
            ("stays", f"cem.stages.dwell({given})", "kaplan-meier", stays),
            ("moves", f"cem.stages.transitions({given})", "clustered-wilson", moves),
            ("paths", f"cem.stages.paths({given}, top={_MOST_PATHS})", "wilson", taken),
        )
    )
    blocks = (
        _stays_block(context, journey, stays, int(taken.table["n"].iloc[0])),
        _moves_block(context, journey, moves),
        _paths_block(context, journey, taken),
    )
    return Section("journey", t("journey.title"), _sentence(context, journey, moves), blocks, calls)


def _journey(context: Context, own: tuple[str, ...]) -> _Journey:
    """Return the stages of the journey map where it knows every touchpoint, else the touchpoints."""
    data, t = context.store.experiences, context.texts
    if "stage" in own:
        return _Journey(data, "stage", _given("store.experiences"), _Named(t, "stage"), ())
    try:
        points = context.store.journey_map.touchpoints
        stages = [stage.name for stage in context.store.journey_map.stages]
    except CemkitError:
        points, stages = (), []
    owned = {name: [p.touchpoint_id for p in points if p.stage == name] for name in stages}
    names = {name: ids for name, ids in owned.items() if ids}
    if names:
        named = with_names(data, column="touchpoint_id", names=names, name="stage")
        code = "cem.stages.label(store.experiences, store.journey_map)"
        return _Journey(named, "stage", _given(code), _Named(t, "stage"), tuple(names))
    return _Journey(data, "touchpoint_id", _given("store.experiences"), _Named(t, "touchpoint"), ())


def _given(code: str) -> str:
    return f"experiences = {code}\n"


class _Named(dict[Any, str]):
    """States as they are shown: in the reader's language where the report knows the word."""

    def __init__(self, texts: Any, kind: str) -> None:
        super().__init__()
        self._texts, self._kind = texts, kind

    def __missing__(self, state: Any) -> str:
        return str(self._texts.name(self._kind, state))


def _rank(journey: _Journey, table: pd.DataFrame) -> pd.DataFrame:
    """Return states in the order of the map, else those with most customers first."""
    if journey.order:
        place = {name: i for i, name in enumerate(journey.order)}
        return table.iloc[np.argsort([place.get(state, len(place)) for state in table["state"]], kind="stable")]
    return table.sort_values("customers", ascending=False, kind="stable")


def _stays_block(context: Context, journey: _Journey, stays: Dwell, customers: int) -> Block:
    t = context.texts
    table = _rank(journey, stays.table)
    rows = table.head(_MOST_STATES)
    n = rows["customers"].to_numpy(dtype=np.float64)
    low, high = proportion_interval(n, customers, level=context.level)
    shown = [t("journey.with-n", name=journey.names[s], n=count(k)) for s, k in zip(rows["state"], n, strict=True)]
    drawn = pd.DataFrame(
        {"group": shown, "estimate": 100 * n / customers, "low": 100 * low, "high": 100 * high, "small": n < SMALL_BASE}
    )
    heading = t("column.stage") if journey.state == "stage" else t("column.touchpoint_id")
    columns = (
        Column(heading, number=False),
        *(Column(t(key)) for key in ("head.customers", "head.share")),
        Column(t("head.interval", level=context.level_shown)),
        *(Column(t(key)) for key in ("head.visits", "head.open", "head.median-days")),
        Column(t("head.interval", level=context.level_shown)),
    )
    cells = [
        Row(
            (
                journey.names[row["state"]],
                count(row["customers"]),
                percent(row["customers"] / customers),
                percent_interval(t, lo, hi),
                count(row["visits"]),
                count(row["open"]),
                _days(row["median_all"]),
                _days_interval(context, row["median_all_low"], row["median_all_high"]),
            ),
            t("mark.small") if row["customers"] < SMALL_BASE else "",
        )
        for (_, row), lo, hi in zip(rows.iterrows(), low, high, strict=True)
    ]
    note = t("journey.stays-note")
    if len(table) > len(rows):
        note = f"{note} {t('journey.others', others=count(len(table) - len(rows)))}"
    sentence = t("journey.stays-sentence", customers=count(customers), level=context.level_shown)
    return Block(
        t("journey.stays"),
        sentence,
        group_picture(drawn, axis=t("journey.axis"), label=sentence, suffix="%", domain=(0, 100)),
        (Table(t("journey.stays"), columns, tuple(cells), note),),
    )


def _moves_block(context: Context, journey: _Journey, moves: Transitions) -> Block:
    t = context.texts
    rows = moves.table.sort_values("count", ascending=False, kind="stable").head(_MOST_PAIRS)
    columns = (
        Column(t("head.from"), number=False),
        Column(t("head.to"), number=False),
        Column(t("head.transitions")),
        Column(t("head.probability")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.median-days-between")),
        Column(t("head.n")),
    )
    cells = [
        Row(
            (
                journey.names[row["source"]],
                journey.names[row["target"]],
                count(row["count"]),
                percent(row["probability"]),
                percent_interval(t, row["low"], row["high"]),
                _days(row["median_time"]),
                count(row["n"]),
            ),
            t("mark.small") if min(row["n"], row["n_eff"]) < SMALL_BASE else "",
        )
        for _, row in rows.iterrows()
    ]
    drawn = moves.table.assign(**{c: [journey.names[v] for v in moves.table[c]] for c in ("source", "target")})
    sentence = t("journey.moves-sentence", count=count(moves.table["count"].sum()))
    return Block(
        t("journey.moves"),
        sentence,
        picture(lambda width: sankey_chart(drawn, width=width), sentence),
        (Table(t("journey.moves"), columns, tuple(cells), t("journey.moves-note")),),
    )


def _paths_block(context: Context, journey: _Journey, taken: Paths) -> Block:
    t = context.texts
    columns = (
        Column(t("head.path"), number=False),
        Column(t("head.customers")),
        Column(t("head.share")),
        Column(t("head.interval", level=context.level_shown)),
    )
    cells = [
        Row(
            (
                " → ".join(_shortened([journey.names[state] for state in row["path"].split(" > ")])),
                count(row["customers"]),
                percent(row["share"]),
                percent_interval(t, row["low"], row["high"]),
            ),
            t("mark.small") if row["customers"] < SMALL_BASE else "",
        )
        for _, row in taken.table.iterrows()
    ]
    sentence = t("journey.paths-sentence", customers=count(taken.table["n"].iloc[0]), different=count(taken.different))
    return Block(t("journey.paths"), sentence, None, (Table(t("journey.paths"), columns, tuple(cells)),))


def _shortened(states: list[str]) -> list[str]:
    return states if len(states) <= 9 else [*states[:8], "…"]


def _days(value: float) -> str:
    if value != value:
        return _NOTHING
    return "<0.1" if 0 < value < 0.1 else f"{value:,.1f}"


def _days_interval(context: Context, low: float, high: float) -> str:
    if low != low and high != high:
        return _NOTHING
    return context.texts("interval", low=_days(low), high=_days(high))


def _sentence(context: Context, journey: _Journey, moves: Transitions) -> str:
    """Say where most of those go next who are at the state with the most transitions to another one."""
    t = context.texts
    other = moves.table[moves.table["source"] != moves.table["target"]]
    if other.empty:
        return t("journey.still")
    row = other.iloc[int(other["count"].to_numpy().argmax())]
    return t(
        "journey.sentence",
        source=journey.names[row["source"]],
        target=journey.names[row["target"]],
        value=percent(row["probability"]),
        level=context.level_shown,
        interval=percent_interval(t, row["low"], row["high"]),
        days=_days(row["median_time"]),
    )
