"""Credit for leaving along paths of touchpoints: rules, Markov removal effects, Shapley values of sets. Descriptive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.path_reading import PathColumns, ReadPaths, read_paths
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.statistics._arguments import check_method
from cemkit.statistics.markov import chain_counts, markov_removal, path_transitions
from cemkit.statistics.path_errors import CreditErrors, credit_errors, path_parts, removal_errors
from cemkit.statistics.paths import RULES, membership, rule_weights, set_credits
from cemkit.statistics.proportions import logit_interval, proportion_estimate, proportion_interval
from cemkit.typing import Frame

__all__ = ["PATH_COLUMNS", "PathAttribution", "path_attribution"]

PathMethod = Literal["first", "last", "linear", "time-decay", "position", "markov", "shapley"]
METHODS = (*RULES, "markov", "shapley")
MOST_ORDER = 20
PATH_COLUMNS = (
    "touchpoint",
    "estimate",
    "std_error",
    "removal_effect",
    "customers",
    "low",
    "high",
    "level",
    "method",
    "n",
    "credit",
    "removal_effect_low",
    "removal_effect_high",
    "value",
    "met",
    "met_left",
    "unit",
)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class PathAttribution(Result):
    """Shares of the credit for leaving; they sum to 1 whatever made customers leave.

    Attributes
    ----------
    table
        A row per touchpoint: ``estimate``, its share (0 to 1) of the credit, with ``std_error, low, high, level, method``;
        ``removal_effect``, the share of leavers whose paths would not have ended in leaving had they stopped at the
        touchpoint, with its limits (null but for ``credit="markov-…"``); ``customers``, the leavers credited, who sum to
        the leavers that met any touchpoint; ``value``, what is credited of their value; ``met`` and ``met_left``,
        customers and leavers whose path contains the touchpoint; ``n``, all customers; ``credit``, the method of
        attribution.
    base
        One row: the share of all customers who left, ``estimate, std_error, low, high, level, method, n``, and how many
        ``left``, were ``kept`` and are still ``open``.
    base_rate
        The chain's s'x, the chance that a path ends in leaving: equal to the share that left, at every order.
    credit
        The method of attribution, such as ``"markov-1"``.
    """

    base: pd.DataFrame = field(default_factory=pd.DataFrame)
    base_rate: float = float("nan")
    credit: str = "markov-1"

    _title: ClassVar[str] = "Path attribution (descriptive)"

    def _display(self) -> pd.DataFrame:
        shown = ["touchpoint", "estimate", "low", "high", "removal_effect", "customers", "met", "met_left"]
        return self.table[shown].sort_values("estimate", ascending=False, kind="stable")

    def plot(self) -> Any:
        """Return an Altair chart: each touchpoint's share of the credit with its interval, the largest first."""
        from cemkit.charts.path_credit import path_credit_chart

        return path_credit_chart(self.table)


def path_attribution(
    paths: Frame,
    *,
    method: PathMethod = "markov",
    order: int = 1,
    path: str = "path",
    separator: str = " > ",
    left: str = "left",
    kept: str | None = "kept",
    open: str | None = None,  # noqa: A002
    count: str | None = None,
    value: str | None = None,
    touchpoints: Sequence[Any] | None = None,
    half_life: float = 7.0,
    ends: float = 0.4,
    level: float | None = 0.95,
) -> PathAttribution:
    r"""Share the credit for leaving among the touchpoints that customers met on their way.

    Markov: with Q the moves between touchpoints, r the exits by leaving and s where paths begin,
    :math:`x = (I - Q)^{-1} r` and the base rate is :math:`s'x`. Removing c stops paths there; the removal effect is the
    share of s'x that is lost, :math:`(s'N)_c / N_{cc} \cdot x_c / s'x` with :math:`N = (I - Q)^{-1}`, and the credit is
    its share of the effects' sum. One factorisation gives all of them, exactly.

    Parameters
    ----------
    paths : frame
        A row per customer or per path, of any engine. Distinct paths are counted in the engine where they are texts.
    method : str
        ``"markov"``; ``"shapley"`` (each path's leavers are shared alike by its distinct touchpoints: the Shapley value of
        sets in closed form); ``"first"``, ``"last"``, ``"linear"``, ``"time-decay"`` (halving every ``half_life`` touches
        before the last), ``"position"`` (``ends`` to the first and to the last each, the rest between).
    order : int
        Touchpoints that a state of the Markov chain remembers; with as many as the longest path has, a removal effect is
        the share of the leavers who met the touchpoint.
    path, separator : str
        Column of paths: lists, or texts in which the separator (blanks around it do not matter) stands between
        touchpoints. An empty path met no touchpoint; a null one is unknown, left out and counted.
    left, kept, open : str
        Customers of a row who left, were kept, and are still open (they may leave yet): numbers, or true and false.
        Where the table has no column ``kept``, who neither left nor is open was kept.
    count : str, optional
        How often a row stands: multiplies its numbers.
    value : str, optional
        What the leavers of a row were worth in all.
    touchpoints : list, optional
        All touchpoints there are: one that nobody met has exactly 0, one that is not listed is an error.
    half_life, ends : float
        Of ``"time-decay"`` and ``"position"``.
    level : float, optional
        Level of the intervals; None saves their time.

    Returns
    -------
    PathAttribution
        Shares of the credit with intervals by customer, in the order of touchpoints.

    Raises
    ------
    CemkitError
        If a column is absent or no number, a number is null or negative, a step is empty, a touchpoint is not one of
        ``touchpoints``, or no path holds the separator while most hold another.

    Notes
    -----
    Descriptive: shares add up to 1 even where no touchpoint made anybody leave, frequent touchpoints have large ones,
    and customers who are still there count as not having left. Standard errors are those of the delta method: the
    influence of one customer's path on every credit, summed over customers; limits are symmetric on the logit scale, and
    Wilson's where a share is 0 or 1. Where the table has a ``customer_id`` that repeats, customers are the clusters.

    References
    ----------
    Anderl, E. et al. (2016), Mapping the customer journey, *International Journal of Research in Marketing* 33, 457-474.
    Zhao, K. et al. (2018), Shapley value methods for attribution modeling in online advertising, arXiv:1804.05327.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import churn
    >>> taken = pd.DataFrame({"path": ["bill > support", "bill", "support"], "left": [1, 1, 0], "kept": [0, 0, 1]})
    >>> found = churn.path_attribution(taken)
    >>> found.to_frame()[["touchpoint", "estimate", "removal_effect", "customers"]].round(3)
      touchpoint  estimate  removal_effect  customers
    0       bill       0.6            0.75        1.2
    1    support       0.4            0.50        0.8
    >>> round(found.base_rate, 4)
    0.6667
    """
    check_method(method, METHODS)
    if isinstance(order, bool) or not isinstance(order, int | np.integer) or not 1 <= order <= MOST_ORDER:
        raise CemkitError(
            f"order must be a whole number from 1 to {MOST_ORDER}, got {order!r}: 1 remembers the last touchpoint"
        )
    if order > 1 and method != "markov":
        raise CemkitError(f"order={order} is for method='markov' alone: leave it out of method={method!r}")
    if level is not None:
        check_level(level)
    read = read_paths(paths, PathColumns(path, left, kept, open, count, value, separator), touchpoints=touchpoints)
    markov = method == "markov"
    found = _markov(read, int(order), level) if markov else _parts(read, method, level, half_life=half_life, ends=ends)
    credit = f"markov-{order}" if markov else method
    return PathAttribution(
        _rows(read, found, credit, level),
        _notes(read, credit, level),
        base=_base(read, level),
        base_rate=found.base_rate,
        credit=credit,
    )


@dataclass(frozen=True, eq=False)
class _Credits:
    share: Floats
    effect: Floats
    value: Floats
    errors: CreditErrors
    base_rate: float


def _markov(read: ReadPaths, order: int, level: float | None) -> _Credits:
    moves = path_transitions(read.paths, order=order)
    chain = chain_counts(moves, read.left, read.other)
    found = markov_removal(chain, moves.member)
    nothing = np.full(len(read.names), np.nan)
    worth = nothing
    if read.value is not None:
        # the same removals, every exit by leaving at what those who left there were worth
        some = moves.last >= 0
        exits = np.bincount(moves.last[some], weights=read.value[some], minlength=moves.states).astype(np.float64)
        valued = markov_removal(chain._replace(left=exits, other=chain.left + chain.other - exits), moves.member)
        worth = valued.share * float(read.value[some].sum())
    errors = CreditErrors(nothing, nothing)
    if level is not None and found.status == "ok":
        errors = removal_errors(moves, chain, read.left, read.other, unit=read.unit)
    return _Credits(found.share, found.effect, worth, errors, found.base_rate)


def _parts(read: ReadPaths, method: str, level: float | None, *, half_life: float, ends: float) -> _Credits:
    if method == "shapley":
        member = membership(read.paths)
        part: Any = member / np.maximum(member.sum(axis=1, keepdims=True), 1)
        credit = set_credits(member, read.left)
    else:
        part = path_parts(read.paths, rule_weights(read.paths, rule=method, half_life=half_life, ends=ends))
        credit = np.asarray(part.T @ read.left)
    nothing = np.full(len(read.names), np.nan)
    total = float(credit.sum())
    share = credit / total if total > 0 else nothing
    worth = nothing if read.value is None else np.asarray(part.T @ read.value)
    error = credit_errors(part, read.left, unit=read.unit) if level is not None else nothing
    customers = float((read.left + read.other).sum())
    return _Credits(share, nothing, worth, CreditErrors(error, nothing), float(read.left.sum()) / customers)


def _limits(share: Floats, error: Floats, n: Floats | float, level: float | None) -> tuple[Floats, Floats]:
    """Return limits on the logit scale, and Wilson's where the share is 0 or 1 or its error nothing."""
    if level is None:
        return np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    low, high = logit_interval(share, error, level=level)
    edge_low, edge_high = proportion_interval(np.clip(share, 0, 1) * n, np.broadcast_to(n, share.shape), level=level)
    edge = _at_edge(share, error)
    return np.where(edge, edge_low, low), np.where(edge, edge_high, high)


def _at_edge(share: Floats, error: Floats) -> npt.NDArray[np.bool_]:
    """Return where the logit knows no interval; an error of the size of rounding is none."""
    return ~((error > 1e-12) & (share > 1e-12) & (share < 1 - 1e-12))


def _rows(read: ReadPaths, found: _Credits, credit: str, level: float | None) -> pd.DataFrame:
    met, met_left = _met(read, read.left + read.other, read.left)
    some = np.diff(read.paths.offsets) > 0
    credited = float(read.left[some].sum())
    low, high = _limits(found.share, found.errors.share, credited, level)
    if credit.startswith("markov"):
        effect_low, effect_high = _limits(found.effect, found.errors.effect, float(read.left.sum()), level)
    else:
        effect_low = effect_high = np.full(len(read.names), np.nan)
    how: Any = "no-leavers" if not credited > 0 else "none"
    if credited > 0 and level is not None:
        how = np.where(_at_edge(found.share, found.errors.share), "wilson", "delta-logit")
    table = pd.DataFrame(
        {
            "touchpoint": pd.Index(list(read.names), dtype=object),
            "estimate": found.share,
            "std_error": found.errors.share,
            "removal_effect": found.effect,
            "customers": found.share * credited,
            "low": low,
            "high": high,
            "level": np.nan if level is None else level,
            "method": how,
            "n": _count(float((read.left + read.other).sum())),
            "credit": credit,
            "removal_effect_low": effect_low,
            "removal_effect_high": effect_high,
            "value": found.value,
            "met": met,
            "met_left": met_left,
            "unit": "share",
        }
    )
    return table[list(PATH_COLUMNS)]


def _count(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _met(read: ReadPaths, *numbers: Floats) -> list[Floats]:
    """Return the customers of the paths that contain a touchpoint, by each of several counts."""
    pairs = np.sort(read.paths.path * len(read.names) + read.paths.touch)
    different = pairs[np.r_[True, pairs[1:] != pairs[:-1]]] if pairs.size else pairs
    path, touch = np.divmod(different, max(len(read.names), 1))
    return [np.bincount(touch, weights=n[path], minlength=len(read.names)).astype(np.float64) for n in numbers]


def _base(read: ReadPaths, level: float | None) -> pd.DataFrame:
    left, customers = float(read.left.sum()), float((read.left + read.other).sum())
    share, error = proportion_estimate(left, customers)
    low, high = (np.nan, np.nan) if level is None else proportion_interval(left, customers, level=level)
    return pd.DataFrame(
        {
            "estimate": [float(share)],
            "std_error": [float(error)],
            "low": [float(low)],
            "high": [float(high)],
            "level": [np.nan if level is None else level],
            "method": ["none" if level is None else "wilson"],
            "n": [_count(customers)],
            "left": [left],
            "kept": [float(read.kept.sum())],
            "open": [float(read.open.sum())],
        }
    )


def _notes(read: ReadPaths, credit: str, level: float | None) -> tuple[Assumption, ...]:
    notes = [Assumption("paths-describe")]
    if credit.startswith("markov"):
        notes.append(Assumption("markov-paths", {"order": int(credit.split("-")[1])}))
    empty = float(read.left[np.diff(read.paths.offsets) == 0].sum())
    if empty > 0:
        notes.append(
            Assumption(
                "leavers-without-touchpoint", {"customers": _count(empty), "total": _count(float(read.left.sum()))}
            )
        )
    if level is None:
        notes.append(Assumption("no-interval-asked"))
    return (*notes, *read.notes)
