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
    # Paths.
    "leavers-without-touchpoint": "{customers} of {total} leavers met no touchpoint; their leaving is credited to none.",
    "markov-paths": "Where a path goes next is taken to depend on its last touchpoints alone, {order} of them.",
    "paths-describe": (
        "Credit describes paths and is no effect: shares sum to 100 % even where no touchpoint made anybody leave, and frequent "
        "touchpoints get large ones."
    ),
    "paths-missing": "{rows} rows without a path were left out.",
    "paths-of-customers": "Customers have several paths, so customers are the clusters of the intervals.",
    "paths-open": "{customers} of {total} customers are still open and count as not having left; some of them will leave.",
}
