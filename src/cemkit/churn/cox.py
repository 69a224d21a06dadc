"""Cox regression: what goes with leaving sooner, as hazard ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.covariates import Covariates, covariate_kinds, covariate_matrix, require_levels
from cemkit.churn.durations import CUSTOMER
from cemkit.churn.hazard_tables import HAZARD_COLUMNS, baseline_table, hazard_table, proportionality_table
from cemkit.errors import CemkitError, ContractError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.statistics import cox as partial_likelihood
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.factor import factor
from cemkit.tables.groups import Groups, group_rows, known_order
from cemkit.tables.number_rows import number_rows, require_flag, require_flags
from cemkit.typing import Frame

__all__ = ["HAZARD_COLUMNS", "HazardFit", "cox"]

_BASELINE = ("time", "hazard", "cumulative_hazard")
_FEW_CLUSTERS = 30
_DOUBT = 0.05
"""p of the test of proportional hazards below which the result says that they are not."""


@dataclass(frozen=True, eq=False, repr=False)
class HazardFit(Result):
    """A Cox model: a row per covariate.

    ``to_frame()`` gives

    ``covariate, reference``
        The column, or ``column=level`` and the level that it is compared with.
    ``coefficient, std_error, low, high, statistic, p_value``
        Log hazard ratio per unit of the covariate, its standard error, limits, and Wald's test of 0.
    ``hazard_ratio, hazard_ratio_low, hazard_ratio_high``
        Their exponentials.
    ``level, method``
        Level of the limits; ``"wald"``, or ``"wald-robust"`` with clusters.
    ``mean``
        Mean of the covariate over the rows: the baseline is that of somebody with these values.
    ``status``
        ``"ok"``; ``"collinear"`` where the covariate follows from those before it (NaN); ``"infinite"`` where the likelihood
        rises without end, as where nobody with a trait left (±∞, no interval).

    Attributes
    ----------
    proportionality
        ``covariate, statistic, df, p_value``: score tests that each coefficient is constant over time, against one that moves
        with 1 − S(t−), and of ``"(all)"`` together. Without clusters in mind. Empty where the fit has no end.
    baseline
        ``*strata, time, hazard, cumulative_hazard`` of somebody with the mean covariates: S(t | x) =
        exp(−cumulative_hazard · exp((x − mean)'β)).
    covariance
        (covariates, covariates) of the coefficients.
    log_likelihood, log_likelihood_null
        Log partial likelihood at the estimate, and with all coefficients 0.
    likelihood_ratio, df, p_value
        Their test: twice the difference is χ² with ``df`` degrees of freedom if no covariate matters.
    n, events, clusters
        Rows, rows that end in the event, and clusters (0 without).
    ties, strata, status
        Treatment of ties; columns of strata; ``"ok"``, ``"collinear"``, ``"monotone-likelihood"`` or ``"not-converged"``.
    """

    proportionality: pd.DataFrame = field(default_factory=pd.DataFrame)
    baseline: pd.DataFrame = field(default_factory=pd.DataFrame)
    covariance: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    log_likelihood: float = float("nan")
    log_likelihood_null: float = float("nan")
    likelihood_ratio: float = float("nan")
    df: int = 0
    p_value: float = float("nan")
    n: int = 0
    events: int = 0
    clusters: int = 0
    ties: str = "efron"
    strata: tuple[str, ...] = ()
    status: str = "ok"

    _title: ClassVar[str] = "Hazard ratios"

    def _display(self) -> pd.DataFrame:
        shown = [*HAZARD_COLUMNS[:4], "hazard_ratio_low", "hazard_ratio_high", "p_value", "reference"]
        return self.table[shown]

    def plot(self) -> Any:
        """Return an Altair chart: hazard ratios with their intervals on a logarithmic axis (extra ``report``)."""
        from cemkit.charts.forest import forest_chart

        return forest_chart(self.table)


def cox(
    data: Frame,
    *,
    duration: str | None = None,
    start: str | None = None,
    stop: str | None = None,
    event: str,
    covariates: str | Sequence[str],
    strata: str | Sequence[str] | None = None,
    cluster: str | Literal[False] | None = None,
    ties: str = "efron",
    level: float = 0.95,
    reference: Mapping[str, Any] | None = None,
) -> HazardFit:
    r"""Fit a Cox model of leaving.

    Parameters
    ----------
    data : frame
        A row per customer, or per interval (start, stop] in which the covariates of a customer were constant. The columns
        named are collected: risk sets need the rows.
    duration : str, optional
        Column of the time until leaving or until last seen, of customers watched from their beginning.
    start, stop : str, optional
        Instead: columns of the interval's ends, for late entries, covariates that change and repeated spells.
    event : str
        Column that says whether the duration or interval ends in leaving: true or 1, false or 0.
    covariates : str or list of str
        Columns. Numbers (and true or false) enter as they are; a column of anything else enters as an indicator per level,
        each against a reference level, which is named in the result.
    strata : str or list of str, optional
        Columns whose combinations have a baseline hazard of their own, and no coefficient.
    cluster : str or False, optional
        Column of units whose rows belong together: standard errors are then robust. Unless given, ``customer_id``
        where the table has it and customers repeat; False takes rows as independent.
    ties : {"efron", "breslow"}
        Treatment of those who leave at one time.
    level : float
        Level of the intervals.
    reference : dict, optional
        ``{column: level}`` to compare with; by default the first category, or the first level in natural order.

    Returns
    -------
    HazardFit
        A row per covariate; ``.log_likelihood``, ``.proportionality``, ``.baseline``, ``.plot()``.

    Raises
    ------
    CemkitError
        If columns are absent or of the wrong kind, a covariate or time is null, an interval stops before it starts, or nobody
        left.

    Notes
    -----
    .. math:: h_s(t \mid x) = h_{0s}(t)\, e^{x'\beta}

    by partial likelihood, with Efron's ties. A hazard ratio of 1.2 goes with leaving at a rate 1.2 times as high at every
    time, other covariates alike; that is no ratio of probabilities of leaving. Limits are Wald's on the coefficient.
    Robust errors are those of Lin and Wei, summed over a unit's rows (Andersen and Gill's model for repeated spells). The
    rows of a covariate that changes must use its value from the interval's start on: a value that knows the future makes
    immortal time. :attr:`HazardFit.proportionality` is the score test of Grambsch and Therneau.

    References
    ----------
    Cox, D. R. (1972), *JRSS B* 34, 187-220. Efron, B. (1977), *JASA* 72, 557-565. Andersen, P. K. and Gill, R. D. (1982),
    *Annals of Statistics* 10, 1100-1120. Lin, D. Y. and Wei, L. J. (1989), *JASA* 84, 1074-1078. Grambsch, P. M. and Therneau,
    T. M. (1994), *Biometrika* 81, 515-526.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import churn
    >>> stays = pd.DataFrame(
    ...     {
    ...         "months": [4, 1, 2, 3, 6, 5],
    ...         "left": [True, True, True, False, False, True],
    ...         "plan": ["basic", "plus", "basic", "plus", "basic", "plus"],
    ...     }
    ... )
    >>> fit = churn.cox(stays, duration="months", event="left", covariates="plan")
    >>> fit.to_frame()[["covariate", "reference"]].to_numpy().tolist()
    [['plan=plus', 'basic']]
    >>> round(float(fit.to_frame()["hazard_ratio"].iloc[0]), 3)
    1.315
    """
    check_level(level)
    if ties not in partial_likelihood.TIES:
        msg = f"ties must be 'efron' or 'breslow', got {ties!r}.{did_you_mean(ties, partial_likelihood.TIES)}"
        raise CemkitError(msg)
    bound = bind(data)
    names = column_names(covariates, argument="covariates")
    if not names:
        msg = "covariates must name at least one column"
        raise CemkitError(msg)
    begin, end = _interval_columns(bound, duration, start, stop)
    happened = require_flag(bound, event, "event")
    strata_names = column_names(strata, argument="strata", reserved=_BASELINE)
    for name in strata_names:
        bound.require_key(name, "strata")
    unit = _cluster_column(bound, cluster)
    _no_double_use(names, {"event": event, "stop": end, "start": begin, "cluster": unit})
    numeric, levelled = covariate_kinds(bound, names)
    asked = require_levels(reference, levelled)
    times = [end] if begin is None else [end, begin]
    keys = [*levelled, *strata_names, *([] if unit is None else [unit])]
    numbers, further = number_rows(bound, [*times, happened, *numeric], keys=keys)
    gone = _check_rows(numbers, begin, end, happened, start_given=begin is not None)
    matrix = covariate_matrix(bound, names, {name: numbers[name] for name in numeric} or numbers, further, asked)
    groups, stratum = group_rows(further, strata_names, orders=known_order(bound, strata_names), rows=gone.size)
    clusters, notes = _clusters(further, unit, gone.size, asked_for=cluster is not None)
    fit = partial_likelihood.cox(
        matrix.x,
        numbers[end],
        gone,
        start=None if begin is None else numbers[begin],
        stratum=stratum,
        cluster=clusters,
        ties=ties,
        transform="km",
    )
    return _answer(fit, matrix, groups, notes, level=float(level))


def _interval_columns(
    bound: Bound, duration: str | None, start: str | None, stop: str | None
) -> tuple[str | None, str]:
    if duration is not None and start is None and stop is None:
        return None, bound.require_number(duration, "duration")
    if duration is None and start is not None and stop is not None:
        return bound.require_number(start, "start"), bound.require_number(stop, "stop")
    msg = f"give duration=, or start= and stop= together: got duration={duration!r}, start={start!r}, stop={stop!r}"
    raise CemkitError(msg)


def _cluster_column(bound: Bound, cluster: str | Literal[False] | None) -> str | None:
    if cluster is False:
        return None
    if cluster is not None:
        return bound.require_key(cluster, "cluster")
    return bound.require_key(CUSTOMER, "cluster") if CUSTOMER in bound.schema else None


def _no_double_use(names: Sequence[str], others: Mapping[str, str | None]) -> None:
    for argument, other in others.items():
        if other in names:
            msg = f"covariates: {other!r} is also {argument}=, and would explain itself: leave it out of the covariates"
            raise CemkitError(msg)


def _check_rows(
    numbers: Mapping[str, npt.NDArray[np.float64]], begin: str | None, end: str, event: str, *, start_given: bool
) -> npt.NDArray[np.bool_]:
    """Return who left, or raise where the rows can be no intervals."""
    rows = numbers[end].size
    if not rows:
        msg = "the data have no rows: check the file or the filter that made them"
        raise CemkitError(msg)
    for argument, name in (("stop" if start_given else "duration", end), ("start", begin)):
        if name is not None:
            wrong = ~np.isfinite(numbers[name])
            if not start_given:
                wrong |= numbers[name] < 0
            if wrong.any():
                what = "null or infinite" if start_given else "null, negative or infinite"
                msg = f"{argument}={name!r} is {what} in {int(wrong.sum()):,} of {rows:,} rows: repair them or leave them out"
                raise ContractError(msg)
    if begin is not None:
        wrong = numbers[begin] >= numbers[end]
        if wrong.any():
            i = int(np.argmax(wrong))
            msg = (
                f"start={begin!r} is not before stop={end!r} in {int(wrong.sum()):,} of {rows:,} rows (first in row {i + 1:,}: "
                f"{numbers[begin][i]:g} to {numbers[end][i]:g}): leave out intervals without length"
            )
            raise ContractError(msg)
    gone = require_flags(numbers[event], event, "event")
    if not gone.any():
        msg = f"nobody left: event={event!r} is false in all {rows:,} rows, so there is nothing to compare"
        raise CemkitError(msg)
    return gone


def _clusters(
    further: Mapping[str, Any], unit: str | None, rows: int, *, asked_for: bool
) -> tuple[npt.NDArray[np.intp] | None, list[Assumption]]:
    """Return the clusters' codes: those asked for, or customers where they repeat."""
    if unit is None:
        return None, []
    codes, levels = factor(further[unit])
    if levels and levels[-1] is None:
        null = int(np.count_nonzero(codes == len(levels) - 1))
        msg = f"cluster={unit!r} is null in {null:,} of {rows:,} rows: name it in every row, or leave these rows out"
        raise ContractError(msg)
    if not asked_for and len(levels) == rows:
        return None, []
    notes = [Assumption("robust-errors", {"clusters": len(levels), "column": unit, "rows": rows})]
    if len(levels) < _FEW_CLUSTERS:
        notes.append(Assumption("few-clusters", {"clusters": len(levels)}))
    return codes.astype(np.intp), notes


def _answer(
    fit: partial_likelihood.CoxFit, matrix: Covariates, groups: Groups, notes: list[Assumption], *, level: float
) -> HazardFit:
    from scipy.special import chdtrc

    robust = fit.clusters > 0
    df = int(np.count_nonzero(~fit.aliased))
    ratio = 2 * (fit.log_likelihood - fit.log_likelihood_null)
    tests = proportionality_table(fit, matrix)
    found = [Assumption("adjusted-for-covariates"), Assumption("uninformative-end"), *notes]
    compared = {name.split("=", 1)[0]: base for name, base in zip(matrix.names, matrix.references, strict=True) if base}
    found += [Assumption("reference-level", {"column": name, "reference": base}) for name, base in compared.items()]
    if len(tests):
        tested = {"p_value": float(tests["p_value"].iloc[-1])}
        held = not tested["p_value"] < _DOUBT
        found.append(Assumption("proportional-hazards" if held else "hazards-not-proportional", tested))
    for code, which in (("collinear-covariates", fit.aliased), ("infinite-coefficients", fit.infinite)):
        if which.any():
            shown = ", ".join(name for name, bad in zip(matrix.names, which.tolist(), strict=True) if bad)
            found.append(Assumption(code, {"covariates": shown}))
    return HazardFit(
        hazard_table(fit, matrix, level, "wald-robust" if robust else "wald"),
        tuple(found),
        proportionality=tests,
        baseline=baseline_table(fit, groups),
        covariance=fit.covariance,
        log_likelihood=fit.log_likelihood,
        log_likelihood_null=fit.log_likelihood_null,
        likelihood_ratio=ratio,
        df=df,
        p_value=float(chdtrc(df, ratio)) if df else float("nan"),
        n=fit.n,
        events=fit.events,
        clusters=fit.clusters,
        ties=fit.ties,
        strata=groups.names,
        status=fit.status,
    )
