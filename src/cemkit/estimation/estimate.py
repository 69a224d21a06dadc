"""Estimates of a column by group, under any design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.counted import Counted, count
from cemkit.estimation.intervals import Inference, independent, require_method, under_design
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, Sample, check_level, sample
from cemkit.estimation.suppression import suppressed_groups, suppression_note
from cemkit.estimation.variance import Linearised, Variance
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.tables.design import Design
from cemkit.tables.row_moments import RowMoments
from cemkit.typing import Frame

__all__ = ["Answer", "answer", "answer_table", "estimate", "variance_of"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answer:
    """What was counted and inferred, before it becomes a result."""

    sample: Sample
    counted: Counted
    inference: Inference
    variance: Variance | None
    hidden: npt.NDArray[np.bool_]
    assumptions: tuple[Assumption, ...]


def estimate(
    data: Frame,
    measure: Measure,
    *,
    score: str,
    question: str | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    level: float = 0.95,
    method: str | None = None,
    invalid: Invalid = "raise",
    min_base: int | None = None,
    target: float | None = None,
    levels: Any = None,
    seed: int | None = None,
) -> Estimates:
    """Estimate a measure of the column ``score`` in every group.

    Parameters
    ----------
    data
        A table of any supported engine, or a :class:`~cemkit.estimation.Sample`.
    measure
        The statistic and its scale.
    score
        The column of answers.
    question
        Where the table has a ``question`` column, the rows to use.
    by
        Grouping columns. A null is a group of its own.
    design
        How the answers were drawn.
    level
        Level of the intervals.
    method
        Interval method, recorded in the result.
    invalid
        ``"raise"``, or ``"count"`` to leave out answers outside the scale and count them.
    min_base
        Hide groups with fewer distinct customers.
    target
        Give the probability that the true value is at least this, in ``.targets``.
    levels
        Order of the groups.
    seed
        Seed of the methods that draw random numbers.
    """
    rows = sample(
        data, score=score, scale=measure.scale, by=by, question=question, design=design, invalid=invalid, levels=levels
    )
    found = answer(rows, measure, level=level, method=method, min_base=min_base, seed=seed)
    groups = found.counted.groups
    table = answer_table(found, measure, level)
    bands = _bands(found, measure, level)
    targets = _targets(found, measure, target)
    notes = list(found.assumptions)
    if target is not None:
        notes.append(Assumption("target-probability"))
    return Estimates(table, tuple(notes), by=groups.names, bands=bands, targets=targets)


def answer(
    rows: Sample,
    measure: Measure,
    *,
    level: float,
    method: str | None,
    min_base: int | None,
    seed: int | None,
    moments: RowMoments | None = None,
) -> Answer:
    """Count (unless ``moments`` were counted before), infer and decide what to hide."""
    check_level(level)
    counted = count(rows, measure, bases=min_base is not None, moments=moments)
    variance = variance_of(rows, measure, counted, seed=seed)
    if variance is None:
        chosen = require_method(measure, method, with_design=False)
        inference = independent(counted, measure, level=level, method=chosen, seed=seed)
        notes = inference.assumptions
    else:
        chosen = require_method(measure, method, with_design=True)
        ratios = variance.ratios(measure.numerator, measure.denominator)
        inference = under_design(counted, measure, ratios, level=level, method=chosen, name=variance.name)
        notes = (*variance.assumptions, *inference.assumptions)
    hidden = suppressed_groups(counted.groups.keys, counted.bases, min_base)
    notes = (*rows.assumptions, *counted.assumptions, *notes, *suppression_note(hidden, counted.bases, min_base))
    return Answer(rows, counted, inference, variance, hidden, tuple(dict.fromkeys(notes)))


def variance_of(rows: Sample, measure: Measure, counted: Counted, *, seed: int | None) -> Variance | None:
    """Return where the variances come from; None for independent, equally weighted answers."""
    design = rows.design
    if design is None:
        return None
    if design.replicates is not None or design.variance != "linearised":
        from cemkit.estimation.replicates import replicated

        return replicated(rows, measure, counted, seed=seed)
    if design.calibration is not None:
        from cemkit.estimation.calibrated import Calibrated

        return Calibrated(rows, measure, counted)
    return Linearised(rows, measure, counted)


def answer_table(found: Answer, measure: Measure, level: float) -> pd.DataFrame:
    """Return a row of the columns of estimates per group; what is hidden is NaN or null."""
    counted, inference, hidden = found.counted, found.inference, found.hidden
    size = len(counted.groups)

    def shown(values: Floats) -> Floats:
        return np.where(hidden | (counted.n == 0), np.nan, values)

    def whole(values: Floats) -> Any:
        integers = values.astype(np.int64)
        return pd.arrays.IntegerArray(integers, hidden.copy())

    columns: dict[str, Any] = {
        "metric": _text([measure.name] * size),
        "estimate": shown(inference.estimate),
        "std_error": shown(inference.std_error),
        "low": shown(inference.low),
        "high": shown(inference.high),
        "level": np.full(size, float(level)),
        "method": _text([inference.method] * size),
        "unit": _text([measure.unit] * size),
        "n": whole(counted.n),
        "missing": whole(counted.missing),
        "invalid": whole(counted.invalid),
        "n_eff": shown(inference.n_eff),
        "df": shown(inference.df),
        "suppressed": hidden,
    }
    return pd.DataFrame({**counted.groups.columns(), **{c: columns[c] for c in ESTIMATE_COLUMNS}})


def _text(values: list[str]) -> pd.Index:
    """Return a column of objects; as an index, so that pandas neither aligns it nor guesses its type."""
    return pd.Index(values, dtype=object)


def _bands(found: Answer, measure: Measure, level: float) -> pd.DataFrame:
    """Return the share of every band with its interval: Wilson for independent answers, logit under a design."""
    if measure.statistic == "mean":
        return pd.DataFrame()
    from cemkit.statistics.proportions import logit_interval, proportion_interval

    counted, names = found.counted, measure.scale.band_names
    size, width = len(counted.groups), len(names)
    shares = np.empty((4, size, width))
    method = "wilson" if found.variance is None else f"{found.variance.name}-logit"
    for k in range(width):
        count_k = counted.counts[:, k]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = count_k / counted.n
            std_error = np.sqrt(share * (1 - share) / counted.n)
        low, high = proportion_interval(count_k, counted.n, level=level, method="wilson")
        if found.variance is not None:
            unit = np.zeros(width)
            unit[k] = 1.0
            ratios = found.variance.ratios(unit, measure.denominator)
            share, std_error = ratios.estimate, np.sqrt(ratios.variance)
            inner = (share > 0) & (share < 1) & (ratios.df >= 1)
            edge_low, edge_high = low, high
            with np.errstate(divide="ignore", invalid="ignore"):
                low, high = logit_interval(share, std_error, ratios.df, level=level)
            low, high = np.where(inner, low, edge_low), np.where(inner, high, edge_high)
        shares[:, :, k] = share, std_error, low, high
    shares[:, found.hidden | (counted.n == 0)] = np.nan
    n = np.rint(counted.counts).astype(np.int64).reshape(-1)
    return pd.DataFrame(
        {
            **counted.groups.columns(times=width),
            "metric": _text([measure.name] * (size * width)),
            "band": _text(list(names) * size),
            "n": pd.arrays.IntegerArray(n, np.repeat(found.hidden, width)),
            **{
                label: values.reshape(-1)
                for label, values in zip(("share", "std_error", "low", "high"), shares, strict=True)
            },
            "level": np.full(size * width, float(level)),
            "method": _text([method] * (size * width)),
        }
    )


def _targets(found: Answer, measure: Measure, target: float | None) -> pd.DataFrame:
    if target is None:
        return pd.DataFrame()
    bottom, top = measure.limits
    if not isinstance(target, int | float) or not bottom <= target <= top:
        msg = f"target must lie on the scale of {measure.name!r}, {bottom:g} to {top:g}, got {target!r}"
        raise CemkitError(msg)
    counted = found.counted
    probability = _probability_at_least(found, measure, float(target))
    size = len(counted.groups)
    blank = found.hidden | (counted.n == 0)
    return pd.DataFrame(
        {
            **counted.groups.columns(),
            "metric": _text([measure.name] * size),
            "target": np.full(size, float(target)),
            "probability": np.where(blank, np.nan, probability),
        }
    )


def _probability_at_least(found: Answer, measure: Measure, target: float) -> Floats:
    """Jeffreys posterior of counts; under a design, of the weighted shares at the effective size."""
    counted, inference = found.counted, found.inference
    if measure.statistic == "mean":
        from scipy.special import ndtr, stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            z = (inference.estimate - target) / inference.std_error
        finite = np.where(np.isfinite(inference.df) & (inference.df > 0), inference.df, 1.0)
        return np.where(np.isfinite(inference.df), stdtr(finite, z), ndtr(z))
    from cemkit.statistics.multinomial import net_probability_at_least
    from cemkit.statistics.proportions import proportion_probability_at_least

    counts = counted.counts
    if found.variance is not None:
        shares = [found.variance.ratios(unit, measure.denominator).estimate for unit in np.eye(counts.shape[1])]
        counts = np.column_stack(shares) * inference.n_eff[:, None]
    size = counts.sum(axis=1)
    share = target / measure.factor
    if measure.statistic == "top":
        return np.asarray(proportion_probability_at_least(counts[:, -1], size, share))
    middle = np.maximum(size - counts[:, 0] - counts[:, -1], 0.0)
    return np.asarray(net_probability_at_least(counts[:, 0], middle, counts[:, -1], share))
