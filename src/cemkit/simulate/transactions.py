"""Part 'transactions': the monthly bills, and purchases beside them.

A bill comes once in each calendar month, on a day of the customer's own (1 to 28), if they are a customer then; its
amount is gamma with shape 25 and the customer's fee as mean. Purchases (devices, accessories) are a Poisson process
while they are a customer, at a rate of their own: per week ~ gamma with the shape below and the segment's mean.
Amounts are Gamma-Gamma: gamma with shape p = 4 and rate nu, nu ~ gamma with shape q = 5 and rate 60, so that the mean
amount is 4 · 60 / (5 - 1) = 60. Bad experiences change neither rate nor amount: they only end the process, by leaving.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.calendar import DAY, timestamps
from cemkit.simulate.churn import ChurnState
from cemkit.simulate.company import SEGMENTS
from cemkit.simulate.frames import pick, texts, time_order
from cemkit.simulate.streams import stream

__all__ = ["purchase_truth", "transaction_frame"]

_BILL_SHAPE = 25.0
_RATE_SHAPE = 1.2
_SPEND_P, _SPEND_Q, _SPEND_SCALE = 4.0, 5.0, 60.0
_BILL_MARGIN, _PURCHASE_MARGIN = 0.45, 0.20
_CATEGORIES = ("bill", "device", "accessory", "extra")
_CATEGORY_SHARES = np.array([0.25, 0.45, 0.30])
_ORIGINS = ("contract", "own return", "referral", "campaign", "cross-sale")
_ORIGIN_SHARES = np.array([0.50, 0.10, 0.20, 0.20])
_LAST_DAY = 28


def _span(state: ChurnState) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    base, calendar = state.base, state.calendar
    end = np.where(state.left >= 0, state.left, np.int64(calendar.days * DAY))
    return np.maximum(base.joined, 0), end


def _bills(
    state: ChurnState, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    draw = stream(seed, "transactions.bills")
    base, calendar = state.base, state.calendar
    begin, end = _span(state)
    moment = np.floor(draw.random(base.n) * _LAST_DAY * DAY).astype(np.int64)
    who, when, amount = [], [], []
    for edge in calendar.edges[:-1]:
        second = np.int64(edge * DAY) + moment
        due = np.flatnonzero((second > begin) & (second < end))
        who.append(due)
        when.append(second[due])
        amount.append(draw.standard_gamma(_BILL_SHAPE, len(due)) * base.fee[due] / _BILL_SHAPE)
    return np.concatenate(who), np.concatenate(when), np.concatenate(amount)


def _purchases(
    state: ChurnState, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    base, calendar = state.base, state.calendar
    begin, end = _span(state)
    mean = np.array([s.purchases for s in SEGMENTS])[base.segment]
    rate = stream(seed, "transactions.rate").standard_gamma(_RATE_SHAPE, base.n) / _RATE_SHAPE * mean
    own = _SPEND_SCALE / stream(seed, "transactions.spend").standard_gamma(_SPEND_Q, base.n)
    draw = stream(seed, "transactions.purchases")
    # Drawn over the whole log and cut to the customer's time in it, so that leaving moves nobody else's draws.
    who = np.repeat(np.arange(base.n), draw.poisson(rate * calendar.days / 7))
    when = np.floor(draw.random(len(who)) * calendar.days * DAY).astype(np.int64)
    amount = draw.standard_gamma(_SPEND_P, len(who)) * own[who]
    there = (when > begin[who]) & (when < end[who])
    return who[there], when[there], amount[there]


def transaction_frame(state: ChurnState, seed: int) -> pd.DataFrame:
    """Return the transactions' table in the order of time."""
    base = state.base
    bills, purchases = _bills(state, seed), _purchases(state, seed)
    who, when, amount = (np.concatenate(pair) for pair in zip(bills, purchases, strict=True))
    bought = len(purchases[0])
    draw = stream(seed, "transactions.labels")
    is_bill = np.arange(len(who)) < len(bills[0])
    blank = np.zeros(len(bills[0]), dtype=np.int8)
    category = np.concatenate([blank, pick(draw.random(bought), _CATEGORY_SHARES) + np.int8(1)])
    origin = np.concatenate([blank, pick(draw.random(bought), _ORIGIN_SHARES) + np.int8(1)])
    amount = np.maximum(np.round(amount, 2), 0.01)
    margin = np.round(amount * np.where(is_bill, _BILL_MARGIN, _PURCHASE_MARGIN), 2)
    order = time_order(when)
    return pd.DataFrame(
        {
            "customer_id": texts(base.ids.tolist(), who[order]),
            "occurred_at": timestamps(when[order]),
            "amount": amount[order],
            "margin": margin[order],
            "category": texts(_CATEGORIES, category[order]),
            "origin": texts(_ORIGINS, origin[order]),
        }
    )


def purchase_truth() -> pd.DataFrame:
    """Return the parameters of the purchase process by segment, rates per week."""
    return pd.DataFrame(
        [
            {
                "segment": s.name,
                "r": _RATE_SHAPE,
                "alpha": _RATE_SHAPE / s.purchases,
                "rate": s.purchases,
                "p": _SPEND_P,
                "q": _SPEND_Q,
                "gamma": _SPEND_SCALE,
                "mean_amount": _SPEND_P * _SPEND_SCALE / (_SPEND_Q - 1),
            }
            for s in SEGMENTS
        ]
    )
