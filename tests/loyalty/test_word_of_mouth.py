"""The share of new customers who came through others: by hand, on every engine, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit.errors import CemkitError, ContractError
from cemkit.loyalty import word_of_mouth
from cemkit.results import Result


def people(rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    days = pd.to_timedelta(rng.integers(0, 200, rows), unit="D")
    origin = np.array(["referral", "campaign", "friend", None], dtype=object)[rng.integers(0, 4, rows)]
    return pd.DataFrame(
        {"customer_id": np.arange(rows), "acquired_at": pd.Timestamp("2024-01-01") + days, "how": origin}
    )


def test_by_hand(local_engine: Engine) -> None:
    data = people()
    found = word_of_mouth(local_engine(data), origin="how", period="1mo", earned=["referral", "friend"])
    month = data["acquired_at"].dt.to_period("M").dt.start_time
    known = data[data["how"].notna()]
    expected = known["how"].isin(["referral", "friend"]).groupby(month).agg(["mean", "size"])
    assert found.table["period"].tolist() == expected.index.tolist()
    np.testing.assert_allclose(found.table["estimate"], expected["mean"], rtol=1e-12)
    assert found.table["n"].tolist() == expected["size"].tolist()
    assert found.table["missing"].sum() == data["how"].isna().sum()
    assert set(found.table["method"]) == {"wilson"}
    assert Result.from_json(found.to_json()) == found


def test_bad_input_is_one_clear_sentence() -> None:
    data = people(20)
    with pytest.raises(ContractError, match="'customer_id' repeats"):
        word_of_mouth(pd.concat([data, data]), origin="how", period="1mo")
    with pytest.raises(CemkitError, match="earned=.'word'. must list values of 'how', which has"):
        word_of_mouth(data, origin="how", period="1mo", earned=["word"])
    with pytest.raises(CemkitError, match="nobody has a date in 'acquired_at'"):
        word_of_mouth(data.assign(acquired_at=pd.NaT), origin="how", period="1mo")
    with pytest.raises(CemkitError, match="period must be a number and a unit"):
        word_of_mouth(data, origin="how", period="month")
