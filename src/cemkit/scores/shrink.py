"""Many small groups at once: each estimate is drawn towards what the groups have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.estimate import Answer, answer
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, check_level, sample
from cemkit.results import Assumption, Result
from cemkit.statistics.shrinkage import ShrunkenMeans
from cemkit.statistics.shrinkage import shrink as shrink_counts
from cemkit.tables.binding import column_names
from cemkit.tables.design import Design
from cemkit.tables.tally import rating_tally
from cemkit.typing import Frame

__all__ = ["SHRINKAGE_COLUMNS", "Shrinkage", "shrink"]

Floats = npt.NDArray[np.float64]

SHRINKAGE_COLUMNS = (
    "metric",
    "estimate",
    "std_error",
    "low",
    "high",
    "level",
    "method",
    "unit",
    "raw_estimate",
    "n",
    "n_eff",
    "rank_low",
    "rank_high",
    "best_probability",
    "worst_probability",
    "suppressed",
)
_METHOD = "dirichlet-multinomial"
_NOT_USED = frozenset({"all-alike", "collapsed-interval", "no-degrees-of-freedom"})
"""Notes on intervals that are not shown here."""
_STATUS_CODES = {"homogeneous": "homogeneous", "unidentified": "unidentified-spread", "single-group": "single-group"}


@dataclass(frozen=True, eq=False, repr=False)
class Shrinkage(Result):
    """Shrunken estimates, one row per group.

    ``to_frame()`` gives ``*by, metric, estimate, std_error, low, high, level, method, unit, raw_estimate, n, n_eff,
    rank_low, rank_high, best_probability, worst_probability, suppressed``: posterior mean, standard deviation and
    equal-tailed interval of the group's true value; the plain sample value; the interval of its rank (1 is the best)
    and the probabilities of being among the best or the worst ``best`` groups.

    Attributes
    ----------
    by
        The grouping columns.
    best
        How many groups count as the best, or as the worst.
    model
        One row: ``metric, groups, n_eff, concentration, mean, status``. The concentration is in answers: a group with
        as many is drawn half-way to ``mean``, the value of the groups' mean shares.
    """

    by: tuple[str, ...] = ()
    best: int = 1
    model: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Shrinkage"

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["level", "method", "n_eff", "suppressed"])

    def plot(self) -> Any:
        """Return an Altair chart: the groups with their intervals and ranks (extra ``report``)."""
        from cemkit.charts.ranking import ranking_chart

        return ranking_chart(self.table, by=self.by)


def shrink(
    data: Frame,
    measure: Measure,
    *,
    by: str | Sequence[str],
    best: int = 1,
    score: str = "score",
    question: str | None = None,
    design: Design | None = None,
    level: float = 0.95,
    invalid: Invalid = "raise",
    min_base: int | None = None,
    levels: Any = None,
    seed: int | None = 0,
) -> Shrinkage:
    """Draw many small groups towards the common mean; the arguments are those of :meth:`cemkit.scores.ScoreMetric.shrink`."""
    check_level(level)
    if isinstance(best, bool) or not isinstance(best, int) or best < 1:
        msg = f"best must be a whole number of at least 1, got {best!r}"
        raise CemkitError(msg)
    names = column_names(by, reserved=SHRINKAGE_COLUMNS)
    if not names:
        msg = "by must name the column of the groups that are to be drawn together"
        raise CemkitError(msg)
    if measure.statistic == "mean" and measure.scale.step is None:
        msg = (
            f"{measure.name!r} is a mean on a continuous scale, which has no categories to count: use a scale with a step, "
            "or score() for the plain means"
        )
        raise CemkitError(msg)
    rows = sample(
        data,
        score=score,
        scale=measure.scale,
        by=names,
        question=question,
        design=design,
        invalid=invalid,
        levels=levels,
    )
    found = answer(rows, measure, level=level, method=None, min_base=min_base, seed=seed)
    weight, values = _weights(found, measure)
    size = _effective(found)
    whole = weight.sum(axis=1)
    counts = weight * np.divide(size, whole, out=np.zeros_like(size), where=whole > 0)[:, None]
    # the highest value ranks first, so a scale on which lower is better is turned over and back
    turn = -1.0 if measure.unit == "scale" and measure.scale.direction == "lower-is-better" else 1.0
    shrunken = shrink_counts(counts, turn * values, rng=np.random.default_rng(seed), level=level, k=best)
    notes = [note for note in found.assumptions if note.code not in _NOT_USED]
    notes.append(Assumption("exchangeable"))
    if shrunken.status in _STATUS_CODES:
        notes.append(Assumption(_STATUS_CODES[shrunken.status]))
    if found.variance is not None:
        notes.append(Assumption("effective-counts"))
    # the model is of all groups together: one cell of its own, with a base of its own
    small = min_base is not None and bool(found.counted.bases.sum() < min_base)
    model = pd.DataFrame(
        {
            "metric": pd.Series([measure.name], dtype=object),
            "groups": [int((size > 0).sum())],
            "n_eff": [np.nan if small else float(size.sum())],
            "concentration": [np.nan if small else float(shrunken.concentration)],
            "mean": [np.nan if small else float(shrunken.mean_shares @ values)],
            "status": pd.Series([shrunken.status], dtype=object),
        }
    )
    return Shrinkage(
        _table(found, measure, shrunken, size, turn, level), tuple(notes), by=names, best=best, model=model
    )


def _weights(found: Answer, measure: Measure) -> tuple[Floats, Floats]:
    """Return the (weighted) counts of the categories per group up to a factor, and the categories' values in the unit of the measure."""
    if measure.statistic == "mean":
        points = measure.scale.points
        weight = _points(found, measure)
        values = measure.origin + measure.factor * (points - measure.scale.midpoint)
    else:
        weight = found.counted.counts
        if found.variance is not None:
            units = np.eye(weight.shape[1])
            weight = np.column_stack([found.variance.ratios(unit, measure.denominator).estimate for unit in units])
        if measure.statistic == "net":
            weight = np.column_stack([weight[:, 0], weight[:, 1:-1].sum(axis=1), weight[:, -1]])
            values = measure.factor * np.array([-1.0, 0.0, 1.0])
        else:
            weight = np.column_stack([weight[:, :-1].sum(axis=1), weight[:, -1]])
            values = measure.factor * np.array([0.0, 1.0])
    return np.maximum(np.nan_to_num(weight), 0.0), values


def _points(found: Answer, measure: Measure) -> Floats:
    """Return the weight of every point of the scale per group."""
    rows, groups = found.sample, found.counted.groups
    weights = None if rows.design is None else rows.design.weights
    tally = rating_tally(rows.bound, keys=rows.by, value=rows.score, scale=measure.scale, weights=weights)
    answered = np.isfinite(tally.value)
    point = np.rint((tally.value[answered] - measure.scale.low) / (measure.scale.step or 1.0)).astype(np.intp)
    weight = np.zeros((len(groups), len(measure.scale.points)))
    np.add.at(weight, (groups.codes(tally.keys)[answered], point), tally.w[answered])
    return weight


def _effective(found: Answer) -> Floats:
    """Return effective sizes: at most the answers, and the clusters where there is no variance to tell."""
    counted, inference = found.counted, found.inference
    if found.variance is None:
        return counted.n
    clusters = np.bincount(counted.group, weights=counted.answering, minlength=len(counted.groups))
    told = np.isfinite(inference.n_eff) & (inference.std_error > 0)
    return np.where(told, np.minimum(inference.n_eff, counted.n), np.minimum(clusters, counted.n))


def _table(
    found: Answer, measure: Measure, shrunken: ShrunkenMeans, size: Floats, turn: float, level: float
) -> pd.DataFrame:
    counted, hidden = found.counted, found.hidden
    rows = len(counted.groups)

    def shown(values: Floats) -> Floats:
        return np.where(hidden, np.nan, values)

    low, high = (shrunken.low, shrunken.high) if turn > 0 else (-shrunken.high, -shrunken.low)
    columns: dict[str, Any] = {
        "metric": pd.Series([measure.name] * rows, dtype=object),
        "estimate": shown(turn * shrunken.estimate),
        "std_error": shown(shrunken.std_error),
        "low": shown(low),
        "high": shown(high),
        "level": np.full(rows, float(level)),
        "method": pd.Series([_METHOD] * rows, dtype=object),
        "unit": pd.Series([measure.unit] * rows, dtype=object),
        "raw_estimate": shown(np.where(counted.n > 0, found.inference.estimate, np.nan)),
        "n": pd.arrays.IntegerArray(counted.n.astype(np.int64), hidden.copy()),
        "n_eff": shown(size),
        "rank_low": shown(shrunken.rank_low),
        "rank_high": shown(shrunken.rank_high),
        "best_probability": shown(shrunken.best),
        "worst_probability": shown(shrunken.worst),
        "suppressed": hidden,
    }
    keys = counted.groups.frame()
    return pd.DataFrame(
        {**{name: keys[name] for name in counted.groups.names}, **{c: columns[c] for c in SHRINKAGE_COLUMNS}}
    )
