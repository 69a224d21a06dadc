"""Paths: the sequences that customers go through, the most frequent first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.stages.experience_log import experience_log
from cemkit.stages.naming import BETWEEN
from cemkit.statistics.proportions import proportion_estimate, proportion_interval
from cemkit.tables.variants import variants
from cemkit.typing import Frame

__all__ = ["PATH_COLUMNS", "Paths", "paths"]

PATH_COLUMNS = (
    "rank",
    "path",
    "length",
    "customers",
    "share",
    "std_error",
    "low",
    "high",
    "cumulative_share",
    "level",
    "method",
    "unit",
    "n",
)
_MOST = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class Paths(Result):
    """The most frequent paths, a row each.

    ``to_frame()`` gives the columns

    ``rank, path, length``
        Place by number of customers; the states in order (``a > b > c``) and how many.
    ``customers, share, std_error, low, high, level, method, unit, n``
        Customers whose whole observed path it is, as a share (0 to 1) of all n customers.
    ``cumulative_share``
        The share of this path and those above it.

    Attributes
    ----------
    different
        How many different paths there are.
    """

    different: int = 0

    _title: ClassVar[str] = "Paths"

    def _display(self) -> pd.DataFrame:
        return self.table[["rank", "path", "customers", "share", "low", "high", "cumulative_share"]]

    def plot(self) -> Any:
        """Return an Altair chart of the shares with their intervals (extra ``report``)."""
        from cemkit.charts.funnel import share_chart

        return share_chart(self.table, name="path", value="share")


def paths(
    experiences: Frame,
    *,
    state: str = "stage",
    top: int = 20,
    collapse: bool = True,
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "occurred_at",
) -> Paths:
    """Count the sequences of states that customers go through.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    state : str
        Column of states.
    top : int
        How many of the most frequent paths to return.
    collapse : bool
        Whether a state that repeats at once counts once.
    level : float
        Level of the intervals.
    customer, at : str
        Columns.

    Returns
    -------
    Paths
        A row per path with Wilson intervals.

    Raises
    ------
    CemkitError
        If a column is absent or no time, or no experience can be used.

    Notes
    -----
    A path is all that was observed of a customer, in the order of time, experiences of one moment in the order of
    their states. It ends where
    the data end: paths of customers who joined lately are shorter. Shares are of all customers with an experience. A
    path that is on top because
    it was the most frequent *in these data* is a little less frequent outside of them.

    References
    ----------
    Wilson, E. B. (1927), *Journal of the American Statistical Association* 22, 209-212.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b", "b", "c"],
    ...         "stage": ["use", "use", "care", "use", "care", "use"],
    ...         "occurred_at": pd.date_range("2025-01-01", periods=6),
    ...     }
    ... )
    >>> stages.paths(log).to_frame()[["path", "customers"]].to_numpy().tolist()
    [['use > care', 2], ['use', 1]]
    """
    check_level(level)
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= _MOST:
        msg = f"top must be a whole number from 1 to {_MOST:,}, got {top!r}"
        raise CemkitError(msg)
    source = experience_log(experiences, state=state, customer=customer, at=at, by=None, reserved=PATH_COLUMNS)
    found = variants(source.log, most=top, collapse=bool(collapse))
    number = np.array(found.units, dtype=np.int64)
    n = np.full(number.size, found.all_units, dtype=np.int64)
    share, std_error = proportion_estimate(number, n)
    low, high = proportion_interval(number, n, level=level, method="wilson")
    columns: dict[str, Any] = {
        "rank": np.arange(1, number.size + 1),
        "path": pd.Series([BETWEEN.join(path) for path in found.paths], dtype=object),
        "length": [len(path) for path in found.paths],
        "customers": number,
        "share": share,
        "std_error": std_error,
        "low": low,
        "high": high,
        "cumulative_share": np.cumsum(number) / n,
        "level": np.full(number.size, float(level)),
        "method": pd.Series(["wilson"] * number.size, dtype=object),
        "unit": pd.Series(["share"] * number.size, dtype=object),
        "n": n,
    }
    table = pd.DataFrame({name: columns[name] for name in PATH_COLUMNS})
    notes = (
        *source.assumptions,
        Assumption("end-of-data"),
        Assumption("paths-selected", {"different": found.different}),
    )
    return Paths(table, notes, different=found.different)
