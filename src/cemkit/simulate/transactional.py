"""Part 'transactional': questions that follow a contact, about satisfaction (1..5) and effort (1..7), and their truth.

A contact at a touchpoint is followed by an invitation with the touchpoint's chance ``surveyed``, half an hour later;
the weight is the inverse of that chance, the stratum the customer's segment. The answer is the contact's own rating
(``perceived``; for effort its 1..5 as 1, 2, 4, 6, 7), or one point beside it with the chance 0.1 on each side, within
the scale. The chance to answer is 0.30 + 0.05 (perceived - 3). The truth is over all recorded contacts of the
touchpoint: given their ratings, the share of top-two answers (top three for effort, ``CES_7``) and the mean, if all
were asked and all answered; the column ends in ``_answering`` over those who would answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.calendar import DAY, timestamps
from cemkit.simulate.churn import ChurnState
from cemkit.simulate.company import CHANNELS, SEGMENTS, TOUCHPOINTS
from cemkit.simulate.experiences import Rated
from cemkit.simulate.frames import pick, texts, times
from cemkit.simulate.responses import answer_delay, answer_times
from cemkit.simulate.streams import stream

__all__ = ["QUESTIONS", "Question", "transactional_frame", "transactional_truth"]

_EASE = np.array([0, 1, 2, 4, 6, 7], dtype=np.int8)
_BESIDE = np.array([0.1, 0.8, 0.1])
_AFTER = 1800


@dataclass(frozen=True)
class Question:
    """A question that follows a contact."""

    name: str
    """Name of the question."""
    points: int
    """The scale runs from 1 to this."""
    top: int
    """Lowest answer of the best band."""


QUESTIONS: tuple[Question, ...] = (Question("csat", 5, 4), Question("ces", 7, 5))
"""Satisfaction and ease."""


def _asked(question: Question) -> npt.NDArray[np.float64]:
    return np.array([p.surveyed if question.name == "csat" or p.effort else 0.0 for p in TOUCHPOINTS])


def _own(question: Question, rated: Rated) -> npt.NDArray[np.int8]:
    return rated.perceived if question.name == "csat" else _EASE[rated.effort]


def _answers(perceived: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    return 0.30 + 0.05 * (perceived.astype(np.float64) - 3.0)


def transactional_frame(rated: Rated, state: ChurnState, seed: int) -> pd.DataFrame:
    """Return the rows of both questions for the responses' table."""
    return pd.concat([_question_frame(q, rated, state, seed) for q in QUESTIONS], ignore_index=True)


def _question_frame(question: Question, rated: Rated, state: ChurnState, seed: int) -> pd.DataFrame:
    base, calendar, contacts = state.base, state.calendar, rated.contacts
    draw = stream(seed, f"transactional.{question.name}")
    chance = _asked(question)
    asked = draw.random(len(contacts.customer), dtype=np.float32) < chance.astype(np.float32)[contacts.touchpoint]
    where = np.flatnonzero(asked)
    contact = contacts.where(where)
    size, customer = len(where), contact.customer
    beside = pick(draw.random(size), _BESIDE) - 1
    score = np.clip(_own(question, rated)[where] + beside, 1, question.points)
    willing = draw.random(size) < _answers(rated.perceived[where])
    sent = contact.second + _AFTER
    left = state.left[customer]
    moment = answer_times(sent, answer_delay(draw, size), left, calendar)
    reached = answer_times(sent, np.zeros(size, dtype=np.int64), left, calendar) >= 0
    answered = willing & (moment >= 0)
    phone = draw.random(size) >= np.array([s.online for s in SEGMENTS])[base.segment[customer]]
    months = np.searchsorted(calendar.edges * DAY, sent, side="right") - 1
    quarters = [calendar.quarter(month) for month in range(calendar.months + 1)]
    frame = pd.DataFrame(
        {
            "customer_id": texts(base.ids.tolist(), customer),
            "answered_at": times(timestamps(moment), answered),
            "score": np.where(answered, score, np.nan),
            "question": texts([question.name], np.zeros(size, dtype=np.int8)),
            "touchpoint_id": texts([p.touchpoint_id for p in TOUCHPOINTS], contact.touchpoint),
            "channel": texts([c.name for c in CHANNELS], contact.channel),
            "wave": texts(quarters, months),
            "mode": texts(["web", "phone"], phone.astype(np.int8)),
            "invited_at": timestamps(sent),
            "weight": 1 / chance[contact.touchpoint],
            "stratum": texts([s.name for s in SEGMENTS], base.segment[customer]),
            "stratum_size": np.full(size, np.nan),
        }
    )
    return frame.loc[reached]


def transactional_truth(rated: Rated) -> pd.DataFrame:
    """Return the true answers per question and touchpoint."""
    rows = []
    contacts, answers = rated.contacts, _answers(rated.perceived)
    for question in QUESTIONS:
        own = _own(question, rated)
        levels = np.arange(question.points + 1)
        given = [np.clip(levels + step, 1, question.points) for step in (-1, 0, 1)]
        top = sum(p * (g >= question.top) for p, g in zip(_BESIDE, given, strict=True))
        mean = sum(p * g for p, g in zip(_BESIDE, given, strict=True))
        for k in np.flatnonzero(_asked(question)):
            chosen = contacts.touchpoint == k
            n, weight, rating = int(chosen.sum()), answers[chosen], own[chosen]
            rows.append(
                {
                    "question": question.name,
                    "touchpoint_id": TOUCHPOINTS[k].touchpoint_id,
                    "contacts": n,
                    "top": 100 * np.asarray(top)[rating].mean() if n else np.nan,
                    "mean": np.asarray(mean)[rating].mean() if n else np.nan,
                    "top_answering": 100 * np.average(np.asarray(top)[rating], weights=weight) if n else np.nan,
                    "mean_answering": np.average(np.asarray(mean)[rating], weights=weight) if n else np.nan,
                }
            )
    return pd.DataFrame(rows)
