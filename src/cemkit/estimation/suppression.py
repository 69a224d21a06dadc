"""Hide small bases, and as many neighbours as it takes that none can be had by subtraction."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.results import Assumption

__all__ = ["suppressed_groups", "suppression_note"]


def suppressed_groups(
    keys: tuple[tuple[Any, ...], ...], bases: npt.NDArray[np.float64], min_base: int | None
) -> npt.NDArray[np.bool_]:
    """Return which groups to hide.

    A group is hidden where its base (distinct customers) is under ``min_base``. In every margin of the table (some keys
    fixed, the others free: a line, a plane, the whole) what is hidden must be at least two cells with ``min_base`` customers
    together, else the smallest neighbour is hidden too (complementary suppression): totals are shown or easily had.
    """
    if min_base is None:
        return np.zeros(len(bases), dtype=bool)
    if isinstance(min_base, bool) or not isinstance(min_base, int) or not 1 <= min_base < 2**53:
        msg = f"min_base must be a whole number of at least 1, got {min_base!r}"
        raise CemkitError(msg)
    hidden = bases < min_base
    margins = _margins(keys)
    changed = bool(hidden.any())
    while changed:
        changed = False
        for cells in margins:
            inside = cells[hidden[cells]]
            shown = cells[~hidden[cells]]
            if not len(inside) or not len(shown):
                continue
            if len(inside) > 1 and bases[inside].sum() >= min_base:
                continue
            order = np.argsort(bases[shown], kind="stable")
            hidden[shown[order[0]]] = True
            changed = True
    return hidden


def suppression_note(
    hidden: npt.NDArray[np.bool_], bases: npt.NDArray[np.float64], min_base: int | None
) -> list[Assumption]:
    """Return the assumption that says how many groups are hidden and why."""
    if min_base is None or not hidden.any():
        return []
    small = int((bases < min_base).sum())
    values = {"groups": small, "min_base": min_base, "complementary": int(hidden.sum()) - small}
    return [Assumption("suppressed", values)]


def _margins(keys: tuple[tuple[Any, ...], ...]) -> list[npt.NDArray[np.intp]]:
    """Return the cells of every margin with at least two of them."""
    width = len(keys[0]) if keys else 0
    fixed = [places for size in range(width) for places in combinations(range(width), size)]
    found: dict[tuple[Any, ...], list[int]] = {}
    for places in fixed:
        for i, key in enumerate(keys):
            found.setdefault((places, *(key[place] for place in places)), []).append(i)
    return [np.array(cells, dtype=np.intp) for cells in found.values() if len(cells) > 1]
