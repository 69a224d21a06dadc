"""Which columns the report groups by, and the answers with these columns."""

from __future__ import annotations

from collections.abc import Sequence

from cemkit.errors import ColumnError, did_you_mean
from cemkit.results import COMPARISON_COLUMNS, ESTIMATE_COLUMNS
from cemkit.tables import ExperienceStore, columns_of, levels_of, text_columns
from cemkit.tables.binding import column_names
from cemkit.typing import Frame

__all__ = ["grouped_answers", "grouping_columns"]

MOST_LEVELS = 12
MOST_COLUMNS = 3
_FIRST = ("segment", "region")
# Keys, times, free text, what the answer is about, and what came after it are no groups of respondents.
_NEVER = frozenset(
    {"customer_id", "question", "wave", "comment", "mode", "touchpoint_id", "channel", "journey_id", "left_reason"}
)


def grouping_columns(store: ExperienceStore, by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the grouping columns asked for (checked), those that the study names, or a sensible few.

    Sensible are the customers' segment and region, the design's strata, and text columns with 2 to 12 different values, at
    most three, and none that divides the answers just as one before it does.
    """
    if not store.has("responses"):
        return ()
    own = columns_of(store.responses)
    more = columns_of(store.customers) if store.has("customers") and "customer_id" in own else ()
    if by is None and store.groups:
        by = store.groups
    if by is not None:
        names = column_names(by)
        for name in names:
            if name not in own and name not in more:
                msg = f"by={name!r} is a column of neither responses nor customers.{did_you_mean(name, (*own, *more))}"
                raise ColumnError(msg)
            if name in ESTIMATE_COLUMNS or name in COMPARISON_COLUMNS:
                msg = f"by={name!r} is also the name of a result column: rename it in the data first"
                raise ColumnError(msg)
        return names
    distinct = text_columns(store.responses, most=MOST_LEVELS)
    strata = store.design.strata if store.design is not None else None
    if (
        strata is not None
        and strata in own
        and strata not in distinct
        and 2 <= len(levels_of(store.responses, column=strata)) <= MOST_LEVELS
    ):
        distinct = {strata: 0, **distinct}
    if more:
        joined = text_columns(store.customers, most=MOST_LEVELS)
        distinct = {**distinct, **{name: n for name, n in joined.items() if name not in own}}
    ranked = sorted(distinct, key=lambda name: _FIRST.index(name) if name in _FIRST else 2 if name == strata else 3)
    reserved = {*ESTIMATE_COLUMNS, *COMPARISON_COLUMNS, *_NEVER}
    chosen: list[str] = []
    seen: list[frozenset[object]] = []
    for name in ranked:
        if name in reserved:
            continue
        levels = frozenset(levels_of(store.responses if name in own else store.customers, column=name))
        if levels not in seen:
            chosen.append(name)
            seen.append(levels)
    return tuple(chosen[:MOST_COLUMNS])


def grouped_answers(store: ExperienceStore, by: Sequence[str]) -> tuple[Frame | None, str]:
    """Return the responses with their grouping columns, and the Python line that makes them."""
    if not store.has("responses"):
        return None, ""
    own = columns_of(store.responses)
    absent = [name for name in by if name not in own]
    if not absent:
        return store.responses, "answers = store.responses"
    return store.join("responses", customers=absent), f'answers = store.join("responses", customers={_listed(absent)})'


def _listed(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
