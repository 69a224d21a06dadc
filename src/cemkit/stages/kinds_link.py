"""Whether each kind of experience goes with the outcome that it is meant to move, exposures counted from when they happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.stages.follow_up import Followed, Study, follow
from cemkit.stages.profile import require_labels
from cemkit.statistics.standardised_rates import standardised_rates
from cemkit.tables.binding import bind
from cemkit.typing import Frame

__all__ = ["kinds_link"]

_MONTH = 30 * 86_400.0
_RATE, _MONEY, _EACH = "per 30 days", "amount per 30 days", "amount"
_NEGATIVE, _RESOLVED = "negative experience", "resolved complaint"
_METRICS = ("exposed", "reference", "difference")


def kinds_link(
    experiences: Frame,
    customers: Frame,
    transactions: Frame,
    *,
    level: float = 0.95,
    within: float = 90,
    support: str | Sequence[str] = ("support", "care"),
    leaving: str | Sequence[str] = ("cancel",),
    until: object = None,
) -> Estimates:
    """Set each kind of experience against the outcome that it is meant to move.

    Parameters
    ----------
    experiences : frame
        ``customer_id, touchpoint_id, occurred_at, stage, kind, valence``; with ``complaint`` and ``resolved_at`` for
        the recovery paradox, with ``cost`` for the cost of support. :func:`label` and :func:`classify` add stage and
        kind.
    customers : frame
        ``customer_id, left_at``; with ``acquired_at`` and ``referred_by`` (the customer who referred them) for referrals.
    transactions : frame
        ``customer_id, occurred_at, amount``; with ``margin``.
    level : float
        Level of the intervals.
    within : float
        Days that an experience is followed at most.
    support : str or list of str
        Stages whose experiences are contacts with support.
    leaving : str or list of str
        Stages that are part of leaving: their experiences follow the decision and are left out.
    until : date, optional
        The end of the data; the latest time of the tables unless given.

    Returns
    -------
    Estimates
        Rows ``kind, outcome, contrast`` with the metrics ``exposed``, ``reference`` and ``difference``. Typical:
        leaving, support. Critical: leaving, referral. Unique: margin, basket. The contrast is a negative experience
        against one that was not; for leaving after critical ones also a resolved complaint against no complaint. Rates
        are per customer and 30 days. ``n`` counts experiences followed, ``missing`` those that could not be. An outcome
        that the tables do not tell has no rows, and the assumptions say so.

    Raises
    ------
    CemkitError
        If a column that every outcome needs is absent, times mix zones, customers repeat, or nothing can be followed.

    Notes
    -----
    An experience is followed from when it happens (a resolution from when it resolves) until the next negative one of
    its kind, ``within`` days, leaving, or the end of the data; those with a negative one of the kind in the ``within``
    days before are left out on both sides. So nobody has to survive to be exposed. Reference rates are those of the
    same touchpoints, weighted as the exposed time; errors are linearised over customers. Rows are collected: only
    customers, times, touchpoints, labels and amounts.

    References
    ----------
    Suissa, S. (2008), *American Journal of Epidemiology* 167, 492-499 (immortal time). Kitagawa, E. M. (1955), *JASA* 50, 1168-1194.

    Examples
    --------
    >>> from cemkit import stages
    >>> from cemkit.simulate import telecom
    >>> store, _ = telecom(customers=2000, months=12, seed=1)
    >>> found = stages.kinds_link(stages.label(store.experiences, store.journey_map), store.customers, store.transactions)
    >>> found.to_frame().query("metric == 'difference'")[["kind", "outcome"]].values.tolist()[:3]
    [['typical', 'leaving'], ['typical', 'support'], ['critical', 'leaving']]
    """
    check_level(level)
    if not isinstance(within, int | float) or isinstance(within, bool) or not 0 < within <= 3650:
        msg = f"within must be a number of days above 0 and at most 3650, got {within!r}"
        raise CemkitError(msg)
    bound = bind(experiences, what="experiences")
    require_labels(bound, ["stage", "kind"])
    study = follow(
        bound,
        bind(customers, what="customers"),
        bind(transactions, what="transactions"),
        within=float(within),
        support=_stages(support, "support"),
        leaving=_stages(leaving, "leaving"),
        until=until,
    )
    rows: list[dict[str, Any]] = []
    for kind in ("typical", "critical", "unique"):
        found = study.kind(kind)
        for outcome in _OUTCOMES[kind]:
            rows += _rows(study, found, kind, outcome, _NEGATIVE, level)
        if kind == "critical" and study.complaint.any():
            rows += _rows(study, study.recovery(kind), kind, "leaving", _RESOLVED, level)
    if not rows:
        msg = (
            f"none of the {study.total:,} experiences can be followed: each needs a customer of the customers' table, "
            "a time, a kind and a valence"
        )
        raise CemkitError(msg)
    table = pd.DataFrame(rows)
    table = _typed(table)
    notes = [
        Assumption("followed-from-then", {"within": float(within)}),
        Assumption("same-touchpoint"),
        Assumption("association"),
        Assumption("rows-followed", {"rows": study.total}),
    ]
    if study.untold:
        notes.append(Assumption("outcomes-not-told", {"columns": ", ".join(study.untold)}))
    return Estimates(table, tuple(notes), by=("kind", "outcome", "contrast"))


_OUTCOMES = {"typical": ("leaving", "support"), "critical": ("leaving", "referral"), "unique": ("margin", "basket")}


def _rows(study: Study, found: Followed, kind: str, outcome: str, contrast: str, level: float) -> list[dict[str, Any]]:
    told = study.outcome(found, outcome)
    if told is None or not len(found.unit):
        return []
    events, occasions = told
    time = (found.end - found.start) / _MONTH if occasions is None else occasions
    rates = standardised_rates(found.unit, found.touchpoint, found.exposed, events, time, level=level)
    unit = {"margin": _MONEY, "basket": _EACH}.get(
        outcome, _RATE if outcome != "support" or not study.has_cost else _MONEY
    )
    floor = 0.0 if outcome in ("leaving", "referral") else -np.inf
    return [
        {
            "kind": kind,
            "outcome": outcome,
            "contrast": contrast,
            "metric": metric,
            "estimate": rates.estimate[i],
            "std_error": rates.std_error[i],
            "low": max(rates.low[i], floor) if i < 2 else rates.low[i],
            "high": rates.high[i],
            "level": float(level),
            "method": "standardised-linearised",
            "unit": unit,
            "n": rates.rows,
            "missing": found.left_out + rates.left_out,
            "invalid": 0,
            "n_eff": np.nan,
            "df": rates.df,
            "suppressed": False,
        }
        for i, metric in enumerate(_METRICS)
    ]


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    for name in ("kind", "outcome", "contrast", "metric", "method", "unit"):
        table[name] = table[name].astype(object)
    for name in ("n", "missing", "invalid"):
        table[name] = table[name].astype("Int64")
    return table[["kind", "outcome", "contrast", *ESTIMATE_COLUMNS]]


def _stages(value: Any, argument: str) -> frozenset[str]:
    found = (value,) if isinstance(value, str) else tuple(value) if hasattr(value, "__iter__") else None
    if found is None or not all(isinstance(name, str) for name in found):
        msg = f"{argument} must be one stage or several, got {value!r}"
        raise CemkitError(msg)
    return frozenset(found)
