"""Results are equal, copied, pickled and read back from JSON, whatever their keys are."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.results import Assumption, Comparison, Estimates, Result
from cemkit.scores import csat, nps
from cemkit.scores.decompose import Decomposition


def answers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    size = 120
    return pd.DataFrame(
        {
            "score": rng.integers(0, 11, size).astype(float),
            "wave": rng.choice(["1", "2"], size),
            "plan": pd.Categorical(
                rng.choice(["basic", "pro"], size), categories=["pro", "basic", "none"], ordered=True
            ),
            "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 2, size), unit="D"),
            "city": rng.choice(np.array(["서울", "b", None], dtype=object), size),
            "band": pd.cut(rng.uniform(0, 10, size), [0, 5, 10]),
        }
    )


MAKE: dict[str, Callable[[], Result]] = {
    "one row": lambda: nps.score(answers()),
    "category": lambda: nps.score(answers(), by="plan"),
    "timestamp": lambda: nps.score(answers(), by="day"),
    "null key": lambda: nps.score(answers(), by="city", target=10),
    "interval": lambda: nps.score(answers(), by="band"),
    "two keys, suppressed": lambda: nps.score(answers(), by=["plan", "city"], min_base=25),
    "comparison": lambda: nps.compare(answers(), over="wave", by="city"),
    "comparison of days": lambda: nps.compare(answers(), over="day", min_base=70),
    "decomposition": lambda: nps.decompose(answers(), over="wave", by=["plan", "city"], min_base=15),
    "decomposition of days": lambda: nps.decompose(answers(), over="day", by="band"),
}


@pytest.fixture(params=list(MAKE))
def result(request: pytest.FixtureRequest) -> Result:
    return MAKE[request.param]()


def test_results_read_back(result: Result) -> None:
    text = result.to_json()
    assert "NaN" not in text
    assert "Infinity" not in text
    for kind in (type(result), Result):
        again = kind.from_json(text)
        assert again == result
        assert again.to_json() == text
        pd.testing.assert_frame_equal(again.to_frame(), result.to_frame())
        assert again.assumptions == result.assumptions


def test_results_copy_and_pickle(result: Result) -> None:
    for again in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert again == result
        assert type(again) is type(result)
    assert repr(pickle.loads(pickle.dumps(result))) == repr(result)


def test_the_same_question_has_an_equal_answer_and_another_has_not() -> None:
    first, second, other = nps.score(answers()), nps.score(answers()), nps.score(answers(), level=0.9)
    assert first == second
    assert first != other
    assert first != nps.compare(answers(), over="wave")
    assert first != "text"
    with pytest.raises(TypeError, match="unhashable"):
        hash(first)


def test_to_frame_is_a_copy() -> None:
    found = nps.score(answers(), by="wave")
    frame = found.to_frame()
    frame.loc[:, "estimate"] = 0.0
    assert (found.to_frame()["estimate"] != 0).all()
    assert found == nps.score(answers(), by="wave")


def test_results_hold_no_caller_s_frame() -> None:
    data = answers()
    found = nps.score(data, by="plan")
    data["score"] = 0.0
    assert found == nps.score(answers(), by="plan")


def test_results_are_frozen() -> None:
    with pytest.raises(AttributeError):
        nps.score(answers()).by = ("x",)  # type: ignore[misc]


@dataclass(frozen=True, eq=False, repr=False)
class Mine(Result):
    """A user's own result."""

    values: Any = None
    inner: Any = field(default=None)


keys = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(),
    st.text(max_size=5),
    st.dates(date(1700, 1, 1), date(2200, 1, 1)),
    st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([None, UTC])),
    st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    st.decimals(allow_nan=False),
)
trees = st.recursive(
    keys, lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


@given(trees)
def test_anything_a_result_holds_reads_back(value: Any) -> None:
    mine = Mine(
        pd.DataFrame({"x": [1.5, np.nan, np.inf]}), values=value, inner=nps.score(pd.DataFrame({"score": [9, 1]}))
    )
    assert Result.from_json(mine.to_json()) == mine


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6.0).reshape(2, 3),
        np.zeros((0, 3)),
        np.array([1, 2]),
        np.array([True, False]),
        np.array([np.nan, -np.inf]),
        np.float64("-inf"),
        np.int8(3),
        pd.Period("2025-03", "M"),
        pd.Interval(0, 1.5, closed="left"),
        Decimal("1.10"),
        {"$table": 1},
        {("a", 1): 2.0, None: 3},
    ],
)
def test_arrays_and_odd_keys_read_back(value: Any) -> None:
    again = Mine.from_json(Mine(pd.DataFrame(), values=value).to_json()).values
    if isinstance(value, np.ndarray):
        assert again.shape == value.shape
        assert again.dtype == value.dtype
        np.testing.assert_array_equal(again, value)
    else:
        assert again == value


def test_columns_keep_their_types() -> None:
    table = pd.DataFrame(
        {
            "whole": pd.array([1, None], dtype="Int64"),
            "text": pd.Series(["a", None], dtype=object),
            "time": pd.to_datetime(["2025-01-01", None]),
            "zone": pd.to_datetime(["2025-07-01", None]).tz_localize("Europe/Berlin"),
            "category": pd.Categorical(["b", None], categories=["b", "a"], ordered=True),
            "flag": [True, False],
            "number": [np.nan, -np.inf],
        }
    )
    again = Result.from_json(Result(table).to_json()).to_frame()
    pd.testing.assert_frame_equal(again, table)


def test_results_read_back_where_nothing_is_imported_yet() -> None:
    found = nps.decompose(answers(), over="wave", by="plan")
    code = "import sys; from cemkit.results import Result; print(type(Result.from_json(sys.stdin.read())).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=found.to_json(),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.strip() == "Decomposition"


@pytest.mark.parametrize(
    "name", ["os.path.join", "json.JSONDecoder", "cemkit.errors.CemkitError", "cemkit.nowhere.X", "X"]
)
def test_json_makes_nothing_but_results(name: str) -> None:
    with pytest.raises(CemkitError, match="no class of results is named"):
        Result.from_json(json.dumps({"$result": name, "fields": {}}))


def test_json_imports_no_one_else_s_module() -> None:
    sys.modules.pop("this", None)
    with pytest.raises(CemkitError, match="import its module first"):
        Result.from_json('{"$result": "this.Zen", "fields": {}}')
    assert "this" not in sys.modules


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "{}", '{"a": 1}', '{"$result": "cemkit.results.base.Result"}'])
def test_other_json_is_one_clear_error(text: str) -> None:
    with pytest.raises(CemkitError, match=r"is not what to_json\(\)|the JSON holds"):
        Result.from_json(text)


def test_another_class_s_json_is_one_clear_error() -> None:
    with pytest.raises(CemkitError, match="the JSON holds Estimates, not Comparison"):
        Comparison.from_json(nps.score(answers()).to_json())


def test_what_has_no_json_form_says_so() -> None:
    with pytest.raises(CemkitError, match="a complex has no JSON form"):
        Mine(pd.DataFrame(), values=1j).to_json()


def test_tables_with_other_columns_are_refused() -> None:
    with pytest.raises(CemkitError, match="estimates have the columns"):
        Estimates(pd.DataFrame({"x": [1]}))
    with pytest.raises(CemkitError, match="a comparison has the columns"):
        Comparison(pd.DataFrame({"x": [1]}))


def test_a_share_and_a_decomposition_pickle_with_their_assumptions() -> None:
    found = csat.decompose(answers().assign(score=lambda d: d["score"] % 5 + 1), over="wave", by="plan")
    assert isinstance(found, Decomposition)
    again = pickle.loads(pickle.dumps(found))
    assert again.assumptions == found.assumptions
    assert all(isinstance(a, Assumption) for a in again.assumptions)
