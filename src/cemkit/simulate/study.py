"""The simulated telecom company as a study: the store of its tables, and its truth."""

from __future__ import annotations

from cemkit.scales import CES_7, CSAT_5, LIKERT_5, NPS_SCALE, Scale
from cemkit.simulate.answers import DIMENSIONS
from cemkit.simulate.truth import Truth
from cemkit.simulate.world import telecom_tables
from cemkit.tables.design import Design
from cemkit.tables.store import ExperienceStore
from cemkit.tables.wide_survey import WideSurvey

__all__ = ["telecom"]


def telecom(customers: int = 20_000, months: int = 24, seed: int = 0) -> tuple[ExperienceStore, Truth]:
    """Simulate a telecom company of which everything is known.

    Twelve touchpoints in eight stages and four channels; customers who join before and during the log and leave from
    it; experiences, survey responses with non-response that depends on satisfaction, transactions, and a wide
    relationship survey. The formulas are in ``cemkit.simulate.world`` and the files that it names.

    Parameters
    ----------
    customers
        Number of customers, at least 20.
    months
        Length of the log in calendar months from January 2023, at least 3 (the survey is quarterly).
    seed
        Seed; the same seed gives the same bytes.

    Returns
    -------
    store
        ``customers``, ``experiences``, ``responses``, ``transactions``, ``answers`` with what its columns are, the journey
        map, and the design of the survey (weights and strata).
    truth
        What estimates from the store should find.

    Raises
    ------
    CemkitError
        If an argument is not a whole number or is too small.

    Examples
    --------
    >>> from cemkit.simulate import telecom
    >>> store, truth = telecom(customers=500, months=6)
    >>> store.tables
    ('customers', 'experiences', 'responses', 'transactions', 'answers')
    >>> sorted(truth.churn.loc[truth.churn["share"] > 0, "touchpoint"].unique())[:4]
    ['activation', 'app', 'background', 'billing']
    """
    tables, journey_map, truth = telecom_tables(customers, months, seed)
    store = ExperienceStore(
        customers=tables["customers"],
        experiences=tables["experiences"],
        responses=tables["responses"],
        transactions=tables["transactions"],
        answers=tables["answers"],
        journey_map=journey_map,
        design=Design(weights="weight", strata="stratum"),
        survey=WideSurvey(
            perceived=[f"perceived_{name}" for name in DIMENSIONS],
            expected=[f"expected_{name}" for name in DIMENSIONS],
            names=list(DIMENSIONS),
            dimensions={
                aspect: [name for name, its in DIMENSIONS.items() if its == aspect]
                for aspect in dict.fromkeys(DIMENSIONS.values())
            },
            outcome="overall",
            scale=Scale(1, 10),
        ),
        scales={"nps": NPS_SCALE, "csat": CSAT_5, "ces": CES_7, "experiences": LIKERT_5},
    )
    return store, truth
