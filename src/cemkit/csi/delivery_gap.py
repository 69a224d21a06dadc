"""The delivery gap: what a company's people believe they deliver, against what customers say they got."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation import Measure, sample
from cemkit.estimation.estimate import Answer, answer
from cemkit.estimation.intervals import positive_std_error
from cemkit.results import COMPARISON_COLUMNS, Assumption, Comparison
from cemkit.scales import Scale
from cemkit.statistics.differences import SHARE_PSEUDO, Moments, mean_difference
from cemkit.statistics.multiplicity import adjust as adjust_p_values
from cemkit.tables.binding import bind, column_names
from cemkit.tables.design import Design
from cemkit.typing import Frame

__all__ = ["delivery_gap"]

Floats = npt.NDArray[np.float64]


def delivery_gap(
    provider: Frame,
    customers: Frame,
    *,
    score: str = "score",
    scale: Scale | None = None,
    top: float | None = None,
    by: str | Sequence[str] | None = None,
    provider_design: Design | None = None,
    design: Design | None = None,
    level: float = 0.95,
) -> Comparison:
    """Compare the company's own judgement of its delivery with that of its customers.

    Parameters
    ----------
    provider, customers : frame
        A row per answer: of the company's people about their own delivery, and of customers about what they got. The
        engines may differ.
    score : str
        Column of answers, on the same scale on both sides.
    scale : Scale
        That scale; it has to be given.
    top : float, optional
        The lowest point that counts as top (the highest, where lower is better). By default the scale's best band.
    by : str or list of str, optional
        Columns that both tables have, such as the touchpoint.
    provider_design, design : Design, optional
        How the provider's answers, and the customers', were drawn.
    level : float
        Level of the intervals.

    Returns
    -------
    Comparison
        Two rows per group, ``metric`` ``top_share`` (0 to 1) and ``mean`` (in the scale's unit): ``group`` is
        ``provider``, ``reference`` is ``customers``, and a positive difference says that the company thinks better of
        itself than its customers do. ``n_group`` and ``n_reference`` are the two denominators.

    Raises
    ------
    CemkitError
        If no scale is given, it has no bands and ``top`` is not given, ``top`` is no point of it, a column is absent, or no group
        is on both sides.

    Notes
    -----
    The two populations differ and so do the units: employees (or firms) on one side, customers on the other. Independent
    samples: for shares the adjusted Wald interval (Agresti and Caffo, 2000), for means Welch's t. Under a design on either side the
    errors of both sides are added in squares, with Satterthwaite's degrees of freedom.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.delivery_gap import delivery_gap
    >>> from cemkit.scales import CSAT_5
    >>> company = pd.DataFrame({"score": [5, 4, 4, 5, 3]})
    >>> customers = pd.DataFrame({"score": [3, 4, 2, 5, 1, 2, 3, 2]})
    >>> delivery_gap(company, customers, scale=CSAT_5).to_frame()[["metric", "difference"]].values.tolist()
    [['top_share', 0.55], ['mean', 1.45]]
    """
    if scale is None:
        msg = "a delivery gap needs the scale of the answers: give scale=, for example cemkit.CSAT_5"
        raise CemkitError(msg)
    within = column_names(by, reserved=COMPARISON_COLUMNS)
    boxes = _with_top(scale, top)
    measures = (Measure("top_share", boxes, "top", unit="share"), Measure("mean", scale, "mean", unit="scale"))
    tables: list[pd.DataFrame] = []
    notes: list[Assumption] = []
    for measure in measures:
        sides = []
        for what, frame, drawn in (("provider", provider, provider_design), ("customers", customers, design)):
            rows = sample(bind(frame, what=what), score=score, scale=measure.scale, by=within, design=drawn)
            sides.append(answer(rows, measure, level=level, method=None, min_base=None, seed=None))
        ours, theirs, lonely = _shared(sides[0], sides[1], within)
        tables.append(_rows(sides[0], sides[1], ours, theirs, measure, level))
        notes = [*sides[0].assumptions, *sides[1].assumptions, *notes]
        if lonely:
            notes.append(Assumption("one-sided-groups", {"groups": lonely}))
    table = pd.concat([t.assign(_place=np.arange(len(t))) for t in tables], ignore_index=True)
    table = table.sort_values("_place", kind="stable", ignore_index=True)
    table["p_adjusted"] = np.nan
    for measure in measures:
        own = (table["metric"] == measure.name).to_numpy()
        table.loc[own, "p_adjusted"] = adjust_p_values(table.loc[own, "p_value"].to_numpy(), method="holm")
    counted = table[table["metric"] == "mean"]
    totals = {"provider": int(counted["n_group"].sum()), "customers": int(counted["n_reference"].sum())}
    notes.insert(0, Assumption("two-populations", totals))
    if len(counted) > 1:
        notes.append(Assumption("adjusted-p-values", {"comparisons": len(counted), "method": "holm"}))
    return Comparison(table[[*within, *COMPARISON_COLUMNS]], tuple(dict.fromkeys(notes)), by=within)


def _with_top(scale: Scale, top: float | None) -> Scale:
    """Return the scale with two bands, the top and the rest."""
    if top is None:
        if len(scale.band_names) < 2:
            msg = f"the scale {scale.low:g} to {scale.high:g} has no bands, so its top box is unknown: give top="
            raise CemkitError(msg)
        return scale
    better = scale.direction == "higher-is-better"
    first, last = (scale.low + (scale.step or 0), scale.high) if better else (scale.low, scale.high - (scale.step or 0))
    inside = isinstance(top, int | float) and first <= top <= last
    if scale.step is None or not inside or not scale.valid(np.array([top]))[0]:
        what = "needs a scale with points" if scale.step is None else f"must be a point from {first:g} to {last:g}"
        msg = f"top={top!r} {what}: give such a point, or a scale with bands"
        raise CemkitError(msg)
    if better:
        bands = {"rest": (scale.low, top - scale.step), "top": (float(top), scale.high)}
    else:
        bands = {"top": (scale.low, float(top)), "rest": (top + scale.step, scale.high)}
    return Scale(scale.low, scale.high, bands, scale.direction, scale.missing_codes, scale.step)


def _shared(
    ours: Answer, theirs: Answer, within: tuple[str, ...]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], int]:
    """Return the places, on either side, of the groups that both sides answered, in the customers' order."""
    place = {key: i for i, key in enumerate(ours.counted.groups.keys) if ours.counted.n[i] > 0}
    answered = {key: i for i, key in enumerate(theirs.counted.groups.keys) if theirs.counted.n[i] > 0}
    both = [key for key in answered if key in place]
    if not both:
        msg = f"no group of {', '.join(map(repr, within))} has answers of both provider and customers: check the names on both sides"
        raise CemkitError(msg)
    lonely = len(place) + len(answered) - 2 * len(both)
    left, right = ([side[key] for key in both] for side in (place, answered))
    return np.array(left, dtype=np.intp), np.array(right, dtype=np.intp), lonely


def _rows(
    ours: Answer,
    theirs: Answer,
    left: npt.NDArray[np.intp],
    right: npt.NDArray[np.intp],
    measure: Measure,
    level: float,
) -> pd.DataFrame:
    size = len(left)
    if ours.variance is None and theirs.variance is None:
        share = measure.statistic == "top"
        method = "adjusted-wald" if share else "t"
        found = mean_difference(
            _moments(ours, measure, left),
            _moments(theirs, measure, right),
            level=level,
            method="adjusted-wald" if share else "t",
            pseudo=SHARE_PSEUDO,
            unbiased=True,
        )
        parts = found._asdict()
    else:
        method = (
            "linearised-t" if "linearised" in {v.name for v in (ours.variance, theirs.variance) if v} else "design-t"
        )
        parts = _added_errors(ours, theirs, left, right, measure, level)
    reach = measure.limits[1] - measure.limits[0]
    keys = theirs.counted.groups.columns()
    columns: dict[str, Any] = {
        **{name: pd.Series(column)[right].reset_index(drop=True) for name, column in keys.items()},
        "metric": pd.Index([measure.name] * size, dtype=object),
        "group": pd.Index(["provider"] * size, dtype=object),
        "reference": pd.Index(["customers"] * size, dtype=object),
        "estimate_group": ours.inference.estimate[left],
        "estimate_reference": theirs.inference.estimate[right],
        "difference": parts["estimate"],
        "std_error": parts["std_error"],
        "low": np.clip(parts["low"], -reach, reach),
        "high": np.clip(parts["high"], -reach, reach),
        "statistic": parts["statistic"],
        "df": parts["df"],
        "p_value": parts["p_value"],
        "n_group": pd.array(ours.counted.n[left].astype(np.int64), dtype="Int64"),
        "n_reference": pd.array(theirs.counted.n[right].astype(np.int64), dtype="Int64"),
        "level": np.full(size, float(level)),
        "method": pd.Index([method] * size, dtype=object),
        "unit": pd.Index([measure.unit] * size, dtype=object),
        "suppressed": np.zeros(size, dtype=bool),
    }
    return pd.DataFrame(columns)


def _moments(side: Answer, measure: Measure, places: npt.NDArray[np.intp]) -> Moments:
    counts, n = side.counted.counts[places], side.counted.n[places]
    mean = counts @ measure.numerator / n
    return Moments(mean, np.maximum(counts @ measure.square / n - mean**2, 0.0), n)


def _added_errors(
    ours: Answer,
    theirs: Answer,
    left: npt.NDArray[np.intp],
    right: npt.NDArray[np.intp],
    measure: Measure,
    level: float,
) -> dict[str, Floats]:
    """Return the difference of two estimates with designs of their own: errors added in squares, Satterthwaite's df."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    squares, free = [], []
    for side, places in ((ours, left), (theirs, right)):
        squares.append(positive_std_error(side.counted, measure, side.inference)[places] ** 2)
        df = side.inference.df[places]
        # Independent shares have no t of their own: their degrees of freedom are those of a mean.
        free.append(np.where(np.isfinite(df), df, np.maximum(side.counted.n[places] - 1, 1)))
    total = squares[0] + squares[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = total**2 / (squares[0] ** 2 / free[0] + squares[1] ** 2 / free[1])
    known = np.isfinite(df) & (df >= 1)
    estimate = ours.inference.estimate[left] - theirs.inference.estimate[right]
    error = np.where(known, np.sqrt(total), np.nan)
    usable = np.where(known, df, 1.0)
    quantile = np.where(known, stdtrit(usable, (1 + level) / 2), ndtri((1 + level) / 2))
    statistic = estimate / error
    p_value = np.where(known, 2 * stdtr(usable, -np.abs(statistic)), 2 * ndtr(-np.abs(statistic)))
    return {
        "estimate": estimate,
        "std_error": error,
        "low": estimate - quantile * error,
        "high": estimate + quantile * error,
        "statistic": statistic,
        "df": df,
        "p_value": p_value,
    }
