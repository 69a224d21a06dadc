"""The known shares of the customer base, checked against the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, did_you_mean
from cemkit.tables.binding import Bound
from cemkit.tables.groups import Groups

__all__ = ["Margins", "checked_margins", "margin_levels"]

Floats = npt.NDArray[np.float64]
Margins: TypeAlias = Mapping[str, Mapping[Any, float]]
"""``{column: {level: share}}``."""


def checked_margins(bound: Bound, margins: Margins) -> dict[str, dict[Any, float]]:
    """Return the margins with shares as floats, or raise where they are no shares that sum to 1."""
    whole = isinstance(margins, Mapping) and bool(margins)
    if not whole or not all(isinstance(shares, Mapping) and shares for shares in margins.values()):
        msg = f"margins must be {{column: {{level: share}}}} with at least one column, got {margins!r}"
        raise CemkitError(msg)
    found: dict[str, dict[Any, float]] = {}
    for column, shares in margins.items():
        bound.require(column, "margins")
        odd = [(level, share) for level, share in shares.items() if not _is_share(share)]
        if odd:
            msg = (
                f"margin {column!r} must give every level a share of at least zero, found {odd[0][0]!r}: {odd[0][1]!r}"
            )
            raise CemkitError(msg)
        total = math.fsum(shares.values())
        if abs(total - 1) > 1e-9:
            msg = f"the shares of margin {column!r} must sum to 1, and they sum to {total:.10g}.{_sum_hint(total)}"
            raise CemkitError(msg)
        found[column] = {level: float(share) for level, share in shares.items()}
    return found


def _is_share(share: object) -> bool:
    number = isinstance(share, int | float | np.number) and not isinstance(share, bool)
    return number and math.isfinite(share) and share >= 0  # type: ignore[arg-type, operator]


def _sum_hint(total: float) -> str:
    """Name the mistake that is likely: percent, rounding, or counts."""
    if abs(total - 100) < 5:
        return " Did you give percent? Divide by 100."
    if abs(total - 1) < 0.05:
        return " Did you round, or give percent in part? Divide each by their sum."
    return " Divide each by their sum."


def margin_levels(
    cells: Groups, shares: Mapping[str, Mapping[Any, float]]
) -> tuple[list[npt.NDArray[np.intp]], list[list[Any]], list[Floats]]:
    """Return each margin's level per cell, its labels in the order of the targets, and the targets."""
    codes, labels, targets = [], [], []
    for i, (column, target) in enumerate(shares.items()):
        present = list(dict.fromkeys(key[i] for key in cells.keys))
        absent = [level for level in target if level not in present]
        extra = [level for level in present if level not in target]
        if absent and extra:
            _raise_other_levels(column, absent, extra)
        known = [*target, *extra]
        place = {level: k for k, level in enumerate(known)}
        codes.append(np.array([place[key[i]] for key in cells.keys], dtype=np.intp))
        labels.append(known)
        targets.append(np.array([target.get(level, np.nan) for level in known]))
    return codes, labels, targets


def _raise_other_levels(column: str, absent: list[Any], extra: list[Any]) -> None:
    asked, found = ("/".join(sorted({type(v).__name__ for v in levels})) for levels in (absent, extra))
    hint = did_you_mean(absent[0], extra)
    if asked != found:
        hint = f" They are {asked} in the margins and {found} in the data."
    msg = f"margin {column!r} has a share for {absent[0]!r}, which no row has, and none for {extra[0]!r}, which the data have.{hint}"
    raise CemkitError(msg)
