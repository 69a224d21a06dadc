"""Where a change comes from: segments that changed their score (rate), or a change in who they are (mix)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.estimation.counted import Counted, count
from cemkit.estimation.estimate import variance_of
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, check_level, sample
from cemkit.estimation.suppression import suppressed_groups, suppression_note
from cemkit.estimation.variance import Linearised
from cemkit.results import Assumption, Result
from cemkit.statistics.decomposition import RateMix, rate_mix
from cemkit.tables.binding import column_names
from cemkit.tables.design import Design
from cemkit.tables.groups import group_rows
from cemkit.typing import Frame

__all__ = ["DECOMPOSITION_COLUMNS", "Decomposition", "decompose"]

Floats = npt.NDArray[np.float64]

DECOMPOSITION_COLUMNS = (
    "metric",
    "estimate",
    "std_error",
    "low",
    "high",
    *(f"{part}{end}" for part in ("rate", "mix") for end in ("", "_std_error", "_low", "_high")),
    "estimate_before",
    "estimate_after",
    "share_before",
    "share_after",
    "n_before",
    "n_after",
    "status",
    "level",
    "method",
    "unit",
    "suppressed",
)


@dataclass(frozen=True, eq=False, repr=False)
class Decomposition(Result):
    """The change of a score from one level to a later one, split by segment; rows sum exactly to the total change.

    ``to_frame()`` has a row per segment: ``estimate`` is its contribution (rate + mix) to the change, with limits.
    ``rate`` is what its own score changed, ``mix`` what its share changed, each with limits of its own. ``status`` is
    ``both``, ``appeared`` or ``vanished``.

    Attributes
    ----------
    by
        The segment columns.
    over, before, after
        The column of periods, and the two that are compared.
    total
        One row: the total change as ``estimate``, its rate and mix parts, and the scores before and after.
    """

    by: tuple[str, ...] = ()
    over: str = ""
    before: Any = None
    after: Any = None
    total: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Decomposition"

    def plot(self) -> Any:
        """Return an Altair chart: rate and mix of every segment as bars (extra ``report``)."""
        from cemkit.charts.decomposition import decomposition_chart

        return decomposition_chart(self.table, by=self.by)

    def _display(self) -> pd.DataFrame:
        kept = (
            "metric",
            "estimate",
            "low",
            "high",
            "rate",
            "mix",
            "share_before",
            "share_after",
            "n_before",
            "n_after",
        )
        return self.table[[*self.by, *kept]]


def decompose(
    data: Frame,
    measure: Measure,
    *,
    over: str,
    by: str | Sequence[str],
    between: tuple[Any, Any] | None = None,
    population: Mapping[Any, Any] | None = None,
    score: str,
    question: str | None = None,
    design: Design | None = None,
    level: float = 0.95,
    invalid: Invalid = "raise",
    min_base: int | None = None,
    levels: Any = None,
    seed: int | None = None,
) -> Decomposition:
    r"""Split the change between two levels of ``over``, after − before, by segment.

    .. math:: \text{rate}_s = \bar m_s \Delta r_s, \qquad \text{mix}_s = (\bar r_s - \bar R) \Delta m_s

    with a segment's score :math:`r`, its share :math:`m`, the total :math:`R`, and bars for midpoints (Kitagawa, 1955).

    Parameters
    ----------
    data
        A row per answer.
    measure
        The statistic and its scale.
    over
        Column of periods or waves.
    by
        Columns of segments.
    between
        ``(before, after)`` where ``over`` has more than two levels.
    population
        The customer base's shares: ``{segment: share}`` for both periods, or ``{level of over: {segment: share}}``.
        Without it, shares are those of the answers, and the mix part is a change in who answered.
    score, question, design, level, invalid, min_base, levels, seed
        As in :meth:`cemkit.scores.ScoreMetric.score`.

    Returns
    -------
    Decomposition
        Standard errors by the delta method on the linearised (or replicated) covariance of scores and shares, so that
        waves which share respondents are treated as they should.

    Raises
    ------
    CemkitError
        If ``over`` has not two levels (say ``between=``), or the population's shares do not match the segments.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.scores import nps
    >>> waves = pd.DataFrame({
    ...     "wave": ["1"] * 100 + ["2"] * 100,
    ...     "plan": ["a"] * 50 + ["b"] * 50 + ["a"] * 20 + ["b"] * 80,
    ...     "score": [10] * 50 + [5] * 50 + [10] * 20 + [5] * 80,
    ... })
    >>> change = nps.decompose(waves, over="wave", by="plan")
    >>> change.to_frame()[["plan", "rate", "mix"]].to_numpy().tolist()
    [['a', 0.0, -30.0], ['b', 0.0, -30.0]]
    """
    check_level(level)
    segments = column_names(by, reserved=DECOMPOSITION_COLUMNS)
    if not segments or not isinstance(over, str) or over in segments:
        msg = (
            f"decompose needs by= (segments) and over= (periods) as different columns, got by={by!r} and over={over!r}"
        )
        raise ColumnError(msg)
    if levels is not None and not isinstance(levels, Mapping):
        levels = {over: levels}
    rows = sample(
        data,
        score=score,
        scale=measure.scale,
        by=(*segments, over),
        question=question,
        design=design,
        invalid=invalid,
        levels=levels,
        reserved=(),
    )
    counted = count(rows, measure, bases=min_base is not None)
    before, after = _periods(counted, rows.orders, over, between)
    keys, members = _segments(counted, segments, rows.orders, before, after)
    variance = variance_of(rows, measure, counted, seed=seed)
    source = variance if variance is not None else Linearised(rows, measure, counted)
    shares = None if population is None else _population_shares(population, keys, before, after)
    estimate, covariance = _moments(source, measure, members, shares)
    size = len(keys)
    labels = [key[0] if len(key) == 1 else key for key in keys]
    found = rate_mix(
        estimate[:size],
        estimate[size : 2 * size],
        estimate[2 * size : 3 * size],
        estimate[3 * size :],
        covariance=covariance,
        labels=labels,
    )
    hidden_groups = suppressed_groups(counted.groups.keys, counted.bases, min_base)
    hidden = np.array([bool(hidden_groups[m[m >= 0]].any()) for m in members.T])
    method = "linearised-wald" if variance is None else f"{variance.name}-wald"
    table = _table(found, estimate, counted, measure, segments, keys, members, hidden, level, method)
    notes = [*rows.assumptions, *counted.assumptions]
    notes += source.assumptions if variance is not None else [Assumption("independent")]
    notes.append(Assumption("mix-is-who-answered" if population is None else "population-shares"))
    odd = [str(label) for label, flag in zip(labels, found.appeared | found.vanished, strict=True) if flag]
    if odd:
        notes.append(Assumption("segments-appear", {"segments": ", ".join(odd)}))
    notes += suppression_note(hidden_groups, counted.bases, min_base)
    total = _total(found, counted, measure, members, level, method)
    return Decomposition(
        table, tuple(dict.fromkeys(notes)), by=segments, over=over, before=before, after=after, total=total
    )


def _periods(
    counted: Counted, orders: Mapping[str, Sequence[Any]], over: str, between: tuple[Any, Any] | None
) -> tuple[Any, Any]:
    ordered, _ = group_rows({over: [key[-1] for key in counted.groups.keys]}, [over], orders=orders)
    levels = [key[0] for key in ordered.keys]
    if between is not None:
        wrong = [v for v in between if v not in levels]
        if len(between) != 2 or wrong or between[0] == between[1]:
            shown = ", ".join(map(repr, levels[:8]))
            hint = did_you_mean(wrong[0], levels) if wrong else ""
            msg = f"between={between!r} must be two different levels of {over!r} ({shown}): (before, after).{hint}"
            raise CemkitError(msg)
        return between[0], between[1]
    if len(levels) != 2:
        shown = ", ".join(map(repr, levels[:8]))
        msg = f"over={over!r} has {len(levels)} level(s) ({shown}), and a change is between two: say between=(before, after)"
        raise CemkitError(msg)
    return levels[0], levels[1]


def _segments(
    counted: Counted, names: tuple[str, ...], orders: Mapping[str, Sequence[Any]], before: Any, after: Any
) -> tuple[tuple[tuple[Any, ...], ...], npt.NDArray[np.intp]]:
    """Return the segments and, for before and after, their counted group (-1: absent): shape (2, segments)."""
    keys = [key for g, key in enumerate(counted.groups.keys) if key[-1] in (before, after) and counted.n[g] > 0]
    place = {key: g for g, key in enumerate(counted.groups.keys) if counted.n[g] > 0}
    table = {name: [key[i] for key in keys] for i, name in enumerate(names)}
    found, _ = group_rows(table, names, orders=orders, rows=len(keys))
    members = [[place.get((*key, period), -1) for key in found.keys] for period in (before, after)]
    absent = [period for period, row in zip((before, after), members, strict=True) if max(row, default=-1) < 0]
    if absent:
        msg = f"nobody answered in {absent[0]!r}, so there is no change to split: choose another period"
        raise CemkitError(msg)
    return found.keys, np.array(members, dtype=np.intp)


def _moments(
    source: Any, measure: Measure, members: npt.NDArray[np.intp], shares: tuple[Floats, Floats] | None
) -> tuple[Floats, Floats]:
    """Return (mean before, share before, mean after, share after) per segment, with their covariance."""
    size = members.shape[1]
    present = np.unique(members[members >= 0])
    place = {int(g): i for i, g in enumerate(present)}
    terms = len(measure.terms)
    numerators = np.zeros((4 * size, len(present), terms))
    denominators = np.zeros_like(numerators)
    for period in range(2):
        here = [place[int(g)] for g in members[period] if g >= 0]
        for s, group in enumerate(members[period]):
            mean, share = 2 * period * size + s, (2 * period + 1) * size + s
            denominators[np.ix_([share], here)] = measure.denominator
            if group >= 0:
                numerators[mean, place[int(group)]] = measure.numerator
                denominators[mean, place[int(group)]] = measure.denominator
                numerators[share, place[int(group)]] = measure.denominator
    estimate, covariance = source.forms(numerators, denominators, present)
    covariance = np.where(np.isfinite(covariance), covariance, 0.0)
    if shares is not None:
        for period in range(2):
            at = slice((2 * period + 1) * size, (2 * period + 2) * size)
            estimate[at] = shares[period]
            covariance[at, :] = 0.0
            covariance[:, at] = 0.0
    return estimate, covariance


def _population_shares(
    population: Mapping[Any, Any], keys: tuple[tuple[Any, ...], ...], before: Any, after: Any
) -> tuple[Floats, Floats]:
    by_period = bool(population) and all(isinstance(v, Mapping) for v in population.values())
    if by_period and not {before, after} <= set(population):
        msg = f"population gives shares for {sorted(map(str, population))}, but not for both {before!r} and {after!r}"
        raise CemkitError(msg)
    tables = [population[before], population[after]] if by_period else [population, population]
    labels = [key[0] if len(key) == 1 else key for key in keys]
    found = []
    for table in tables:
        absent = [label for label in labels if label not in table]
        extra = [label for label in table if label not in labels and table[label] > 0]
        if absent or extra:
            what = f"no share for {absent[0]!r}" if absent else f"a share for {extra[0]!r}, which nobody answered for"
            msg = f"population has {what}: it must give a share for each of the {len(labels)} segments"
            raise CemkitError(msg)
        shares = np.array([table[label] for label in labels], dtype=np.float64)
        if not np.isfinite(shares).all() or (shares < 0).any() or abs(shares.sum() - 1) > 1e-6:
            hint = "; did you give percent?" if abs(shares.sum() - 100) < 1 else ""
            msg = f"population's shares must be at least 0 and sum to 1, they sum to {shares.sum():g}{hint}"
            raise CemkitError(msg)
        found.append(shares / shares.sum())
    return found[0], found[1]


def _with_limits(name: str, value: Floats, std_error: Floats, factor: float, level: float) -> dict[str, Floats]:
    from scipy.special import ndtri

    reach = ndtri((1 + level) / 2) * np.abs(factor) * std_error
    estimate = factor * value
    prefix = "" if name == "estimate" else f"{name}_"
    return {
        name: estimate,
        f"{prefix}std_error": np.abs(factor) * std_error,
        f"{prefix}low": estimate - reach,
        f"{prefix}high": estimate + reach,
    }


def _table(
    found: RateMix,
    estimate: Floats,
    counted: Counted,
    measure: Measure,
    names: tuple[str, ...],
    keys: tuple[tuple[Any, ...], ...],
    members: npt.NDArray[np.intp],
    hidden: npt.NDArray[np.bool_],
    level: float,
    method: str,
) -> pd.DataFrame:
    size, factor, origin = len(keys), measure.factor, measure.origin
    numbers = {
        **_with_limits("estimate", found.contribution, found.contribution_std_error, factor, level),
        **_with_limits("rate", found.rate, found.rate_std_error, factor, level),
        **_with_limits("mix", found.mix, found.mix_std_error, factor, level),
        "estimate_before": origin + factor * estimate[:size],
        "estimate_after": origin + factor * estimate[2 * size : 3 * size],
        "share_before": estimate[size : 2 * size],
        "share_after": estimate[3 * size :],
    }
    bases = np.where(members >= 0, counted.n[members], 0.0).astype(np.int64)
    status = np.where(found.appeared, "appeared", np.where(found.vanished, "vanished", "both"))
    columns: dict[str, Any] = {
        "metric": pd.Series([measure.name] * size, dtype=object),
        **{name: np.where(hidden, np.nan, values) for name, values in numbers.items()},
        "n_before": pd.arrays.IntegerArray(bases[0], hidden.copy()),
        "n_after": pd.arrays.IntegerArray(bases[1], hidden.copy()),
        "status": pd.Series(status.tolist(), dtype=object),
        "level": np.full(size, float(level)),
        "method": pd.Series([method] * size, dtype=object),
        "unit": pd.Series([measure.unit] * size, dtype=object),
        "suppressed": hidden,
    }
    by = {name: pd.Series([key[i] for key in keys], dtype=object) for i, name in enumerate(names)}
    return pd.DataFrame({**by, **{c: columns[c] for c in DECOMPOSITION_COLUMNS}})


def _total(
    found: RateMix, counted: Counted, measure: Measure, members: npt.NDArray[np.intp], level: float, method: str
) -> pd.DataFrame:
    factor, origin = measure.factor, measure.origin
    n = np.where(members >= 0, counted.n[members], 0.0).sum(axis=1)
    parts = {
        "estimate": (found.change, found.change_std_error),
        "rate": (found.rate_total, found.rate_total_std_error),
        "mix": (found.mix_total, found.mix_total_std_error),
    }
    row: dict[str, Any] = {"metric": measure.name}
    for name, (value, std_error) in parts.items():
        row.update(_with_limits(name, np.float64(value), np.float64(std_error), factor, level))  # type: ignore[arg-type]
    row |= {
        "estimate_before": origin + factor * found.total_before,
        "estimate_after": origin + factor * found.total_after,
        "n_before": int(n[0]),
        "n_after": int(n[1]),
        "level": level,
        "method": method,
        "unit": measure.unit,
    }
    return pd.DataFrame([row])
