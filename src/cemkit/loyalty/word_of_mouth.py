"""Word of mouth: what share of a period's new customers came through others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from cemkit.errors import CemkitError, ContractError
from cemkit.estimation import Measure, estimate
from cemkit.estimation.sample import check_level
from cemkit.loyalty.purchases import bind_log
from cemkit.results import Assumption, Estimates
from cemkit.scales import Scale
from cemkit.tables.derive import with_membership
from cemkit.tables.events import event_log
from cemkit.tables.periods import parse_period, with_period
from cemkit.tables.rows import count_by, repeats
from cemkit.typing import Frame

__all__ = ["word_of_mouth"]

_FLAG, _PERIOD = "_earned", "_period"
_MEASURE = Measure("word_of_mouth", Scale(0, 1, bands={"bought": (0, 0), "earned": (1, 1)}), "top", unit="share")


def word_of_mouth(
    customers: Frame,
    *,
    origin: str,
    period: str,
    earned: Sequence[Any] = ("referral",),
    level: float = 0.95,
    customer: str = "customer_id",
    at: str = "acquired_at",
) -> Estimates:
    """Estimate, per period, the share of new customers who came through other customers.

    Parameters
    ----------
    customers : frame
        A row per customer.
    origin : str
        The column that says what brought the customer.
    period : str
        Length of a calendar period: ``"1mo"``, ``"1q"``, ``"1y"`` or a multiple.
    earned : list
        The origins that are word of mouth.
    level : float
        Level of the intervals.
    customer, at : str
        Columns of the customer and of when they joined.

    Returns
    -------
    Estimates
        A row per period with new customers; ``period`` is its first day. Shares from 0 to 1 with Wilson intervals;
        ``missing`` is new customers of unknown origin.

    Raises
    ------
    CemkitError
        If a column is absent, a customer has several rows, nobody has a date, or no origin is one of ``earned``.

    Notes
    -----
    share = #{new customers with an earned origin} / #{new customers of known origin}. It is the share of those who came, not of
    those who were told; a falling share can be more advertising rather than less talk, so read it with the counts.

    References
    ----------
    Reichheld, F., Darnell, D. and Burns, M. (2021), Net Promoter 3.0, *Harvard Business Review* 99(6), 80-89.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> people = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 2, 3],
    ...         "acquired_at": pd.to_datetime(["2025-01-05", "2025-01-09", "2025-02-01"]),
    ...         "origin": ["referral", "campaign", "referral"],
    ...     }
    ... )
    >>> loyalty.word_of_mouth(people, origin="origin", period="1mo").to_frame()["estimate"].tolist()
    [0.5, 1.0]
    """
    check_level(level)
    length = parse_period(period, "period")
    bound = bind_log(customers, customer=customer, at=at)
    bound.require(origin, "origin")
    log = event_log(bound, unit=customer, at=at, columns=[origin])
    if not log.rows:
        msg = f"nobody has a date in {at!r}: check the file or the filter that made it"
        raise CemkitError(msg)
    if repeats(log.bound, customer).most > 1:
        msg = f"{customer!r} repeats: word of mouth needs a row per customer, with the origin that brought them"
        raise ContractError(msg)
    found = {key for (key,) in count_by(log.bound, [origin]) if key is not None}
    if isinstance(earned, str) or not found & set(earned):
        shown = ", ".join(map(repr, sorted(found, key=str)[:8]))
        msg = f"earned={earned!r} must list values of {origin!r}, which has {shown or 'only nulls'}"
        raise CemkitError(msg)
    flagged = with_membership(with_period(log.bound, at, length, _PERIOD), _FLAG, of=origin, values=tuple(earned))
    shares = estimate(flagged, _MEASURE, score=_FLAG, by=_PERIOD, level=level)

    def dated(table: pd.DataFrame) -> pd.DataFrame:
        days = length.first_day(table[_PERIOD].to_numpy()).astype("datetime64[D]").astype("datetime64[us]")
        dates = table.rename(columns={_PERIOD: "period"})
        dates["period"] = pd.DatetimeIndex(days)
        return dates

    notes = [
        *shares.assumptions,
        Assumption("earned-customers", {"column": origin, "earned": ", ".join(map(str, earned))}),
    ]
    if log.nameless:
        notes.append(Assumption("anonymous-left-out", {"rows": log.nameless}))
    if log.timeless:
        notes.append(Assumption("timeless-left-out", {"rows": log.timeless}))
    return Estimates(dated(shares.table), tuple(notes), by=("period",), bands=dated(shares.bands))
