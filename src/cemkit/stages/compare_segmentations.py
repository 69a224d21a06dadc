"""Which way of dividing customers predicts an outcome better, on customers it has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level, sample
from cemkit.results import COMPARISON_COLUMNS, Assumption, Comparison
from cemkit.scales import PERCENT
from cemkit.stages.segment import Segmentation
from cemkit.statistics._arguments import check_method, check_seed, critical_value
from cemkit.statistics.held_out import Loss, assign_folds, held_out_losses
from cemkit.statistics.multiplicity import ADJUSTMENTS, Adjustment
from cemkit.statistics.multiplicity import adjust as adjust_p_values
from cemkit.statistics.regression import design_covariance
from cemkit.tables.binding import Bound, bind
from cemkit.tables.design import Design
from cemkit.tables.design_rows import DesignRows, design_rows
from cemkit.tables.groups import group_rows
from cemkit.tables.nearest import with_highest
from cemkit.typing import Frame

__all__ = ["compare_segmentations"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Divided = str | Sequence[str] | Segmentation
_NONE = "none"


def compare_segmentations(
    data: Frame,
    *,
    segmentations: Mapping[str, Divided],
    outcome: str,
    folds: int = 5,
    loss: Loss = "squared",
    adjust: Adjustment = "holm",
    design: Design | None = None,
    level: float = 0.95,
    seed: int | None = None,
) -> Comparison:
    r"""Compare how well segmentations predict an outcome out of sample.

    Parameters
    ----------
    data : frame
        A row per customer, in any supported engine; the outcome, the segments and the design's columns are collected.
    segmentations : dict
        ``{name: column}``, ``{name: [columns]}`` (their combinations), or ``{name: Segmentation}``, which is assigned first. A null is a
        segment of its own.
    outcome : str
        Number column; 0 and 1 for a share.
    folds : int
        Parts into which customers are divided.
    loss : {"squared", "log"}
        Squared error (R², or Brier skill for 0 and 1), or the log loss of 0 and 1.
    adjust : {"holm", "bh", "by", "none"}
        Adjustment of the p-values for the number of rows.
    design : Design, optional
        Weights, strata, clusters. Customers who repeat are clusters, each in one fold.
    level : float
        Level of the intervals.
    seed : int, optional
        Seed of the folds. None is 0.

    Returns
    -------
    Comparison
        Rows against ``"none"`` (the mean of all) are each segmentation's own gain; the others compare two of them.

    Raises
    ------
    CemkitError
        If a column is absent, the outcome does not vary, is itself a segmentation or a feature of one, or there are fewer
        customers than folds.

    Notes
    -----
    Gain: 1 − Σ loss/Σ loss of the mean of all, each prediction from the other folds. The variance of a difference of gains is that
    of the mean of paired differences of rows (clusters), times 1 + folds/(folds − 1), since the folds' means share rows (Nadeau
    and Bengio, 2003); t intervals. Gains are those of segments' means made on (folds − 1)/folds of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from cemkit.stages import compare_segmentations
    >>> rng = np.random.default_rng(0)
    >>> use, age = rng.integers(0, 3, 600), rng.integers(0, 4, 600)
    >>> data = pd.DataFrame({"use": use, "age": age, "spend": 10.0 * use + rng.normal(size=600)})
    >>> found = compare_segmentations(data, segmentations={"age": "age", "use": "use"}, outcome="spend").to_frame()
    >>> found[["group", "reference"]].values.tolist()
    [['age', 'none'], ['use', 'none'], ['use', 'age']]
    >>> bool(found["low"].iloc[2] > 0.9)
    True
    """
    check_level(level)
    check_method(loss, ("squared", "log"))
    check_method(adjust, ADJUSTMENTS)
    if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
        msg = f"folds must be a whole number of at least 2, got {folds!r}"
        raise CemkitError(msg)
    bound = bind(data)
    bound.require_number(outcome, "outcome")
    bound, columns = _columns(bound, segmentations, outcome)
    every = list(dict.fromkeys(name for parts in columns.values() for name in parts))
    settled = sample(bound, score=outcome, scale=PERCENT, design=design, extra=every, reserved=(), invalid="count")
    rows = design_rows(settled.bound, [outcome], keys=every, design=settled.design)
    y, n = rows.values[:, 0], len(rows.values)
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    _check_outcome(y, outcome, loss, binary=binary)
    weight = np.ones(n) if rows.weights is None else rows.weights
    codes = {name: group_rows({part: rows.keys[part] for part in parts}, parts)[1] for name, parts in columns.items()}
    unit = np.arange(n) if rows.cluster is None else rows.cluster
    units = int(unit.max()) + 1
    if units < folds:
        msg = f"folds={folds} needs at least as many customers, found {units}: use fewer folds"
        raise CemkitError(msg)
    rank = np.empty(n, dtype=np.intp)
    rank[np.lexsort([*codes.values(), weight, y])] = np.arange(n)
    fold = assign_folds(unit, rank, folds=folds, rng=np.random.default_rng(check_seed(seed)))
    losses = {name: held_out_losses(y, group, fold, weight, folds=folds, loss=loss) for name, group in codes.items()}
    metric = "r_squared" if not binary else "brier_skill" if loss == "squared" else "log_skill"
    table = _table(losses, rows, weight, metric=metric, folds=folds, level=level, adjust=adjust)
    kept = [note for note in settled.assumptions if note.code == "customers-are-clusters"]
    notes = [*kept, Assumption("held-out-folds", {"folds": folds})]
    if n < rows.total:
        notes.append(
            Assumption("complete-rows", {"rows": n, "total": rows.total, "share": n / rows.total, "columns": 1})
        )
    unknown = [
        name for name, parts in columns.items() if any(v is None or v != v for part in parts for v in rows.keys[part])
    ]
    if unknown:
        notes.append(Assumption("unknown-segments", {"names": ", ".join(unknown)}))
    if len(table) > 1 and adjust != "none":
        notes.append(Assumption("adjusted-p-values", {"comparisons": len(table), "method": adjust}))
    notes.append(
        Assumption("collected-rows", {"method": "compare_segmentations", "columns": outcome, "rows": rows.total})
    )
    return Comparison(table, tuple(notes))


def _columns(bound: Bound, given: Any, outcome: str) -> tuple[Bound, dict[str, tuple[str, ...]]]:
    """Return the columns of every segmentation; those of a model are made."""
    if not isinstance(given, Mapping) or not given:
        msg = f"segmentations must be {{name: column or Segmentation}} with at least one, got {type(given).__name__}"
        raise CemkitError(msg)
    found: dict[str, tuple[str, ...]] = {}
    for i, (name, divided) in enumerate(given.items()):
        if not isinstance(name, str) or name == _NONE:
            msg = (
                f"segmentations has the name {name!r}: use text other than {_NONE!r}, which stands for the mean of all"
            )
            raise CemkitError(msg)
        used = (
            divided.features
            if isinstance(divided, Segmentation)
            else (divided,)
            if isinstance(divided, str)
            else tuple(divided)
        )
        if outcome in used:
            msg = f"outcome={outcome!r} is part of the segmentation {name!r}, which would predict it by itself: leave it out of one"
            raise CemkitError(msg)
        if isinstance(divided, Segmentation):
            made = f"_r_g{i}"
            for column in used:
                bound.require(column, f"segmentations[{name!r}]")
            bound = with_highest(bound, divided.scores, name=made, probability=None)
            used = (made,)
        if not used:
            msg = f"segmentations[{name!r}] names no column"
            raise CemkitError(msg)
        found[name] = tuple(bound.require_key(column, f"segmentations[{name!r}]") for column in used)
    return bound, found


def _check_outcome(y: Floats, outcome: str, loss: Loss, *, binary: bool) -> None:
    if len(y) < 4 or not np.ptp(y) > 0:
        msg = f"outcome={outcome!r} has {len(y):,} values, none of them different from the others: there is nothing to predict"
        raise CemkitError(msg)
    if loss == "log" and not binary:
        msg = f"loss='log' needs an outcome of 0 and 1, {outcome!r} has others (the largest is {y.max():g}): use loss='squared'"
        raise CemkitError(msg)


def _table(
    losses: Mapping[str, tuple[Floats, Floats]],
    rows: DesignRows,
    weight: Floats,
    *,
    metric: str,
    folds: int,
    level: float,
    adjust: Adjustment,
) -> pd.DataFrame:
    from scipy.special import stdtr

    base = next(iter(losses.values()))[1]
    total = weight @ base
    gain = {_NONE: 0.0, **{name: float(1 - weight @ own / total) for name, (own, _) in losses.items()}}
    own = {_NONE: base, **{name: loss for name, (loss, _) in losses.items()}}
    # the folds' training rows overlap: Nadeau and Bengio's (1/J + n₂/n₁) against 1/J
    correction = 1 + folds / (folds - 1)
    pairs = [(name, _NONE) for name in losses] + [(b, a) for a, b in combinations(losses, 2)]
    found = []
    for group, reference in pairs:
        difference = gain[group] - gain[reference]
        influence = weight * (own[reference] - own[group] - difference * base) / total
        covariance, free = design_covariance(influence[:, None], rows.cluster, rows.stratum, rows.population)
        error, df = float(np.sqrt(correction * max(covariance[0, 0], 0.0))), float(free)
        half = float(critical_value(level, df)) * error
        statistic = difference / error if error > 0 else np.nan
        found.append({
            "metric": metric, "group": group, "reference": reference, "estimate_group": gain[group],
            "estimate_reference": gain[reference], "difference": difference, "std_error": error, "low": difference - half,
            "high": difference + half, "statistic": statistic, "df": df, "p_value": float(2 * stdtr(df, -abs(statistic))),
            "n_group": len(base), "n_reference": len(base), "level": float(level), "method": "nadeau-bengio-t", "unit": "share",
            "suppressed": False,
        })  # fmt: skip
    table = pd.DataFrame(found)
    table["p_adjusted"] = adjust_p_values(table["p_value"].to_numpy(), method=adjust)
    text = dict.fromkeys(("metric", "group", "reference", "method", "unit"), object)
    return table.astype(text)[list(COMPARISON_COLUMNS)]
