"""Where a change comes from: segments that changed their score (rate), or a change in who they are (mix)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.estimation.counted import Counted, count, degrees_of_freedom
from cemkit.estimation.estimate import variance_of
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, check_level, sample
from cemkit.estimation.suppression import suppressed_groups, suppression_note
from cemkit.estimation.variance import Linearised
from cemkit.results import Assumption
from cemkit.scores.decomposition import DECOMPOSITION_COLUMNS, Decomposition, segment_table, total_table
from cemkit.statistics.decomposition import rate_mix
from cemkit.tables.binding import column_names
from cemkit.tables.design import Design
from cemkit.tables.groups import group_rows
from cemkit.typing import Frame

__all__ = ["DECOMPOSITION_COLUMNS", "Decomposition", "decompose"]

Floats = npt.NDArray[np.float64]


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
    """Split a change by segment; the arguments are those of :meth:`cemkit.scores.ScoreMetric.decompose`."""
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
        over=over,
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
    df = np.inf if variance is None else degrees_of_freedom(rows, measure, counted, ())[()]
    method = "wald" if variance is None else f"{variance.name}-t"
    table = segment_table(
        found, estimate, counted, measure, segments, keys, members, hidden=hidden, df=df, level=level, method=method
    )
    notes = [*rows.assumptions, *counted.assumptions]
    notes += source.assumptions if variance is not None else [Assumption("independent")]
    notes.append(Assumption("mix-is-who-answered" if population is None else "population-shares"))
    odd = [str(label) for label, flag in zip(labels, found.appeared | found.vanished, strict=True) if flag]
    if odd:
        notes.append(Assumption("segments-appear", {"segments": ", ".join(odd)}))
    notes += suppression_note(hidden_groups, counted.bases, min_base)
    small = min_base is not None and bool((np.where(members >= 0, counted.bases[members], 0.0).sum(1) < min_base).any())
    total = total_table(found, counted, measure, members, hidden=small, df=df, level=level, method=method)
    return Decomposition(
        table, tuple(dict.fromkeys(notes)), by=segments, over=over, before=before, after=after, total=total
    )


def _periods(
    counted: Counted, orders: Mapping[str, Sequence[Any]], over: str, between: tuple[Any, Any] | None
) -> tuple[Any, Any]:
    ordered, _ = group_rows({over: [key[-1] for key in counted.groups.keys]}, [over], orders=orders)
    levels = [key[0] for key in ordered.keys]
    if between is not None:
        if isinstance(between, str) or not isinstance(between, Sequence):
            msg = f"between must be (before, after), two levels of {over!r}, got {between!r}"
            raise CemkitError(msg)
        wrong = [v for v in between if v not in levels]
        if len(between) != 2 or wrong or between[0] == between[1]:
            shown = ", ".join(map(repr, levels[:8]))
            hint = did_you_mean(wrong[0], levels) if wrong else ""
            msg = f"between={between!r} must be two different levels of {over!r} ({shown}): (before, after).{hint}"
            raise CemkitError(msg)
        return between[0], between[1]
    if len(levels) == 1:
        msg = f"over={over!r} has one level (only {levels[0]!r}), so there is no change to split: use data with at least two"
        raise CemkitError(msg)
    if len(levels) != 2:
        shown = ", ".join(map(repr, levels[:8]))
        msg = f"over={over!r} has {len(levels)} levels ({shown}), and a change is between two: say between=(before, after)"
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
    if not isinstance(population, Mapping):
        msg = f"population must be {{segment: share}}, or one such table per period, got {population!r}"
        raise CemkitError(msg)
    by_period = bool(population) and all(isinstance(v, Mapping) for v in population.values())
    if by_period and not {before, after} <= set(population):
        msg = f"population gives shares for {sorted(map(str, population))}, but not for both {before!r} and {after!r}"
        raise CemkitError(msg)
    tables = [population[before], population[after]] if by_period else [population, population]
    labels = [key[0] if len(key) == 1 else key for key in keys]
    found = []
    for table in tables:
        absent = [label for label in labels if label not in table]
        extra = [label for label in table if label not in labels and table[label] != 0]
        if absent or extra:
            what = f"no share for {absent[0]!r}" if absent else f"a share for {extra[0]!r}, which nobody answered for"
            msg = f"population has {what}: it must give a share for each of the {len(labels)} segments"
            raise CemkitError(msg)
        try:
            shares = np.array([table[label] for label in labels], dtype=np.float64)
        except (TypeError, ValueError):
            msg = f"population's shares must be numbers, got {dict(table)!r}"
            raise CemkitError(msg) from None
        if not np.isfinite(shares).all() or (shares < 0).any() or abs(shares.sum() - 1) > 1e-6:
            hint = "; did you give percent?" if abs(shares.sum() - 100) < 1 else ""
            msg = f"population's shares must be at least 0 and sum to 1, they sum to {shares.sum():g}{hint}"
            raise CemkitError(msg)
        found.append(shares / shares.sum())
    return found[0], found[1]
