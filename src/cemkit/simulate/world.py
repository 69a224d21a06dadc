"""A telecom company whose truth is known.

The parts of the world, each with its formulas in its file and random streams of its own name:

============== =====================================================================================================
customers      segment, strain z, joining before and during the log
contacts       who meets which of the 12 touchpoints when, in which channel, and whether it is bad
churn          additive hazard in continuous time; bad experiences raise it for 90 days
preventable    the truth about churn, by counterfactual survival of the same customers
experiences    ratings, valence, effort, complaints, the cancellation call
responses      quarterly NPS waves: stratified sample, non-response that depends on satisfaction
transactional  CSAT and CES after contacts
answers        the wide survey: expected and perceived in six dimensions, and overall satisfaction
transactions   bills and purchases
============== =====================================================================================================

What causes what: z raises contacts with support and leaving, and lowers the recommendation; bad experiences raise
leaving and lower the recommendation while in force; answering depends on the latent recommendation. Nothing else
depends on anything: reminders and advice in the shop annoy without making anybody leave, the cancellation call is part
of leaving, complaints resolved change nothing, purchases depend on nothing but the time as a customer.
"""

from __future__ import annotations

import pandas as pd

from cemkit.model import JourneyMap
from cemkit.simulate.answers import RESIDUAL_VARIANCE, answers_frame, driver_truth, gap_truth
from cemkit.simulate.calendar import Calendar
from cemkit.simulate.churn import REASONS, ChurnState
from cemkit.simulate.company import journey_map
from cemkit.simulate.contacts import Contacts, draw_contacts
from cemkit.simulate.customers import customer_frame, draw_customers
from cemkit.simulate.experiences import cancellations, draw_ratings, experience_frame, touchpoint_truth
from cemkit.simulate.frames import time_order
from cemkit.simulate.preventable import Preventable
from cemkit.simulate.responses import Survey
from cemkit.simulate.streams import check_count, check_seed
from cemkit.simulate.transactional import transactional_frame, transactional_truth
from cemkit.simulate.transactions import purchase_truth, transaction_frame
from cemkit.simulate.truth import Truth

__all__ = ["telecom_tables"]

_LEAST_CUSTOMERS = 20
_LEAST_MONTHS = 3


def telecom_tables(
    customers: int = 20_000, months: int = 24, seed: int = 0
) -> tuple[dict[str, pd.DataFrame], JourneyMap, Truth]:
    """Return the tables of the telecom world, its journey map and its truth."""
    n = check_count(customers, name="customers", least=_LEAST_CUSTOMERS)
    calendar = Calendar(check_count(months, name="months", least=_LEAST_MONTHS))
    seed = check_seed(seed)
    base = draw_customers(n, calendar, seed)
    state = ChurnState(base, calendar, seed)
    survey = Survey(base, calendar, seed)
    preventable = Preventable(base, calendar)
    recorded = []
    for number, contacts in enumerate(draw_contacts(base, calendar, seed)):
        survey.send(number, state)
        month = state.month(number, contacts)
        preventable.before_step(month, state)
        state.step(month, contacts)
        preventable.after_step(number, state)
        left = state.left[contacts.customer]
        recorded.append(contacts.where((left < 0) | (contacts.second < left)))
    log = Contacts.joined([*recorded, cancellations(state, seed)])
    log = log.where(time_order(log.second))
    rated = draw_ratings(log, seed)
    waves = survey.frame(state)
    after_contacts = transactional_frame(rated, state, seed)
    tables = {
        "customers": customer_frame(base, state.left, state.reason, REASONS, seed),
        "experiences": experience_frame(rated, state, seed),
        "responses": pd.concat([waves, after_contacts], ignore_index=True),
        "transactions": transaction_frame(state, seed),
        "answers": answers_frame(base, survey.waves[-1], waves, seed),
    }
    drivers, covariance = driver_truth(base, survey.waves[-1])
    churn, churn_total, churn_by_tenure = preventable.tables(state)
    truth = Truth(
        nps=survey.nps_truth(),
        transactional=transactional_truth(rated),
        touchpoints=touchpoint_truth(log),
        gaps=gap_truth(base, survey.waves[-1]),
        drivers=drivers,
        driver_covariance=covariance,
        residual_variance=RESIDUAL_VARIANCE,
        churn=churn,
        churn_total=churn_total,
        churn_by_tenure=churn_by_tenure,
        satisfied_leavers=survey.satisfied_leavers(state),
        purchases=purchase_truth(),
    )
    return tables, journey_map(), truth
