"""What is true of a simulated world."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["Truth"]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is true of a simulated world: what an estimate from its tables should find.

    Every table gives expectations given the customers and the experiences that they would have, not counts that
    happened to come out, except where a field says 'recorded'. A null in a grouping column (``segment``, ``wave``,
    ``channel``, ``dimension``) is the total over it.
    """

    nps: pd.DataFrame = field(repr=False)
    """``wave, segment, customers, nps, promoters, detractors, response_rate, nps_answering``.

    ``nps`` (points): over all customers active at the wave, if all had answered. ``nps_answering``: over those who
    would answer, to which an estimate with the design weights tends; the difference is the bias of non-response. A
    null wave pools the waves, each with its customers.
    """
    transactional: pd.DataFrame = field(repr=False)
    """``question, touchpoint_id, contacts, top, mean, top_answering, mean_answering``: the questions after contacts.

    Over all recorded contacts of the touchpoint, given their ratings: the score in points (share of the best band,
    4..5 for csat, 5..7 for ces) and the mean answer; ``_answering`` as in ``nps``.
    """
    touchpoints: pd.DataFrame = field(repr=False)
    """``touchpoint_id, channel, contacts, bad, expected, perceived, gap``: the journey's curve, and the channels.

    Chance of a bad experience and mean ratings (1..5) given touchpoint and channel; for a null channel mixed as the
    recorded contacts are.
    """
    gaps: pd.DataFrame = field(repr=False)
    """``segment, dimension, aspect, expected, perceived, gap, sd``: the wide survey (1..10), as recorded.

    ``gap`` is perceived minus expected, ``sd`` its standard deviation over customers; a null dimension is the mean
    over the six. The base is that of the last wave.
    """
    drivers: pd.DataFrame = field(repr=False)
    """``item, aspect, mean, coefficient, lmg, share``: what drives overall satisfaction in the whole base.

    ``coefficient`` is exact; ``lmg`` is the part of the population's R², ``share`` its share of R².
    """
    driver_covariance: pd.DataFrame = field(repr=False)
    """Covariance of the perceived items in the whole base, item by item."""
    residual_variance: float
    """Variance of overall satisfaction given the items."""
    churn: pd.DataFrame = field(repr=False)
    """``cause, segment, touchpoint, customers, share, removed_alone, hazard_share``: who causes leaving within the log.

    ``cause`` is any, or voluntary (reasons service, price, competitor). ``share``: of the leavers expected between the
    start of the log (or joining) and its end, the share that would not have left by its end without the bad experiences
    at the touchpoint, by Shapley's split, so that rows and ``background`` sum to 1; ``customers`` the same in expected
    leavers. ``removed_alone``: removing only this touchpoint's bad experiences from the world as it is; these need not
    sum to the joint share. ``hazard_share`` (recorded): mean over the leavers of the touchpoint's share in the hazard
    at exit. A harmless touchpoint has exactly zero; ``cancellation`` has no row, since it follows leaving.
    """
    churn_total: pd.DataFrame = field(repr=False)
    """``cause, segment, customers, leavers, expected_leavers, preventable, background``: the totals of ``churn``.

    ``leavers`` is recorded; ``preventable`` is the joint share of all touchpoints together.
    """
    churn_by_tenure: pd.DataFrame = field(repr=False)
    """``days, followed, segment, touchpoint, customers, share, removed_alone``: as ``churn``, any cause, from joining.

    Over those who joined in the log at least ``days`` before its end (``followed``): leaving within ``days`` of
    joining.
    """
    satisfied_leavers: pd.DataFrame = field(repr=False)
    """``wave, group, customers, promoters, not_detractors``: how satisfied leavers were, beside those who stayed.

    Customers active at the wave, split (recorded) into those who left before the next wave and those who stayed; shares
    who would have answered 9 to 10, and 7 to 10.
    """
    purchases: pd.DataFrame = field(repr=False)
    """``segment, r, alpha, rate, p, q, gamma, mean_amount``: purchases beside the bills.

    Poisson with rates per week ~ gamma(shape r, rate alpha) while a customer; amounts Gamma-Gamma(p, q, gamma).
    """
