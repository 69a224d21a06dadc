"""Purchase models judged on what they did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.loyalty.fitting import fit
from cemkit.loyalty.history import history
from cemkit.loyalty.purchase import PurchaseFit, check_model
from cemkit.loyalty.transaction_log import Refunds, transaction_log
from cemkit.results import Assumption, Result
from cemkit.statistics.purchase_predictions import DAYS_OF_UNIT
from cemkit.tables.unit_rollup import later_days
from cemkit.typing import Frame

__all__ = ["ModelComparison", "compare_models"]

Floats = npt.NDArray[np.float64]
_BASELINE = "same-rate"
_POINTS = 60


@dataclass(frozen=True, eq=False, repr=False)
class ModelComparison(Result):
    """Models by how they predicted a held-out span, a row per model.

    ``to_frame()`` gives ``model, mean_absolute_error, std_error, low, high, root_mean_squared_error, predicted, actual,
    log_likelihood, aic, status, level, n``. Standard error and limits are those of the mean absolute error per customer
    (customers independent, the fit taken as it is); ``"same-rate"`` is the baseline: everybody goes on as before.

    Attributes
    ----------
    tracking
        ``model, t, actual, predicted``: cumulative repeat purchases of the customers, t since the first one's start.
    calibration
        ``model, decile, n, predicted, actual``: customers by their prediction, mean purchases.
    split, length, unit
        The last day that was fitted, and how long the held-out span is.
    """

    tracking: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    split: str = ""
    length: float = float("nan")
    unit: str = "week"

    _title: ClassVar[str] = "Model comparison"

    def plot(self) -> Any:
        """Return an Altair chart: cumulative repeat purchases, counted and as each model has them (extra ``report``)."""
        from cemkit.charts.line_bands import lines_chart

        rows = self.tracking.assign(x=self.tracking["t"], series=self.tracking["model"], unit="number")
        first = rows[rows["model"] == rows["model"].iloc[0]]
        counted = first.assign(series="actual", estimate=first["actual"])
        return lines_chart(
            pd.concat([counted, rows.assign(estimate=rows["predicted"])]), x=f"{self.unit}s", y="purchases"
        )


def compare_models(
    transactions: Frame,
    *,
    split: Any,
    models: Sequence[str] = ("nbd", "bg/nbd", "mbg/nbd", "pareto/nbd"),
    customer: str = "customer_id",
    at: str = "occurred_at",
    amount: str | None = "amount",
    until: Any = None,
    unit: str = "week",
    refunds: Refunds = "net",
) -> ModelComparison:
    """Fit models up to a day and judge them on what follows.

    Parameters
    ----------
    transactions : frame
        As in :func:`history`.
    split : date
        The last day that the models see; customers are those seen until then.
    models : list of str
        Models of times, see :func:`fit`.
    customer, at, amount, until, unit, refunds
        As in :func:`history`.

    Returns
    -------
    ModelComparison
        A row per model and for the baseline (each customer's own past rate), with the errors per customer, and the tracking
        curve and the calibration by decile as further tables.

    Raises
    ------
    CemkitError
        If nothing follows the split, or a model has no parameters.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from cemkit import loyalty
    >>> rng = np.random.default_rng(1)
    >>> often = np.repeat(np.arange(200), rng.integers(1, 9, 200))
    >>> days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 366, often.size), unit="D")
    >>> log = pd.DataFrame({"customer_id": often, "occurred_at": days})
    >>> compared = loyalty.compare_models(log, split="2024-09-30", models=["nbd"], amount=None)
    >>> compared.to_frame()["model"].tolist()
    ['nbd', 'same-rate']
    """
    for model in models:
        check_model(model)
        if model == "bg/bb":
            msg = "models: 'bg/bb' counts opportunities, so it cannot be held against models of times"
            raise CemkitError(msg)
    names: dict[str, Any] = {"customer": customer, "at": at, "amount": amount, "refunds": refunds}
    log = transaction_log(transactions, until=until, grain="day", **names)
    needs = any("cnbd" in model for model in models)
    seen = history(transactions, until=split, unit=unit, intervals=needs, **names)
    days = log.until - int(np.datetime64(seen.until, "D").astype(np.int64))
    if days <= 0:
        msg = f"nothing follows split={str(split)!r}: the window ends on {np.datetime64(log.until, 'D')}"
        raise CemkitError(msg)
    length = days / DAYS_OF_UNIT[unit] * DAYS_OF_UNIT["day"]
    whole = history(transactions, until=str(np.datetime64(log.until, "D")), unit=unit, intervals=False, **names)
    after = whole.table.set_index(customer)["frequency"].reindex(seen.table[customer]).to_numpy()
    actual = (after - seen.table["frequency"].to_numpy()).astype(np.float64)
    fits = [fit(seen, model) for model in models]
    rows, calibration = [], []
    for model, found in zip((*models, _BASELINE), (*fits, None), strict=True):
        age = seen.table["age"].to_numpy()
        rate = seen.table["frequency"].to_numpy() / np.maximum(age, DAYS_OF_UNIT["day"] / DAYS_OF_UNIT[unit])
        predicted = rate * length if found is None else found.expected_purchases(length).table["estimate"].to_numpy()
        rows.append(_row(model, found, predicted, actual))
        calibration.append(_deciles(model, predicted, actual))
    split_day = int(np.datetime64(seen.until, "D").astype(np.int64))
    counted = later_days(log.bound, log.columns, until=log.until, first_until=split_day)
    notes = tuple(note for note in seen.assumptions)
    notes += (Assumption("held-out", {"split": seen.until, "length": length, "unit": unit}),)
    births = seen.table["first"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return ModelComparison(
        pd.DataFrame(rows),
        notes,
        tracking=_tracking(fits, births, counted, log.until, unit),
        calibration=pd.concat(calibration, ignore_index=True),
        split=seen.until,
        length=length,
        unit=unit,
    )


def _row(model: str, found: PurchaseFit | None, predicted: Floats, actual: Floats) -> dict[str, Any]:
    error = np.abs(predicted - actual)
    mean, n = float(error.mean()), error.size
    std_error = float(error.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    half = 1.959963984540054 * std_error
    return {
        "model": model,
        "mean_absolute_error": mean,
        "std_error": std_error,
        "low": max(mean - half, 0.0) if n > 1 else float("nan"),
        "high": mean + half,
        "root_mean_squared_error": float(np.sqrt(np.mean((predicted - actual) ** 2))),
        "predicted": float(predicted.sum()),
        "actual": float(actual.sum()),
        "log_likelihood": float("nan") if found is None else found.log_likelihood,
        "aic": float("nan") if found is None else found.aic,
        "status": "baseline" if found is None else found.status,
        "level": 0.95,
        "n": n,
    }


def _deciles(model: str, predicted: Floats, actual: Floats) -> pd.DataFrame:
    """Return mean purchases by decile of the prediction; equal predictions are in one decile."""
    rank = pd.Series(predicted).rank(method="average", pct=True).to_numpy()
    decile = np.clip(np.ceil(rank * 10), 1, 10).astype(np.int64)
    frame = pd.DataFrame({"model": model, "decile": decile, "predicted": predicted, "actual": actual})
    grouped = frame.groupby(["model", "decile"])
    means = grouped[["predicted", "actual"]].mean()
    means.insert(0, "n", grouped.size())
    return means.reset_index()


def _tracking(
    fits: Sequence[PurchaseFit], births: npt.NDArray[np.int64], counted: tuple[Any, Any], until: int, unit: str
) -> pd.DataFrame:
    """Return cumulative repeat purchases: counted, and expected of customers by the day of their first purchase."""
    days, numbers = counted
    born, customers = np.unique(births, return_counts=True)
    ends = np.unique(np.linspace(born[0] + 1, until, _POINTS).astype(np.int64))
    actual = np.concatenate([[0], np.cumsum(numbers)])[np.searchsorted(days, ends, side="right")]
    scale = DAYS_OF_UNIT["day"] / DAYS_OF_UNIT[unit]
    spans = np.maximum(ends[:, None] - born[None, :], 0)
    different, back = np.unique(spans, return_inverse=True)
    parts = []
    for found in fits:
        expected = found.expected_new((different * scale).tolist()).table["estimate"].to_numpy()
        predicted = expected[back].reshape(spans.shape) @ customers
        parts.append(
            pd.DataFrame(
                {"model": found.model, "t": (ends - born[0]) * scale, "actual": actual, "predicted": predicted}
            )
        )
    return pd.concat(parts, ignore_index=True)
