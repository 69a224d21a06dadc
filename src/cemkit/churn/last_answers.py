"""Who was satisfied when: answers within spells, and the spans in which each is a customer's last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ContractError, did_you_mean
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.statistics.matched_shares import Spans
from cemkit.tables.asof_last import AT, UNIT, VALUE, asof_last, check_joinable, stamped
from cemkit.tables.binding import Bound, collect
from cemkit.tables.flagged_events import FlaggedEvents, flagged_events
from cemkit.tables.fractional_days import MICROSECONDS
from cemkit.tables.rows import count_by, keep_question
from cemkit.tables.spell import Spell
from cemkit.tables.spells import Spells
from cemkit.tables.terms import Term

__all__ = [
    "Answers",
    "Leavers",
    "answer_spans",
    "last_of_leavers",
    "read_answers",
    "satisfied_bands",
    "spell_answers",
    "unanswered_spans",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers given during a spell, in the order of spells and times; those of one moment are one, their mean."""

    spell: Codes
    at: Floats
    value: Floats


@dataclass(frozen=True, eq=False)
class Leavers:
    """Spells that ended in leaving: which, and the last answer strictly before, within the window (NaN without)."""

    spell: Codes
    value: Floats
    age: Floats


def satisfied_bands(satisfied: Any, scale: Scale | None) -> tuple[tuple[Term, ...], str]:
    """Return the bands of values that count as satisfied, and their name."""
    if isinstance(satisfied, int | float | np.number) and not isinstance(satisfied, bool):
        low, high = float(satisfied), 1e300
        if scale is not None and scale.direction == "lower-is-better":
            low, high = -1e300, float(satisfied)
        if not np.isfinite(float(satisfied)) or (scale is not None and not scale.low <= float(satisfied) <= scale.high):
            where = "a finite number" if scale is None else f"a number from {scale.low:g} to {scale.high:g}"
            raise CemkitError(f"satisfied must be {where}, got {satisfied!r}")
        return (Term("band", low, high),), f"{'>=' if high > 1e299 else '<='} {float(satisfied):g}"
    if scale is None:
        raise CemkitError(
            f"which answers are satisfied is not known: give satisfied= the least number that is, or scale= with bands, such as "
            f"scale=cemkit.CSAT_5 (got satisfied={satisfied!r}, scale=None)"
        )
    names = (scale.top_band,) if satisfied is None else (satisfied,) if isinstance(satisfied, str) else tuple(satisfied)
    bands = scale.bands or {}
    for name in names:
        if name not in bands:
            raise CemkitError(
                f"satisfied={name!r} is no band of the scale, which has {list(bands)!r}.{did_you_mean(name, bands)}"
            )
    first = next(iter(bands), None)
    terms = tuple(
        Term("band", *bands[name], open=scale.step is None and name != first) for name in dict.fromkeys(names)
    )
    return terms, " or ".join(names)


def read_answers(
    bound: Bound,
    customers: Bound,
    spell: Spell,
    *,
    customer: str,
    at: str,
    score: str,
    question: str | None,
    bands: Sequence[Term],
    scale: Scale | None,
) -> tuple[FlaggedEvents, list[Assumption]]:
    """Check the table of answers and flag the satisfied ones, in its own engine."""
    bound.require(customer, "customer")
    bound.require_time(at, "at")
    bound.require_number(score, "score")
    notes: list[Assumption] = []
    if question is not None:
        bound, left = keep_question(bound, question, column=bound.require("question", "question"))
        if left:
            notes.append(Assumption("questions-left-out", {"question": question, "rows": left}))
    elif "question" in bound.schema:
        found = [str(key) for (key,) in count_by(bound, ["question"])]
        if len(found) > 1:
            shown = ", ".join(map(repr, sorted(found)[:8]))
            raise CemkitError(f"responses answer {len(found)} questions ({shown}): choose one with question=")
    check_joinable(customers, bound, names=("customers", "responses"), unit=customer, times=(spell.left, at))
    events = flagged_events(bound, unit=customer, at=at, value=score, bands=bands, scale=scale)
    if not events.rows:
        raise ContractError(
            f"responses hold no answer that can be used: {events.incomplete:,} rows lack a customer, a time or a score and "
            f"{events.invalid:,} lie outside the scale"
        )
    for code, number in (("answers-incomplete", events.incomplete), ("answers-off-scale", events.invalid)):
        if number:
            notes.append(Assumption(code, {"rows": number}))
    return events, notes


def spell_answers(events: FlaggedEvents, spells: Spells) -> tuple[Answers, list[Assumption]]:
    """Collect the answers and put each into the spell in which it was given.

    The sets of stayers need when each customer answered, so three columns of the answers leave the engine.
    """
    table = collect(events.bound.frame.select(UNIT, AT, VALUE))
    at = np.asarray(table[AT], dtype=np.int64) / MICROSECONDS
    value = np.asarray(table[VALUE], dtype=np.float64)
    who = pd.Index(spells.ids).get_indexer(pd.Index(table[UNIT]))
    # the last spell that had begun by the answer: spells of a customer do not overlap
    order = np.lexsort((spells.entered, spells.customer))
    place = _last_begun(spells.customer[order], spells.entered[order], who, at)
    spell = np.where(place >= 0, order[np.maximum(place, 0)], -1)
    known = who >= 0
    gone = spells.cause > 0
    end = spells.left[np.maximum(spell, 0)]
    after = known & (spell >= 0) & np.where(gone[np.maximum(spell, 0)], at >= end, at > end)
    early = known & (spell < 0)
    notes = [
        Assumption(code, {"rows": int(some.sum())})
        for code, some in (
            ("answers-of-strangers", ~known),
            ("answers-before-entering", early),
            ("answers-after-leaving", after),
        )
        if some.any()
    ]
    kept = known & ~early & ~after
    spell, at, value = spell[kept], at[kept], value[kept]
    order = np.lexsort((at, spell))
    spell, at, value = spell[order], at[order], value[order]
    edge = (
        np.flatnonzero(np.r_[True, (spell[1:] != spell[:-1]) | (at[1:] != at[:-1])])
        if spell.size
        else np.zeros(0, np.intp)
    )
    mean = np.add.reduceat(value, edge) / np.diff(np.r_[edge, spell.size]) if spell.size else value
    return Answers(spell[edge].astype(np.intp), at[edge], mean), notes


def _last_begun(owner: npt.NDArray[Any], entered: Floats, who: npt.NDArray[Any], at: Floats) -> Codes:
    both = np.lexsort((np.r_[np.ones(at.size), np.zeros(entered.size)], np.r_[at, entered], np.r_[who, owner]))
    is_spell = both >= at.size
    place = np.cumsum(is_spell) - 1
    found = np.full(at.size, -1, dtype=np.intp)
    found[both[~is_spell]] = place[~is_spell]
    good = found >= 0
    good[good] = owner[found[good]] == who[good]
    return np.where(good & (who >= 0), found, -1)


def last_of_leavers(
    customers: Bound, spell: Spell, events: FlaggedEvents, spells: Spells, *, customer: str, window: int
) -> Leavers:
    """Return each leaver's last answer strictly before leaving, joined in the engine."""
    moments = stamped(customers, unit=customer, at=spell.left)
    found = asof_last(moments, events.bound, within=window)
    leavers = np.flatnonzero(spells.event)
    ends = zip(spells.customer[leavers].tolist(), spells.left[leavers].tolist(), strict=True)
    key = {(spells.ids[who], at): i for i, (who, at) in enumerate(ends)}
    value, age = np.full(leavers.size, np.nan), np.full(leavers.size, np.nan)
    for unit, at, flag, old in zip(
        found.units, found.at.tolist(), found.value.tolist(), found.age.tolist(), strict=True
    ):
        i = key.get((unit, at))
        # an answer of an earlier spell is none of this one
        if i is not None and at - old >= spells.entered[leavers[i]]:
            value[i], age[i] = flag, old
    return Leavers(leavers.astype(np.intp), value, age)


def answer_spans(answers: Answers, spells: Spells, *, since: float, until: float) -> Spans:
    """Return when each answer is its customer's last and more than ``since``, at most ``until`` days old."""
    spell, at = answers.spell, answers.at
    following = np.full(at.size, np.inf)
    same = spell[1:] == spell[:-1]
    following[:-1][same] = at[1:][same]
    # whoever leaves at a moment does not stay at that moment
    gone = spells.cause[spell] > 0
    end = np.where(gone, np.nextafter(spells.left[spell], -np.inf), spells.left[spell])
    return Spans(
        spells.customer[spell].astype(np.intp),
        spells.entered[spell],
        at + since,
        np.minimum(np.minimum(at + until, following), end),
        answers.value,
    )


def unanswered_spans(spans: Spans, answers: Answers, spells: Spells) -> Spans:
    """Return the rest of every spell: the spans without an answer that counts."""
    begin = np.nextafter(spells.entered, -np.inf)
    end = np.where(spells.cause > 0, np.nextafter(spells.left, -np.inf), spells.left)
    spell = np.r_[np.arange(len(spells)), answers.spell]
    start, opens = np.r_[begin, np.maximum(spans.end, spans.start)], np.r_[begin, spans.start]
    order = np.lexsort((start, spell))
    spell, start, opens = spell[order], start[order], opens[order]
    # until the next span, else the end of the spell
    stop = end[spell]
    same = spell[1:] == spell[:-1]
    stop[:-1][same] = opens[1:][same]
    return Spans(spells.customer[spell].astype(np.intp), spells.entered[spell], start, stop, np.zeros(start.size))
