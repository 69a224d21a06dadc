"""What drives an outcome: each item's part of the explained variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.complete import (
    Base,
    check_replicates,
    collect_rows,
    count_base,
    item_sample,
    require_independent,
    require_regular,
)
from cemkit.csi.driver_tables import DRIVER_COLUMNS, Drivers, Resamples, difference_array, ranks
from cemkit.csi.driver_task import Task, driver_task
from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.results import Assumption
from cemkit.statistics.importance import (
    EXACT_LIMIT,
    ImportanceMethod,
    lmg_by_size,
    probe_importance,
)
from cemkit.statistics.moments import Moments, correlate
from cemkit.tables.design import Design
from cemkit.tables.groups import Groups
from cemkit.typing import Frame

__all__ = ["DRIVER_COLUMNS", "Drivers", "drivers"]

Floats = npt.NDArray[np.float64]
_FRAGILE = 5.0
_RESAMPLED_ORDERS = 50  # beyond 22 items, in every resample: a little wider limits, at a fortieth of the time
_MOST_COMPARED = 16  # all pairs in all subsets take longer than all else together beyond
_NO_LIMITS = dict.fromkeys(
    [f"{prefix}{name}" for prefix in ("", "share_", "rank_") for name in ("std_error", "low", "high")], np.nan
)


def drivers(
    data: Frame,
    *,
    outcome: str,
    items: Sequence[str],
    method: ImportanceMethod = "lmg",
    controls: str | Sequence[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    missing: Literal["listwise"] = "listwise",
    min_complete: float = 0.7,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    bootstrap: int = 0,
    level: float = 0.95,
    seed: int | None = None,
) -> Drivers:
    r"""Divide the explained variance of an outcome among its drivers.

    .. math:: \varphi_i = \sum_{S} \frac{|S|!\,(p - |S| - 1)!}{p!}\,\bigl[R^2(S \cup i) - R^2(S)\bigr]

    over the subsets :math:`S` of the other items (LMG, the Shapley value of R²). The parts sum to R².

    Parameters
    ----------
    data
        A row per respondent, a column per item, in any engine; without ``bootstrap`` only sums leave it. Or a pandas
        correlation matrix (``df.corr()``), whose rows and columns carry the items' names.
    outcome, items
        The outcome, and its possible drivers.
    method
        ``lmg``; ``relative-weights`` (Johnson); ``car``; ``first`` (alone) or ``last`` (added to all others), which do
        not sum to R².
    controls
        Columns that are always in the model and get no part.
    groups
        ``{name: [items]}``: items that enter together and get one part; the other items stand for themselves.
    missing, min_complete
        Rows without an answer to one of the columns are left out (``listwise``). Where fewer than ``min_complete`` of
        a group's rows are left the call is refused, unless a smaller share is accepted here.
    by, design, level
        Groups, survey design, level of the intervals.
    bootstrap
        Number of resamples for the intervals: 0 (none) or at least 20; 1000 is usual. Respondents are resampled,
        under a design whole clusters within strata; for that the rows of the needed columns are collected.
    seed
        Seed of the resamples, of the probe, and (beyond 22 items) of the sampled orders.

    Returns
    -------
    Drivers
        Intervals are percentiles of the resamples, in units of R² (0..1). Parts are never negative, so that their
        intervals never reach zero and test nothing: compare with the part of the probe in ``fit``.

    Raises
    ------
    CemkitError
        If an item is the outcome, does not vary, or follows exactly from others; if there are fewer complete rows than
        columns + 1, or too few of all rows; if a column is unknown.

    Notes
    -----
    Parts are associations: what a change of an item would bring about they do not say. All subsets are fitted up to 22
    items, beyond which 2000 random orders and their reverses are (50 in every resample), with the error that this has.

    Lindeman, Merenda & Gold (1980); Johnson (2000); Zuber & Strimmer (2011); Azen & Budescu (2003).

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.drivers import drivers
    >>> answers = pd.DataFrame({"staff": [1, 2, 3, 4, 5, 3], "price": [2, 1, 4, 3, 5, 2], "overall": [1, 2, 4, 4, 5, 3]})
    >>> found = drivers(answers, outcome="overall", items=["staff", "price"])
    >>> found.to_frame()[["item", "share", "rank"]].round(3).to_numpy().tolist()
    [['staff', 0.609, 1], ['price', 0.391, 2]]
    """
    task = driver_task(outcome, items, controls, groups, method=method, level=level, seed=seed)
    check_replicates(bootstrap)
    if missing != "listwise":
        msg = f"missing must be 'listwise' (rows without one of the answers are left out), got {missing!r}"
        raise CemkitError(msg)
    if _is_correlation(data):
        if bootstrap or by is not None or design is not None:
            msg = "a correlation matrix has no respondents, so bootstrap=, by= and design= need the data"
            raise CemkitError(msg)
        base, notes, rows = _given(data, task), [Assumption("correlation-given")], None
        require_independent(base.items[:-1], base.moments.covariance[0, :-1, :-1])
    else:
        columns = {"items": task.items, "controls": task.controls, "outcome": [outcome]}
        sample = item_sample(data, items=columns, by=by, design=design, reserved=DRIVER_COLUMNS)
        base, notes = count_base(sample, task.columns, min_complete=min_complete)
        require_regular(base, least=len(task.columns) + 1, predictors=len(task.columns) - 1)
        rows = None
        if bootstrap:
            rows, note = collect_rows(sample, base, method="bootstrap")
            notes.append(note)
    parts = _Parts(base.groups)
    for g in range(len(base.groups)):
        found = Moments._make(part[g] for part in base.moments)
        resampled = None if rows is None else rows.resampled(g, replicates=bootstrap, seed=task.seed)
        _group(task, parts, found, float(base.n[g]), float(base.rows[g]), resampled)
    notes += _said(task, parts, bootstrap)
    return Drivers(
        parts.frame(parts.tables),
        tuple(dict.fromkeys(notes)),
        by=base.groups.names,
        outcome=outcome,
        fit=parts.frame(parts.fits),
        arrays=tuple(parts.arrays),
    )


@dataclass(eq=False)
class _Parts:
    """The tables, group by group."""

    groups: Groups
    tables: list[dict[str, Any]] = field(default_factory=list)
    fits: list[dict[str, Any]] = field(default_factory=list)
    arrays: list[tuple[Floats, ...]] = field(default_factory=list)
    most: tuple[float, str] = (1.0, "")
    unusable: int = 0

    def frame(self, pieces: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        tables = [pd.DataFrame(columns) for columns in pieces]
        if not self.groups.names:
            return tables[0]
        rows = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
        keys = self.groups.frame().iloc[rows].reset_index(drop=True)
        return pd.concat([keys, pd.concat(tables, ignore_index=True)], axis=1)


class _Whole(NamedTuple):
    """What the whole sample of a group says."""

    estimate: Floats
    first: Floats
    last: Floats
    r_squared: float
    base: float
    sampling_error: Floats
    more: tuple[Floats, ...]


def _whole_of(task: Task, matrix: Floats, rng: np.random.Generator) -> _Whole:
    if task.method == "lmg" and len(task.names) <= _MOST_COMPARED:
        found = lmg_by_size(matrix, groups=task.blocks, controls=task.held)
        owner = np.full(len(matrix) - 1, -1.0)
        for number, block in enumerate(task.blocks):
            owner[block] = number
        more = (found.by_size, matrix, owner)
        alone, beside = found.by_size[:, 0], found.by_size[:, -1]
        total, base = float(found.r_squared), float(found.base)
        return _Whole(found.contribution, alone, beside, total, base, np.zeros(len(alone)), more)
    exact = task.divide(matrix, rng=rng)
    first, last = (task.divide(matrix, method=method).contribution for method in ("first", "last"))
    return _Whole(exact.contribution, first, last, float(exact.r_squared), float(exact.base), exact.sampling_error, ())


def _group(task: Task, parts: _Parts, found: Moments, n: float, rows: float, resampled: Moments | None) -> None:
    matrix = correlate(found.covariance)
    rng = np.random.default_rng(task.seed)
    whole = _whole_of(task, matrix, rng)
    several = np.array([len(block) > 1 for block in task.blocks])
    lead = [block[0] for block in task.blocks]
    inverse = np.linalg.inv(matrix[:-1, :-1])
    standard = np.where(several, np.nan, (inverse @ matrix[:-1, -1])[lead])
    deviation = np.sqrt(np.diagonal(found.covariance))
    inflation = np.maximum(np.diagonal(inverse), 1.0)
    vif = np.array([inflation[block].max() for block in task.blocks]) if several.any() else inflation[lead]
    if vif.max() > parts.most[0]:
        parts.most = float(vif.max()), task.names[int(np.argmax(vif))]
    limits: Mapping[str, Any] = _NO_LIMITS
    resamples = None
    if resampled is not None:
        again = task.divide(correlate(resampled.covariance), rng=rng, permutations=_RESAMPLED_ORDERS).contribution
        usable = np.asarray(np.isfinite(again).all(axis=1))
        parts.unusable += int((~usable).sum())
        _require_usable(usable)
        resamples = Resamples(again[usable], task.level)
        limits = _limits(resamples)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = whole.estimate / whole.estimate.sum()
    size = len(lead)
    table = {
        "metric": pd.Index([task.method] * size, dtype=object),
        "item": pd.Index(task.names, dtype=object),
        "estimate": whole.estimate,
        "share": shares,
        **limits,
        "rank": ranks(whole.estimate).astype(np.int64),
        "coefficient": standard * deviation[-1] / deviation[lead],
        "standardised": standard,
        "first": whole.first,
        "last": whole.last,
        "vif": vif,
        "sampling_error": whole.sampling_error,
        "n": _whole(n),
        "level": task.level,
        "method": pd.Index(["none" if resamples is None else "bootstrap-percentile"] * size, dtype=object),
        "unit": pd.Index(["share"] * size, dtype=object),
    }
    parts.tables.append({name: table[name] for name in DRIVER_COLUMNS})
    parts.arrays.append((whole.estimate[None], difference_array(whole.estimate, resamples), *whole.more))
    kept = 0 if resamples is None else len(resamples.contribution)
    parts.fits.append(_fit(task, matrix, whole.r_squared, whole.base, n, rows, kept))


def _limits(resamples: Resamples) -> dict[str, Floats]:
    again = resamples.contribution
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = again / again.sum(axis=1, keepdims=True)
    limits = {"std_error": again.std(axis=0, ddof=1), "share_std_error": shares.std(axis=0, ddof=1)}
    for prefix, values in (("", again), ("share_", shares), ("rank_", ranks(again))):
        limits[f"{prefix}low"], limits[f"{prefix}high"] = resamples.limits(values, whole=prefix == "rank_")
    return limits


def _fit(
    task: Task, matrix: Floats, r_squared: float, base: float, n: float, rows: float, replicates: int
) -> dict[str, Any]:
    predictors = len(task.columns) - 1
    probe = np.nan
    if replicates and (task.method != "lmg" or len(task.items) < EXACT_LIMIT):
        rng = np.random.default_rng([task.seed, 1])
        draws = 200 if len(task.items) <= 12 or task.method != "lmg" else 20
        probe = float(
            np.nanquantile(
                probe_importance(matrix, n=n, rng=rng, draws=draws, method=task.method, controls=task.held), 0.95
            )
        )
    explained = r_squared - base
    return {
        "r_squared": [r_squared],
        "r_squared_controls": [base],
        "adjusted": [1 - (1 - r_squared) * (n - 1) / (n - predictors - 1)],
        "probe": [probe],
        "probe_share": [probe / explained if explained > 0 else np.nan],
        "rows": [_whole(rows)],
        "n": [_whole(n)],
        "complete": [n / rows],
        "replicates": [replicates],
    }


def _require_usable(usable: npt.NDArray[np.bool_]) -> None:
    if usable.mean() < 0.5 or usable.sum() < 20:
        msg = (
            f"{int((~usable).sum()):,} of {len(usable):,} resamples have constant or perfectly collinear items, too many for "
            "intervals: use fewer items or more answers, or bootstrap=0"
        )
        raise CemkitError(msg)


def _said(task: Task, parts: _Parts, bootstrap: int) -> list[Assumption]:
    notes = [Assumption("association-not-effect")]
    if bootstrap:
        notes.append(Assumption("bootstrap-percentile", {"replicates": bootstrap, "seed": str(task.seed)}))
    else:
        notes.append(Assumption("no-resamples"))
    if parts.unusable:
        notes.append(Assumption("singular-resamples", {"replicates": parts.unusable}))
    if parts.most[0] > _FRAGILE:
        notes.append(Assumption("collinear-drivers", {"vif": parts.most[0], "item": parts.most[1]}))
    if task.method == "lmg" and len(task.names) > EXACT_LIMIT:
        notes.append(Assumption("sampled-orders", {"items": len(task.names), "seed": str(task.seed)}))
    return notes


def _whole(value: float) -> Any:
    return int(value) if np.isfinite(value) else np.nan


def _is_correlation(data: Any) -> bool:
    if not isinstance(data, pd.DataFrame) or data.shape[0] != data.shape[1] or not data.index.equals(data.columns):
        return False
    values = data.to_numpy(dtype=np.float64, na_value=np.nan)
    return bool(np.allclose(values, values.T) and np.allclose(np.diagonal(values), 1))


def _given(data: pd.DataFrame, task: Task) -> Base:
    for argument, names in (("items", task.items), ("controls", task.controls), ("outcome", [task.outcome])):
        for name in names:
            if name not in data.columns:
                msg = (
                    f"{argument}={name!r}: the correlation matrix has no such column.{did_you_mean(name, data.columns)}"
                )
                raise ColumnError(msg)
    matrix = data.loc[list(task.columns), list(task.columns)].to_numpy(dtype=np.float64)
    unknown = np.array([np.nan])
    moments = Moments(np.zeros((1, len(matrix))), matrix[None], unknown)
    return Base(Groups((), ((),)), task.columns, unknown, np.full((1, len(matrix)), np.nan), unknown, moments)
