"""Rules that name the kind of an experience: data, not code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cemkit.errors import CemkitError, did_you_mean
from cemkit.model import Kind

__all__ = ["DEFAULT_RULES", "KINDS", "Rule", "as_rules"]

KINDS: tuple[Kind, ...] = ("typical", "critical", "unique")
_NAMES = ("stage", "touchpoint", "valence", "after_stage", "after_touchpoint", "after_valence")


@dataclass(frozen=True)
class Rule:
    """A kind, and the conditions under which an experience is of it; all that are given must hold.

    Parameters
    ----------
    kind
        ``"typical"``, ``"critical"`` or ``"unique"``.
    stage, touchpoint, valence
        The experience's own stage, touchpoint, valence: one name or several, of which one must be met.
    tenure
        ``(low, high)`` days since joining, low ≤ tenure < high; ``None`` leaves a side open.
    after_stage, after_touchpoint, after_valence
        The same of the preceding event: the customer's latest moment strictly before this one (experiences in the same second are
        one moment, and one of them must meet all of these).
    within
        The preceding event lies at most this many days back.

    Raises
    ------
    CemkitError
        If the kind is unknown, there is no condition, or one is malformed.

    Examples
    --------
    >>> from cemkit.stages import Rule
    >>> Rule("critical", stage="support", after_valence="negative", within=7).stage
    ('support',)
    """

    kind: Kind
    stage: str | Sequence[str] | None = None
    touchpoint: str | Sequence[str] | None = None
    valence: str | Sequence[str] | None = None
    tenure: tuple[float | None, float | None] | None = None
    after_stage: str | Sequence[str] | None = None
    after_touchpoint: str | Sequence[str] | None = None
    after_valence: str | Sequence[str] | None = None
    within: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"a rule's kind must be one of {', '.join(map(repr, KINDS))}, got {self.kind!r}.{did_you_mean(str(self.kind), KINDS)}"
            raise CemkitError(msg)
        for name in _NAMES:
            object.__setattr__(self, name, _texts(name, getattr(self, name)))
        if self.tenure is not None:
            object.__setattr__(self, "tenure", _ends(self.tenure))
        if self.within is not None and not (_is_number(self.within) and self.within > 0):
            msg = f"a rule's within is a number of days above zero, got {self.within!r}"
            raise CemkitError(msg)
        if self.within is not None and not self.follows:
            msg = "a rule's within needs a preceding event: give after_stage, after_touchpoint or after_valence"
            raise CemkitError(msg)
        if self.tenure is None and all(getattr(self, name) is None for name in _NAMES):
            msg = f"the rule for {self.kind!r} has no condition, so it would take every experience: give it a stage, for example"
            raise CemkitError(msg)

    @property
    def follows(self) -> bool:
        """Whether the rule asks for a preceding event."""
        return any(getattr(self, name) is not None for name in _NAMES[3:])


def as_rules(rules: Any) -> tuple[Rule, ...]:
    """Return rules as a tuple, or raise where they are none."""
    found = (rules,) if isinstance(rules, Rule) else tuple(rules) if hasattr(rules, "__iter__") else ()
    wrong = [rule for rule in found if not isinstance(rule, Rule)]
    if not found or wrong:
        what = type(wrong[0]).__name__ if wrong else repr(rules)
        msg = f"rules must be one or more cemkit.stages.Rule in the order in which they are tried, got {what}"
        raise CemkitError(msg)
    return found


def _texts(name: str, value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    found = (value,) if isinstance(value, str) else tuple(value) if hasattr(value, "__iter__") else ()
    if not found or not all(isinstance(part, str) and part for part in found):
        msg = f"a rule's {name} is one name or several, got {value!r}"
        raise CemkitError(msg)
    return found


def _ends(value: Any) -> tuple[float | None, float | None]:
    pair = tuple(value) if isinstance(value, tuple | list) else ()
    good = len(pair) == 2 and all(end is None or _is_number(end) for end in pair) and pair != (None, None)
    if not good or (None not in pair and not pair[0] < pair[1]):
        msg = f"a rule's tenure is (low, high) in days, low below high, None for an open side, got {value!r}"
        raise CemkitError(msg)
    return pair[0], pair[1]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule("critical", stage=("support", "care", "cancel")),
    Rule("critical", after_valence="negative", within=7),
    Rule("unique", stage="renew"),
    Rule("typical", stage=("discover", "visit", "consult", "purchase", "activate")),
)
"""Service and leaving are critical, and so is what follows a negative experience within a week; renewal is unique; the way to
the first use is typical. For the stages of ``DEFAULT_STAGES`` and ``TELECOM_STAGES``."""
