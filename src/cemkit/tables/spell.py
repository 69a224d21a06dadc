"""The columns of a customer's time with the company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cemkit.errors import CemkitError

__all__ = ["UNKNOWN_CAUSE", "Spell", "as_spell"]

UNKNOWN_CAUSE = "unknown"
"""The cause of a leaver whose reason is null."""


@dataclass(frozen=True)
class Spell:
    """The columns that say when customers entered, when and why they left. One argument, everywhere in churn.

    Parameters
    ----------
    entered, left
        Columns of dates or times. ``left`` is null while somebody is a customer.
    reason
        Column of the reason for leaving; a leaver without one has the cause ``"unknown"``.
    causes
        The reasons that count as churn; every one unless given. Leavers for other reasons leave, but do not churn.
    until
        The last day (or moment) at which the table knows who has left; a date is the whole day. Unless given, the last
        time in the two columns. Whoever had not left by then was still a customer.
    spell_id
        Column that tells the spells of a customer apart, where customers come back. Without it, a customer has one row.

    Examples
    --------
    >>> import cemkit as cem
    >>> cem.Spell(reason="left_reason", causes=("voluntary",), until="2025-06-30").columns
    ('acquired_at', 'left_at', 'left_reason')
    """

    entered: str = "acquired_at"
    left: str = "left_at"
    reason: str | None = None
    causes: tuple[Any, ...] | None = None
    until: Any = None
    spell_id: str | None = None

    def __post_init__(self) -> None:
        for name in ("entered", "left", "reason", "spell_id"):
            value = getattr(self, name)
            if not isinstance(value, str) and (value is not None or name in ("entered", "left")):
                msg = f"{name} of a spell is the name of a column, got {type(value).__name__}"
                raise CemkitError(msg)
        if self.entered == self.left:
            msg = f"entered and left of a spell are two columns, got {self.entered!r} for both"
            raise CemkitError(msg)
        if self.causes is not None:
            given = (self.causes,) if isinstance(self.causes, str) else tuple(self.causes)
            if not given or len(set(given)) < len(given):
                msg = f"causes must name at least one reason, and each once, got {self.causes!r}"
                raise CemkitError(msg)
            if self.reason is None:
                msg = f"causes={list(given)!r} needs the column of reasons: say reason='left_reason'"
                raise CemkitError(msg)
            object.__setattr__(self, "causes", given)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the spell reads."""
        named = (self.entered, self.left, self.reason, self.spell_id)
        return tuple(dict.fromkeys(name for name in named if name is not None))


def as_spell(spell: Any) -> Spell:
    """Return the spell, or raise a typed error where something else was given."""
    if isinstance(spell, Spell):
        return spell
    hint = " Write Spell(entered='...', left='...')." if isinstance(spell, str | dict | Sequence) else ""
    msg = f"spell must be a cemkit.Spell, got {type(spell).__name__}.{hint}"
    raise CemkitError(msg)
