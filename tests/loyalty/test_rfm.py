"""RFM: ties, bins that exist, segments as data, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit import loyalty
from cemkit.errors import CemkitError, ColumnError
from cemkit.statistics.tied_bins import settled, tied_bins


def summary(frequency: list[int], recency: list[float], age: float = 40.0) -> loyalty.PurchaseHistory:
    return loyalty.PurchaseHistory.from_summary(
        pd.DataFrame({"frequency": frequency, "recency": recency, "age": age, "spend": np.asarray(frequency) * 3.0}),
        spend="spend",
    )


def test_scores_of_cdnow_are_all_there(cdnow_history) -> None:
    found = loyalty.rfm(cdnow_history)
    # quantile cuts that drop ties give F scores of 1 and 2 alone: 1,411 of 2,357 customers bought once
    frequency = found.bins[found.bins["dimension"] == "frequency"]
    assert frequency["score"].tolist() == [1, 2, 3, 4, 5]
    assert frequency["customers"].tolist() == [1411, 439, 214, 162, 131]
    assert frequency[["low", "high"]].to_numpy().tolist() == [[1, 1], [2, 2], [3, 3], [4, 5], [6, 30]]
    recency = found.bins[found.bins["dimension"] == "recency"]
    assert recency["share"].between(0.195, 0.205).all()
    # the last bought longest ago
    assert recency["low"].is_monotonic_decreasing
    assert found.segments["customers"].sum() == 2357
    assert found.segments["share"].sum() == pytest.approx(1)
    assert found.segments["money"].sum() == pytest.approx(cdnow_history.table["total"].sum())


def test_without_ties_bins_are_quantiles() -> None:
    place, lows = tied_bins(np.arange(100.0)[::-1], np.ones(100), bins=5)
    assert np.bincount(place).tolist() == [20] * 5
    assert lows.tolist() == [0, 20, 40, 60, 80]


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=60),
    st.integers(2, 8),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60)
def test_laws_of_bins(values, bins, random) -> None:
    x = np.asarray(values, dtype=float)
    place, lows = tied_bins(x, np.ones(x.size), bins=bins)
    different = np.unique(x)
    # as many as were asked for, or as there are values; equal values together; in order
    assert sorted(set(place.tolist())) == list(range(min(bins, different.size)))
    for value in different:
        assert np.unique(place[x == value]).size == 1
    order = np.argsort(x, kind="stable")
    assert (np.diff(place[order]) >= 0).all()
    assert [x[place == k].min() for k in range(lows.size)] == lows.tolist()
    shuffled = list(range(x.size))
    random.shuffle(shuffled)
    again, _ = tied_bins(x[shuffled], np.ones(x.size), bins=bins)
    assert (again == place[shuffled]).all()
    # counts stand for rows
    counted, _ = tied_bins(different, [np.sum(x == v) for v in different], bins=bins)
    assert (counted[np.searchsorted(different, x)] == place).all()


def test_sums_in_another_order_are_equal() -> None:
    assert (settled([0.1 + 0.2 + 0.3, 0.0, -1e-7, np.nan]) == settled([0.3 + 0.2 + 0.1, 0.0, -1e-7, 1]))[:3].all()


def test_row_order_changes_nothing(log) -> None:
    first = loyalty.rfm(loyalty.history(log, until="1997-09-30"))
    other = loyalty.rfm(loyalty.history(log.sample(frac=1, random_state=1), until="1997-09-30"))
    scores = ["customer_id", "recency_score", "frequency_score", "monetary_score", "segment"]
    pd.testing.assert_frame_equal(first.to_frame()[scores], other.to_frame()[scores])
    assert loyalty.RFM.from_json(first.to_json()) == first


def test_equal_silence_is_equal_whatever_the_first_day() -> None:
    # the same last purchase, reached from different first ones: differences of scaled times differ in their last bits
    days = pd.to_datetime(["2024-01-01", "2024-02-12", "2024-01-03", "2024-02-12", "2024-01-08", "2024-02-12"])
    log = pd.DataFrame(
        {"customer_id": np.repeat(["a", "b", "c"], 2), "occurred_at": days, "amount": [0.1, 0.2, 0.2, 0.1, 0.15, 0.15]}
    )
    found = loyalty.rfm(loyalty.history(log, until="2024-03-05", unit="month")).to_frame()
    assert found["rfm"].nunique() == 1


def test_few_values_reach_from_one_to_the_highest() -> None:
    found = loyalty.rfm(summary([0, 0, 3], [0, 0, 20]))
    assert found.to_frame()["frequency_score"].tolist() == [1, 1, 5]
    assert {"fewer-bins", "scores-compare"} <= {note.code for note in found.assumptions}
    alike = loyalty.rfm(summary([1, 1], [5, 5])).to_frame()
    assert alike["frequency_score"].tolist() == [3, 3]


def test_without_amounts_there_is_no_monetary_score() -> None:
    frame = pd.DataFrame({"frequency": [0, 2, 9], "recency": [0, 9, 30], "age": 40})
    found = loyalty.rfm(loyalty.PurchaseHistory.from_summary(frame))
    assert found.to_frame()["monetary_score"].isna().all()
    assert found.to_frame()["rfm"].tolist() == ["11?", "33?", "55?"]
    assert found.to_frame()["segment"].tolist() == ["hibernating", "need attention", "champions"]
    assert any(note.code == "rfm-without-money" for note in found.assumptions)


@pytest.mark.parametrize("bins", [2, 3, 4, 5, 7, 10, 20])
def test_segments_cover_every_cell_once_at_most(bins) -> None:
    table = loyalty.rfm_segments(bins)
    hit = np.zeros((bins, bins), dtype=int)
    for row in table.itertuples():
        hit[row.recency_low - 1 : row.recency_high, row.frequency_low - 1 : row.frequency_high] += 1
    assert hit.max() == 1
    assert hit.min() == 1


def test_own_segments() -> None:
    mine = pd.DataFrame(
        {"segment": ["best"], "recency_low": [4], "recency_high": [5], "frequency_low": [5], "frequency_high": [5]}
    )
    found = loyalty.rfm(summary([0, 1, 2, 3, 9], [0, 5, 9, 14, 39]), segments=mine)
    assert found.to_frame()["segment"].tolist() == ["other"] * 4 + ["best"]
    assert found.segments["segment"].tolist() == ["best", "other"]


def test_what_is_refused(cdnow_history) -> None:
    table = loyalty.rfm_segments()
    for arguments, message in (
        ({"bins": 1}, "bins must be a whole number from 2 to 20"),
        ({"bins": 2.5}, "bins must be"),
        ({"segments": "best"}, "segments must be a pandas table"),
        ({"segments": table.assign(recency_high=6)}, "must be scores in order, from 1 to 5"),
        ({"segments": table.drop(columns="recency_low")}, "recency_low is absent"),
    ):
        with pytest.raises(CemkitError, match=message):
            loyalty.rfm(cdnow_history, **arguments)
    with pytest.raises(CemkitError, match="must be a PurchaseHistory"):
        loyalty.rfm(cdnow_history.to_frame())
    with pytest.raises(ColumnError):
        loyalty.rfm(cdnow_history, segments=pd.DataFrame({"segment": ["x"]}))
