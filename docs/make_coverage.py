"""Write the table of exact coverage in `intervals.md`: `python docs/make_coverage.py`.

Nothing is simulated: every possible outcome of n answers is enumerated, weighted with its multinomial probability, and
asked whether its interval contains the true score.
"""

from __future__ import annotations

from pathlib import Path

from cemkit.statistics.multinomial import net_coverage

LEVEL = 0.95
METHODS = ("adjusted-wald", "score", "wald", "t")
SIZES = (10, 20, 30, 50, 100, 200)
SHARES = (  # of detractors, passives, promoters
    (0.10, 0.30, 0.60),
    (0.20, 0.40, 0.40),
    (1 / 3, 1 / 3, 1 / 3),
    (0.40, 0.30, 0.30),
    (0.10, 0.80, 0.10),
    (0.45, 0.10, 0.45),
    (0.05, 0.15, 0.80),
    (0.02, 0.08, 0.90),
)
TARGET = Path(__file__).parent / "_generated" / "coverage.md"


def table() -> str:
    """Return the Markdown table: a row per share vector and number of answers, a column per method."""
    lines = [
        f"| detractors | passives | promoters | NPS | n | {' | '.join(METHODS)} |",
        f"|{'---:|' * (5 + len(METHODS))}",
    ]
    for shares in SHARES:
        detractors, _, promoters = shares
        for n in SIZES:
            coverage = net_coverage(n, shares, level=LEVEL, methods=METHODS)
            described = [*(f"{share:.0%}" for share in shares), f"{100 * (promoters - detractors):.0f}", str(n)]
            lines.append(f"| {' | '.join([*described, *(f'{100 * coverage[m].coverage:.1f}' for m in METHODS)])} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(table(), encoding="utf-8")
