"""The steps of a funnel: names with their states, and whether they happen at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cemkit.errors import CemkitError, ContractError, did_you_mean
from cemkit.model import JourneyMap
from cemkit.tables.state_log import StateLog
from cemkit.tables.step_times import states_of

__all__ = ["Steps", "read_steps", "require_steps"]


@dataclass(frozen=True)
class Steps:
    """Names in order, the states of each, and the map they are the stages of."""

    names: tuple[str, ...]
    states: tuple[tuple[Any, ...], ...]
    journey_map: JourneyMap | None = None


def read_steps(steps: JourneyMap | Sequence[Any] | Mapping[str, Sequence[Any]]) -> Steps:
    """Return the steps of a list, a dictionary or a journey map."""
    if isinstance(steps, JourneyMap):
        states = {
            stage.name: tuple(t.touchpoint_id for t in steps.touchpoints if t.stage == stage.name)
            for stage in steps.stages
        }
        empty = [name for name, found in states.items() if not found]
        if empty:
            msg = (
                f"journey map {steps.name!r}: {len(empty)} of its {len(states)} stages have no touchpoint "
                f"({', '.join(map(repr, empty[:5]))}), so nobody can come to them: give them touchpoints, or give the steps as "
                "{name: [touchpoints]} without them"
            )
            raise CemkitError(msg)
        found = Steps(tuple(states), tuple(states.values()), steps)
    elif isinstance(steps, Mapping):
        named = {str(name): _several(values) for name, values in steps.items()}
        found = Steps(tuple(named), tuple(named.values()))
    elif isinstance(steps, Sequence) and not isinstance(steps, str | bytes):
        found = Steps(tuple(map(str, steps)), tuple((value,) for value in steps))
    else:
        msg = f"steps must be a list of states, a dictionary {{name: [states]}} or a JourneyMap, got {type(steps).__name__}"
        raise CemkitError(msg)
    _check(found)
    return found


def _several(values: Any) -> tuple[Any, ...]:
    return (
        tuple(values)
        if isinstance(values, Sequence | set | frozenset) and not isinstance(values, str | bytes)
        else (values,)
    )


def _check(steps: Steps) -> None:
    if len(steps.names) < 2:
        msg = f"a funnel needs at least two steps, got {list(steps.names)}"
        raise CemkitError(msg)
    owner: dict[Any, str] = {}
    for name, values in zip(steps.names, steps.states, strict=True):
        if not values:
            msg = f"step {name!r} has no states: name at least one, or leave the step out"
            raise CemkitError(msg)
        for value in values:
            if value in owner:
                msg = f"{value!r} is in the steps {owner[value]!r} and {name!r}: a state belongs to one step"
                raise CemkitError(msg)
            owner[value] = name


def require_steps(steps: Steps, log: StateLog, state: str) -> None:
    """Raise where a step never happens, or a state is not on the journey map."""
    found = states_of(log)
    known = {value for values in steps.states for value in values}
    strangers = [value for value in found if value not in known]
    if steps.journey_map is not None and strangers:
        rows = sum(found[value] for value in strangers)
        msg = (
            f"{rows:,} of {log.rows:,} experiences are at {len(strangers)} touchpoints that are not on the journey map "
            f"{steps.journey_map.name!r}, such as {strangers[0]!r}.{did_you_mean(strangers[0], known)} "
            "Add them to the map, or leave the rows out"
        )
        raise ContractError(msg)
    for name, values in zip(steps.names, steps.states, strict=True):
        if not any(value in found for value in values):
            shown = ", ".join(map(repr, sorted(found, key=lambda value: -found[value])[:8]))
            near = did_you_mean(values[0], found) if isinstance(values[0], str) else ""
            msg = (
                f"step {name!r} never happens among {log.rows:,} experiences.{near} The column {state!r} has: {shown}; "
                "leave the step out, or say state= for another column"
            )
            raise CemkitError(msg)
