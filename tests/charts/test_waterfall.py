"""The steps of a waterfall."""

from __future__ import annotations

import pandas as pd
import pytest

from cemkit.charts.waterfall import value_chart, waterfall_chart, waterfall_rows
from cemkit.errors import CemkitError


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "touchpoint": ["app", "bill", "shop", "background"],
            "customers": [10.0, 30.0, -2.0, 62.0],
            "share": [0.1, 0.3, -0.02, 0.62],
            "low": [-0.01, 0.2, -0.1, 0.5],
            "high": [0.2, 0.4, 0.06, 0.7],
            "customers_low": [-1.0, 20.0, -10.0, 50.0],
            "customers_high": [20.0, 40.0, 6.0, 70.0],
        }
    )


def test_steps_run_from_the_background_to_the_total() -> None:
    steps = waterfall_rows(table())
    assert steps["touchpoint"].tolist() == ["background", "bill", "app", "shop", "total"]
    assert steps["begin"].tolist() == [0, 62, 92, 102, 0]
    assert steps["end"].tolist() == [62, 92, 102, 100, 100]
    assert steps["part"].tolist() == ["background", "harmful", "other", "other", "total"]
    assert steps["low"].tolist()[1:4] == [82, 91, 92]


def test_charts_are_drawn_with_the_readers_words() -> None:
    text = str(waterfall_chart(table(), title="Ledger", labels={"bill": "청구서", "total": "이탈"}).to_dict())
    assert "청구서" in text
    assert "이탈" in text
    two = pd.concat([table().assign(segment=s) for s in "ab"])
    assert "facet" in waterfall_chart(two, by=["segment"]).to_dict()
    rows = table().assign(at_risk=table()["customers"])
    assert "mark" in str(value_chart(rows).to_dict())
    value_chart(two.assign(at_risk=two["customers"]), by=["segment"])


def test_nothing_to_draw() -> None:
    with pytest.raises(CemkitError, match="none of the 4 rows"):
        waterfall_chart(table().assign(share=float("nan")))
    with pytest.raises(CemkitError, match="none of the 4 rows"):
        value_chart(table().assign(at_risk=float("nan")))
