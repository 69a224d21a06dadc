"""The loyalty ladder: from which rung to which customers move, and whether more of them rise than fall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.multinomial import net_estimate, net_interval
from cemkit.statistics.proportions import logit_interval, proportion_estimate, proportion_interval
from cemkit.tables.binding import Bound, bind
from cemkit.tables.derive import count_nulls, with_places
from cemkit.tables.periods import Period, parse_period
from cemkit.tables.rows import count_by, require_rows
from cemkit.tables.unit_steps import StepMoments, UnitSteps, unit_steps
from cemkit.typing import Frame

__all__ = ["LadderTransitions", "ladder"]

Floats = npt.NDArray[np.float64]
_RUNG = "_rung"
_MOST_TIMES = 500
_COLUMNS = ("estimate", "std_error", "low", "high", "level", "method", "unit", "n", "customers")


@dataclass(frozen=True, eq=False, repr=False)
class LadderTransitions(Result):
    """Moves between rungs, a row per pair of rungs, from the lowest rung on.

    ``to_frame()`` gives ``from_rung, to_rung, steps, estimate, std_error, low, high, level, method, unit, n, customers``: of the
    ``n`` steps of ``customers`` customers that began on a rung, the share (0 to 1) that ended on each. A step leads from one
    observation of a customer to the next.

    Attributes
    ----------
    net
        ``rung, metric`` and the same columns from ``estimate`` on, for each rung and (rung null) for all: ``up`` and ``down``,
        the shares of steps that rose and fell; ``net``, up less down; ``rise``, rungs gained per step.
    periods
        ``at, metric`` and the same columns: up, down and net of the steps that end at each time; the first day of the period
        where ``every`` was given.
    rungs
        The rungs, from the lowest to the highest.
    """

    net: pd.DataFrame = field(default_factory=pd.DataFrame)
    periods: pd.DataFrame = field(default_factory=pd.DataFrame)
    rungs: tuple[Any, ...] = ()

    _title: ClassVar[str] = "Loyalty ladder"

    def matrix(self, value: str = "estimate") -> pd.DataFrame:
        """Return one column as a square: rows are the rungs that steps lead from, columns those that they lead to."""
        if value not in ("steps", *_COLUMNS[:4]):
            msg = f"value must be 'steps', 'estimate', 'std_error', 'low' or 'high', got {value!r}"
            raise CemkitError(msg)
        size = len(self.rungs)
        names = pd.Index(self.rungs, dtype=object)
        return pd.DataFrame(
            self.table[value].to_numpy().reshape(size, size),
            index=names.rename("from_rung"),
            columns=names.rename("to_rung"),
        )

    def plot(self) -> Any:
        """Return an Altair chart: the shares that moved from each rung to each (extra ``report``)."""
        from cemkit.charts.heat_map import heat_chart

        shown = self.table.rename(columns={"from_rung": "row", "to_rung": "column", "estimate": "value"})
        return heat_chart(shown, rows="from_rung", columns="to_rung")


def ladder(
    data: Frame,
    *,
    customer: str,
    at: str,
    rung: str,
    rungs: Sequence[Any],
    every: str | None = None,
    level: float = 0.95,
) -> LadderTransitions:
    """Estimate how customers move between the rungs of a loyalty ladder.

    Parameters
    ----------
    data : frame
        A row per customer and time: the rung on which the customer stood then.
    customer, at, rung : str
        Columns; ``at`` holds times or numbers of waves.
    rungs : list
        All rungs, from the lowest to the highest.
    every : str, optional
        ``"1mo"``, ``"1q"``, ...: times in the same calendar period are one, and the last of them counts.
    level : float
        Level of the intervals.

    Returns
    -------
    LadderTransitions
        Shares with intervals over customers (linearised, logit; Wilson at 0 and 1), net movement, and both over time.

    Raises
    ------
    ColumnError
        If a column is absent or of the wrong type.
    ContractError
        If a customer stands on two rungs at one time.
    CemkitError
        If the data hold rungs that are not listed, or no customer was seen twice.

    Notes
    -----
    The share from rung i to j is Σ k_ij / Σ m_i over customers, with k_ij the steps of a customer from i to j and m_i those from
    i. A customer who was seen more often makes more steps, and these resemble each other: standard errors are those of a
    ratio of sums over customers. Net movement is (steps up - steps down) / steps. Steps between times that lie further apart have
    had longer to move; give ``every`` to make them alike. Customers who left make no step: a ladder shows those who stayed.

    References
    ----------
    Christopher, M., Payne, A. and Ballantyne, D. (1991), *Relationship Marketing*.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> stood = pd.DataFrame(
    ...     {
    ...         "who": ["a", "a", "b", "b", "c", "c"],
    ...         "wave": [1, 2, 1, 2, 1, 2],
    ...         "rung": ["buyer", "fan", "buyer", "buyer", "fan", "buyer"],
    ...     }
    ... )
    >>> moved = loyalty.ladder(stood, customer="who", at="wave", rung="rung", rungs=["buyer", "fan"])
    >>> moved.matrix().to_numpy().tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    check_level(level)
    bound = bind(data)
    for name, argument in ((customer, "customer"), (at, "at"), (rung, "rung")):
        bound.require_key(name, argument)
    if len({customer, at, rung}) < 3:
        msg = f"customer, at and rung must be three columns, got {customer!r}, {at!r}, {rung!r}"
        raise ColumnError(msg)
    period = _period(bound, at, every)
    rows = require_rows(bound, "data")
    order = _listed(bound, rung, rungs)
    found = unit_steps(
        with_places(bound, _RUNG, of=rung, values=order),
        unit=customer,
        at=at,
        state=_RUNG,
        states=len(order),
        most_times=_MOST_TIMES,
        period=period,
    )
    if found.unclear:
        msg = (
            f"a customer stands on one rung at a time: {found.unclear:,} pairs of {customer!r} and {at!r} have several; keep one row "
            "of each"
        )
        raise ContractError(msg)
    if not found.moments.movers:
        msg = (
            f"nobody was seen twice: {rows:,} rows of {found.units:,} customers make no step from one time to the next"
        )
        raise CemkitError(msg)
    notes = _notes(bound, found, customer, at, rung, period)
    return LadderTransitions(
        _pairs(found.moments, order, float(level)),
        notes,
        net=_net(found.moments, order, float(level)),
        periods=_periods(found, period, float(level)),
        rungs=tuple(order),
    )


def _period(bound: Bound, at: str, every: str | None) -> Period | None:
    """Check that times have an order, and return the period that makes them one."""
    if every is None and bound.schema[at].is_numeric():
        return None
    bound.require_time(at, "at")
    return None if every is None else parse_period(every)


def _listed(bound: Bound, rung: str, rungs: Sequence[Any]) -> list[Any]:
    """Return the rungs, of which there are two or more, all that the data hold among them."""
    order = [] if isinstance(rungs, str) else list(rungs)
    if len(order) < 2 or len(set(order)) < len(order) or None in order:
        msg = f"rungs must list two or more different rungs from the lowest to the highest, got {rungs!r}"
        raise CemkitError(msg)
    held = {key: n for (key,), n in count_by(bound, [rung]).items() if key is not None}
    unknown = sorted((key for key in held if key not in order), key=str)
    if unknown:
        shown = ", ".join(map(repr, unknown[:5]))
        rows = sum(held[key] for key in unknown)
        hint = did_you_mean(str(unknown[0]), map(str, order))
        msg = (
            f"rungs: {rung!r} also holds {shown} ({len(unknown):,} values in {rows:,} rows).{hint} "
            "List every rung, or filter these rows out"
        )
        raise CemkitError(msg)
    return order


def _notes(
    bound: Bound, found: UnitSteps, customer: str, at: str, rung: str, period: Period | None
) -> tuple[Assumption, ...]:
    notes = [Assumption("customers-clustered", {"customers": found.moments.movers})]
    once = found.units - found.moments.movers
    if once:
        notes.append(Assumption("seen-once", {"customers": once}))
    nulls = count_nulls(bound, [customer, at, rung])
    notes += [Assumption("null-left-out", {"rows": n, "column": name}) for name, n in nulls.items() if n]
    if found.repeated and period is None:
        notes.append(Assumption("repeated-rows-once", {"rows": found.repeated}))
    if not found.ends:
        notes.append(Assumption("too-many-times", {"most": _MOST_TIMES}))
    return (*notes, Assumption("ladder-of-stayers"))


def _limits(share: Floats, error: Floats, units: Floats, level: float) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return limits of shares, and where they are Wilson's."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = logit_interval(share, error, np.maximum(units - 1, 1), level=level)
        edge = ~np.isfinite(low) | ~(error > 0) | (units < 2)
        wilson = proportion_interval(share * units, units, level=level, method="wilson")
    return np.where(edge, wilson[0], low), np.where(edge, wilson[1], high), edge


def _ratio_error(squares: Floats, cross: Floats, base: Floats, ratio: Floats, total: Floats, units: Floats) -> Floats:
    """Return the linearised standard error of Σy/Σx over units, from Σy², Σxy, Σx²."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.maximum(squares - 2 * ratio * cross + ratio**2 * base, 0.0)
        # what rounding leaves of a difference of equal numbers
        rest = np.where(rest < 1e-12 * np.maximum(squares, 1.0), 0.0, rest)
        return np.where(units > 1, np.sqrt(rest * units / (units - 1)) / total, np.nan)


def _pairs(moments: StepMoments, order: list[Any], level: float) -> pd.DataFrame:
    size = len(order)
    total, base = moments.sums[:size, 2], moments.products[:size, 2, 2]
    m, mm, units = (np.repeat(x, size) for x in (total, base, moments.units))
    k = moments.k.ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / np.where(m > 0, m, np.nan)
    error = _ratio_error(moments.kk.ravel(), moments.km.ravel(), mm, share, m, units)
    low, high, edge = _limits(share, error, units, level)
    rungs = pd.Series(order, dtype=object)
    return pd.DataFrame(
        {
            "from_rung": rungs.repeat(size).reset_index(drop=True),
            "to_rung": pd.concat([rungs] * size, ignore_index=True),
            "steps": k.astype(np.int64),
            "estimate": share,
            "std_error": error,
            "low": low,
            "high": high,
            "level": level,
            "method": pd.Series(np.where(edge, "wilson", "linearised-logit"), dtype=object),
            "unit": pd.Series(["share"] * k.size, dtype=object),
            "n": m.astype(np.int64),
            "customers": units.astype(np.int64),
        }
    )


def _net(moments: StepMoments, order: list[Any], level: float) -> pd.DataFrame:
    # of (up, down, all steps, change of rung)
    parts = {"up": (1, 0, 0, 0), "down": (0, 1, 0, 0), "net": (1, -1, 0, 0), "rise": (0, 0, 0, 1)}
    units = np.append(moments.units, moments.movers)
    total = moments.sums[:, 2]
    half_width = critical_value(level, np.maximum(units - 1, 1))
    rungs = pd.Series([*order, None], dtype=object)
    tables = []
    for metric, weights in parts.items():
        weight = np.asarray(weights, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = moments.sums @ weight / np.where(total > 0, total, np.nan)
        squares = np.einsum("i,sij,j->s", weight, moments.products, weight)
        cross = moments.products[:, :, 2] @ weight
        error = _ratio_error(squares, cross, moments.products[:, 2, 2], ratio, total, units)
        if metric in ("up", "down"):
            low, high, edge = _limits(ratio, error, units, level)
            method = np.where(edge, "wilson", "linearised-logit")
        else:
            most = 1.0 if metric == "net" else len(order) - 1.0
            low, high = (np.clip(ratio + sign * half_width * error, -most, most) for sign in (-1, 1))
            method = np.array(["linearised-t"] * units.size)
        unit = "rungs" if metric == "rise" else "share"
        tables.append(_rows({"rung": rungs}, metric, ratio, error, low, high, level, method, unit, total, units))
    return pd.concat(tables, ignore_index=True)


def _rows(
    keys: dict[str, Any],
    metric: str,
    estimate: Floats,
    error: Floats,
    low: Floats,
    high: Floats,
    level: float,
    method: Any,
    unit: str,
    n: Floats,
    customers: Floats,
) -> pd.DataFrame:
    size = estimate.size
    return pd.DataFrame(
        {
            **keys,
            "metric": pd.Series([metric] * size, dtype=object),
            "estimate": estimate,
            "std_error": error,
            "low": low,
            "high": high,
            "level": level,
            "method": pd.Series(list(method), dtype=object),
            "unit": pd.Series([unit] * size, dtype=object),
            "n": n.astype(np.int64),
            "customers": customers.astype(np.int64),
        }
    )


def _periods(found: UnitSteps, period: Period | None, level: float) -> pd.DataFrame:
    """Return the movement that ends at each time: a customer makes one step at a time, so that steps are independent there."""
    up = np.triu(np.ones(found.moments.k.shape), 1)
    rise, fall = (np.einsum("tij,ij->t", found.times, part) for part in (up, up.T))
    n = found.times.sum(axis=(1, 2))
    at: Any = pd.Series(found.ends, dtype=None if found.ends else object)
    if period is not None:
        days = period.first_day(np.asarray(found.ends, dtype=np.int64))
        at = pd.Series(days.astype("datetime64[D]").astype("datetime64[us]"))
    tables = []
    for metric, count in (("up", rise), ("down", fall)):
        share, error = proportion_estimate(count, n)
        low, high = proportion_interval(count, n, level=level, method="wilson")
        method = ["wilson"] * n.size
        tables.append(_rows({"at": at}, metric, share, error, low, high, level, method, "share", n, n))
    net, error = net_estimate(fall, n - rise - fall, rise)
    low, high = net_interval(fall, n - rise - fall, rise, level=level)
    method = ["adjusted-wald"] * n.size
    tables.append(_rows({"at": at}, "net", net, error, low, high, level, method, "share", n, n))
    return pd.concat(tables, ignore_index=True).sort_values("at", kind="stable", ignore_index=True)
