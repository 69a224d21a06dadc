"""What drives an outcome: each item's part of the explained variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

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
from cemkit.csi.driver_tables import DRIVER_COLUMNS, Drivers, Resamples, difference_table, ranks
from cemkit.csi.driver_task import Task, driver_task
from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.results import Assumption
from cemkit.statistics.importance import (
    EXACT_LIMIT,
    ImportanceMethod,
    dominance,
    probe_importance,
)
from cemkit.statistics.moments import Moments, correlate
from cemkit.statistics.predictors import standardised_coefficients, variance_inflation
from cemkit.tables.design import Design
from cemkit.tables.groups import Groups
from cemkit.typing import Frame

__all__ = ["DRIVER_COLUMNS", "Drivers", "drivers"]

Floats = npt.NDArray[np.float64]
_FRAGILE = 5.0
_MOST_COMPARED = 16  # all pairs in all subsets take longer than all else together beyond
_LIMITS = tuple(f"{prefix}{name}" for prefix in ("", "share_", "rank_") for name in ("std_error", "low", "high"))


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
    items, beyond which 2000 random orders and their reverses are, with the error that this has.

    Lindeman, Merenda & Gold (1980); Johnson (2000); Zuber & Strimmer (2011); Azen & Budescu (2003).

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import csi
    >>> answers = pd.DataFrame({"staff": [1, 2, 3, 4, 5, 3], "price": [2, 1, 4, 3, 5, 2], "overall": [1, 2, 4, 4, 5, 3]})
    >>> found = csi.drivers(answers, outcome="overall", items=["staff", "price"])
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
        _group(task, parts, g, found, float(base.n[g]), float(base.rows[g]), resampled)
    notes += _said(task, parts, bootstrap)
    return Drivers(
        parts.frame("table"),
        tuple(dict.fromkeys(notes)),
        by=base.groups.names,
        outcome=outcome,
        fit=parts.frame("fit"),
        differences=parts.frame("differences"),
        dominance=parts.frame("dominance"),
        conditional=parts.frame("conditional"),
    )


@dataclass(eq=False)
class _Parts:
    """The tables, group by group."""

    groups: Groups
    pieces: dict[str, list[tuple[int, Mapping[str, Any]]]] = field(default_factory=dict)
    most: tuple[float, str] = (1.0, "")
    unusable: int = 0

    def add(self, part: str, group: int, columns: Mapping[str, Any]) -> None:
        self.pieces.setdefault(part, []).append((group, columns))

    def frame(self, part: str) -> pd.DataFrame:
        pieces = self.pieces.get(part, [])
        tables = [pd.DataFrame(dict(columns)) for _, columns in pieces]
        if not self.groups.names or not tables:
            return tables[0] if tables else pd.DataFrame()
        rows = np.repeat([group for group, _ in pieces], [len(table) for table in tables])
        keys = self.groups.frame().iloc[rows].reset_index(drop=True)
        return pd.concat([keys, pd.concat(tables, ignore_index=True)], axis=1)


def _group(
    task: Task, parts: _Parts, group: int, found: Moments, n: float, rows: float, resampled: Moments | None
) -> None:
    matrix = correlate(found.covariance)
    rng = np.random.default_rng(task.seed)
    exact = task.divide(matrix, rng=rng)
    estimate, shares = exact.contribution, exact.share
    several = [len(block) > 1 for block in task.blocks]
    lead = [block[0] for block in task.blocks]
    standard = np.where(several, np.nan, standardised_coefficients(matrix)[lead])
    deviation = np.sqrt(np.diagonal(found.covariance))
    inflation = variance_inflation(matrix[:-1, :-1])
    vif = np.array([inflation[block].max() for block in task.blocks])
    if vif.max() > parts.most[0]:
        parts.most = float(vif.max()), task.names[int(np.argmax(vif))]
    nothing = np.full(len(lead), np.nan)
    limits = dict.fromkeys(_LIMITS, nothing)
    resamples = None
    if resampled is not None:
        again = task.divide(correlate(resampled.covariance), rng=rng).contribution
        usable = np.asarray(np.isfinite(again).all(axis=1))
        parts.unusable += int((~usable).sum())
        _require_usable(usable)
        resamples = Resamples(again[usable], task.level)
        limits = _limits(resamples)
    table = {
        "metric": task.method,
        "item": list(task.names),
        "estimate": estimate,
        "share": shares,
        **limits,
        "rank": ranks(estimate).astype(np.int64),
        "coefficient": standard * deviation[-1] / deviation[lead],
        "standardised": standard,
        "first": task.divide(matrix, method="first").contribution,
        "last": task.divide(matrix, method="last").contribution,
        "vif": vif,
        "sampling_error": exact.sampling_error,
        "n": _whole(n),
        "level": task.level,
        "method": "none" if resamples is None else "bootstrap-percentile",
        "unit": "share",
    }
    parts.add("table", group, {name: table[name] for name in DRIVER_COLUMNS})
    parts.add("differences", group, difference_table(task.names, estimate, resamples))
    kept = 0 if resamples is None else len(resamples.contribution)
    parts.add("fit", group, _fit(task, matrix, exact.r_squared, exact.base, n, rows, kept))
    if task.method == "lmg" and len(task.names) <= _MOST_COMPARED:
        _add_dominance(task, parts, group, matrix)


def _limits(resamples: Resamples) -> dict[str, Floats]:
    again = resamples.contribution
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = again / again.sum(axis=1, keepdims=True)
    limits = {"std_error": again.std(axis=0, ddof=1), "share_std_error": shares.std(axis=0, ddof=1)}
    for prefix, values in (("", again), ("share_", shares), ("rank_", ranks(again))):
        limits[f"{prefix}low"], limits[f"{prefix}high"] = resamples.limits(values, whole=prefix == "rank_")
    return limits


def _fit(
    task: Task, matrix: Floats, fitted: Floats, controls: Floats, n: float, rows: float, replicates: int
) -> dict[str, Any]:
    predictors = len(task.columns) - 1
    r_squared, base = float(fitted), float(controls)
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


def _add_dominance(task: Task, parts: _Parts, group: int, matrix: Floats) -> None:
    found = dominance(matrix, groups=task.blocks, controls=task.held)
    count = len(task.names)
    left, right = np.nonzero(~np.eye(count, dtype=bool))
    parts.add(
        "dominance",
        group,
        {
            "left": [task.names[i] for i in left],
            "right": [task.names[i] for i in right],
            "complete": found.complete[left, right],
            "conditional": found.conditional[left, right],
            "general": found.general[left, right],
        },
    )
    item, size = np.indices((count, count)).reshape(2, -1)
    parts.add(
        "conditional",
        group,
        {"item": [task.names[i] for i in item], "size": size, "estimate": found.by_size[item, size]},
    )


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
