"""The rows of a satisfaction trap: satisfied by leaving, leaving by satisfied, bounds, and the age of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.last_answers import Answers, Leavers, answer_spans, unanswered_spans
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.matched_shares import Matched, Spans, bands_of, clustered_error, matched_shares
from cemkit.statistics.partial_identification import bounded_interval, missing_bounds
from cemkit.statistics.proportions import logit_interval, proportion_estimate, proportion_interval
from cemkit.tables.spells import Spells

__all__ = ["TRAP_COLUMNS", "Trap", "age_rows", "bound_rows", "left_given_answer", "satisfied_given_left"]

TRAP_COLUMNS = ("quantity", "estimate", "std_error", "low", "high", "level", "method", "n", "unit")
Floats = npt.NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Trap:
    """What every table is made of."""

    spells: Spells
    answers: Answers
    leavers: Leavers
    window: int
    band: int
    level: float

    @property
    def owners(self) -> int:
        """How many customers there are."""
        return len(self.spells.ids)

    def matched(self, spans: Spans, used: npt.NDArray[np.bool_]) -> Matched:
        """Return the shares among those who stayed when each leaver left."""
        at, entered = (x[self.leavers.spell] for x in (self.spells.left, self.spells.entered))
        place = bands_of(at, entered, self.band)
        return matched_shares(spans, at, place, width=float(self.band), owners=self.owners, used=used)

    def by_customer(self, rows: npt.NDArray[np.bool_], moved: Floats) -> Floats:
        """Return the sums of some leavers' influences per customer."""
        return grouped_sum(self.spells.customer[self.leavers.spell[rows]], moved, groups=self.owners)


def satisfied_given_left(trap: Trap) -> tuple[list[Row], int]:
    """Return the shares satisfied and their difference, and how many leavers nobody stood beside."""
    value = trap.leavers.value
    answered = ~np.isnan(value)
    yes, n = float(value[answered].sum()), int(answered.sum())
    share, error = proportion_estimate(yes, n)
    low, high = proportion_interval(yes, n, level=trap.level)
    rows = [_row(trap, "satisfied-given-left", share, error, low, high, "wilson", n)]
    found = trap.matched(answer_spans(trap.answers, trap.spells, since=0.0, until=float(trap.window)), answered)
    matched = answered & (found.members > 0)
    k = int(matched.sum())
    if not k:
        nothing = [
            _row(trap, quantity, np.nan, np.nan, np.nan, np.nan, "no-stayers", 0)
            for quantity in ("satisfied-given-stayed", "satisfied-difference")
        ]
        return rows + nothing, n
    stayed = float(found.share[matched].mean())
    chosen = trap.by_customer(matched, (found.share[matched] - stayed) / k)
    rows.append(_share(trap, "satisfied-given-stayed", stayed, clustered_error(found.influence, chosen), found.owners))
    own = float(value[matched].mean())
    of_leavers = trap.by_customer(matched, (value[matched] - own) / k)
    gap = clustered_error(of_leavers, -found.influence, -chosen)
    rows.append(_difference(trap, "satisfied-difference", own - stayed, gap, k))
    return rows, n - k


def _share(trap: Trap, quantity: str, share: float, error: float, n: int) -> Row:
    if 0 < share < 1 and error > 0:
        low, high = logit_interval(share, error, level=trap.level)
        return _row(trap, quantity, share, error, low, high, "influence-logit", n)
    low, high = proportion_interval(share * n, n, level=trap.level)
    return _row(trap, quantity, share, error, low, high, "wilson", n)


def _difference(trap: Trap, quantity: str, value: float, error: float, n: int) -> Row:
    half = float(critical_value(trap.level)) * error
    # two shares that are both at an end have no spread to go by
    low, high = (max(value - half, -1.0), min(value + half, 1.0)) if error > 0 else (np.nan, np.nan)
    return _row(trap, quantity, value, error, low, high, "influence", n)


def _row(trap: Trap, quantity: str, estimate: Any, error: Any, low: Any, high: Any, method: str, n: int) -> Row:
    numbers = {"estimate": estimate, "std_error": error, "low": low, "high": high, "level": trap.level}
    return {
        "quantity": quantity,
        **{k: float(v) for k, v in numbers.items()},
        "method": method,
        "n": n,
        "unit": "share",
    }


def left_given_answer(trap: Trap) -> tuple[list[Row], int]:
    """Return who left within the window after an answer, by the answer, and how many answers were not followed so long."""
    answers, spells = trap.answers, trap.spells
    followed = answers.at + trap.window <= spells.until
    spell, at, value = answers.spell[followed], answers.at[followed], answers.value[followed]
    left = (spells.event[spell] & (spells.left[spell] - at <= trap.window)).astype(np.float64)
    owner = spells.customer[spell]
    rows, parts = [], []
    for quantity, weight in (("left-given-satisfied", value), ("left-given-not-satisfied", 1.0 - value)):
        n = float(weight.sum())
        if not n > 0:
            rows.append(_row(trap, quantity, np.nan, np.nan, np.nan, np.nan, "no-answers", 0))
            parts.append((np.nan, np.zeros(trap.owners), 0))
            continue
        share = float(weight @ left) / n
        moved = grouped_sum(owner, weight * (left - share) / n, groups=trap.owners)
        rows.append(_share(trap, quantity, share, clustered_error(moved), round(n)))
        parts.append((share, moved, round(n)))
    (a, first, n_a), (b, second, n_b) = parts
    rows.append(_difference(trap, "left-difference", a - b, clustered_error(first, -second), n_a + n_b))
    return rows, int((~followed).sum())


def bound_rows(trap: Trap) -> tuple[pd.DataFrame, list[Row]]:
    """Return what those without an answer allow, and the shares with one."""
    value, level = trap.leavers.value, trap.level
    n, answered = value.size, ~np.isnan(value)
    ends = missing_bounds(value[answered].sum(), answered.sum(), n)
    errors = [proportion_estimate(end * n, n)[1] for end in ends]
    low, high = bounded_interval(*ends, *errors, level=level)
    asked = int(answered.sum())
    rows = [_bound(trap, "left", *ends, low, high, asked, n)]
    share, error = proportion_estimate(asked, n)
    surveyed = [
        _row(trap, "surveyed-given-left", share, error, *proportion_interval(asked, n, level=level), "wilson", n)
    ]
    spans = answer_spans(trap.answers, trap.spells, since=0.0, until=float(trap.window))
    rest = unanswered_spans(spans, trap.answers, trap.spells)
    every = np.ones(n, dtype=np.bool_)
    whole: dict[str, tuple[float, float, int]] = {}
    for name, known, unknown in (
        ("low", spans.value, 0.0),
        ("high", spans.value, 1.0),
        ("asked", np.ones_like(spans.value), 0.0),
    ):
        both = Spans(
            np.r_[spans.owner, rest.owner],
            np.r_[spans.entered, rest.entered],
            np.r_[spans.start, rest.start],
            np.r_[spans.end, rest.end],
            np.r_[known, np.full(rest.start.size, unknown)],
        )
        found = trap.matched(both, every)
        there = found.members > 0
        k = max(int(there.sum()), 1)
        mean = float(found.share[there].mean()) if there.any() else np.nan
        chosen = trap.by_customer(there, (found.share[there] - mean) / k)
        whole[name] = (mean, clustered_error(found.influence, chosen), found.owners)
    (bottom, bottom_error, owners), (top, top_error, _) = whole["low"], whole["high"]
    low, high = bounded_interval(bottom, top, bottom_error, top_error, level=level)
    seen = trap.matched(spans, every).owners
    rows.append(_bound(trap, "stayed", bottom, top, low, high, seen, owners))
    surveyed.append(_share(trap, "surveyed-given-stayed", *whole["asked"]))
    return pd.DataFrame(rows), surveyed


def _bound(trap: Trap, group: str, bottom: Any, top: Any, low: Any, high: Any, surveyed: int, n: int) -> Row:
    numbers = {"bound_low": bottom, "bound_high": top, "low": low, "high": high, "level": trap.level}
    named = {k: float(v) for k, v in numbers.items()}
    return {"group": group, **named, "method": "imbens-manski", "surveyed": surveyed, "n": n, "unit": "share"}


def age_rows(trap: Trap, bands: int) -> pd.DataFrame:
    """Return the shares satisfied by the age of the answer."""
    edges = np.unique(np.linspace(0, trap.window, bands + 1).round())
    rows = []
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        inside = (trap.leavers.age > begin) & (trap.leavers.age <= end)
        value = trap.leavers.value[inside]
        n = value.size
        share, error = proportion_estimate(value.sum(), n)
        low, high = proportion_interval(value.sum(), n, level=trap.level)
        found = trap.matched(answer_spans(trap.answers, trap.spells, since=begin, until=end), inside)
        matched = inside & (found.members > 0)
        k = int(matched.sum())
        stayed = float(found.share[matched].mean()) if k else np.nan
        moved = trap.by_customer(matched, (found.share[matched] - stayed) / max(k, 1))
        beside = _share(trap, "", stayed, clustered_error(found.influence, moved), found.owners) if k else {}
        rows.append(
            {
                "age_low": begin,
                "age_high": end,
                "estimate": float(share),
                "std_error": float(error),
                "low": float(low),
                "high": float(high),
                "level": trap.level,
                "method": "wilson",
                "n": n,
                "unit": "share",
                "stayed": stayed,
                "stayed_low": beside.get("low", np.nan),
                "stayed_high": beside.get("high", np.nan),
            }
        )
    return pd.DataFrame(rows)
