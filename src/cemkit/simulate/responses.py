"""Part 'responses': the quarterly survey with the recommendation question, and its truth.

A wave goes out at the start of the third month of each calendar quarter, to a simple random sample of a fixed size
within each segment (the stratum) of the customers active then. The weight is the inverse of the sampling fraction, also
for those who do not answer. The latent answer is

    l = 8.1 + mood(segment) - 0.5 z + u - points off for bad experiences in force,     u ~ N(0, 0.8²), once per customer

and the score is l + N(0, 1.3²), rounded and cut to 0..10. Whoever is invited answers with the chance
logistic(-0.4 + 0.2 (l - 8)): the satisfied answer more, which no weight in the data repairs. Whoever leaves before they
would have answered does not answer. ``nps`` in the truth is what all customers active at the wave would give on
average over the noise, ``nps_answering`` the same over those who would answer: the value to which the weighted estimate
tends (but for those who leave within days of the invitation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.calendar import DAY, Calendar, timestamps
from cemkit.simulate.churn import ChurnState
from cemkit.simulate.company import SEGMENTS
from cemkit.simulate.customers import Base
from cemkit.simulate.frames import texts, times
from cemkit.simulate.streams import stream

__all__ = ["Survey", "Wave", "answer_delay", "answer_times", "normal_cdf"]

_MEAN, _STRAIN, _TASTE, _NOISE = 8.1, -0.5, 0.8, 1.3
_ANSWERS = (-0.4, 0.2, 8.0)
_PROMOTER, _PASSIVE = 8.5, 6.5
_LEAST_INVITED = 2
_DELAY_DAYS = 3.0
_SCORES = 10

Floats = npt.NDArray[np.float64]


def normal_cdf(x: Floats) -> Floats:
    """Return the standard normal distribution function."""
    from scipy.special import ndtr

    return np.asarray(ndtr(x), dtype=np.float64)


def answer_delay(draw: np.random.Generator, size: int) -> npt.NDArray[np.int64]:
    """Return after how many seconds the invited answer: a minute and an exponential time with a mean of three days."""
    return 60 + np.floor(draw.standard_exponential(size) * _DELAY_DAYS * DAY).astype(np.int64)


def answer_times(
    invited: npt.NDArray[np.int64], delay: npt.NDArray[np.int64], left: npt.NDArray[np.int64], calendar: Calendar
) -> npt.NDArray[np.int64]:
    """Return when answers come in, -1 where the customer leaves or the log ends before."""
    moment = invited + delay
    end = np.where(left >= 0, left, np.int64(calendar.days * DAY))
    return np.where(moment < end, moment, -1)


@dataclass(frozen=True)
class Wave:
    """One wave of the survey, and what is true of it."""

    name: str
    day: float
    active: npt.NDArray[np.int64]
    """Places of the customers active at the wave."""
    invited: npt.NDArray[np.int64]
    """Places of those invited."""
    weight: Floats
    """Their design weight."""
    base_size: npt.NDArray[np.int64]
    """Active customers of their segment."""
    latent: Floats
    """Latent answer of the active."""
    promoter: Floats
    """Chance of each active customer to be a promoter."""
    detractor: Floats
    """Chance of each active customer to be a detractor."""
    answers: Floats
    """Chance of each active customer to answer if invited."""


class Survey:
    """Gathers the waves as the months pass."""

    def __init__(self, base: Base, calendar: Calendar, seed: int) -> None:
        self.base = base
        self.calendar = calendar
        self.seed = seed
        self.waves: list[Wave] = []
        self._level = (
            _MEAN
            + np.array([s.mood for s in SEGMENTS])[base.segment]
            + _STRAIN * base.strain
            + _TASTE * stream(seed, "responses.nps.taste").standard_normal(base.n)
        )
        self._keys = stream(seed, "responses.nps.sample")

    def send(self, month: int, state: ChurnState) -> None:
        """Send out the wave at the start of this month, if there is one."""
        if month not in self.calendar.wave_months:
            return
        day = float(self.calendar.edges[month])
        segment = self.base.segment
        keys = self._keys.random(self.base.n)
        active = state.active(day)
        chosen, weights, sizes = [], [], []
        for number, profile in enumerate(SEGMENTS):
            members = np.flatnonzero(active & (segment == number))
            count = min(len(members), max(_LEAST_INVITED, round(profile.invited * len(members))))
            picked = np.sort(members[np.argsort(keys[members], kind="stable")[:count]])
            chosen.append(picked)
            weights.append(np.full(count, len(members) / max(count, 1)))
            sizes.append(np.full(count, len(members), dtype=np.int64))
        places = np.flatnonzero(active)
        latent = (self._level - state.mood(day))[places]
        intercept, slope, centre = _ANSWERS
        self.waves.append(
            Wave(
                name=self.calendar.quarter(month),
                day=day,
                active=places,
                invited=np.concatenate(chosen),
                weight=np.concatenate(weights),
                base_size=np.concatenate(sizes),
                latent=latent,
                promoter=normal_cdf((latent - _PROMOTER) / _NOISE),
                detractor=normal_cdf((_PASSIVE - latent) / _NOISE),
                answers=1 / (1 + np.exp(-(intercept + slope * (latent - centre)))),
            )
        )

    def frame(self, state: ChurnState) -> pd.DataFrame:
        """Return the answers and the invitations that were not answered."""
        draws = {p: stream(self.seed, f"responses.nps.{p}") for p in ("score", "answers", "delay", "mode")}
        return pd.concat([self._wave_frame(wave, state, draws) for wave in self.waves], ignore_index=True)

    def _wave_frame(self, wave: Wave, state: ChurnState, draws: dict[str, np.random.Generator]) -> pd.DataFrame:
        invited = wave.invited
        size = len(invited)
        at = np.searchsorted(wave.active, invited)
        score = np.clip(np.rint(wave.latent[at] + _NOISE * draws["score"].standard_normal(size)), 0, _SCORES)
        sent = np.full(size, round(wave.day * DAY), dtype=np.int64)
        willing = draws["answers"].random(size) < wave.answers[at]
        moment = answer_times(sent, answer_delay(draws["delay"], size), state.left[invited], self.calendar)
        answered = willing & (moment >= 0)
        segment = self.base.segment[invited]
        phone = draws["mode"].random(size) >= np.array([s.online for s in SEGMENTS])[segment]
        zero = np.zeros(size, dtype=np.int8)
        return pd.DataFrame(
            {
                "customer_id": texts(self.base.ids.tolist(), invited),
                "answered_at": times(timestamps(moment), answered),
                "score": np.where(answered, score, np.nan),
                "question": texts(["nps"], zero),
                "touchpoint_id": texts(["nps"], zero - 1),
                "channel": texts(["nps"], zero - 1),
                "wave": texts([wave.name], zero),
                "mode": texts(["web", "phone"], phone.astype(np.int8)),
                "invited_at": timestamps(sent),
                "weight": wave.weight,
                "stratum": texts([s.name for s in SEGMENTS], segment),
                "stratum_size": wave.base_size.astype(np.float64),
            }
        )

    def nps_truth(self) -> pd.DataFrame:
        """Return the true NPS by wave and segment; a null wave is all waves, a null segment the whole base."""
        names: list[str | None] = [s.name for s in SEGMENTS]
        names.append(None)
        whole = np.zeros((len(names), 5))
        rows = []
        for wave in self.waves:
            segment = self.base.segment[wave.active]
            net = wave.promoter - wave.detractor
            sums = np.stack(
                [
                    np.bincount(segment, values, len(SEGMENTS))
                    for values in (np.ones(len(net)), wave.promoter, wave.detractor, wave.answers, wave.answers * net)
                ],
                axis=1,
            )
            sums = np.vstack([sums, sums.sum(axis=0)])
            whole += sums
            rows += [_nps_row(wave.name, name, row) for name, row in zip(names, sums, strict=True)]
        rows += [_nps_row(None, name, row) for name, row in zip(names, whole, strict=True)]
        return pd.DataFrame(rows)

    def satisfied_leavers(self, state: ChurnState) -> pd.DataFrame:
        """Return how satisfied those were who left before the next wave, and those who did not."""
        days = [wave.day for wave in self.waves] + [self.calendar.days]
        rows = []
        for wave, until in zip(self.waves, days[1:], strict=True):
            left = state.left[wave.active]
            gone = (left >= 0) & (left < until * DAY)
            for group, members in (("left", gone), ("stayed", ~gone)):
                count = int(members.sum())
                rows.append(
                    {
                        "wave": wave.name,
                        "group": group,
                        "customers": count,
                        "promoters": wave.promoter[members].mean() if count else np.nan,
                        "not_detractors": 1 - wave.detractor[members].mean() if count else np.nan,
                    }
                )
        return pd.DataFrame(rows)


def _nps_row(wave: str | None, segment: str | None, sums: Floats) -> dict[str, object]:
    n, promoters, detractors, answers, net = sums
    empty = n == 0
    return {
        "wave": wave,
        "segment": segment,
        "customers": int(n),
        "nps": np.nan if empty else 100 * (promoters - detractors) / n,
        "promoters": np.nan if empty else promoters / n,
        "detractors": np.nan if empty else detractors / n,
        "response_rate": np.nan if empty else answers / n,
        "nps_answering": np.nan if empty else 100 * net / answers,
    }
