"""One language: every public function and result obeys the same manners."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import cemkit as cem
from cemkit.results import Comparison, Estimates, Result
from cemkit.scores import ScoreMetric

METRIC_MODULES = ("churn", "csi", "loyalty", "scores", "stages")
# Words that this library does not use, and what it says instead.
FOREIGN = {
    "alpha": "level",
    "ci": "level",
    "confidence": "level",
    "groupby": "by",
    "group_by": "by",
    "segment_by": "by",
    "random_state": "seed",
    "rng": "seed",
    "n_boot": "bootstrap",
    "survey": "design",
    "correction": "adjust",
    "p_adjust": "adjust",
}
ALWAYS_NAMED = (
    "adjust",
    "bootstrap",
    "by",
    "design",
    "level",
    "method",
    "over",
    "scale",
    "seed",
    "until",
    "window",
    "within",
)


def public_functions() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for module in METRIC_MODULES:
        home = getattr(cem, module)
        for name in home.__all__:
            thing = getattr(home, name)
            if inspect.isfunction(thing):
                found[f"{module}.{name}"] = thing
    for name, method in inspect.getmembers(ScoreMetric, inspect.isfunction):
        if not name.startswith("_") and name not in {"measure", "with_scale"}:  # they make a metric, not an answer
            found[f"nps.{name}"] = method
    return found


def public_results() -> dict[str, type[Result]]:
    found: dict[str, type[Result]] = {"Estimates": Estimates, "Comparison": Comparison}
    for module in METRIC_MODULES:
        home = getattr(cem, module)
        for name in home.__all__:
            thing = getattr(home, name)
            if inspect.isclass(thing) and issubclass(thing, Result):
                found[f"{module}.{name}"] = thing
    return found


FUNCTIONS = public_functions()
RESULTS = public_results()
each_function = pytest.mark.parametrize("name", sorted(FUNCTIONS))
each_result = pytest.mark.parametrize("name", sorted(RESULTS))


def parameters(name: str) -> list[inspect.Parameter]:
    return [p for p in inspect.signature(FUNCTIONS[name]).parameters.values() if p.name != "self"]


def test_the_walk_finds_the_library() -> None:
    assert len(FUNCTIONS) > 30
    assert {"nps.score", "csi.gap", "loyalty.fit"} <= FUNCTIONS.keys()
    assert {"Estimates", "csi.Gap", "loyalty.Cohorts"} <= RESULTS.keys()


@each_function
def test_data_first_and_everything_else_by_name(name: str) -> None:
    found = parameters(name)
    positional = [p.name for p in found if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert len(positional) <= 3
    assert not set(positional) & set(ALWAYS_NAMED)
    assert not any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in found)


@each_function
def test_the_same_word_for_the_same_thing(name: str) -> None:
    assert {p.name: FOREIGN[p.name] for p in parameters(name) if p.name in FOREIGN} == {}


@each_function
def test_defaults_agree(name: str) -> None:
    for p in parameters(name):
        if p.name == "level" and p.default is not None:
            assert p.default == 0.95
        if p.name == "design":
            assert p.default is None
        if p.name == "seed":
            assert p.default in {None, 0}  # 0: the answer is drawn, and the same each time


@each_function
def test_docstrings_say_what_a_reader_needs(name: str) -> None:
    text = inspect.getdoc(FUNCTIONS[name]) or ""
    assert re.match(r"[A-Z].*\.(\n|$)", text), "the first line is one sentence"
    missing = [
        s for s in ("Parameters", "Returns", "Raises", "Examples") if not re.search(rf"^{s}\n-+$", text, re.MULTILINE)
    ]
    assert missing == []
    assert ">>>" in text
    unsaid = [p.name for p in parameters(name) if not re.search(rf"^(?:\w+, )*{p.name}\b[^\n]*", text, re.MULTILINE)]
    assert unsaid == []


@each_function
def test_annotations_are_complete(name: str) -> None:
    signature = inspect.signature(FUNCTIONS[name])
    assert signature.return_annotation is not inspect.Signature.empty
    assert [p.name for p in parameters(name) if p.annotation is inspect.Parameter.empty] == []


@each_result
def test_results_say_what_they_are_and_draw_themselves(name: str) -> None:
    result = RESULTS[name]
    assert inspect.getdoc(result)
    assert callable(getattr(result, "plot", None)), "no plot()"
    assert result._title != Result._title or result is Result
