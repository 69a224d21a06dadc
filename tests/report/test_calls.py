"""Every call of a report runs as it stands, and the numbers that the sections tell come out of them."""

from __future__ import annotations

import ast
import dataclasses
import re

import pandas as pd
import pytest

import cemkit as cem
from cemkit.report import compose

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


@pytest.fixture(scope="module")
def report(simulated):
    return compose(simulated, level=0.9)


@pytest.fixture(scope="module")
def results(report, simulated):
    """What the calls of every section give, run in the order of the report with the namespace of its setup."""
    names = {"cem": cem, "store": simulated}
    exec(report.context.setup, names)
    found = {}
    for section in report.sections:
        for call in section.calls:
            kept = found.setdefault(section.id, [])
            for line in ast.parse(call.code).body:
                if isinstance(line, ast.Expr):
                    kept.append(eval(compile(ast.Expression(line.value), "call", "eval"), names))
                    continue
                exec(compile(ast.Module([line], []), "call", "exec"), names)
                kept += [names[target.id] for target in line.targets if isinstance(target, ast.Name)]
    return found


def frames(result):
    if dataclasses.is_dataclass(result):
        return [v for f in dataclasses.fields(result) if isinstance(v := getattr(result, f.name), pd.DataFrame)]
    return [result] if isinstance(result, pd.DataFrame) else []


def shown(results):
    """Return the numbers of results as a report might show them: rounded, with signs or as percent."""
    found = set()
    for result in results:
        whole = (
            [v for v in vars(result).values() if isinstance(v, int | float)] if dataclasses.is_dataclass(result) else []
        )
        columns = [frame[column] for frame in frames(result) for column in frame.columns]
        numbers = [v for c in columns if pd.api.types.is_numeric_dtype(c) for v in c.dropna().astype(float)]
        lengths = [len(frame) for frame in frames(result)]
        for value in {*numbers, *map(float, whole), *map(float, lengths)}:
            for scaled in (value, 100 * value):
                for digits in (0, 1, 2):
                    found.add(f"{abs(scaled):,.{digits}f}")
    return found


def numbers(text):
    """Return the numbers of a sentence without signs, names of waves and the level."""
    text = re.sub(r"\b20\d\d(Q\d|-\d\d-\d\d)?|90% interval|\bp 0\.\d+|<0\.\d+", "", text)
    return re.findall(r"\d[\d,]*(?:\.\d+)?", text)


def test_every_call_runs_as_it_stands_and_names_its_method(report, results):
    calls = [call for section in report.sections for call in section.calls]
    assert len(calls) > 40
    assert {section.id for section in report.sections if section.calls} == set(results)


LEADS = [
    "scores",
    "touchpoints",
    "curve",
    "consistency",
    "journey",
    "funnel",
    "churn",
    "trap",
    "priorities",
]


@pytest.mark.parametrize("name", LEADS)
def test_the_numbers_of_the_sentence_are_those_of_the_calls(report, results, name):
    section = next(section for section in report.sections if section.id == name)
    told = numbers(section.sentence)
    assert len(told) >= 2
    possible = shown(results[name])
    assert [number for number in told if number not in possible] == []


@pytest.mark.parametrize("name", ["curve", "consistency", "funnel", "churn", "trap", "priorities"])
def test_the_numbers_of_the_tables_are_those_of_the_calls(report, results, name):
    section = next(section for section in report.sections if section.id == name)
    possible = shown(results[name])
    tables = [table for block in section.blocks for table in block.tables]
    assert tables
    for table in tables:
        told = [cell for row in table.rows for cell in row.cells[1:] if not re.search(r"[a-z]{3}", cell)]
        wrong = [n for cell in told for n in re.findall(r"\d[\d,]*(?:\.\d+)?", cell) if n not in possible]
        # p-values have three digits; everything else must be there.
        assert [n for n in wrong if not re.fullmatch(r"[01]\.\d{3}", n)] == []


def test_a_number_that_is_not_theirs_is_not_found(results):
    assert "987.65" not in shown(results["priorities"])


def test_every_section_begins_with_a_number(report):
    silent = [section.id for section in report.sections if section.id != "methods" and not numbers(section.sentence)]
    # Groups of a handful of answers have no highest and no lowest.
    assert set(silent) <= {"segments"}
