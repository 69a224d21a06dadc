"""How far an outcome reaches, checked."""

from __future__ import annotations

from cemkit.errors import CemkitError
from cemkit.tables.binding import Bound
from cemkit.tables.row_means import number_range

__all__ = ["outcome_range"]

_MOST = 1e100


def outcome_range(bound: Bound, column: str, outcome: str) -> tuple[float, float]:
    """Return the ends of a prepared column, or raise where it has no value, or values whose squares are no numbers."""
    low, high = number_range(bound, [column])
    if low != low or high != high:
        msg = f"outcome={outcome!r} has no value: check the column"
        raise CemkitError(msg)
    if max(abs(low), abs(high)) > _MOST:
        msg = f"outcome={outcome!r} reaches from {low:g} to {high:g}, too far to be squared: repair or rescale it first"
        raise CemkitError(msg)
    return low, high
