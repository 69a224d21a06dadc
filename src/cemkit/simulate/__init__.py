"""Customer worlds with known truth: demo data, tests, teaching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cemkit.simulate.truth import Truth

if TYPE_CHECKING:
    from cemkit.simulate.study import telecom

__all__ = ["Truth", "telecom"]


def __getattr__(name: str) -> object:
    """Import the store's side only when it is asked for: the worlds themselves need no engine."""
    if name == "telecom":
        from cemkit.simulate.study import telecom

        return telecom
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
