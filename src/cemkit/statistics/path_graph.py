"""The graph of a path model: what a model must be, and the effects that run along its arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cemkit.errors import CemkitError, did_you_mean
from cemkit.statistics._arguments import FloatArray

__all__ = ["Effects", "check_constructs", "check_model", "path_effects"]


class Effects(NamedTuple):
    """Effects (..., J, J), from the row's construct on the column's: total = direct + indirect."""

    direct: FloatArray
    indirect: FloatArray
    total: FloatArray


def check_model(
    constructs: Mapping[str, Sequence[str]],
    paths: Sequence[tuple[str, str]],
    *,
    modes: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Check a path model, and return its constructs so ordered that every path leads to a later one.

    Parameters
    ----------
    constructs : mapping
        Items of each construct.
    paths : sequence of pairs
        (from, to).
    modes : mapping, optional
        ``"A"`` or ``"B"`` of some constructs.

    Raises
    ------
    CemkitError
        If a construct has no items or no path, an item is in two constructs (or twice in one), a path names an unknown
        construct, leads back to its start or occurs twice, the paths have a cycle, or a mode is neither A nor B.
    """
    check_constructs(constructs)
    _check_paths(constructs, paths)
    for name, mode in (modes or {}).items():
        if name not in constructs:
            raise CemkitError(_unknown(f"modes name the construct {name!r}", name, constructs))
        if mode not in {"A", "B"}:
            raise CemkitError(f"the mode of construct {name!r} is {mode!r}: it must be 'A' or 'B'.")
    return _ordered(constructs, paths)


def path_effects(paths: FloatArray) -> Effects:
    """Return direct, indirect and total effects of path coefficients (..., J, J) of a model without cycles.

    The total effects are B + B² + B³ + …, which ends.
    """
    direct = np.asarray(paths, dtype=np.float64)
    total, power = direct.copy(), direct
    for _ in range(direct.shape[-1] - 2):
        power = power @ direct
        total += power
    return Effects(direct, total - direct, total)


def check_constructs(constructs: Mapping[str, Sequence[str]]) -> None:
    """Raise if a construct has no list of items, or an item is in two constructs (or twice in one)."""
    owner: dict[str, str] = {}
    for name, items in constructs.items():
        if isinstance(items, str) or not len(items):
            raise CemkitError(f"construct {name!r} needs a list of at least one item, found {items!r}.")
        for item in items:
            if item in owner:
                where = (
                    f"twice in construct {name!r}"
                    if owner[item] == name
                    else f"in the constructs {owner[item]!r} and {name!r}"
                )
                raise CemkitError(f"item {item!r} is {where}: an item measures one construct, once.")
            owner[item] = name


def _check_paths(constructs: Mapping[str, Sequence[str]], paths: Sequence[tuple[str, str]]) -> None:
    seen: set[tuple[str, str]] = set()
    for start, end in paths:
        for name in (start, end):
            if name not in constructs:
                raise CemkitError(
                    _unknown(f"the path {start!r} → {end!r} names the construct {name!r}", name, constructs)
                )
        if start == end:
            raise CemkitError(f"the path {start!r} → {end!r} leads back to its start: leave it out.")
        if (start, end) in seen:
            raise CemkitError(f"the path {start!r} → {end!r} occurs twice: name each path once.")
        seen.add((start, end))
    joined = {name for path in seen for name in path}
    alone = [name for name in constructs if name not in joined]
    if alone:
        raise CemkitError(
            f"no path touches {', '.join(map(repr, alone))}: join each construct to another or leave it out."
        )


def _ordered(constructs: Mapping[str, Sequence[str]], paths: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    done: list[str] = []
    waiting = list(constructs)
    while waiting:
        before = {name: [start for start, end in paths if end == name and start in waiting] for name in waiting}
        ready = [name for name in waiting if not before[name]]
        if not ready:
            cycle = [waiting[0]]
            while cycle[-1] not in cycle[:-1]:
                cycle.append(before[cycle[-1]][0])
            round_trip = " → ".join(map(repr, cycle[cycle.index(cycle[-1]) :][::-1]))
            raise CemkitError(f"the paths run in a cycle, {round_trip}: a path model needs paths without cycles.")
        done += ready
        waiting = [name for name in waiting if name not in ready]
    return tuple(done)


def _unknown(what: str, name: str, constructs: Mapping[str, Sequence[str]]) -> str:
    return f"{what}, which has no items: the constructs are {', '.join(map(repr, constructs))}.{did_you_mean(name, constructs)}"
