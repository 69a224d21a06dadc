"""Columns that never change, `.only`, iteration, and what people are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.results import COMPARISON_COLUMNS, ESTIMATE_COLUMNS, Interval
from cemkit.scores import ces, csat, nps
from cemkit.tables import Design


def answers(size: int = 60) -> pd.DataFrame:
    i = np.arange(size)
    return pd.DataFrame(
        {
            "score": (i**3 + 2 * i) % 7 + 1,
            "w": 1 + i % 4,
            "cl": i // 5,
            "g": np.where(i % 3 == 0, "x", "y"),
            "wave": np.where(i % 2 == 0, "1", "2"),
        }
    )


ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"level": 0.8},
    {"min_base": 50},
    {"min_base": 5},
    {"invalid": "count"},
    {"design": Design(weights="w", cluster="cl")},
    {"design": Design(cluster="cl", variance="jackknife")},
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
@pytest.mark.parametrize("metric", [nps, ces])
def test_columns_never_depend_on_arguments(metric: Any, arguments: dict[str, Any]) -> None:
    data = answers()
    found = metric.score(data, by="g", **arguments)
    assert list(found.to_frame()) == ["g", *ESTIMATE_COLUMNS]
    plain = metric.score(data, by="g").to_frame()
    assert found.to_frame().dtypes.to_dict() == plain.dtypes.to_dict()
    compared = metric.compare(data, over="wave", by="g", **arguments)
    assert list(compared.to_frame()) == ["g", *COMPARISON_COLUMNS]
    assert compared.to_frame().dtypes.to_dict() == metric.compare(data, over="wave", by="g").to_frame().dtypes.to_dict()
    split = metric.decompose(data, over="wave", by="g", **arguments)
    plain = metric.decompose(data, over="wave", by="g")
    assert split.to_frame().dtypes.to_dict() == plain.to_frame().dtypes.to_dict()
    assert split.total.dtypes.to_dict() == plain.total.dtypes.to_dict()


def test_only_is_the_one_row() -> None:
    one = nps.score(answers()).only
    assert one.group == ()
    assert isinstance(one.n, int)
    assert isinstance(one.estimate, float)
    assert one.interval == Interval(one.low, one.high, 0.95, "adjusted-wald")
    assert one.estimate in one.interval
    assert 101 not in one.interval
    assert one.interval.half_width == pytest.approx((one.high - one.low) / 2)
    assert nps.score(answers()[:9], by="wave").to_frame().shape[0] == 2
    with pytest.raises(CemkitError, match="one row, this Estimates has 2"):
        _ = nps.score(answers(), by="wave").only
    with pytest.raises(CemkitError, match="one row, this Comparison has 2"):
        _ = nps.compare(answers(), over="wave", by="g").only
    assert nps.compare(answers(), over="wave").only["group"] == "2"


def test_iteration_gives_estimates_with_their_group() -> None:
    found = list(nps.score(answers(), by=["g", "wave"]))
    assert len(found) == len(nps.score(answers(), by=["g", "wave"])) == 4
    assert found[0].group == (("g", "x"), ("wave", "1"))
    assert found[0].assumptions
    hidden = next(iter(nps.score(answers(), by="g", min_base=50)))
    assert (hidden.n, hidden.suppressed, str(hidden)) == (None, True, "nps suppressed (base too small)")


def test_an_estimate_reads_as_a_line() -> None:
    # Rocks: 54/108/162 is 33.3, adjusted Wald .2494525141 to .4110979446
    assert str(nps.from_counts((54, 108, 162))) == "nps 33.3, 24.9 to 41.1 (95%, adjusted-wald), n 324"


def test_the_display_rounds_and_nothing_else_does() -> None:
    data = pd.DataFrame({"score": [10, 10, 0]})
    found = nps.score(data)
    assert found.only.estimate == pytest.approx(100 / 3, rel=1e-15)
    assert "33.33" in repr(found)
    assert "33.333" not in repr(found)
    assert "33.33" in found._repr_html_()
    assert found.to_frame()["estimate"].iloc[0] == found.only.estimate
    assert found.bands["share"].iloc[-1] == 2 / 3


def test_html_escapes_what_comes_from_the_data() -> None:
    evil = "<script>alert(1)</script>"
    data = answers().assign(**{evil: evil})
    for result in (nps.score(data, by=evil), nps.decompose(data, over="wave", by=evil)):
        assert evil in result.to_frame().columns
        assert "<script>" not in result._repr_html_()
        assert "&lt;script&gt;" in result._repr_html_()
    asked = data.assign(question=evil)
    other = pd.concat([asked, asked.assign(question="nps")])
    noted = nps.score(other, question=evil)
    assert any(a.code == "questions-left-out" for a in noted.assumptions)
    assert "<script>" not in noted._repr_html_()


def test_long_tables_are_shown_in_part() -> None:
    data = pd.DataFrame({"score": [9] * 60, "g": list(range(30)) * 2})
    found = nps.score(data, by="g")
    assert repr(found).startswith("Estimates (30 rows)")
    assert "\n... 10 more rows\n- " in repr(found)
    assert "<p>10 more rows</p>" in found._repr_html_()
    assert repr(nps.score(data)).startswith("Estimates (1 row)")


def test_invalid_answers_are_shown_where_there_are_any() -> None:
    data = pd.DataFrame({"score": [10, 9, 3, 12]})
    found = nps.score(data, invalid="count")
    assert found.only.invalid == 1
    assert "invalid" in repr(found)
    assert "invalid" not in repr(nps.score(data[:3]))


def test_units() -> None:
    data = answers().assign(score=lambda d: np.minimum(d["score"], 5))
    assert nps.score(data).only.unit == "points"
    assert csat.score(data).only.unit == "points"
    assert ces.score(data).only.unit == "scale"
