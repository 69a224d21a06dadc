"""The company's judgement of itself against its customers'."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from scipy import stats

import cemkit as cem
from cemkit.csi import delivery_gap
from cemkit.errors import CemkitError
from cemkit.results import Comparison
from cemkit.scales import CES_7, CSAT_5, Scale


def sides():
    rng = np.random.default_rng(2)
    company = pd.DataFrame({"score": rng.integers(3, 6, 40), "place": ["shop", "web"] * 20})
    customers = pd.DataFrame(
        {"score": rng.integers(1, 6, 300), "place": ["shop", "web", "phone"] * 100, "w": rng.integers(1, 4, 300),
         "c": [f"c{i // 5}" for i in range(300)]}
    )  # fmt: skip
    return company, customers


def test_bain() -> None:
    # Bain (2005) as two shares: 80 % of 362 firms, 8 % of 362 firms as their customers see them
    company = pd.DataFrame({"score": [1] * 290 + [0] * 72})
    customers = pd.DataFrame({"score": [1] * 29 + [0] * 333})
    found = delivery_gap(company, customers, scale=Scale(0, 1), top=1)
    row = found.to_frame().iloc[0]
    assert row["difference"] == pytest.approx((290 - 29) / 362)
    # Agresti & Caffo (2000): one success and one failure added to each sample
    p, q = 291 / 364, 30 / 364
    half = stats.norm.ppf(0.975) * np.sqrt(p * (1 - p) / 364 + q * (1 - q) / 364)
    assert (row["low"], row["high"]) == pytest.approx((p - q - half, p - q + half))
    assert dict(found.assumptions[0].values) == {"provider": 362, "customers": 362}


def test_every_engine(local_engine: Engine) -> None:
    company, customers = sides()
    found = delivery_gap(local_engine(company), local_engine(customers), scale=CSAT_5, by="place")
    assert isinstance(found, Comparison)
    table = found.to_frame()
    assert table["place"].tolist() == ["shop", "shop", "web", "web"]
    assert table["metric"].tolist() == ["top_share", "mean"] * 2
    ours, theirs = (side.loc[side["place"] == "shop", "score"] for side in (company, customers))
    test = stats.ttest_ind(ours, theirs, equal_var=False)
    row = table.iloc[1]
    assert (row["statistic"], row["p_value"], row["df"]) == pytest.approx((test.statistic, test.pvalue, test.df))
    assert (row["low"], row["high"]) == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (row["n_group"], row["n_reference"]) == (20, 100)
    assert table["difference"][0] == pytest.approx((ours >= 4).mean() - (theirs >= 4).mean())
    assert table["p_adjusted"][1] == pytest.approx(min(1, max(row["p_value"] * 1, min(table["p_value"][[1, 3]]) * 2)))
    notes = {note.code: note.values for note in found.assumptions}
    assert notes["one-sided-groups"]["groups"] == 1
    assert Comparison.from_json(found.to_json()) == found


def test_engines_may_differ_and_designs_too() -> None:
    pl = pytest.importorskip("polars")
    company, customers = sides()
    design = cem.Design(weights="w", cluster="c")
    found = delivery_gap(company, pl.from_pandas(customers).lazy(), scale=CSAT_5, design=design).to_frame()
    stars = cem.ScoreMetric("m", CSAT_5, "mean", unit="scale")
    theirs, ours = stars.score(customers, design=design).only, stars.score(company).only
    row = found.iloc[1]
    assert row["std_error"] == pytest.approx(np.hypot(ours.std_error, theirs.std_error))
    squares = ours.std_error**4 / 39 + theirs.std_error**4 / theirs.df
    assert row["df"] == pytest.approx(row["std_error"] ** 4 / squares)
    assert row["method"] == "linearised-t"
    assert found["difference"][0] == pytest.approx(
        (company["score"] >= 4).mean() - np.average(customers["score"] >= 4, weights=customers["w"])
    )


def test_top_where_lower_is_better() -> None:
    effort = Scale(1, 5, direction="lower-is-better")
    company, customers = pd.DataFrame({"score": [1, 1, 2, 3]}), pd.DataFrame({"score": [2, 4, 5, 1]})
    row = delivery_gap(company, customers, scale=effort, top=2).to_frame().iloc[0]
    assert (row["estimate_group"], row["estimate_reference"]) == (0.75, 0.5)


def test_all_alike_still_has_an_interval() -> None:
    company, customers = pd.DataFrame({"score": [5] * 9}), pd.DataFrame({"score": [1] * 9, "w": [1.0] * 9})
    for design in (None, cem.Design(weights="w")):
        row = delivery_gap(company, customers, scale=CSAT_5, design=design).to_frame().iloc[0]
        assert row["difference"] == 1
        assert 0 < row["low"] < 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scale": None}, "needs the scale"),
        ({"scale": Scale(1, 5)}, "has no bands"),
        ({"top": 9}, "must be a point from 2 to 5"),
        ({"top": 2.5}, "must be a point"),
        ({"scale": cem.PERCENT, "top": 80}, "needs a scale with points"),
        ({"scale": Scale(1, 3), "top": 3}, "outside the scale 1 to 3"),
        ({"score": "scores"}, "Did you mean 'score'"),
        ({"by": "w"}, "no such column"),
        ({"by": "group"}, "result column"),
        ({"level": 2}, "between 0 and 1"),
    ],
)
def test_bad_input(change, said) -> None:
    company, customers = sides()
    with pytest.raises(CemkitError) as found:
        delivery_gap(company, customers, **{"scale": CSAT_5, **change})
    assert said in str(found.value)


def test_no_group_on_both_sides() -> None:
    company, customers = sides()
    with pytest.raises(CemkitError, match="no group of 'place'"):
        delivery_gap(company.assign(place="x"), customers, scale=CSAT_5, by="place")
    with pytest.raises(CemkitError, match="provider must be a table"):
        delivery_gap([1], customers, scale=CES_7)
