"""Dormant customers: whom to wake, whom to leave in peace, and whom to test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.loyalty.customer_values import Given, customer_values
from cemkit.loyalty.history import PurchaseHistory
from cemkit.loyalty.lifetime_value import discounted_until, span_of
from cemkit.loyalty.purchase import PurchaseFit
from cemkit.loyalty.spend import SpendFit
from cemkit.results import Assumption, Result
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.delta_method import positive_limits
from cemkit.statistics.planning import sample_size_difference
from cemkit.statistics.purchase_predictions import (
    continuous_rate,
    delta_interval,
    discounted_purchases,
    probability_alive,
)
from cemkit.typing import Frame

__all__ = ["DormancyPlan", "dormancy"]

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
WAKE, TEST, LEAVE, NO_CONTACT = "wake", "test", "leave in peace", "no contact"
_ACTIONS = (WAKE, TEST, LEAVE, NO_CONTACT)
_TINY = 1e-250


@dataclass(frozen=True, eq=False, repr=False)
class DormancyPlan(Result):
    """What to do about each customer, a row per customer.

    ``to_frame()`` gives the customer's column (where rows are named) and

    - ``probability_alive``; ``return_probability``: that the customer buys within the horizon without being contacted;
    - ``residual_value``: expected revenue within the horizon of a customer who is active, discounted;
    - ``break_even``: the uplift at which a contact pays for itself; above 1, no contact ever does;
    - ``uplift, uplift_std_error, consent``, as given;
    - ``estimate, std_error, low, high``: net gain of a contact, uplift · residual value · margin − cost − harm. Without uplift the
      estimate is NaN, and ``high`` is what the gain cannot exceed;
    - ``action``: ``"wake"`` (low above zero), ``"leave in peace"`` (high below zero: do not write at all), ``"test"`` (neither: find out in
      a randomised test), ``"no contact"`` (no consent); and ``count``, the customers that the row stands for.

    Attributes
    ----------
    actions
        A row per action: ``action, customers, share, cost_if_contacted`` (with harm), ``gain_if_contacted``.
    test
        The randomised test for those whose action it is: ``customers, baseline`` (return without contact), ``uplift`` (mean
        break-even, which the test must be able to see), ``n_per_arm, level, power``, and whether they are ``enough``.
    horizon, unit
        The span that is looked at, in units of the fit.
    level
        Level of the intervals.
    basis
        ``"uplift"``, ``"response"`` or ``"nothing"``: what is known of the effect of a contact.
    """

    actions: pd.DataFrame = field(default_factory=pd.DataFrame)
    test: pd.DataFrame = field(default_factory=pd.DataFrame)
    horizon: float = float("inf")
    unit: str = "week"
    level: float = 0.95
    basis: str = "uplift"

    _title: ClassVar[str] = "Dormant customers"

    def _display(self) -> pd.DataFrame:
        return self.actions

    def plot(self) -> Any:
        """Return an Altair chart: customers by what to do about them (extra ``report``)."""
        from cemkit.charts.bars import bars_chart

        shown = self.actions.rename(columns={"action": "row", "customers": "value"})
        return bars_chart(shown.assign(part="customers", unit="customers"), title="customers")


def dormancy(
    fit: PurchaseFit,
    spend: SpendFit,
    *,
    contact_cost: float | Sequence[float],
    margin_rate: float,
    response: Given = None,
    uplift: Given = None,
    consent: Given = None,
    horizon: str | float | None = "52w",
    harm: float | Sequence[float] = 0.0,
    level: float = 0.95,
    uplift_std_error: Given = None,
    data: Frame | None = None,
    history: PurchaseHistory | None = None,
    discount: float = 0.10,
    power: float = 0.8,
) -> DormancyPlan:
    r"""Decide whom to wake: those for whom a contact is known to bring more than it costs.

    .. math:: \text{wake if}\quad u \cdot V \cdot \text{margin} > \text{cost} + \text{harm}

    with the uplift :math:`u`, by how much a contact raises the probability that the customer comes back, and :math:`V` the expected
    revenue of a customer who is back, within the horizon.

    Parameters
    ----------
    fit, spend : PurchaseFit, SpendFit
        Who buys again, and what a purchase is worth.
    contact_cost, harm : float, or one per customer
        Money per contact; and what a contact does harm: customers who unsubscribe, or who remember that they meant to leave.
    margin_rate : float
        Margin per unit of revenue, above 0 and at most 1.
    response : column, float, or one per customer, optional
        Share of contacted customers who come back. Response is not uplift, because some would have come back anyway; it is only taken as
        what uplift cannot exceed.
    uplift : column, float, or one per customer, optional
        Return probability with less that without contact, from a randomised test (any uplift model can fill the column); missing values
        are not known.
    consent : column, or one per customer, optional
        Whether the customer may be contacted; a missing value is no.
    horizon : str or float, optional
        ``"52w"``, ``"12mo"``, a number of the fit's units, or None for all purchases to come.
    level : float
        Level of the intervals.
    uplift_std_error : column, float, or one per customer, optional
        Standard error of the uplift.
    data : frame, optional
        A row per customer with the columns that are named.
    history : PurchaseHistory, optional
        The customers to decide on, such as those who have been silent for a while; those of the fit by default.
    discount : float
        Effective per year of 365.25 days.
    power : float
        Power of the randomised test.

    Returns
    -------
    DormancyPlan
        An action per customer, with the net gain of a contact and its interval.

    Raises
    ------
    CemkitError
        If a column or a customer is absent, or a number is out of range.

    Notes
    -----
    The interval of the net gain is normal, from the standard error of uplift and that of the value (delta method), taken as
    independent; limits of what is only bounded use the upper limit of the value. Beside an offer and a message without one ("you have 0
    points") a company has a third choice: not to write at all. It is the action ``"leave in peace"``, and costs nothing.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV. Gutierrez, P. and Gérardy, J.-Y. (2017), Causal inference and uplift modelling, *PMLR* 67.
    Ascarza, E. (2018), Retention futility, *Journal of Marketing Research* 55, 80-98.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> counted = pd.DataFrame(
    ...     {"frequency": [1, 2, 3, 1, 4], "recency": [1, 4, 9, 3, 8], "age": [29] * 5, "paid": [10.0, 35.0, 20.0, 60.0, 31.0]}
    ... )
    >>> history = loyalty.PurchaseHistory.from_summary(counted, spend="paid")
    >>> fit = loyalty.PurchaseFit.from_params("mbg/nbd", [0.5, 6.2, 0.9, 1.6])
    >>> plan = loyalty.dormancy(
    ...     fit, loyalty.fit_spend(history), history=history, contact_cost=2.0, margin_rate=0.3, uplift=0.01, uplift_std_error=0.003
    ... )
    >>> set(plan.to_frame()["action"])
    {'leave in peace'}
    """
    check_level(level)
    if not isinstance(fit, PurchaseFit) or not isinstance(spend, SpendFit):
        msg = f"dormancy needs a PurchaseFit and a SpendFit, got {type(fit).__name__} and {type(spend).__name__}"
        raise CemkitError(msg)
    for name, number in (("margin_rate", margin_rate), ("power", power)):
        if not isinstance(number, int | float | np.number) or not 0 < number <= 1 or (name == "power" and number == 1):
            msg = f"{name} must be a share above 0 and {'at most' if name == 'margin_rate' else 'below'} 1, got {number!r}"
            raise CemkitError(msg)
    used = fit.history if history is None else history
    fit.histories_of(history)
    if used is None:
        raise CemkitError("this fit was made from parameters and knows no customers: give history=")
    given = customer_values(
        used,
        data,
        {
            "contact_cost": (contact_cost, 0.0, np.inf),
            "harm": (harm, 0.0, np.inf),
            "uplift": (uplift, -1.0, 1.0),
            "uplift_std_error": (uplift_std_error, 0.0, np.inf),
            "response": (response, 0.0, 1.0),
            "consent": (consent, 0.0, 1.0),
        },
    )
    cost = given["contact_cost"] + given["harm"]
    span = span_of(horizon, fit.unit)
    value, value_error, alive, back, notes = _values(fit, spend, used, history, span, discount, level)
    table, basis = _gains(given, value * margin_rate, value_error * margin_rate, cost, float(level))
    allowed = np.ones(value.size, dtype=bool) if consent is None else given["consent"] == 1
    keys = {used.customer: used.table[used.customer].to_numpy()} if used.customer else {}
    with np.errstate(divide="ignore"):
        break_even = np.where(value > 0, cost / (value * margin_rate), np.inf)
    made = pd.DataFrame(
        {
            **keys,
            "probability_alive": alive,
            "return_probability": back,
            "residual_value": value,
            "break_even": break_even,
            "uplift": given["uplift"],
            "uplift_std_error": given["uplift_std_error"],
            "consent": allowed,
            **table,
            "action": _actions(table, allowed),
            "count": used.table["count"].to_numpy(dtype=np.float64),
        }
    )
    notes += _notes(made, basis, fit, used, has_error=uplift_std_error is not None, asked=consent is not None)
    return DormancyPlan(
        made,
        tuple(dict.fromkeys(notes)),
        actions=_sums(made, cost),
        test=_test(made, level=float(level), power=float(power)),
        horizon=span,
        unit=fit.unit,
        level=float(level),
        basis=basis,
    )


def _values(
    fit: PurchaseFit,
    spend: SpendFit,
    used: PurchaseHistory,
    history: PurchaseHistory | None,
    span: float,
    discount: float,
    level: float,
) -> tuple[Floats, Floats, Floats, Floats, list[Assumption]]:
    """Return what an active customer brings with its standard error, P(alive), and the probability of coming back untouched."""
    timing, data = fit.timing(), fit.histories_of(history)
    rate = continuous_rate(discount, unit=fit.unit)
    if span == 0:
        raise CemkitError("horizon must be longer than zero")

    def bought(params: Floats) -> Floats:
        alive = probability_alive(timing.model, params, data)
        if np.isinf(span):
            whole = discounted_purchases(timing.model, params, data, discount=discount, unit=fit.unit)
        else:
            whole = discounted_until(timing.model, params, data, span, rate)
        return np.where(alive > _TINY, whole / np.maximum(alive, _TINY), 0.0)

    purchases = bought(timing.params)
    known = bool(np.isfinite(timing.covariance).any())
    error = delta_interval(timing, bought, level=level)[0] if known else np.zeros(purchases.size)
    paid = spend.expected_spend(history=used, level=level)
    each = paid.table["estimate"].to_numpy()
    if not np.isfinite(each).all():
        count = int((~np.isfinite(each)).sum())
        msg = (
            f"the expected spend of {count:,} customers is infinite (px + q is at most 1), so no contact can be weighed: fit spend to "
            "more repeat purchases"
        )
        raise CemkitError(msg)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(purchases > 0, error / purchases, 0.0)
        two = np.nan_to_num(paid.table["std_error"].to_numpy() / each)
    value = purchases * each
    far = 20.0 / rate if np.isinf(span) else span
    silent = fit.probability_inactive_for(float(far), history=history).table["estimate"].to_numpy()
    alive = fit.probability_alive(history=history).table["estimate"].to_numpy()
    notes = [*fit.assumptions, *(note for note in paid.assumptions if note.code != "expectation-interval")]
    return value, value * np.hypot(one, two), alive, 1.0 - silent, notes


def _gains(
    given: dict[str, Floats], worth: Floats, worth_error: Floats, cost: Floats, level: float
) -> tuple[dict[str, Floats], str]:
    """Return the net gain of a contact with its limits, and what it rests on."""
    uplift, response = given["uplift"], given["response"]
    known = np.isfinite(uplift)
    error = np.hypot(np.nan_to_num(given["uplift_std_error"]) * worth, np.abs(np.nan_to_num(uplift)) * worth_error)
    half = float(critical_value(level)) * error
    net = uplift * worth - cost
    most = np.where(np.isfinite(response), response, 1.0) * positive_limits(worth, worth_error, level=level)[1] - cost
    table = {
        "estimate": net,
        "std_error": np.where(known, error, np.nan),
        "low": np.where(known, net - half, np.nan),
        "high": np.where(known, net + half, most),
    }
    basis = "uplift" if known.any() else "response" if np.isfinite(response).any() else "nothing"
    return table, basis


def _actions(table: dict[str, Floats], allowed: npt.NDArray[np.bool_]) -> Texts:
    found = np.full(allowed.size, TEST, dtype=object)
    found[table["low"] > 0] = WAKE
    found[table["high"] < 0] = LEAVE
    found[~allowed] = NO_CONTACT
    return found


def _notes(
    made: pd.DataFrame, basis: str, fit: PurchaseFit, used: PurchaseHistory, *, has_error: bool, asked: bool
) -> list[Assumption]:
    count = made["count"]
    notes = [Assumption("value-if-active")]
    if basis == "uplift":
        unknown = float(count[made["uplift"].isna()].sum())
        if unknown:
            notes.append(Assumption("uplift-unknown", {"customers": int(unknown)}))
        if not has_error:
            notes.append(Assumption("uplift-without-error"))
    else:
        notes.append(Assumption("response-is-not-uplift" if basis == "response" else "no-uplift"))
    if not asked:
        notes.append(Assumption("consent-not-given"))
    peace = int(count[made["action"] == LEAVE].sum())
    if peace:
        notes.append(Assumption("do-not-write", {"customers": peace}))
    if fit.model.startswith("bg/") and fit.model != "bg/bb":
        ones = int(count[(used.table["frequency"] == 0).to_numpy()].sum())
        if ones:
            notes.append(Assumption("one-time-buyers-alive", {"customers": ones, "model": fit.model}))
    return notes


def _sums(made: pd.DataFrame, cost: Floats) -> pd.DataFrame:
    count = made["count"].to_numpy()
    rows = []
    for action in _ACTIONS:
        own = (made["action"] == action).to_numpy()
        gain = made["estimate"].to_numpy()[own] * count[own]
        known = gain[np.isfinite(gain)]
        rows.append(
            {
                "action": action,
                "customers": count[own].sum(),
                "share": count[own].sum() / count.sum(),
                "cost_if_contacted": float(cost[own] @ count[own]),
                "gain_if_contacted": float(known.sum()) if known.size or not own.any() else np.nan,
            }
        )
    return pd.DataFrame(rows).astype({"action": object})


def _test(made: pd.DataFrame, *, level: float, power: float) -> pd.DataFrame:
    """Return how many customers a randomised test needs that can see the uplift at which a contact pays."""
    own = made[made["action"] == TEST]
    weight = own["count"].to_numpy()
    customers = float(weight.sum())
    baseline, wanted, needed = np.nan, np.nan, np.nan
    if customers:
        baseline = float(own["return_probability"].to_numpy() @ weight / customers)
        # a break-even above one is out of reach, and says nothing about the others
        wanted = float(np.minimum(own["break_even"].to_numpy(), 1.0) @ weight / customers)
        after = min(baseline + wanted, 1.0)
        if after > baseline:
            variances = (baseline * (1 - baseline), after * (1 - after))
            needed = float(sample_size_difference(*variances, after - baseline, power=power, level=level))
    return pd.DataFrame(
        {
            "customers": [customers],
            "baseline": [baseline],
            "uplift": [wanted],
            "n_per_arm": [needed],
            "level": [level],
            "power": [power],
            "enough": [bool(np.isfinite(needed) and 2 * needed <= customers)],
        }
    )
