"""How far the same touchpoint is the same experience in every channel, place or branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation.estimate import answer
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import Invalid, check_level, sample
from cemkit.estimation.variance import Linearised
from cemkit.results import Assumption, Result
from cemkit.scales import AnyScale, Scale, as_scale
from cemkit.stages.channel_means import adjusted_sample, cell_source, check_levels
from cemkit.stages.consistency_tables import Asked, consistency_tables
from cemkit.stages.switching import SWITCHING_COLUMNS, switching_rows
from cemkit.statistics._arguments import check_method, check_seed
from cemkit.statistics.multiplicity import ADJUSTMENTS, Adjustment
from cemkit.statistics.variance_components import SPREAD_METHODS, SpreadMethod
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.design import Design
from cemkit.tables.row_means import number_range, with_numbers
from cemkit.tables.rows import require_rows
from cemkit.typing import Frame

__all__ = ["Consistency", "consistency"]


@dataclass(frozen=True, eq=False, repr=False)
class Consistency(Result):
    """How far touchpoints differ between channels, in points of the scale.

    Attributes
    ----------
    table
        A row per touchpoint: ``estimate`` (τ, the standard deviation of the channels' true means) with ``std_error, low, high,
        level, method, unit, channels, n, missing, invalid``; ``index`` (0..100) with limits; ``spread`` (of these very
        channels) with limits; ``mean`` with ``mean_std_error`` and limits; ``statistic, df1, df2, p_value, p_adjusted`` (Welch's
        test of no difference); ``status``: ``estimated``, ``one channel``, or ``confounded``.
    overall
        One row: the root of the mean τ² of all touchpoints, and its index, with limits.
    channels
        A row per touchpoint and channel: the shrunken value ``estimate`` with ``std_error, low, high``; ``raw_estimate`` with its error;
        ``adjusted_estimate`` with its error (the raw one without ``adjust``); ``n, missing, invalid``; ``used``.
    offenders
        The channels that were used, furthest below their touchpoint first: the distance ``estimate`` from the mean of its channels
        with ``std_error, low, high``, and ``rank, rank_low, rank_high, worst_probability``.
    switching
        A row per touchpoint, and one for all (null): the score after a change of channel less that without
        one, with interval and test.
    over, by
        The column of channels, and that of touchpoints.
    """

    overall: pd.DataFrame = field(default_factory=pd.DataFrame)
    channels: pd.DataFrame = field(default_factory=pd.DataFrame)
    offenders: pd.DataFrame = field(default_factory=pd.DataFrame)
    switching: pd.DataFrame = field(default_factory=pd.DataFrame)
    over: str = "channel"
    by: str = "touchpoint_id"

    _title: ClassVar[str] = "Consistency"

    def _display(self) -> pd.DataFrame:
        shown = [self.by, "estimate", "low", "high", "index", "index_low", "index_high", "channels", "p_adjusted", "n"]
        return self.table[shown]

    def plot(self) -> Any:
        """Return an Altair chart: each touchpoint's channels as dots, with τ beside them (extra ``report``)."""
        from cemkit.charts.consistency import channel_chart

        return channel_chart(self.channels, self.table, by=self.by, over=self.over)


def consistency(
    experiences: Frame,
    *,
    over: str = "channel",
    unit: str = "touchpoint_id",
    score: str = "perceived",
    scale: AnyScale | None = None,
    adjust: str | Sequence[str] | None = None,
    journey: str | None = None,
    at: str = "occurred_at",
    design: Design | None = None,
    level: float = 0.95,
    method: SpreadMethod = "reml",
    min_base: int = 5,
    invalid: Invalid = "raise",
    multiplicity: Adjustment = "holm",
    seed: int | None = 0,
) -> Consistency:
    r"""Estimate how far the same touchpoint differs between channels, places or branches.

    Parameters
    ----------
    experiences : frame
        A row per experience, in any supported engine.
    over : str
        Column of the channel, place or branch.
    unit : str
        Column of the touchpoint.
    score : str
        Column of ratings.
    scale : Scale or (low, high), optional
        The scale of the ratings: its width makes the index, its missing codes are missing. Without it the ends are those
        observed, and the result says so.
    adjust : str or list of str, optional
        Columns of who comes where, of few levels each: channels are compared at the touchpoint's own mix of customers, by
        regression on the columns' main effects.
    journey : str, optional
        Column of the journey within which channels change; by default ``journey_id`` where there is one, else ``customer_id``.
    at : str
        Column of the time; without it there is no ``switching``.
    design : Design, optional
        How the experiences were drawn. Customers who come back are clusters unless it says otherwise.
    level : float
        Level of the intervals.
    method : {"reml", "pm", "dl"}
        How τ is estimated; its interval is the Q-profile in each case.
    min_base : int
        Channels of a touchpoint with fewer answers take no part.
    invalid : {"raise", "count"}
        What answers outside the scale do.
    multiplicity : {"holm", "bh", "by", "none"}
        Adjustment of the tests for the number of touchpoints.
    seed : int, optional
        Seed of the draws behind the ranks. None is 0.

    Returns
    -------
    Consistency
        Touchpoints, with ``.overall``, ``.channels``, ``.offenders`` and ``.switching``.

    Raises
    ------
    CemkitError
        If a column is absent or has the wrong type, there are no answers, no touchpoint has two channels, or ``adjust`` has too
        many levels.

    Notes
    -----
    y = θ + e with the covariance V of the channels' means (customers who rated several channels are in it), θ = μ + u, sd(u) = τ.
    The interval of τ inverts Welch's test at every τ, which is the Q-profile where the variances are known. Index: 100 (1 − τ/h), h half
    the width of the scale. DerSimonian and Laird (1986); Viechtbauer (2007); Welch (1951); Gelman (2006) for the shrunken values.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import LIKERT_5
    >>> from cemkit.stages import consistency
    >>> rows = [("support", "phone", s) for s in [2, 3, 2, 1, 3, 2] * 5] + [("support", "app", s) for s in [4, 5, 4, 3, 5, 4] * 5]
    >>> data = pd.DataFrame(rows, columns=["touchpoint_id", "channel", "perceived"])
    >>> found = consistency(data, scale=LIKERT_5)
    >>> found.channels[["channel", "raw_estimate", "n"]].round(2).values.tolist()
    [['app', 4.17, 30], ['phone', 2.17, 30]]
    >>> found.offenders["channel"].iloc[0], bool(found.to_frame()["p_value"].iloc[0] < 0.001)
    ('phone', True)
    """
    check_level(level)
    check_method(method, SPREAD_METHODS)
    check_method(multiplicity, ADJUSTMENTS)
    seed = check_seed(seed)
    if isinstance(min_base, bool) or not isinstance(min_base, int) or min_base < 2:
        msg = f"min_base must be a whole number of at least 2, got {min_base!r}"
        raise CemkitError(msg)
    bound = bind(experiences)
    columns = column_names(adjust, argument="adjust")
    _check_columns(bound, over, unit, score, columns)
    ends, notes = _scale_of(bound, score, scale)
    measure = Measure("tau", ends, "mean", "scale")
    extra = [name for name in dict.fromkeys((*columns, *_journey_columns(bound, journey, at))) if name != score]
    rows = sample(
        bound,
        score=score,
        scale=ends,
        by=(unit, over),
        design=design,
        invalid=invalid,
        extra=extra,
        over=over,
        reserved=(),
    )
    found = answer(rows, measure, level=level, method=None, min_base=None, seed=seed)
    variance = found.variance
    if isinstance(variance, Linearised):
        variance = replace(variance, within=(unit,))
    cells = None
    if columns:
        cells = cell_source(adjusted_sample(rows, columns), measure, seed=seed)
        check_levels(cells, columns)
        notes.append(Assumption("adjusted-for-mix", {"columns": ", ".join(columns)}))
    asked = Asked(over, unit, columns, measure, level, method, min_base, multiplicity, seed)
    tables, said = consistency_tables(found, variance, cells, asked)
    moves = pd.DataFrame(columns=[unit, *SWITCHING_COLUMNS])
    who = _journey_of(bound, journey)
    if bound.has(at) and who is not None:
        moves, more = switching_rows(
            rows, measure, over=over, unit=unit, journey=who, at=at, level=level, adjust=multiplicity, seed=seed
        )
        said += more
    else:
        said.append(Assumption("no-order", {"column": at}))
    notes = [*notes, *found.assumptions, *said]
    kept = [note for note in notes if note.code not in _NOT_SHOWN]
    return Consistency(
        tables.units, tuple(dict.fromkeys(kept)), overall=tables.overall, channels=tables.channels,
        offenders=tables.offenders, switching=moves, over=over, by=unit,
    )  # fmt: skip


_LARGEST = 1e60
_NOT_SHOWN = frozenset({"all-alike", "collapsed-interval", "no-degrees-of-freedom"})
"""Notes on intervals that are not shown here."""


def _check_columns(bound: Bound, over: str, unit: str, score: str, columns: Sequence[str]) -> None:
    require_rows(bound)
    for argument, name in (("over", over), ("unit", unit), *(("adjust", name) for name in columns)):
        bound.require_key(name, argument)
    bound.require_number(score, "score")
    named = [over, unit, score]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        msg = f"over={over!r}, unit={unit!r} and score={score!r} must be three different columns"
        raise ColumnError(msg)
    from cemkit.stages.consistency_tables import RESERVED

    for argument, name in (("over", over), ("unit", unit)):
        column_names(name, argument=argument, reserved=RESERVED)


def _scale_of(bound: Bound, score: str, scale: AnyScale | None) -> tuple[Scale, list[Assumption]]:
    """Return the scale; without one, the ends observed."""
    if scale is not None:
        return as_scale(scale), []
    low, high = number_range(with_numbers(bound, {"_r_score": score}), ["_r_score"])
    if not np.isfinite(low) or not np.isfinite(high):
        msg = f"score={score!r} has no answer, or infinite ones: check the column and its missing codes"
        raise CemkitError(msg)
    if max(abs(low), abs(high)) > _LARGEST:
        msg = f"score={score!r} has values as large as {max(abs(low), abs(high)):g}: check its unit"
        raise CemkitError(msg)
    high = high if high > low else low + 1.0
    return Scale(low, high, step=None), [Assumption("observed-bounds", {"low": low, "high": high})]


def _journey_of(bound: Bound, journey: str | None) -> str | None:
    if journey is not None:
        return bound.require_key(journey, "journey")
    return next((name for name in ("journey_id", "customer_id") if name in bound.schema), None)


def _journey_columns(bound: Bound, journey: str | None, at: str) -> list[str]:
    """Return the columns that ``switching`` needs, where they are there."""
    who = _journey_of(bound, journey)
    if who is None or not bound.has(at):
        return []
    bound.require_time(at, "at")
    return [who, at]
