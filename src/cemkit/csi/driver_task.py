"""What a driver analysis was asked for: names, blocks of items, and their places in the moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.csi.complete import used_seed
from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.statistics.importance import IMPORTANCE_METHODS, Importance, ImportanceMethod, importance
from cemkit.tables.binding import column_names

__all__ = ["Task", "driver_task"]

Floats = npt.NDArray[np.float64]


class Task(NamedTuple):
    """What was asked: names, and their places in the moments' columns (items, controls, outcome)."""

    items: tuple[str, ...]
    controls: tuple[str, ...]
    outcome: str
    names: tuple[str, ...]
    blocks: list[list[int]]
    method: ImportanceMethod
    level: float
    seed: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Items, controls, outcome."""
        return (*self.items, *self.controls, self.outcome)

    def divide(
        self,
        matrix: Floats,
        *,
        method: ImportanceMethod | None = None,
        rng: np.random.Generator | None = None,
        permutations: int = 2000,
    ) -> Importance:
        """Return the parts by this or another method."""
        return importance(
            matrix,
            method=method or self.method,
            groups=self.blocks,
            controls=self.held,
            rng=rng,
            permutations=permutations,
        )

    @property
    def held(self) -> list[int]:
        """Places of the controls."""
        return list(range(len(self.items), len(self.items) + len(self.controls)))


def driver_task(
    outcome: str,
    items: Sequence[str],
    controls: str | Sequence[str],
    groups: Mapping[str, Sequence[str]] | None,
    *,
    method: ImportanceMethod,
    level: float,
    seed: int | None,
) -> Task:
    """Check what was asked for."""
    check_level(level)
    if method not in IMPORTANCE_METHODS:
        msg = f"method must be one of {', '.join(IMPORTANCE_METHODS)}, got {method!r}.{did_you_mean(method, IMPORTANCE_METHODS)}"
        raise CemkitError(msg)
    names = column_names(items, argument="items")
    held = column_names(controls, argument="controls")
    if not names:
        msg = "items must name at least one possible driver"
        raise CemkitError(msg)
    if outcome in names or outcome in held:
        msg = f"{outcome!r} is the outcome and cannot be its own driver: leave it out of items and controls"
        raise ColumnError(msg)
    both = next((name for name in held if name in names), None)
    if both is not None:
        msg = f"{both!r} is among items and controls: name it in one of them"
        raise ColumnError(msg)
    labels, blocks = _blocks(names, groups)
    return Task(names, held, outcome, labels, blocks, method, level, used_seed(seed))


def _blocks(
    items: tuple[str, ...], groups: Mapping[str, Sequence[str]] | None
) -> tuple[tuple[str, ...], list[list[int]]]:
    if groups is None:
        return items, [[i] for i in range(len(items))]
    if not isinstance(groups, Mapping):
        msg = f"groups must be {{name: [items]}}, got {groups!r}"
        raise CemkitError(msg)
    owner: dict[str, str] = {}
    for name, members in groups.items():
        for member in column_names(members, argument=f"groups[{name!r}]"):
            if member not in items:
                msg = f"groups[{name!r}] names {member!r}, which is not one of the items.{did_you_mean(member, items)}"
                raise ColumnError(msg)
            if member in owner:
                msg = f"item {member!r} is in the groups {owner[member]!r} and {name!r}: an item has one group"
                raise ColumnError(msg)
            owner[member] = name
    order = list(dict.fromkeys(owner.get(item, item) for item in items))
    clash = next((name for name in groups if name in items and owner.get(name) != name), None)
    empty = next((name for name in groups if name not in order), None)
    if clash is not None or empty is not None:
        msg = f"group {clash or empty!r} {'has the name of an item outside it' if clash else 'has no items'}"
        raise CemkitError(msg)
    return tuple(order), [[i for i, item in enumerate(items) if owner.get(item, item) == name] for name in order]
