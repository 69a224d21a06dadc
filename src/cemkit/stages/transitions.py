"""Transitions: where customers go next, how sure that is, and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.stages.experience_log import ExperienceLog, experience_log
from cemkit.stages.naming import choice, joined_states, natural_rows
from cemkit.statistics.clustered_shares import clustered_shares
from cemkit.statistics.proportions import proportion_estimate, proportion_interval
from cemkit.tables.stamps import MICROSECONDS
from cemkit.tables.transitions import BOUND, TransitionCounts
from cemkit.tables.transitions import transitions as count_transitions
from cemkit.typing import Frame

__all__ = ["END", "START", "TRANSITION_COLUMNS", "Transitions", "transitions"]

TRANSITION_COLUMNS = (
    "source",
    "target",
    "count",
    "customers",
    "probability",
    "std_error",
    "low",
    "high",
    "mean_time",
    "median_time",
    "level",
    "method",
    "time_method",
    "n",
    "n_eff",
)
START, END = "(start)", "(end)"
_MOST_ORDER = 5
Floats = npt.NDArray[np.float64]
Duplicates = Literal["keep", "drop", "raise"]


@dataclass(frozen=True, eq=False, repr=False)
class Transitions(Result):
    """Which state follows which, a row per pair that occurs.

    ``to_frame()`` gives the columns

    ``*by, source, target``
        The group, the state (``a > b`` for the last two, where ``order=2``) and the state observed next.
    ``count, customers``
        Transitions, and the customers who made any of them.
    ``probability, std_error, low, high, level, method``
        Of all observed transitions from the source, the share (0 to 1) that goes to the target; customers are the clusters. Null in rows
        of the end, which is the end of the data, not of the customer.
    ``mean_time, median_time, time_method``
        Days from the source to the target, over transitions. ``exact``, or ``log-buckets`` where an engine has no exact median.
    ``n, n_eff``
        Transitions from the source, and how many independent ones they are worth.
    """

    by: tuple[str, ...] = ()
    order: int = 1

    _title: ClassVar[str] = "Transitions"

    def matrix(self, value: str = "probability") -> pd.DataFrame:
        """Return one column as a matrix, a row per source (and group) and a column per target; pairs that never occur are 0 or null.

        Parameters
        ----------
        value : str
            A column of numbers, such as ``"probability"``, ``"count"``, ``"median_time"``.
        """
        if value not in TRANSITION_COLUMNS[2:10]:
            msg = f"value must be a column of numbers such as 'probability', 'count' or 'median_time', got {value!r}"
            raise CemkitError(msg)
        order = list(dict.fromkeys(self.table["target"]))
        found = self.table.pivot(index=[*self.by, "source"], columns="target", values=value)[order]
        return found.fillna(0) if value in ("count", "customers", "probability") else found

    def plot(self, kind: Literal["sankey", "graph"] = "sankey") -> Any:
        """Return an Altair chart (extra ``report``): bands from source to target, or states in a circle with arrows."""
        from cemkit.charts.flow import graph_chart, sankey_chart

        kind = choice(kind, "kind", ("sankey", "graph"))
        return (sankey_chart if kind == "sankey" else graph_chart)(self.table, by=self.by)

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["level", "method", "time_method", "n_eff"])


def transitions(
    experiences: Frame,
    *,
    state: str = "touchpoint_id",
    order: int = 1,
    ends: bool = False,
    duplicates: Duplicates = "keep",
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "occurred_at",
) -> Transitions:
    r"""Count which state customers are in next, with probabilities and times.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    state : str
        Column of states: touchpoints, stages, activities.
    order : int
        How many states make a source: 1 asks where customers go from a state, 2 from a pair of states in a row.
    ends : bool
        Whether to add rows from ``(start)`` to the first source and from the last one to ``(end)`` of each customer.
    duplicates : {"keep", "drop", "raise"}
        What to do with experiences that equal another one in customer, time and state: count them as they are, once, or not at all.
    by : str or list of str, optional
        Columns that are constant per customer.
    level : float
        Level of the intervals.
    customer, at : str
        Columns.

    Returns
    -------
    Transitions
        A row per group and pair; ``.matrix()``, ``.plot("sankey")``, ``.plot("graph")``.

    Raises
    ------
    CemkitError
        If a column is absent or no time, no experience can be used, or an experience repeats and ``duplicates="raise"``.

    Notes
    -----
    :math:`\hat p_{ij} = \sum_c x_{cij} / \sum_c n_{ci}` over customers c with :math:`x_{cij}` transitions from i to j out of
    :math:`n_{ci}` from i: the probability that the *next observed* state is j, given that there is one. How many
    customers stay in i when the
    data end is in the rows ``(end)``; it is no probability of leaving. Counts sum to experiences minus customers (order 1).

    The variance is linearised with customers as clusters, the limits are Wilson's at the effective size with
    Student's t on U − 1 degrees of freedom,
    U the customers with a transition from i. They speak of customers like these, and of one probability at a time.
    Experiences of one moment are
    ordered by their state.

    References
    ----------
    Anderson, T. W. and Goodman, L. A. (1957), Statistical inference about Markov chains, *Annals of Mathematical Statistics*
    28, 89-110. Franco, C. et al. (2019), *Journal of Survey Statistics and Methodology* 7, 334-364.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b", "b"],
    ...         "touchpoint_id": ["shop", "bill", "call", "shop", "call"],
    ...         "occurred_at": pd.to_datetime(["2025-01-01", "2025-01-03", "2025-01-04", "2025-01-01", "2025-01-09"]),
    ...     }
    ... )
    >>> stages.transitions(log).to_frame()[["source", "target", "count", "probability", "mean_time"]]
      source target  count  probability  mean_time
    0   bill   call      1          1.0        1.0
    1   shop   bill      1          0.5        2.0
    2   shop   call      1          0.5        8.0
    """
    check_level(level)
    if isinstance(order, bool) or not isinstance(order, int) or not 1 <= order <= _MOST_ORDER:
        msg = f"order must be a whole number from 1 to {_MOST_ORDER}, got {order!r}"
        raise CemkitError(msg)
    choice(duplicates, "duplicates", ("keep", "drop", "raise"))
    source = experience_log(experiences, state=state, customer=customer, at=at, by=by, reserved=TRANSITION_COLUMNS)
    counts = count_transitions(source.log, order=order, ends=ends, drop_twins=duplicates == "drop")
    notes = [*source.assumptions, *_twin_notes(counts.twins, duplicates, source.log.rows)]
    table = _table(source, counts, order, float(level))
    if ends:
        table = pd.concat([table, *_end_rows(source, counts, order, float(level))], ignore_index=True)
    table = natural_rows(table, source, first=START, last=END)
    notes += [Assumption("end-of-data"), Assumption("customers-clusters-of-transitions")]
    if not counts.exact:
        notes.append(Assumption("median-buckets", {"bound": BOUND}))
    if order > 1:
        notes.append(Assumption("higher-order", {"order": order}))
    return Transitions(table, tuple(notes), by=source.by, order=order)


def _twin_notes(twins: int, duplicates: str, rows: int) -> list[Assumption]:
    if not twins:
        return []
    if duplicates == "raise":
        msg = (
            f"{twins:,} of {rows:,} experiences equal another one in customer, time and state: remove them, or say duplicates='keep' "
            "or duplicates='drop'"
        )
        raise CemkitError(msg)
    return [Assumption("duplicates-kept" if duplicates == "keep" else "duplicates-dropped", {"rows": twins})]


def _table(source: ExperienceLog, counts: TransitionCounts, order: int, level: float) -> pd.DataFrame:
    pairs = counts.pairs.reset_index(drop=True)
    names = [*source.by, *(f"_s{i}" for i in range(order))]
    sums = pairs.groupby(names, dropna=False, sort=False)[["_x", "_xn", "_f"]].transform("sum")
    units = np.round(sums["_f"].to_numpy(dtype=np.float64))
    n = sums["_x"].to_numpy(dtype=np.float64)
    x, seconds = pairs["_x"].to_numpy(dtype=np.float64), pairs["_d"].to_numpy(dtype=np.float64)
    found = clustered_shares(x, n, xx=pairs["_xx"], xn=pairs["_xn"], nn=sums["_xn"], units=units, level=level)
    columns = {
        "source": joined_states(pairs, order),
        "target": pd.Series(pairs[f"_s{order}"].tolist(), dtype=object),
        "count": x.astype(np.int64),
        "customers": pairs["_u"].to_numpy(dtype=np.float64).astype(np.int64),
        "probability": found.share,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
        "mean_time": seconds / x / MICROSECONDS,
        "median_time": pairs["_m"].to_numpy(dtype=np.float64) / MICROSECONDS,
        "level": np.full(len(x), level),
        "method": pd.Series(["clustered-wilson"] * len(x), dtype=object),
        "time_method": pd.Series(["exact" if counts.exact else "log-buckets"] * len(x), dtype=object),
        "n": n.astype(np.int64),
        "n_eff": found.n_eff,
    }
    return pd.DataFrame({**{name: pairs[name] for name in source.by}, **columns})


def _end_rows(source: ExperienceLog, counts: TransitionCounts, order: int, level: float) -> list[pd.DataFrame]:
    """Return the rows of the start, shares of customers, and those of the end, which are counts only."""
    made = []
    for where, rows in (("start", counts.starts), ("end", counts.ends)):
        number = rows["_u"].to_numpy(dtype=np.float64)
        total = (
            rows.groupby(list(source.by), dropna=False, sort=False)["_u"].transform("sum")
            if source.by
            else number.sum()
        )
        n = np.broadcast_to(np.asarray(total, dtype=np.float64), number.shape)
        share, std_error = proportion_estimate(number, n)
        low, high = proportion_interval(number, n, level=level, method="wilson")
        nothing = np.full(number.shape, np.nan)
        is_start = where == "start"
        states = joined_states(rows, order)
        end = pd.Series([START if is_start else END] * len(rows), dtype=object)
        columns: dict[str, Any] = {
            "source": end if is_start else states,
            "target": states if is_start else end,
            "count": number.astype(np.int64),
            "customers": number.astype(np.int64),
            **{
                name: values if is_start else nothing
                for name, values in (("probability", share), ("std_error", std_error), ("low", low), ("high", high))
            },
            "mean_time": nothing,
            "median_time": nothing,
            "level": np.full(number.shape, level),
            "method": pd.Series(["wilson" if is_start else "count"] * len(rows), dtype=object),
            "time_method": pd.Series(["none"] * len(rows), dtype=object),
            "n": n.astype(np.int64),
            "n_eff": n if is_start else nothing,
        }
        made.append(pd.DataFrame({**{name: rows[name].reset_index(drop=True) for name in source.by}, **columns}))
    return made
