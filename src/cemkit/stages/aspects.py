"""Rational and emotional experiences side by side, and which of the two moves the outcome more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates, Result
from cemkit.scales import CSAT_5, Scale
from cemkit.stages.outcome_range import outcome_range
from cemkit.stages.profile import profile, require_labels
from cemkit.statistics.regression import contrasts, least_squares
from cemkit.tables.binding import Bound, bind
from cemkit.tables.column_moments import column_moments
from cemkit.tables.factor import factor
from cemkit.tables.row_means import require_on_scale, with_numbers
from cemkit.typing import Frame

__all__ = ["Aspects", "aspects"]

Floats = npt.NDArray[np.float64]
_ASPECTS = ("rational", "emotional")


@dataclass(frozen=True, eq=False, repr=False)
class Aspects(Result):
    """What rational and emotional experiences go with.

    Attributes
    ----------
    table
        Rows ``rational``, ``emotional`` and ``rational - emotional``: ``aspect, estimate, std_error, low, high, level, method, unit, n, df,
        p_value, standardised, experiences``. ``estimate`` is outcome per scale point with the other aspect held; ``n`` counts customers;
        ``experiences`` is the mean number of ratings behind a customer's mean.
    profile
        Both aspects side by side: an :class:`Estimates` by stage (where the table has it) and aspect.
    """

    profile: Estimates = field(default_factory=lambda: Estimates(pd.DataFrame(columns=list(ESTIMATE_COLUMNS))))

    _title: ClassVar[str] = "Aspects"

    def plot(self) -> Any:
        """Return an Altair chart: the slopes with their intervals (extra ``report``)."""
        from cemkit.charts.intervals import interval_chart

        return interval_chart(self.table, by=("aspect",))


def aspects(
    experiences: Frame,
    *,
    outcome: str,
    score: str = "perceived",
    level: float = 0.95,
    scale: Scale = CSAT_5,
    unit: str = "customer_id",
) -> Aspects:
    """Set rational and emotional experiences side by side, and ask which of the two moves the outcome more.

    Parameters
    ----------
    experiences : frame
        A row per experience, with ``aspect`` (:func:`label` adds it) and a customer's outcome in one of their rows or in all.
    outcome : str
        Column of numbers; a customer's outcome is the mean of their values.
    score : str
        Column of ratings on ``scale``.
    level : float
        Level of the intervals.
    scale : Scale
        The scale of the score.
    unit : str
        Column of the customer.

    Returns
    -------
    Aspects

    Raises
    ------
    CemkitError
        If a column is absent, a rating lies outside the scale, or fewer than five customers have both aspects and an outcome.

    Notes
    -----
    y = a + b_r r + b_e e over customers, r and e their mean rational and emotional rating; HC3 errors, t intervals, and the contrast
    b_r - b_e. Summed per customer in the engine; a row per customer is collected. An association; means of few ratings
    pull their slope towards zero.

    References
    ----------
    MacKinnon, J. G. and White, H. (1985), *Journal of Econometrics* 29, 305-325.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> rows = pd.DataFrame(
    ...     {
    ...         "customer_id": [c for c in "abcdef" for _ in range(2)],
    ...         "aspect": ["rational", "emotional"] * 6,
    ...         "perceived": [1, 2, 2, 5, 3, 1, 4, 4, 5, 3, 2, 3],
    ...         "score": [v for v in (3, 7, 4, 8, 8, 6) for _ in range(2)],
    ...     }
    ... )
    >>> stages.aspects(rows, outcome="score").to_frame()["aspect"].tolist()
    ['rational', 'emotional', 'rational - emotional']
    """
    check_level(level)
    bound = bind(experiences, what="experiences")
    require_labels(bound, ["aspect"])
    bound.require_key(unit, "unit")
    bound.require_number(outcome, "outcome")
    bound.require_number(score, "score")
    beside = profile(
        bound, by=[*(["stage"] if "stage" in bound.schema else []), "aspect"], score=score, level=level, scale=scale
    )
    means, counts, y = _customers(bound, unit, score, outcome, scale)
    complete = np.isfinite(means).all(axis=1) & np.isfinite(y)
    if complete.sum() < 5:
        msg = (
            f"{int(complete.sum())} of {len(y):,} customers have rational and emotional ratings and an outcome in {outcome!r}, fewer "
            "than five: nothing can be said about which moves it"
        )
        raise CemkitError(msg)
    x, y = means[complete], y[complete]
    if np.ptp(y) == 0:
        msg = f"outcome={outcome!r} has the same value for all {len(y):,} customers, so nothing can move it"
        raise CemkitError(msg)
    fit = least_squares(x, y)
    found = contrasts(fit, np.array([[0, 1, 0], [0, 0, 1], [0, 1, -1]], dtype=np.float64), level=level)
    spread = x.std(axis=0, ddof=1) / y.std(ddof=1)
    table = pd.DataFrame(
        {
            "aspect": pd.Index([*_ASPECTS, "rational - emotional"], dtype=object),
            "estimate": found.estimate,
            "std_error": found.std_error,
            "low": found.low,
            "high": found.high,
            "level": float(level),
            "method": pd.Index(["hc3"] * 3, dtype=object),
            "unit": pd.Index(["scale"] * 3, dtype=object),
            "n": len(y),
            "df": fit.df,
            "p_value": found.p_value,
            "standardised": np.append(found.estimate[:2] * spread, np.nan),
            "experiences": np.append(counts[complete].mean(axis=0), np.nan),
        }
    )
    notes = [
        Assumption("collected-units", {"units": len(complete)}),
        Assumption("association"),
        *(n for n in beside.assumptions if n.code != "missing-at-random"),
    ]
    if len(complete) > len(y):
        notes.append(Assumption("incomplete-customers", {"customers": len(complete) - len(y)}))
    return Aspects(table, tuple(dict.fromkeys(notes)), profile=beside)


def _customers(bound: Bound, unit: str, score: str, outcome: str, scale: Scale) -> tuple[Floats, Floats, Floats]:
    """Return, per customer, the mean rating and the number of ratings by aspect, and the outcome."""
    bound = with_numbers(bound, {"_stages_score": score}, missing_codes=scale.missing_codes)
    bound = with_numbers(bound, {"_stages_outcome": outcome})
    require_on_scale(bound, {"_stages_score": score}, scale)
    outcome_range(bound, "_stages_outcome", outcome)
    sums = column_moments(bound, keys=[unit, "aspect"], columns=["_stages_score", "_stages_outcome"])
    codes, units = factor(sums.keys[unit])
    size = len(units)
    aspect = np.array([_ASPECTS.index(str(a)) if str(a) in _ASPECTS else 2 for a in sums.keys["aspect"]], dtype=np.intp)
    cell = np.zeros((2, size, 3))
    np.add.at(cell[0], (codes, aspect), sums.sums[:, 0])
    np.add.at(cell[1], (codes, aspect), sums.n[:, 0])
    y, n = np.zeros(size), np.zeros(size)
    np.add.at(y, codes, sums.sums[:, 1])
    np.add.at(n, codes, sums.n[:, 1])
    known = np.array([value is not None for value in units])
    with np.errstate(divide="ignore", invalid="ignore"):
        # sorted by customer, so that every engine fits the same rows in the same order
        order = np.array(sorted(np.flatnonzero(known), key=lambda i: str(units[i])), dtype=np.intp)
        return (cell[0] / cell[1])[order, :2], cell[1][order, :2], (y / n)[order]
