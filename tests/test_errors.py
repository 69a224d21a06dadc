"""The errors: what they are, and that they survive a process boundary."""

from __future__ import annotations

import copy
import pickle

import pytest

from cemkit.errors import CemkitError, ColumnError, ContractError, DesignError, MissingExtraError, did_you_mean


@pytest.mark.parametrize("kind", [ColumnError, ContractError, DesignError])
def test_all_are_value_errors(kind: type[CemkitError]) -> None:
    error = kind("one sentence")
    assert isinstance(error, CemkitError)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.args) == (kind, error.args)


def test_a_missing_extra_names_its_extra() -> None:
    error = MissingExtraError("altair", "report", "a chart")
    assert isinstance(error, ImportError)
    assert isinstance(error, CemkitError)
    assert str(error) == "a chart needs the package 'altair': run `pip install 'cemkit[report]'`"
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (str(again), again.package, again.extra, again.purpose) == (str(error), "altair", "report", "a chart")


@pytest.mark.parametrize(
    ("name", "candidates", "hint"),
    [
        ("scroe", ["score", "wave"], " Did you mean 'score'?"),
        ("SCORE", ["score"], " Did you mean 'score'?"),
        ("NPS_score", ["Score", "nps_score"], " Did you mean 'nps_score'?"),
        ("xyz", ["score", "wave"], ""),
        ("score", [], ""),
        (2016, [2017, 1990], " Did you mean '2017'?"),
    ],
)
def test_hints(name: object, candidates: list[object], hint: str) -> None:
    assert did_you_mean(name, candidates) == hint
