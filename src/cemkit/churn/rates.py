"""Churn rates: of the customers who were there when a period began, the share that left in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.durations import CUSTOMER
from cemkit.churn.reading import text_column
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.statistics.proportions import proportion_estimate, proportion_interval
from cemkit.tables.binding import bind, column_names
from cemkit.tables.groups import Groups, group_rows, known_order
from cemkit.tables.periods import Period, parse_period
from cemkit.tables.spell import Spell, as_spell
from cemkit.tables.spells import Spells, date_of, spell_table
from cemkit.typing import Frame

__all__ = ["ChurnRates", "rate"]

Counts = npt.NDArray[np.int64]

MOST_ROWS = 1_000_000
_COUNT_COLUMNS = ("start", "left", "left_otherwise", "entered", "entered_and_left", "end", "complete")


@dataclass(frozen=True, eq=False, repr=False)
class ChurnRates(Estimates):
    """Churn rates, a row per group and calendar period.

    ``to_frame()`` gives ``*by, period`` (the period's first day) and the columns of estimates: ``estimate`` is the share of
    the customers there at the period's start who left in it, with its Wilson interval; ``n`` is how many were there; no
    estimate where nobody was.

    Attributes
    ----------
    counts
        ``*by, period, start, left, left_otherwise, entered, entered_and_left, end, complete``: customers there at the
        start; those of them who churned, or left for reasons that are no churn; entrants; entrants who left within the period,
        for any reason; customers there at its end: start − left − left_otherwise + entered − entered_and_left; and whether the
        whole period was observed.
    """

    counts: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Churn rate"

    def _display(self) -> pd.DataFrame:
        shown = self.table[[*self.by, "estimate", "low", "high", "n"]]
        return shown.assign(**{name: self.counts[name] for name in ("left", "entered", "end", "complete")})

    def plot(self) -> Any:
        """Return an Altair chart: a line over the periods with its interval, a panel per group (extra ``report``)."""
        from cemkit.charts.trend import trend_chart

        nothing = np.full(len(self.table), np.nan)
        table = self.table.assign(
            complete=self.counts["complete"],
            centre=nothing,
            control_low=nothing,
            control_high=nothing,
            signal="",
            segment=0,
            stretch=0,
        )
        return trend_chart(table, by=[name for name in self.by if name != "period"])


def rate(
    customers: Frame,
    *,
    spell: Spell = Spell(),  # noqa: B008 -- frozen
    period: str = "1mo",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> ChurnRates:
    r"""Estimate the churn rate of every calendar period.

    Parameters
    ----------
    customers : frame
        A row per customer (or spell). The columns of the spell and of the groups are collected.
    spell : Spell
        The columns of entering and leaving; with ``causes``, only these reasons are churn.
    period : str
        Calendar periods: ``"1d"``, ``"1w"``, ``"1mo"``, ``"1q"``, ``"1y"`` or a multiple.
    by : str or list of str, optional
        Columns of groups, constant over a spell.
    level : float
        Level of the Wilson intervals.

    Returns
    -------
    ChurnRates
        Estimates per period, from the first entry to the end of observation, and ``.counts``.

    Raises
    ------
    CemkitError
        If columns are absent or of the wrong kind, somebody leaves before entering, a customer repeats, or the periods are too
        many to show.

    Notes
    -----
    .. math:: r_p = \frac{\#\{\text{entered before } p, \text{ left in } p\}}{\#\{\text{there when } p \text{ began}\}}

    Entrants are no part of it: to divide all leavers by those at the start counts leavers who were not there, and grows with
    acquisition. Rates of different lengths do not compare: the rate of a year is not twelve times that of a month, but
    1 − Π(1 − r) if customers of all ages left alike. The rate mixes new customers with old ones, so that it moves when
    their mix does: :func:`cemkit.churn.survival` holds the time as a customer apart. The interval is for customers like
    these, taken as independent; the same customers stand in successive periods. The last period, where it was not observed
    to its end, is marked in ``counts`` and named in the assumptions.

    References
    ----------
    Wilson, E. B. (1927), *Journal of the American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> import pandas as pd
    >>> import cemkit as cem
    >>> customers = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "b", "c", "d"],
    ...         "acquired_at": pd.to_datetime(["2025-01-05", "2025-01-09", "2025-02-03", "2025-02-05"]),
    ...         "left_at": pd.to_datetime(["2025-02-10", None, "2025-02-20", None]),
    ...     }
    ... )
    >>> rates = cem.churn.rate(customers, spell=cem.Spell(until="2025-02-28"))
    >>> rates.to_frame()[["estimate", "n"]].to_numpy().tolist()
    [[nan, 0], [0.5, 2]]
    >>> rates.counts[["start", "left", "entered", "entered_and_left", "end"]].to_numpy().tolist()
    [[0, 0, 2, 0, 2], [2, 1, 2, 1, 2]]
    """
    check_level(level)
    spell = as_spell(spell)
    every = parse_period(period, "period")
    bound = bind(customers, what="customers")
    names = column_names(by, reserved=("period", *_COUNT_COLUMNS, *ESTIMATE_COLUMNS))
    for name in names:
        bound.require_key(name, "by")
    customer = CUSTOMER if CUSTOMER in bound.schema or spell.spell_id is not None else None
    if customer in names:
        msg = f"by={customer!r} would make every customer a group of one: leave it out"
        raise CemkitError(msg)
    spells = spell_table(bound, spell, columns=names, customer=customer)
    groups, group = group_rows(spells.columns, names, orders=known_order(bound, names), rows=len(spells))
    first = int(every.index(np.floor(spells.entered.min())))
    last = int(every.index(np.floor(spells.until)))
    if (last - first + 1) * len(groups) > MOST_ROWS:
        msg = (
            f"period={period!r} makes {last - first + 1:,} periods of {len(groups):,} groups, more than {MOST_ROWS:,} rows: give a "
            "longer period, or fewer groups"
        )
        raise CemkitError(msg)
    found = _count(spells, group, len(groups), every, first, last)
    complete = int(every.last_day(last)) <= int(np.floor(spells.until))
    notes = [Assumption("period-customers-alike"), *spells.assumptions]
    if not complete:
        begins = date_of(float(every.first_day(last)))
        notes.append(Assumption("last-churn-period-incomplete", {"period": begins, "until": date_of(spells.until)}))
    return _rates(groups, found, every, first, tuple(notes), complete=complete, level=float(level))


def _count(
    spells: Spells, group: npt.NDArray[np.intp], groups: int, every: Period, first: int, last: int
) -> dict[str, Counts]:
    """Return counts as (groups, periods)."""
    width = last - first + 1
    begin = every.index(np.floor(spells.entered)) - first
    gone = spells.cause > 0
    end = np.where(gone, every.index(np.floor(spells.left)) - first, width)

    def cells(rows: npt.NDArray[np.bool_], place: Counts) -> Counts:
        found = np.bincount(group[rows] * width + place[rows], minlength=groups * width)
        return found.reshape(groups, width).astype(np.int64)

    everybody = np.ones(len(spells), dtype=np.bool_)
    entered, left_at_all = cells(everybody, begin), cells(gone, end)
    there = np.cumsum(entered - left_at_all, axis=1)
    earlier = end > begin
    return {
        "start": np.concatenate([np.zeros((groups, 1), dtype=np.int64), there[:, :-1]], axis=1),
        "left": cells(gone & earlier & spells.event, end),
        "left_otherwise": cells(gone & earlier & ~spells.event, end),
        "entered": entered,
        "entered_and_left": cells(gone & ~earlier, end),
        "end": there,
    }


def _rates(
    groups: Groups,
    found: dict[str, Counts],
    every: Period,
    first: int,
    notes: tuple[Assumption, ...],
    *,
    complete: bool,
    level: float,
) -> ChurnRates:
    width = found["start"].shape[1]
    size = len(groups) * width
    start, left = found["start"].reshape(-1), found["left"].reshape(-1)
    share, std_error = proportion_estimate(left, start)
    low, high = proportion_interval(left, start, level=level, method="wilson")
    days = every.first_day(np.arange(first, first + width))
    begins = pd.DatetimeIndex(np.tile(days, len(groups)).astype("datetime64[D]").astype("datetime64[us]"))
    keys = {**groups.columns(times=width), "period": begins}
    none = pd.array(np.zeros(size, dtype=np.int64), dtype="Int64")
    columns: dict[str, Any] = {
        "metric": text_column(["churn_rate"] * size),
        "estimate": share,
        "std_error": std_error,
        "low": low,
        "high": high,
        "level": np.full(size, level),
        "method": text_column(["wilson"] * size),
        "unit": text_column(["share"] * size),
        "n": pd.array(start, dtype="Int64"),
        "missing": none,
        "invalid": none,
        "n_eff": start.astype(np.float64),
        "df": np.full(size, np.inf),
        "suppressed": np.zeros(size, dtype=np.bool_),
    }
    whole = np.tile(np.arange(width) < width - 1, len(groups)) | complete
    counts = pd.DataFrame(
        {**keys, **{name: found[name].reshape(-1) for name in _COUNT_COLUMNS[:-1]}, "complete": whole},
        index=pd.RangeIndex(size),
    )
    table = pd.DataFrame({**keys, **{name: columns[name] for name in ESTIMATE_COLUMNS}}, index=pd.RangeIndex(size))
    return ChurnRates(table, notes, by=(*groups.names, "period"), counts=counts)
