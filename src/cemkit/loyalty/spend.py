"""What a purchase is worth: the Gamma-Gamma model of mean spend per purchase."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.loyalty.history import PurchaseHistory
from cemkit.loyalty.parameters import parameter_table
from cemkit.loyalty.predictions import Predictions, predictions
from cemkit.results import Assumption, Result
from cemkit.statistics.delta_method import log_parameter_errors, positive_limits
from cemkit.statistics.spending import expected_spend, fit_spending, independence

__all__ = ["SpendFit", "fit_spend"]

Floats = npt.NDArray[np.float64]
_ALPHA = 0.05
_STRONG = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class SpendFit(Result):
    """A Gamma-Gamma model.

    ``to_frame()`` gives ``parameter, estimate, std_error, low, high, level, method, unit, n`` of p, q and v; n is the
    number of customers with repeat purchases.

    Attributes
    ----------
    status, detail
        ``"converged"``; ``"degenerate limit"``, which `detail` names; or ``"unidentified"``, and why.
    log_likelihood
        Of the mean spends.
    mean
        Expected spend per purchase of a customer not seen yet, pv/(q - 1); infinite where q is at most 1.
    covariance
        Of the logarithms of the parameters.
    independence
        One row: ``pearson, pearson_p_value, spearman, spearman_p_value, n``, of frequency and spend.
    history
        What was fitted.
    """

    status: str = ""
    detail: str = ""
    log_likelihood: float = float("nan")
    mean: float = float("nan")
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    independence: pd.DataFrame = field(default_factory=pd.DataFrame)
    history: PurchaseHistory | None = None

    _title: ClassVar[str] = "Spend model"

    @property
    def params(self) -> dict[str, float]:
        """The parameters by name."""
        return dict(zip(self.table["parameter"], self.table["estimate"].tolist(), strict=True))

    @property
    def std_errors(self) -> dict[str, float]:
        """The standard errors by name."""
        return dict(zip(self.table["parameter"], self.table["std_error"].tolist(), strict=True))

    def plot(self) -> Any:
        """Return an Altair chart: customers by what their next purchase is expected to be worth (extra ``report``)."""
        from cemkit.charts.distribution import distribution_chart, distribution_rows

        expected = self.expected_spend().table["estimate"]
        counts = None if self.history is None else self.history.table["count"]
        return distribution_chart(distribution_rows(expected, counts), title="expected spend", units="customers")

    def expected_spend(self, *, history: PurchaseHistory | None = None, level: float | None = None) -> Predictions:
        """Return each customer's expected spend per future purchase, in the unit of the amounts.

        A customer's own mean is drawn towards that of all, the more so the fewer purchases stand behind it; without
        repeat purchases it is that of all.
        """
        used = self.history if history is None else history
        if self.status == "unidentified":
            msg = f"the spend fit has no parameters to predict with ({self.detail}): take more customers with repeat purchases"
            raise CemkitError(msg)
        if used is None:
            msg = "this fit knows no customers: give history="
            raise CemkitError(msg)
        frequency, spend = (used.table[name].to_numpy(dtype=np.float64) for name in ("frequency", "spend"))
        if np.isnan(spend[frequency > 0]).any():
            msg = "the history has no spend: count it with amount=, or give spend= to from_summary"
            raise CemkitError(msg)

        def value(params: Floats) -> Floats:
            return expected_spend(params, frequency, spend)

        params = self.table["estimate"].to_numpy(dtype=np.float64)
        estimate = value(params)
        limits = None
        if level is not None:
            with np.errstate(invalid="ignore"):
                error = log_parameter_errors(value, params, self.covariance)
            limits = (error, *positive_limits(estimate, error, level=level))
        notes = list(self.assumptions)
        if not np.isfinite(estimate).all():
            notes.append(Assumption("infinite-mean", {"customers": int((~np.isfinite(estimate)).sum())}))
        return predictions(
            used, estimate, limits, metric="expected_spend", unit="money", level=level, notes=tuple(notes)
        )


def fit_spend(history: PurchaseHistory) -> SpendFit:
    r"""Fit the Gamma-Gamma model of what customers spend per purchase.

    A customer's purchases are :math:`\Gamma(p, \nu)` with :math:`\nu \sim \Gamma(q, v)`, so that with a mean :math:`m` of
    :math:`x` repeat purchases the next is expected at :math:`p (v + x m) / (p x + q - 1)`.

    Parameters
    ----------
    history : PurchaseHistory
        With spend; customers without repeat purchases do not count, as the literature has it.

    Returns
    -------
    SpendFit
        With the test of what the model assumes: that spend does not go with frequency.

    Raises
    ------
    CemkitError
        If the history has no spend, or a customer with repeat purchases has no positive mean spend.

    References
    ----------
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> counted = pd.DataFrame(
    ...     {"frequency": [1, 2, 3, 1, 4], "recency": [1, 4, 9, 3, 8], "age": [9] * 5, "paid": [10.0, 35.0, 20.0, 60.0, 31.0]}
    ... )
    >>> found = loyalty.fit_spend(loyalty.PurchaseHistory.from_summary(counted, spend="paid"))
    >>> int(found.to_frame()["n"].iloc[0])
    5
    """
    table = history.table
    frequency, spend, count = (table[name].to_numpy(dtype=np.float64) for name in ("frequency", "spend", "count"))
    if np.isnan(spend).all():
        msg = "the history has no spend: count it with amount=, or give spend= to from_summary"
        raise CemkitError(msg)
    found = fit_spending(frequency, spend, count=count)
    notes = [*history.assumptions]
    tested = pd.DataFrame()
    if (frequency > 0).any():
        test = independence(frequency, spend)
        tested = pd.DataFrame({name: [getattr(test, name)] for name in test.__dataclass_fields__})
        if np.isfinite(test.spearman):
            depends = test.spearman_p_value < _ALPHA and abs(test.spearman) > _STRONG
            values = {"correlation": test.spearman, "p_value": test.spearman_p_value}
            notes.append(Assumption("spend-depends-on-frequency" if depends else "spend-independent", values))
    if found.status == "degenerate limit":
        notes.append(Assumption("at-limit", {"model": "Gamma-Gamma", "limit": found.detail}))
    elif found.status == "unidentified":
        notes.append(Assumption("unidentified", {"model": "Gamma-Gamma", "why": found.detail}))
    parameters = parameter_table(
        ("p", "q", "v"), found.params, found.std_errors, n=found.n, units={"v": "money"}, positive=3
    )
    mean = found.mean if np.isfinite(found.params).all() else float("nan")
    return SpendFit(
        parameters,
        tuple(notes),
        status=found.status,
        detail=found.detail,
        log_likelihood=found.log_likelihood,
        mean=mean,
        covariance=found.covariance,
        independence=tested,
        history=history,
    )
