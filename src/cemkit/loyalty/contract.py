"""Contracts: who renews, and what is to be expected of those who do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, ContractError, did_you_mean
from cemkit.loyalty.parameters import parameter_table
from cemkit.loyalty.predictions import Predictions, predictions
from cemkit.results import Assumption, Result
from cemkit.statistics import retention
from cemkit.statistics.delta_method import log_parameter_errors, positive_limits
from cemkit.statistics.purchase_predictions import DAYS_OF_UNIT
from cemkit.tables.binding import bind, collect
from cemkit.tables.factor import factor
from cemkit.tables.rows import keep_columns
from cemkit.typing import Frame

__all__ = ["ContractFit", "fit_contract"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class ContractFit(Result):
    """A model of renewals.

    ``to_frame()`` gives ``parameter, estimate, std_error, low, high, level, method, unit, n``.

    Attributes
    ----------
    model
        ``"sbg"`` or ``"bdw"``.
    unit
        The time between renewals.
    status, detail
        ``"converged"``; ``"degenerate limit"``, which `detail` names; or ``"unidentified"``, and why.
    log_likelihood
        Of who left at which renewal.
    covariance
        Of the logarithms of the parameters.
    """

    model: Literal["sbg", "bdw"] = "sbg"
    unit: str = "year"
    status: str = ""
    detail: str = ""
    log_likelihood: float = float("nan")
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    _title: ClassVar[str] = "Contract model"

    @property
    def params(self) -> dict[str, float]:
        """The parameters by name."""
        return dict(zip(self.table["parameter"], self.table["estimate"].tolist(), strict=True))

    @property
    def std_errors(self) -> dict[str, float]:
        """The standard errors by name."""
        return dict(zip(self.table["parameter"], self.table["std_error"].tolist(), strict=True))

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * len(self.table) - 2.0 * self.log_likelihood

    def plot(self, *, until: int = 12) -> Any:
        """Return an Altair chart: the share still there after each renewal, with its 95 % interval (extra ``report``)."""
        level = 0.95 if np.isfinite(self.covariance).all() else None
        return self.survival(list(range(until + 1)), level=level).plot()

    def survival(self, t: float | Sequence[float], *, level: float | None = None) -> Predictions:
        """Return the share of customers still there after ``t`` renewals."""
        return self._curve(t, "survival", level)

    def retention(self, t: float | Sequence[float], *, level: float | None = None) -> Predictions:
        """Return the share of those asked at the ``t``-th renewal who stay; it rises as the likely leavers are gone."""
        return self._curve(t, "retention", level)

    def discounted_lifetime(
        self, discount: float, *, renewed: int | None = None, level: float | None = None
    ) -> Predictions:
        """Return the discounted expected number of periods paid for.

        Parameters
        ----------
        discount : float
            Effective per year of 365.25 days.
        renewed : int, optional
            None: a new customer, the first period included. k: one who has renewed k times and is about to be asked again.
        level : float, optional
            Level of the interval of the expectation.
        """

        def value(params: Floats) -> Floats:
            found = retention.discounted_lifetime(params, discount=discount, unit=self.unit, renewed=renewed)
            return np.array([found])

        keys = {"renewed": [-1 if renewed is None else renewed]}
        return self._answer(value, keys, "discounted_lifetime", self.unit, level)

    def _curve(self, t: float | Sequence[float], metric: str, level: float | None) -> Predictions:
        times = np.atleast_1d(np.asarray(t, dtype=np.float64))
        least = 0 if metric == "survival" else 1
        if not (np.isfinite(times) & (times >= least)).all():
            msg = f"t must be numbers of renewals of at least {least}, got {t!r}"
            raise CemkitError(msg)

        def value(params: Floats) -> Floats:
            return retention.survival(params, times) if least == 0 else 1.0 - retention.hazard(params, times)

        return self._answer(value, {"t": times}, metric, "share", level)

    def _answer(
        self, value: Callable[[Floats], Floats], keys: dict[str, Any], metric: str, unit: str, level: float | None
    ) -> Predictions:
        if self.status == "unidentified":
            msg = f"the {self.model} fit has no parameters to predict with ({self.detail}): take more renewals"
            raise CemkitError(msg)
        params = self.table["estimate"].to_numpy(dtype=np.float64)
        estimate = value(params)
        limits = None
        if level is not None:
            error = log_parameter_errors(value, params, self.covariance)
            low, high = positive_limits(estimate, error, level=level)
            limits = (error, low, np.minimum(high, 1.0) if unit == "share" else high)
        return predictions(keys, estimate, limits, metric=metric, unit=unit, level=level, notes=self.assumptions)


def fit_contract(
    cohorts: Frame,
    model: Literal["sbg", "bdw"] = "sbg",
    *,
    cohort: str = "cohort",
    period: str = "period",
    customers: str = "customers",
    unit: str = "year",
) -> ContractFit:
    r"""Fit a model of renewals to cohorts, by maximum likelihood.

    At each renewal a customer leaves with a probability of her own, :math:`\theta \sim B(\alpha, \beta)` (shifted
    beta-geometric); in the beta-discrete-Weibull the t-th renewal weighs :math:`t^c - (t-1)^c`:
    :math:`S(t) = B(\alpha, \beta + t^c) / B(\alpha, \beta)`.

    Parameters
    ----------
    cohorts : frame
        A row per cohort and period: how many customers were still there after so many renewals (0: at the start).
    model : {"sbg", "bdw"}
        Whether a customer's own probability stays the same, or may rise or fall.
    cohort, period, customers : str
        The columns.
    unit : str
        The time between renewals: ``"month"``, ``"year"``, ...

    Returns
    -------
    ContractFit
        The parameters with their standard errors, the log-likelihood and a status; ``.survival(t)`` and its like.

    Raises
    ------
    ContractError
        If a cohort grows, has a gap, no start, or two rows of one period.

    References
    ----------
    Fader and Hardie (2007), How to project customer retention; Fader, Hardie et al. (2018).

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> high_end = pd.DataFrame(
    ...     {"cohort": "A", "period": range(8), "customers": [1000, 869, 743, 653, 593, 551, 517, 491]}
    ... )
    >>> found = loyalty.fit_contract(high_end)
    >>> [round(value, 3) for value in found.params.values()]
    [0.668, 3.806]
    """
    if model not in retention.CONTRACTS:
        msg = f"model must be 'sbg' or 'bdw', got {model!r}.{did_you_mean(model, retention.CONTRACTS)}"
        raise CemkitError(msg)
    if unit not in DAYS_OF_UNIT:
        msg = f"unit must be one of {', '.join(map(repr, DAYS_OF_UNIT))}, got {unit!r}"
        raise CemkitError(msg)
    bound = bind(cohorts, what="cohorts")
    names = [bound.require(cohort, "cohort"), bound.require_number(period, "period")]
    names.append(bound.require_number(customers, "customers"))
    table = collect(keep_columns(bound, names).frame.select(*names))
    codes, levels = factor(table[cohort])
    when, there = (np.asarray(table[name], dtype=np.float64) for name in names[1:])
    if not codes.size:
        msg = "cohorts have no rows: check the file or the filter that made them"
        raise ContractError(msg)
    if not (np.isfinite(when) & (when >= 0) & (when == np.round(when))).all():
        msg = f"{period!r} must hold numbers of renewals (0, 1, 2, ...): {when[~(when >= 0) | (when != np.round(when))][:3].tolist()}"
        raise ContractError(msg)
    survivors = np.full((len(levels), int(when.max()) + 1), np.nan)
    place = (codes, when.astype(np.int64))
    if len(set(zip(*(part.tolist() for part in place), strict=True))) < codes.size:
        msg = "a cohort has two rows of one period: sum or drop them first"
        raise ContractError(msg)
    survivors[place] = there
    found = retention.fit_contract(model, *retention.renewals(survivors))
    notes = [Assumption("contract-heterogeneity")]
    if found.status == "degenerate limit":
        notes.append(Assumption("at-limit", {"model": model, "limit": found.detail}))
    elif found.status == "unidentified":
        notes.append(Assumption("unidentified", {"model": model, "why": found.detail}))
    parameters = parameter_table(
        found.names, found.params, found.std_errors, n=found.n, units={}, positive=len(found.names)
    )
    return ContractFit(
        parameters,
        tuple(notes),
        model=model,
        unit=unit,
        status=found.status,
        detail=found.detail,
        log_likelihood=found.log_likelihood,
        covariance=found.covariance,
    )
