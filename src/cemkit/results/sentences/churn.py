"""The English sentences of assumptions: churn."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    # Spells.
    "entered-after-until": "{rows} customers who entered after {until} were left out.",
    "left-after-until": "{rows} customers who left after {until} count as still there at that time.",
    "observed-until": (
        "Leaving is taken as observed until {until}, the last time in the table; whoever had not left by then was still a customer."
    ),
}
