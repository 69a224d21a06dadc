"""Every law of the validation page has a test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from validation.laws import LAWS

NODES = [law.node for laws in LAWS.values() for law in laws]


@pytest.mark.parametrize("node", NODES)
def test_the_test_exists(node: str) -> None:
    path, name = node.split("::")
    tree = ast.parse((Path(__file__).parents[1] / path).read_text(encoding="utf-8"))
    assert name in {part.name for part in tree.body if isinstance(part, ast.FunctionDef)}


def test_no_law_stands_twice() -> None:
    assert len(NODES) == len(set(NODES))
