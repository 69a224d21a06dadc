"""Purchase models: fitted by maximum likelihood to histories, or given by their parameters, and what they predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, did_you_mean
from cemkit.loyalty.history import PurchaseHistory
from cemkit.loyalty.parameters import parameter_table
from cemkit.loyalty.predictions import Predictions, predictions
from cemkit.results import Assumption, Result
from cemkit.statistics import purchase_predictions as predict
from cemkit.statistics.histories import Histories
from cemkit.statistics.purchasing import MODELS, TimingFit, purchase_model

__all__ = ["PurchaseFit", "check_model", "fit_result", "model_note"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class PurchaseFit(Result):
    """A purchase model with its parameters.

    ``to_frame()`` gives ``parameter, estimate, std_error, low, high, level, method, unit, n``: 95 % intervals that are
    symmetric in the logarithm of a parameter (in a coefficient itself).

    Attributes
    ----------
    model
        ``"bg/nbd"``, ...
    k
        The regularity of times between purchases; 1 is random.
    unit
        The unit of time.
    status
        ``"converged"``; ``"degenerate limit"``, which `detail` names; ``"unidentified"``, and why; ``"given"``.
    log_likelihood
        Of the times of purchases (for bg/bb, of the opportunities).
    free
        Estimated parameters, for AIC.
    n
        Customers.
    covariance
        Of the logarithms of the parameters, then of the coefficients.
    history
        What was fitted; predictions are for its customers unless they are given another one.
    covariates
        Their names.
    regularity
        For CNBD-k, one row: ``k, std_error, statistic, p_value, customers``, the test that purchases come at random (k = 1).
    k_log_likelihoods
        For CNBD-k, the log likelihoods of k = 1, 2, ...
    """

    model: str = ""
    k: int = 1
    unit: str = "week"
    status: str = ""
    detail: str = ""
    log_likelihood: float = float("nan")
    free: int = 0
    n: float = 0.0
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    history: PurchaseHistory | None = None
    covariates: tuple[str, ...] = ()
    regularity: pd.DataFrame = field(default_factory=pd.DataFrame)
    k_log_likelihoods: tuple[float, ...] = ()

    _title: ClassVar[str] = "Purchase model"

    @classmethod
    def from_params(
        cls, model: str, params: Mapping[str, float] | Sequence[float], unit: str = "week", *, k: int = 1
    ) -> PurchaseFit:
        """Return a model with given parameters: published ones, or a what-if. Predictions then need ``history=``.

        Parameters
        ----------
        model : str
            As in :func:`fit`.
        params : mapping or sequence of float
            By name, or in the order r, alpha, a, b (BG, MBG); r, alpha, s, beta (Pareto/NBD); r, alpha (NBD); alpha, beta,
            gamma, delta (BG/BB).
        unit : str
            The unit of time that alpha and beta are in.
        k : int
            The regularity of ``"mbg/cnbd-k"`` and ``"bg/cnbd-k"``.

        Examples
        --------
        >>> from cemkit import loyalty
        >>> paper = loyalty.PurchaseFit.from_params("bg/nbd", [0.243, 4.414, 0.793, 2.426])
        >>> round(float(paper.expected_new(52).to_frame()["estimate"].iloc[0]), 3)
        1.446
        """
        check_model(model)
        core = purchase_model(model, k=k)
        if isinstance(params, Mapping):
            if set(params) != set(core.names):
                msg = f"params of {model!r} must be named {', '.join(core.names)}, got {', '.join(map(str, params))}"
                raise CemkitError(msg)
            params = [params[name] for name in core.names]
        values = np.asarray(params, dtype=np.float64)
        if values.shape != (len(core.names),) or not (np.isfinite(values) & (values > 0)).all():
            msg = f"params of {model!r} must be {len(core.names)} positive numbers ({', '.join(core.names)}), got {params!r}"
            raise CemkitError(msg)
        _check_unit(unit)
        size = len(values)
        found = TimingFit(
            core,
            core.names,
            values,
            np.full(size, np.nan),
            np.full((size, size), np.nan),
            np.nan,
            0,
            0.0,
            "converged",
            "",
        )
        return fit_result(found, unit=unit, status="given", notes=(model_note(model), Assumption("given-params")))

    @property
    def params(self) -> dict[str, float]:
        """The parameters by name."""
        return dict(zip(self.table["parameter"], self.table["estimate"].tolist(), strict=True))

    @property
    def std_errors(self) -> dict[str, float]:
        """The standard errors by name; NaN where a parameter stands at a limit."""
        return dict(zip(self.table["parameter"], self.table["std_error"].tolist(), strict=True))

    @property
    def aic(self) -> float:
        """Akaike's criterion; comparable between models of the same history, except with bg/bb."""
        return 2.0 * self.free - 2.0 * self.log_likelihood

    def plot(self, *, until: float | None = None) -> Any:
        """Return an Altair chart: what is expected of a new customer, with its 95 % interval (extra ``report``).

        Parameters
        ----------
        until : float, optional
            A time in the unit of the fit; a year, or ten opportunities, by default.
        """
        year = 365.25 / predict.DAYS_OF_UNIT[self.unit] if purchase_model(self.model).timed else 10.0
        last = float(year if until is None else until)
        times = np.linspace(0.0, last, 53) if purchase_model(self.model).timed else np.arange(round(last) + 1.0)
        level = 0.95 if np.isfinite(self.covariance).any() else None
        return self.expected_new(times.tolist(), level=level).plot()

    def expected_purchases(
        self, t: float, *, history: PurchaseHistory | None = None, level: float | None = None
    ) -> Predictions:
        """Return each customer's expected number of purchases in the time ``t`` after the window.

        Parameters
        ----------
        t : float
            A time in the unit of the fit (opportunities for bg/bb).
        history : PurchaseHistory, optional
            Other customers than those of the fit.
        level : float, optional
            Level of the interval of the expectation.
        """
        return self._predict(predict.expected_purchases, "expected_purchases", "purchases", history, level, t=t)

    def expected_total(
        self, t: float, *, history: PurchaseHistory | None = None, level: float | None = None
    ) -> Predictions:
        """Return the purchases expected of all customers together in the time ``t``, and of how many to be still there.

        Two rows: ``quantity`` is ``"purchases"`` or ``"alive"``. The interval is that of the expectation, as elsewhere.
        """
        timing, data = self.timing(), self.histories_of(history)

        def value(params: Floats) -> Floats:
            bought = predict.expected_purchases(timing.model, params, data, t=t)
            alive = predict.probability_alive(timing.model, params, data)
            return np.array([bought @ data.count, alive @ data.count])

        return predictions(
            {"quantity": np.array(["purchases", "alive"], dtype=object)},
            value(timing.params),
            None if level is None else predict.delta_interval(timing, value, level=level),
            metric="expected_total",
            unit="sum",
            level=level,
            notes=self.assumptions,
        )

    def probability_alive(
        self, *, at: float = 0.0, history: PurchaseHistory | None = None, level: float | None = None
    ) -> Predictions:
        """Return each customer's probability of not having left by the time ``at`` after the window.

        Under bg/nbd nobody can leave before the second purchase, so that one-time buyers are alive with probability one;
        mbg/nbd has no such rule.
        """
        return self._predict(predict.probability_alive, "probability_alive", "probability", history, level, at=at)

    def probability_inactive_for(
        self, t: float, *, history: PurchaseHistory | None = None, level: float | None = None
    ) -> Predictions:
        """Return each customer's probability of no purchase in the time ``t`` after the window."""
        return self._predict(
            predict.probability_inactive_for, "probability_inactive", "probability", history, level, t=t
        )

    def next_purchase_quantile(
        self, q: float, *, history: PurchaseHistory | None = None, level: float | None = None
    ) -> Predictions:
        """Return the time within which each customer's next purchase comes with probability ``q``; infinite if it never does."""
        return self._predict(predict.next_purchase_quantile, "next_purchase", self.unit, history, level, q=q)

    def discounted_purchases(
        self, discount: float, *, history: PurchaseHistory | None = None, level: float | None = None
    ) -> Predictions:
        """Return each customer's discounted expected residual transactions (DERT), without a horizon.

        Parameters
        ----------
        discount : float
            Effective per year of 365.25 days: 0.10 is 10 %.
        history, level
            As in :meth:`expected_purchases`.
        """
        return self._predict(
            predict.discounted_purchases,
            "discounted_purchases",
            "purchases",
            history,
            level,
            discount=discount,
            unit=self.unit,
        )

    def expected_new(self, t: float | Sequence[float], *, level: float | None = None) -> Predictions:
        """Return the expected repeat purchases of a new customer (with covariates: an average one) in the time ``t``."""
        timing = self.timing()
        spans = np.atleast_1d(np.asarray(t, dtype=np.float64))
        known = None
        if self.covariates:
            data = self.histories_of(None)
            known = np.atleast_2d(np.average(data.covariates, axis=0, weights=data.count))

        def value(params: Floats) -> Floats:
            return np.ravel(predict.expected_new(timing.model, params, t=spans, covariates=known))

        limits = None if level is None else predict.delta_interval(timing, value, level=level)
        return predictions(
            {"t": spans},
            value(timing.params),
            limits,
            metric="expected_new",
            unit="purchases",
            level=level,
            notes=self.assumptions,
        )

    def _predict(
        self,
        function: Any,
        metric: str,
        measured: str,
        history: PurchaseHistory | None,
        level: float | None,
        **arguments: Any,
    ) -> Predictions:
        timing = self.timing()
        data = self.histories_of(history)

        def value(params: Floats) -> Floats:
            return np.asarray(function(timing.model, params, data, **arguments), dtype=np.float64)

        limits = None
        if level is not None:
            kind: Literal["positive", "probability"] = "probability" if measured == "probability" else "positive"
            with np.errstate(invalid="ignore"):
                limits = predict.delta_interval(timing, value, level=level, kind=kind)
        asked = self.history if history is None else history
        return predictions(
            asked if asked is not None else {},
            value(timing.params),
            limits,
            metric=metric,
            unit=measured,
            level=level,
            notes=self.assumptions,
        )

    def timing(self) -> TimingFit:
        """Return the fit in the words of the statistics; an error where there are no parameters."""
        if self.status == "unidentified" and not np.isfinite(self.table["estimate"]).all():
            msg = f"the {self.model} fit has no parameters to predict with ({self.detail}): take more customers or a longer window"
            raise CemkitError(msg)
        return TimingFit(
            purchase_model(self.model, k=self.k),
            tuple(self.table["parameter"]),
            self.table["estimate"].to_numpy(dtype=np.float64),
            self.table["std_error"].to_numpy(dtype=np.float64),
            self.covariance,
            self.log_likelihood,
            self.free,
            self.n,
            "converged",
            self.detail,
        )

    def histories_of(self, history: PurchaseHistory | None) -> Histories:
        """Return the customers' histories, those of the fit by default; an error where they do not suit it."""
        used = self.history if history is None else history
        if used is None:
            msg = "this fit was made from parameters and knows no customers: give history="
            raise CemkitError(msg)
        if used.unit != self.unit:
            msg = (
                f"the history is in {used.unit}s and the fit in {self.unit}s: count the history with unit={self.unit!r}"
            )
            raise CemkitError(msg)
        if used.covariates != self.covariates:
            msg = (
                f"the fit has the covariates {list(self.covariates)} and the history {list(used.covariates)}: use "
                "history.with_covariates(...)"
            )
            raise CemkitError(msg)
        return used.histories()


def fit_result(
    found: TimingFit,
    *,
    unit: str,
    status: str,
    notes: tuple[Assumption, ...],
    history: PurchaseHistory | None = None,
    regularity: pd.DataFrame | None = None,
    heights: tuple[float, ...] = (),
) -> PurchaseFit:
    """Return the fit in the words of a result."""
    core = found.model
    known = () if history is None else history.covariates
    labels = core.names + tuple(f"{name}:{column}" for name, _, _ in core.covariate_of for column in known)
    units = {"alpha": unit, "beta": unit} if core.timed else {}
    table = parameter_table(
        labels[: found.params.size],
        found.params,
        found.std_errors,
        n=found.n,
        units=units,
        positive=len(core.names),
        given=status == "given",
    )
    return PurchaseFit(
        table,
        notes,
        model=core.name,
        k=core.k,
        unit=unit,
        status=status,
        detail=found.detail,
        log_likelihood=found.log_likelihood,
        free=found.free,
        n=found.n,
        covariance=found.covariance,
        history=history,
        covariates=known,
        regularity=pd.DataFrame() if regularity is None else regularity,
        k_log_likelihoods=heights,
    )


def model_note(model: str) -> Assumption:
    """Return what the model assumes of customers."""
    return Assumption("purchase-model", {"model": model})


def check_model(model: object) -> None:
    """Raise unless there is a model of this name."""
    if model not in MODELS:
        msg = f"model must be one of {', '.join(map(repr, MODELS))}, got {model!r}.{did_you_mean(model, MODELS)}"
        raise CemkitError(msg)


def _check_unit(unit: object) -> None:
    if unit not in predict.DAYS_OF_UNIT:
        msg = f"unit must be one of {', '.join(map(repr, predict.DAYS_OF_UNIT))}, got {unit!r}"
        raise CemkitError(msg)
