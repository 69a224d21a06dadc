"""What customers are worth: discounted purchases to come, times what one is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.loyalty.contract import ContractFit
from cemkit.loyalty.history import PurchaseHistory
from cemkit.loyalty.purchase import PurchaseFit
from cemkit.loyalty.spend import SpendFit
from cemkit.results import Assumption, Result
from cemkit.statistics._arguments import check_level
from cemkit.statistics.delta_method import positive_limits
from cemkit.statistics.histories import Histories
from cemkit.statistics.purchase_draws import prediction_limits
from cemkit.statistics.purchase_predictions import (
    DAYS_OF_UNIT,
    continuous_rate,
    delta_interval,
    discounted_purchases,
    expected_purchases,
)
from cemkit.statistics.purchasing import PurchaseModel, TimingFit
from cemkit.statistics.regularity import regularity
from cemkit.statistics.retention import lifetime_limits
from cemkit.tables.periods import parse_period

__all__ = ["LifetimeValue", "discounted_until", "lifetime_value", "span_of"]

Floats = npt.NDArray[np.float64]
_NODES = 24
_BILLED = 20.0
_MONTH = DAYS_OF_UNIT["month"]


@dataclass(frozen=True, eq=False, repr=False)
class LifetimeValue(Result):
    """The expected value of customers.

    ``to_frame()`` gives the customer's column (where rows are named) and

    - ``estimate, std_error, low, high``: the expected value, and the interval of the *expectation*: how well the mean of such
      customers is known;
    - ``prediction_low, prediction_high``: the *prediction* interval, in which one customer's own value lies with probability
      `level`; it is far wider, and often begins at zero;
    - ``purchases`` (discounted) and ``spend`` per purchase; for a contract one row, with the discounted periods and the revenue per
      period.

    Both intervals are NaN unless a level was asked for, the prediction also with ``draws=0``.

    Attributes
    ----------
    margin_rate, discount
        As given.
    horizon
        In units of the fit; infinite without one.
    unit
        The unit of the horizon.
    level
        NaN without intervals.
    total
        Σ estimate over all customers.
    """

    margin_rate: float = 1.0
    discount: float = 0.1
    horizon: float = float("inf")
    unit: str = "week"
    level: float = float("nan")
    total: float = float("nan")

    _title: ClassVar[str] = "Lifetime value"

    def plot(self) -> Any:
        """Return an Altair chart: customers by their expected value (extra ``report``)."""
        from cemkit.charts.distribution import distribution_chart, distribution_rows

        return distribution_chart(distribution_rows(self.table["estimate"]), title="expected value", units="customers")


def lifetime_value(
    fit: PurchaseFit | ContractFit,
    spend: SpendFit | None = None,
    *,
    margin_rate: float,
    history: PurchaseHistory | None = None,
    horizon: str | float | None = None,
    discount: float = 0.10,
    level: float | None = None,
    arpu: float | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> LifetimeValue:
    r"""Value each customer's future purchases.

    .. math:: V = \text{margin} \cdot E[z] \cdot \int_0^H e^{-\delta t}\, dE[X(t)], \quad e^{365.25\,\delta} = 1 + d

    with time in days: the discount :math:`d` is effective per year, whatever the unit of the fit.

    Parameters
    ----------
    fit : PurchaseFit or ContractFit
        Who buys again; for a contract, the value of a new customer, first period included.
    spend : SpendFit
        What a purchase is worth (not for a contract).
    margin_rate : float
        Margin per unit of revenue, above 0 and at most 1.
    history : PurchaseHistory, optional
        Other customers than those of the fit.
    horizon : str or float, optional
        ``"52w"``, ``"12mo"``, ``"1y"``, or a number of the fit's units; without one, all future purchases (DERT).
    discount : float
        Effective per year of 365.25 days.
    level : float, optional
        Level of the interval of the expectation, and of the prediction of one customer's own value.
    arpu : float, optional
        Revenue per period, for a contract.
    draws, seed : int
        Number of draws per customer for the prediction interval (0: none), and their seed.

    Returns
    -------
    LifetimeValue
        A row per customer, in money: the expectation with its limits, and the limits of the prediction; ``.total``.

    Raises
    ------
    CemkitError
        If purchases are as regular as bills (contractual: use ``fit_contract``), or an argument does not fit.

    Notes
    -----
    Intervals of the expectation are those of the delta method. The prediction interval is made of draws: of the parameters, of
    whether the customer is alive, of their own rates given their history, of the purchases in the horizon and of what is paid for
    each; for a contract it is the quantiles of the lifetime, at the parameters fitted.

    References
    ----------
    Fader, Hardie and Lee (2005), RFM and CLV; Fader and Hardie (2010), Customer-base valuation in a contractual setting.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> high_end = pd.DataFrame(
    ...     {"cohort": "A", "period": range(8), "customers": [1000, 869, 743, 653, 593, 551, 517, 491]}
    ... )
    >>> found = loyalty.lifetime_value(loyalty.fit_contract(high_end), margin_rate=0.3, arpu=120.0)
    >>> round(found.total)
    213
    """
    if not 0 < margin_rate <= 1:
        msg = f"margin_rate must be a share above 0 and at most 1 (0.3 is 30 %), got {margin_rate!r}"
        raise CemkitError(msg)
    if level is not None:
        check_level(level)
    if not isinstance(draws, int) or isinstance(draws, bool) or draws < 0 or 0 < draws < 100:
        msg = f"draws must be 0 (no prediction interval) or at least 100, got {draws!r}"
        raise CemkitError(msg)
    if isinstance(fit, ContractFit):
        return _of_contract(fit, spend, arpu, horizon, margin_rate, discount, level, draws=draws > 0)
    if spend is None or arpu is not None:
        msg = "a purchase model needs spend= (loyalty.fit_spend), and no arpu=, which is for contracts"
        raise CemkitError(msg)
    used = fit.history if history is None else history
    timing, data = fit.timing(), fit.histories_of(history)
    _refuse_bills(data)
    span = span_of(horizon, fit.unit)
    if span == 0:
        msg = "horizon must be longer than zero"
        raise CemkitError(msg)

    def bought(params: Floats) -> Floats:
        if np.isinf(span):
            return discounted_purchases(timing.model, params, data, discount=discount, unit=fit.unit)
        return discounted_until(timing.model, params, data, span, continuous_rate(discount, unit=fit.unit))

    purchases = bought(timing.params)
    paid = spend.expected_spend(history=used, level=level)
    each = paid.table["estimate"].to_numpy()
    value = margin_rate * purchases * each
    limits = _limits(timing, bought, purchases, value, paid.table, level)
    notes = [*fit.assumptions, *paid.assumptions, Assumption("margin-constant", {"margin_rate": margin_rate})]
    own = np.full((2, value.size), np.nan)
    if level is not None:
        notes.append(Assumption("independent-fits"))
        if draws:
            money = (spend.table["estimate"].to_numpy(), spend.covariance, _mean_spend(used))
            own = margin_rate * np.stack(
                prediction_limits(
                    timing,
                    data,
                    span=span,
                    rate=continuous_rate(discount, unit=fit.unit),
                    level=level,
                    draws=draws,
                    seed=seed,
                    spending=money,
                )
            )
            notes.append(Assumption("prediction-interval", {"level": level}))
    keys = {used.customer: used.table[used.customer].to_numpy()} if used is not None and used.customer else {}
    names = ("std_error", "low", "high")
    table = pd.DataFrame({**keys, "estimate": value, **dict(zip(names, limits, strict=True))})
    table["prediction_low"], table["prediction_high"] = own
    table["purchases"], table["spend"] = purchases, each
    return LifetimeValue(
        table,
        tuple(dict.fromkeys(notes)),
        margin_rate=margin_rate,
        discount=discount,
        horizon=span,
        unit=fit.unit,
        level=float("nan") if level is None else level,
        total=float(value @ data.count),
    )


def _mean_spend(used: PurchaseHistory | None) -> Floats:
    return np.zeros(0) if used is None else used.table["spend"].to_numpy(dtype=np.float64)


def _limits(
    timing: TimingFit,
    bought: Callable[[Floats], Floats],
    purchases: Floats,
    value: Floats,
    paid: pd.DataFrame,
    level: float | None,
) -> tuple[Floats, Floats, Floats]:
    """Return standard error and limits: relative variances of purchases and of spend add up."""
    if level is None:
        nothing = np.full(value.shape, np.nan)
        return nothing, nothing, nothing
    error = delta_interval(timing, bought, level=level)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        one = np.where(purchases > 0, error / purchases, 0.0)
        std_error = value * np.hypot(one, paid["std_error"].to_numpy() / paid["estimate"].to_numpy())
    low, high = positive_limits(value, std_error, level=level)
    return std_error, low, high


def discounted_until(model: PurchaseModel, params: Floats, data: Histories, span: float, rate: float) -> Floats:
    """Return expected purchases up to a horizon, each discounted to the end of the window at a continuous rate per unit.

    By parts, e^(-δH) E[X(H)] + δ ∫ e^(-δt) E[X(t)] dt, with Gauss-Legendre nodes; opportunity by opportunity for BG/BB.
    """
    if not model.timed:
        steps = round(span)
        sums = [expected_purchases(model, params, data, t=float(j)) for j in range(steps + 1)]
        return np.asarray(sum(np.exp(-rate * j) * (sums[j] - sums[j - 1]) for j in range(1, steps + 1)))
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    times, weights = (nodes + 1.0) * span / 2.0, weights * span / 2.0
    total = np.exp(-rate * span) * expected_purchases(model, params, data, t=span)
    for time, weight in zip(times.tolist(), weights.tolist(), strict=True):
        total = total + rate * weight * np.exp(-rate * time) * expected_purchases(model, params, data, t=time)
    return np.asarray(total)


def span_of(horizon: str | float | None, unit: str) -> float:
    """Return a horizon in the unit of the fit, infinite where there is none."""
    if horizon is None:
        return float("inf")
    if isinstance(horizon, str):
        period = parse_period(horizon, "horizon")
        return (period.days or period.months * _MONTH) / DAYS_OF_UNIT[unit]
    if not (np.isfinite(horizon) and horizon >= 0):
        msg = f"horizon must be a length such as '52w', or a positive number of {unit}s, got {horizon!r}"
        raise CemkitError(msg)
    return float(horizon)


def _refuse_bills(data: Histories) -> None:
    """Raise where purchases come at the same distance, as bills do."""
    test = regularity(data)
    if test.customers >= 10 and test.k > _BILLED:
        msg = (
            f"purchases are as regular as bills (k = {test.k:.0f}, {test.customers:,.0f} customers), so silence is no sign: this is "
            "contractual: use fit_contract"
        )
        raise CemkitError(msg)


def _of_contract(
    fit: ContractFit,
    spend: SpendFit | None,
    arpu: float | None,
    horizon: str | float | None,
    margin_rate: float,
    discount: float,
    level: float | None,
    *,
    draws: bool,
) -> LifetimeValue:
    if arpu is None or not (np.isfinite(arpu) and arpu > 0) or spend is not None or horizon is not None:
        msg = f"a contract's value needs arpu=, a positive revenue per {fit.unit}, and neither spend nor horizon; got arpu={arpu!r}"
        raise CemkitError(msg)
    life = fit.discounted_lifetime(discount, level=level)
    worth = margin_rate * arpu
    table = life.table[["estimate", "std_error", "low", "high"]] * worth
    notes = [*life.assumptions, Assumption("margin-constant", {"margin_rate": margin_rate})]
    own = np.full(2, np.nan)
    if level is not None and draws:
        params = fit.table["estimate"].to_numpy(dtype=np.float64)
        own = worth * lifetime_limits(params, discount=discount, unit=fit.unit, level=level)
        notes.append(Assumption("prediction-interval", {"level": level}))
    table = table.assign(prediction_low=own[0], prediction_high=own[1], purchases=life.table["estimate"], spend=arpu)
    return LifetimeValue(
        table,
        tuple(notes),
        margin_rate=margin_rate,
        discount=discount,
        unit=fit.unit,
        level=float("nan") if level is None else level,
        total=float(table["estimate"].iloc[0]),
    )
