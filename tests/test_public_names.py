"""The lazy names of `cemkit`, its stub, and what they lead to."""

from __future__ import annotations

import ast
import importlib
import pickle
from pathlib import Path

import pytest

import cemkit as cem

STUB = Path(cem.__file__).with_suffix(".pyi")


def stub_names() -> set[str]:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    return {alias.asname or "" for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}


def stub_homes() -> dict[str, str]:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    return {
        alias.name: str(node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if node.module not in {"cemkit", "cemkit._version"}
    }


def stub_all() -> list[str]:
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def is_there(name: str) -> bool:
    try:
        getattr(cem, name)
    except (AttributeError, ModuleNotFoundError):
        return False
    return True


def test_stub_names_and_all_agree() -> None:
    assert stub_names() == set(cem.__all__) == {*cem._NAMES, *cem._MODULES, "__version__"}
    assert stub_all() == cem.__all__
    assert stub_homes() == cem._NAMES
    assert len(cem.__all__) == len(set(cem.__all__))


def test_dir_is_what_is_public() -> None:
    assert sorted(dir(cem)) == sorted(cem.__all__)


@pytest.mark.parametrize("name", sorted(cem._NAMES))
def test_names_lead_home(name: str) -> None:
    home = importlib.import_module(cem._NAMES[name])
    if name not in home.__all__:
        pytest.skip(f"{home.__name__} has no {name} yet")
    assert getattr(cem, name) is getattr(home, name)


def test_star_import_gives_all_names() -> None:
    absent = [name for name in cem.__all__ if not is_there(name)]
    if absent:
        pytest.skip(f"not there yet: {', '.join(absent)}")
    space: dict[str, object] = {}
    exec("from cemkit import *", space)
    assert set(cem.__all__) <= set(space)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'npss'"):
        cem.npss  # noqa: B018
    assert not hasattr(cem, "statistic")


def test_metrics_pickle_and_compare() -> None:
    for metric in (cem.nps, cem.csat, cem.ces):
        again = pickle.loads(pickle.dumps(metric))
        assert again == metric
        assert hash(again) == hash(metric)
