"""The truth about churn: how much of it each touchpoint's bad experiences cause.

The counterfactual is computed for the same customers with the same experiences. Customer i leaves by the end of the log
with the chance 1 - S_i, S_i = exp(-H0_i - sum over k of H_ki), the integrals running over the whole log along the
experiences that the customer would have had. Without the bad experiences at the touchpoints in A, the H_ki of A are
zero. Nothing is drawn here: the chances are exact given the experiences, so the truth has no noise of its own.

- Expected leavers F = sum of 1 - S_i; the joint preventable share is (F - F without any bad experience) / F.
- The split is Shapley's over the touchpoints, per customer and then summed: with s0 = exp(-H0) and r_k = exp(-H_k),
  phi_k = s0 (1 - r_k) · integral over q in 0..1 of prod over j != k of (1 - q (1 - r_j)), exact by Gauss-Legendre.
- Leaving of one's own will competes with moving and not paying (hazard m_i, constant): its incidence is
  1 - S_i(T) - m_i · integral of S_i, the integral by the trapezoid rule over the months (relative error below 1e-4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.calendar import Calendar
from cemkit.simulate.churn import VOLUNTARY, ChurnState, Month
from cemkit.simulate.company import CANCELLATION, HARMFUL, SEGMENTS, TOUCHPOINTS
from cemkit.simulate.customers import Base

__all__ = ["CAUSES", "HORIZONS", "Preventable", "split_survival"]

CAUSES = ("any", "voluntary")
"""Which leaving counts: all of it, or that of one's own will."""
HORIZONS = (180.0, 360.0)
"""Days since joining, for the truth by tenure."""
_K = len(HARMFUL)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss((_K + 1) // 2)

Floats = npt.NDArray[np.float64]


def split_survival(background: Floats, extra: list[Floats]) -> tuple[list[Floats], list[Floats], Floats]:
    """Return by how much touchpoints lower survival: Shapley's split, each alone removed from all, and all together."""
    base = np.exp(-background)
    lost = [-np.expm1(-h) for h in extra]
    split = [np.zeros_like(base) for _ in extra]
    for node, weight in zip((_NODES + 1) / 2, _WEIGHTS / 2, strict=True):
        factors = [1 - node * each for each in lost]
        product = base * weight
        for factor in factors:
            product = product * factor
        for k, factor in enumerate(factors):
            split[k] += product / factor
    survival = np.exp(-background - sum(extra))
    single = [survival * np.expm1(h) for h in extra]
    return [part * each for part, each in zip(split, lost, strict=True)], single, base - survival


@dataclass
class _Sums:
    """Sums by segment: Shapley's split and single removals (touchpoint × segment), joint and leavers (segment)."""

    split: Floats
    single: Floats
    joint: Floats
    leavers: Floats

    @classmethod
    def zero(cls) -> _Sums:
        s = len(SEGMENTS)
        return cls(np.zeros((_K, s)), np.zeros((_K, s)), np.zeros(s), np.zeros(s))

    def plus(self, other: _Sums) -> _Sums:
        return _Sums(
            self.split + other.split, self.single + other.single, self.joint + other.joint, self.leavers + other.leavers
        )

    def add(self, segment: npt.NDArray[np.int8], background: Floats, extra: list[Floats], weight: Floats) -> None:
        split, single, joint = split_survival(background, extra)
        for k in range(_K):
            self.split[k] += np.bincount(segment, split[k] * weight, len(SEGMENTS))
            self.single[k] += np.bincount(segment, single[k] * weight, len(SEGMENTS))
        self.joint += np.bincount(segment, joint * weight, len(SEGMENTS))


class Preventable:
    """Gathers the truth as the months pass."""

    def __init__(self, base: Base, calendar: Calendar) -> None:
        self.base = base
        self.edges = calendar.edges
        self._whole = _Sums.zero()
        self._involuntary = _Sums.zero()
        self._tenure = {days: _Sums.zero() for days in HORIZONS}
        self._followed = {days: np.zeros(len(SEGMENTS)) for days in HORIZONS}

    def before_step(self, month: Month, state: ChurnState) -> None:
        """Catch those who reach a horizon of tenure in the month that is about to pass."""
        joined = self.base.joined_day
        for days, sums in self._tenure.items():
            due = np.flatnonzero((joined >= 0) & (joined + days > month.start) & (joined + days <= month.end))
            day = joined[due] + days
            voluntary, involuntary = month.background(due, day)
            background = state.background[due] + voluntary + involuntary
            extra = [state.extra[k][due] + month.added(k, due, day) for k in range(_K)]
            segment = self.base.segment[due]
            sums.add(segment, background, extra, np.ones(len(due)))
            sums.leavers += np.bincount(segment, -np.expm1(-background - sum(extra)), len(SEGMENTS))
            self._followed[days] += np.bincount(segment, minlength=len(SEGMENTS))

    def after_step(self, number: int, state: ChurnState) -> None:
        """Add the month's part of the involuntary incidence; at the end of the log, all of it."""
        joined = self.base.joined_day
        start, end = self.edges[number], self.edges[number + 1]
        last = number + 2 == len(self.edges)
        ahead = 0.0 if last else self.edges[number + 2] - end
        passed = np.maximum(end - np.maximum(joined, start), 0.0)
        there = joined < end
        first = there & ((joined >= start) | (number == 0))
        weight = np.where(there, state.rate * (passed + ahead) / 2, 0.0)
        survival = np.exp(-state.background - sum(state.extra))
        incidence = weight * survival + np.where(first, state.rate * passed / 2, 0.0)
        segment = self.base.segment
        self._involuntary.leavers += np.bincount(segment, incidence, len(SEGMENTS))
        met = np.flatnonzero(there & (sum(state.extra) > 0))
        extra = [h[met] for h in state.extra]
        self._involuntary.add(segment[met], state.background[met], extra, weight[met])
        if last:
            self._whole.add(segment[met], state.background[met], extra, np.ones(len(met)))
            self._whole.leavers += np.bincount(segment, 1 - survival, len(SEGMENTS))

    def tables(self, state: ChurnState) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return the tables ``churn``, ``churn_total`` and ``churn_by_tenure`` of the truth."""
        own = self._whole.plus(self._involuntary)
        own.leavers = self._whole.leavers - self._involuntary.leavers
        segment, left = self.base.segment, state.left >= 0
        choices = (left, left & (state.reason < len(VOLUNTARY)))
        rows: list[dict[str, Any]] = []
        totals: list[dict[str, Any]] = []
        for number, (cause, sums) in enumerate(zip(CAUSES, (self._whole, own), strict=True)):
            observed = np.bincount(segment[choices[number]], minlength=len(SEGMENTS)).astype(np.float64)
            for name, pool in _pools():
                rows += [
                    {"cause": cause, "segment": name, **row} for row in _rows(sums, pool, state.hazard_shares[number])
                ]
                joint, leavers = sums.joint[pool].sum(), sums.leavers[pool].sum()
                totals.append(
                    {
                        "cause": cause,
                        "segment": name,
                        "customers": int(np.isin(segment, pool).sum()),
                        "leavers": int(observed[pool].sum()),
                        "expected_leavers": leavers,
                        "preventable": joint / leavers if leavers else np.nan,
                        "background": 1 - joint / leavers if leavers else np.nan,
                    }
                )
        tenure = [
            {"days": days, "followed": int(self._followed[days][pool].sum()), "segment": name, **row}
            for days, sums in self._tenure.items()
            for name, pool in _pools()
            for row in _rows(sums, pool, None)
        ]
        return pd.DataFrame(rows), pd.DataFrame(totals), pd.DataFrame(tenure)


def _pools() -> list[tuple[str | None, list[int]]]:
    each: list[tuple[str | None, list[int]]] = [(s.name, [i]) for i, s in enumerate(SEGMENTS)]
    return [*each, (None, list(range(len(SEGMENTS))))]


def _rows(sums: _Sums, pool: list[int], hazard: Floats | None) -> list[dict[str, Any]]:
    leavers = sums.leavers[pool].sum()
    exits = np.nan if hazard is None else hazard[:, pool].sum()
    rows = []
    for number, profile in enumerate(TOUCHPOINTS):
        if number == CANCELLATION:
            continue
        k = HARMFUL.index(number) if number in HARMFUL else None
        customers = sums.split[k][pool].sum() if k is not None else 0.0
        single = sums.single[k][pool].sum() if k is not None else 0.0
        at_exit = 0.0 if k is None or hazard is None else hazard[k, pool].sum()
        rows.append((profile.touchpoint_id, customers, single, at_exit))
    joint = sums.joint[pool].sum()
    rest = 0.0 if hazard is None else hazard[-1, pool].sum()
    rows.append(("background", leavers - joint, np.nan, rest))
    return [
        {
            "touchpoint": name,
            "customers": customers,
            "share": customers / leavers if leavers else np.nan,
            "removed_alone": single / leavers if leavers else np.nan,
            **({} if hazard is None else {"hazard_share": at_exit / exits if exits else np.nan}),
        }
        for name, customers, single, at_exit in rows
    ]
