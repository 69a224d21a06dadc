"""Assumptions: every code has a sentence, and every use supplies what its sentence names."""

from __future__ import annotations

import ast
import copy
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cemkit.results import Assumption
from cemkit.results.sentences import SENTENCES

SOURCES = Path(__file__).resolve().parents[2] / "src" / "cemkit"


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def assignments(tree: ast.AST) -> dict[str, list[ast.Dict]]:
    """Return the dictionaries that a file gives to a name, annotated or not."""
    found: dict[str, list[ast.Dict]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as value):
                found.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Dict() as value):
                found.setdefault(name, []).append(value)
    return found


def codes_of(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(code)):
            return [code]
        case ast.IfExp(body=body, orelse=orelse):
            return codes_of(body) + codes_of(orelse)
    return []


def uses() -> Iterator[tuple[str, str, list[set[str]] | None]]:
    """Yield where, the code, and the keys of its values (None: not to be read from the file)."""
    for path in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        given = assignments(tree)
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Assumption" and node.args):
                continue
            values = node.args[1] if len(node.args) > 1 else None
            if values is None:
                tables: list[ast.Dict] | None = []
            elif isinstance(values, ast.Dict):
                tables = [values]
            elif isinstance(values, ast.Name):
                tables = given.get(values.id)
            else:
                tables = None
            keys = None if tables is None else [{ast.literal_eval(k) for k in t.keys if k is not None} for t in tables]
            for code in codes_of(node.args[0]):
                yield f"{path.relative_to(SOURCES)}:{node.lineno}", code, keys


USES = list(uses())


@pytest.mark.parametrize(("where", "code", "keys"), USES, ids=[f"{where} {code}" for where, code, _ in USES])
def test_every_use_supplies_what_its_sentence_names(where: str, code: str, keys: list[set[str]] | None) -> None:
    assert code in SENTENCES
    if keys is None:
        return  # built elsewhere: the test of the code that builds it reads the sentence
    wanted = placeholders(SENTENCES[code])
    assert any(wanted <= given for given in keys or [set()]), f"{code} names {wanted}"


def test_the_uses_are_found() -> None:
    assert {"independent", "weighted", "suppressed", "mix-is-who-answered", "population-shares"} <= {
        c for _, c, _ in USES
    }


def test_every_sentence_is_one_sentence() -> None:
    for code, sentence in SENTENCES.items():
        assert code == code.lower()
        assert " " not in code
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0] in "{p"
        assert "  " not in sentence


def test_numbers_have_thousands_separators_and_keep_their_formats() -> None:
    left = Assumption("questions-left-out", {"question": "nps", "rows": np.int64(12000)})
    assert str(left) == "Only answers to the question 'nps' were used; 12,000 rows with other questions were left out."
    # whole numbers where the sentence has a format of its own
    held = Assumption("invalid-left-out", {"rows": 2, "low": 0, "high": 10})
    assert str(held) == "2 answers outside the scale 0 to 10 were left out and counted as invalid."


def test_sentences_of_another_language() -> None:
    assert Assumption("weighted", {"column": "w"}).sentence({"weighted": "가중치 {column}"}) == "가중치 w"


def test_assumptions_are_values() -> None:
    first = Assumption("weighted", {"column": "w"})
    assert first == Assumption("weighted", {"column": "w"})
    assert first != Assumption("weighted", {"column": "v"})
    assert len({first, Assumption("weighted", {"column": "w"}), Assumption("independent")}) == 2
    assert hash(Assumption("adjusted-p-values", {"comparisons": 3, "method": "holm"})) == hash(
        Assumption("adjusted-p-values", {"comparisons": 3.0, "method": "holm"})
    )
    for again in (copy.copy(first), copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert again == first
    with pytest.raises(TypeError):
        first.values["column"] = "v"  # type: ignore[index]


def test_an_unknown_code_is_a_programming_error() -> None:
    with pytest.raises(KeyError, match="unknown assumption code 'odd'"):
        Assumption("odd")
