"""Write `docs/performance.md` from the committed results: `python benchmarks/make_page.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SOURCE = HERE / "results.json"
TARGET = HERE.parent / "docs" / "performance.md"

INTRODUCTION = """# Performance

<!-- Written by benchmarks/make_page.py from benchmarks/results.json: change those, not this page. -->

The benchmarks live in `benchmarks/` and compare a whole public call, such as `nps.score(data, by="g",
design=Design(weights="w"))` with its intervals, shares of the bands and checks of the input, with a query written by hand
over the same frame that returns the same n, Σw and Σw² and nothing else. Both run by turns in the same process; a figure is
the median of the ratios of {runs} pairs, with the quartiles beside it, after both were seen to give the same numbers.
The ratio of processor time hardly notices what else the machine was doing. They are a tool, not a test: run
`nox -s benchmarks` on your own machine.

These were measured on {machine}, Python {python}, {packages}.
"""

SECTIONS: dict[str, tuple[str, str]] = {
    "score": (
        "Net scores",
        (
            "{rows:,} answers in 1,000 groups. 'Equal weights' asks for n alone; with weights, for n, Σw and Σw². By hand "
            "these are counts by group and scale point; with customers as clusters, two steps: totals per group and "
            "customer, then their products per group."
        ),
    ),
    "history": (
        "Purchase histories",
        (
            "{rows:,} purchases of a tenth as many customers. By hand: rows to days, days to customers, with the first day's amount "
            "and (with intervals) the sum of log times between purchases; from pandas the same steps by `groupby`."
        ),
    ),
    "purchase": (
        "Purchase models",
        "Fits of the package lifetimes and ours from counted histories, standard errors included; 'many' is {rows:,} customers.",
    ),
    "overhead": ("Fixed costs", "The whole call on 100 rows, in milliseconds, and the hand-written query."),
    "import": ("Import", "Time of `import cemkit` over that of `import pandas`, each in a process of its own."),
    "contracts": (
        "Contracts",
        "Checking {rows:,} responses against the contract of `Response`: types, nulls, ranges and the scale.",
    ),
    "memory": (
        "Memory",
        (
            "Megabytes that the weighted call by 1,000 groups adds to the peak of a process that already holds the frame. "
            "Memory that an engine keeps from loading its frame and uses again is not seen here: near zero means that much."
        ),
    ),
}
COLUMNS = {
    "case": "case",
    "target": "target",
    "target_ms": "target, ms",
    "ratio": "ratio",
    "low": "quartiles",
    "cpu_ratio": "ratio of processor time",
    "hand_seconds": "by hand, s",
    "seconds": "cemkit, s",
    "ms": "cemkit, ms",
    "hand_ms": "by hand, ms",
    "pandas_ms": "pandas, ms",
    "million_rows_per_second": "million rows/s",
    "added_mb": "cemkit, MB",
    "hand_added_mb": "by hand, MB",
}
LIMITS = {"score": ("ratio", 1), "import": ("ratio", 1), "overhead": ("ms", 1), "memory": ("added_mb", 1)}
LIMITS |= {"history": ("ratio", 1), "purchase": ("ratio", 1)}
LIMITS["contracts"] = ("million_rows_per_second", -1)


def table(section: str, results: list[dict[str, Any]]) -> str:
    """Return the Markdown table of a section; a figure that misses its target is marked."""
    names = [name for name in COLUMNS if any(row.get(name) is not None for row in results)]
    lines = [
        f"| {' | '.join(COLUMNS[name] for name in names)} |",
        f"|{'|'.join('---' if name == 'case' else '---:' for name in names)}|",
    ]
    lines += [f"| {' | '.join(_cell(section, row, name) for name in names)} |" for row in results]
    return "\n".join(lines)


def _cell(section: str, row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if name == "case":
        return str(value)
    if name == "low":
        return f"{value:.2f}–{row['high']:.2f}"
    shown = f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    if name in {"ratio", "cpu_ratio"}:
        shown = f"{value:.2f}"
    column, sign = LIMITS[section]
    target = row.get("target", row.get("target_ms"))
    missed = name == column and target is not None and sign * value > sign * target
    return f"**{shown}** (missed)" if missed else shown


def page(found: dict[str, Any]) -> str:
    """Return the whole page."""
    first = found.get("score") or next(iter(found.values()))
    versions = dict(first["versions"])
    machine, python = versions.pop("machine"), versions.pop("python")
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    parts = [INTRODUCTION.format(runs=first["runs"], machine=machine, python=python, packages=packages)]
    for section, (title, text) in SECTIONS.items():
        if section in found:
            rows = found[section]["rows"]
            parts.append(f"## {title}\n\n{text.format(rows=rows)}\n\n{table(section, found[section]['results'])}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(json.loads(SOURCE.read_text(encoding="utf-8"))), encoding="utf-8")
