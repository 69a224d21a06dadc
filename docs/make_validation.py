"""Write `validation.md`: `nox -s validation`, or `python docs/make_validation.py` where the packages of the tests are.

Values of others are computed here, from `tests/validation/references_*.py`; the tests of the laws are run; coverage is
read from `tests/validation/coverage.jsonl`, where `pytest --record` appends it. Ends with an error if anything fails.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
TARGET = ROOT / "docs" / "validation.md"
sys.path[:0] = [str(TESTS)]

from validation.laws import LAWS  # noqa: E402
from validation.reference import Reference  # noqa: E402
from validation.references import MODULES  # noqa: E402

INTRODUCTION = """\
# Validation

What this library computes, beside what others compute from the same data: **{values} values** of other programs, papers and
hand arithmetic, **{laws} laws** that hold for whatever data there are, and **{worlds} simulated worlds** whose truth is known.
The page is written by `nox -s validation`. {verdict}

The values of others are held by the ordinary tests (`tests/validation/`), each within the tolerance that the digits printed allow. The
difference is relative to their value, or absolute where that is zero; where it is not of the size of rounding, the note says why.
"""
WORLDS = """
## Simulated worlds

How often intervals held a known truth. Several quantities of one world give a range, from the least to the most often held.
Rows with a page in the last column are long runs whose figures stand on that page and were entered from there; the others were
recorded by the tests. `nox -s validation -- --replicates 1000` simulates all anew, which takes hours. A coverage of 95 % has a
standard error of .7 points with 1,000 replicates, 2.2 with 100 and 3.1 with 50: the tests allow four of them.
"""


def escaped(text: str) -> str:
    """Return text that Markdown leaves as it is, in a cell of a table."""
    return re.sub(r"([\\|$*_~<>\[\]{}`^])", r"\\\1", text)


def code_then_text(text: str) -> str:
    """Return the name of an estimator as code and what follows as text; a name of plain words stays text."""
    name, rest = re.fullmatch(r"((?:[^\s,:(]|\([^)]*\))+)(.*)", text).groups()
    return f"`{name}`{escaped(rest)}" if re.search(r"[._(]", name) else escaped(text)


def source(text: str) -> str:
    """Return a source whose call or formula, after a colon, is code."""
    found = re.fullmatch(r"(.+?: )((?:(?!; |: ).)*\((?:(?!; |: ).)*)(.*)", text)
    if not found:
        return escaped(text)
    program, call, rest = found.groups()
    return f"{escaped(program)}`{call.replace('|', chr(92) + '|')}`{escaped(rest)}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(row)} |" for row in [header, ["---"] * len(header), *rows]]
    return "\n".join(lines) + "\n"


class Outcomes:
    """What became of each test, for pytest to fill."""

    def __init__(self) -> None:
        self.worst: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of a call, the worst one of its parameters, and every failure before or after."""
        node = re.sub(r"\[.*", "", report.nodeid).removeprefix("tests/")
        if report.failed or (report.when == "call" and self.worst.get(node) != "failed"):
            self.worst[node] = report.outcome


def reference_row(reference: Reference) -> tuple[list[str], bool]:
    """Return the cells of one value, and whether it holds."""
    named = [code_then_text(reference.estimator), escaped(reference.what), source(reference.source)]
    theirs = f"{reference.value:.10g}"
    try:
        ours = float(reference.ours())
    except pytest.skip.Exception as skipped:
        return [*named, theirs, "", "", escaped(str(skipped))], True
    size = abs(ours - reference.value) / (abs(reference.value) or 1.0)
    difference = "< 1e-11" if size < 1e-11 else f"{size:.0e}"
    holds = reference.holds(ours)
    return [*named, theirs, f"{ours:.10g}", difference, escaped(reference.note) if holds else "**fails**"], holds


def worlds() -> list[dict[str, Any]]:
    """Return the last coverage recorded of every world."""
    lines = (TESTS / "validation" / "coverage.jsonl").read_text(encoding="utf-8").splitlines()
    last = {(one["estimator"], one["world"]): one for one in map(json.loads, lines)}
    return [last[key] for key in sorted(last)]


def world_row(one: dict[str, Any]) -> list[str]:
    """Return the cells of one world."""
    low, high = (f"{100 * end(one['coverage']):.1f}" for end in (min, max))
    page = one.get("page")
    return [
        code_then_text(one["estimator"]),
        escaped(one["world"]),
        f"{one['level']:.0%}",
        f"{one['replicates']:,}",
        low if low == high else f"{low} to {high}",
        f"[{page}]({page}.md)" if page else "recorded",
    ]


def main() -> int:
    """Write the page; return the number of rows that fail."""
    outcomes = Outcomes()
    nodes = [f"{TESTS}/{law.node}" for laws in LAWS.values() for law in laws]
    marks = "not slow and not spark and not dask"
    pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "-m", marks, *nodes], plugins=[outcomes])
    parts, failed = [], 0
    for module, references in MODULES.items():
        rows, held = zip(*map(reference_row, references), strict=True)
        failed += held.count(False)
        header = ["estimator", "what", "source", "their value", "ours", "difference", "note"]
        parts.append(f"\n## {module}\n\n{table(header, list(rows))}")
        laws = [
            [
                code_then_text(law.estimator),
                escaped(law.sentence),
                outcomes.worst.get(law.node, "not run"),
                f"`{law.node}`",
            ]
            for law in LAWS[module]
        ]
        failed += sum(row[2] in {"failed", "not run"} for row in laws)
        parts.append(f"\n### Laws\n\n{table(['of', 'law', 'test', 'where'], laws)}")
    known = worlds()
    introduction = INTRODUCTION.format(
        values=sum(map(len, MODULES.values())),
        laws=len(nodes),
        worlds=len(known),
        verdict=f"**{failed} rows fail.**" if failed else "Every row holds or says why it differs.",
    )
    coverage = table(
        ["estimator", "world", "level", "replicates", "coverage, %", "from"], [world_row(one) for one in known]
    )
    TARGET.write_text(f"{introduction}{''.join(parts)}{WORLDS}\n{coverage}", encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
