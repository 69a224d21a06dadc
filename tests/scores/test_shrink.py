"""Shrinkage of scores: what goes into the model, and what the result says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.scales import PERCENT, Scale
from cemkit.scores import ScoreMetric, ces, csat, nps
from cemkit.scores.shrink import SHRINKAGE_COLUMNS, Shrinkage
from cemkit.statistics.shrinkage import shrink as shrink_counts
from cemkit.tables import Design


def shops(groups: int = 12, n: int = 25, *, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet([4, 6, 10], groups)
    sizes = rng.integers(2, 2 * n, groups)
    score = np.concatenate([rng.choice([4, 7, 10], k, p=p) for k, p in zip(sizes, shares, strict=True)])
    shop = np.repeat([f"shop {g + 1}" for g in range(groups)], sizes)
    return pd.DataFrame(
        {"shop": shop, "score": score, "w": rng.uniform(0.5, 2, len(score)), "c": rng.integers(0, 90, len(score))}
    )


def test_net_scores_are_the_model_of_their_counts() -> None:
    data = shops()
    found = nps.shrink(data, by="shop", best=2, seed=7)
    table = found.to_frame()
    assert list(table.columns) == ["shop", *SHRINKAGE_COLUMNS]
    assert table["shop"].tolist() == [f"shop {g + 1}" for g in range(12)]  # naturally sorted
    counts = pd.crosstab(data["shop"], data["score"]).loc[table["shop"]].to_numpy()
    wanted = shrink_counts(counts, [-100, 0, 100], rng=np.random.default_rng(7), k=2)
    for column, values in {
        "estimate": wanted.estimate,
        "std_error": wanted.std_error,
        "low": wanted.low,
        "high": wanted.high,
        "rank_low": wanted.rank_low,
        "best_probability": wanted.best,
        "worst_probability": wanted.worst,
    }.items():
        # The sums go in another order, and an optimum is found to half of the digits.
        np.testing.assert_allclose(table[column], values, rtol=1e-6)
    np.testing.assert_allclose(table["raw_estimate"], nps.score(data, by="shop").to_frame()["estimate"])
    assert table["best_probability"].sum() == pytest.approx(2)
    assert found.model["status"].tolist() == ["fitted"]
    assert found.model["concentration"].iloc[0] == pytest.approx(wanted.concentration)


def test_small_groups_are_drawn_further() -> None:
    data = pd.concat([shops(), pd.DataFrame({"shop": "tiny", "score": [10, 10]})])
    table = nps.shrink(data, by="shop").to_frame().set_index("shop")
    assert table.loc["tiny", "raw_estimate"] == 100
    assert table.loc["tiny", "estimate"] < 80
    mean = table["raw_estimate"].drop("tiny").mean()
    assert abs(table.loc["tiny", "estimate"] - mean) < 100 - mean
    assert table.loc["tiny", "std_error"] > table["std_error"].median()


def test_shares_use_two_categories() -> None:
    data = shops().assign(score=lambda d: d["score"].map({4: 2, 7: 3, 10: 5}))
    table = csat.shrink(data, by="shop", seed=1).to_frame()
    top = data["score"].eq(5).groupby(data["shop"]).agg(["sum", "size"]).loc[table["shop"]]
    counts = np.column_stack([top["size"] - top["sum"], top["sum"]])
    wanted = shrink_counts(counts, [0, 100], rng=np.random.default_rng(1))
    np.testing.assert_allclose(table["estimate"], wanted.estimate, rtol=1e-12)


def test_means_use_the_points_of_the_scale() -> None:
    data = shops(6).assign(score=lambda d: d["score"].map({4: 2, 7: 5, 10: 7}))
    table = ces.shrink(data, by="shop", seed=1).to_frame()
    points = pd.crosstab(data["shop"], data["score"]).reindex(columns=range(1, 8), fill_value=0).loc[table["shop"]]
    wanted = shrink_counts(points.to_numpy(), np.arange(1, 8), rng=np.random.default_rng(1))
    np.testing.assert_allclose(table["estimate"], wanted.estimate, rtol=1e-6)  # an optimiser's last digits
    assert (table["unit"] == "scale").all()
    with pytest.raises(CemkitError, match="a mean on a continuous scale"):
        ScoreMetric("index", PERCENT, "mean").shrink(data, by="shop")


def test_where_lower_is_better_the_lowest_ranks_first() -> None:
    data = pd.DataFrame({"shop": ["easy"] * 60 + ["hard"] * 60, "score": [1, 2] * 30 + [4, 5] * 30})
    effort = ScoreMetric("effort", Scale(1, 5, direction="lower-is-better"), "mean", unit="scale")
    table = effort.shrink(data, by="shop").to_frame().set_index("shop")
    assert table["rank_high"].tolist() == [1, 2]
    assert table.loc["easy", "best_probability"] > 0.99
    assert (table["low"] < table["estimate"]).all()
    assert (table["estimate"] < table["high"]).all()
    assert table.loc["easy", "estimate"] == pytest.approx(1.5, abs=0.2)


def test_a_design_counts_effective_size_times_weighted_shares() -> None:
    data = shops(5, 60, seed=3)
    design = Design(weights="w", cluster="c")
    found = nps.shrink(data, by="shop", design=design, seed=2)
    table, plain = found.to_frame(), nps.score(data, by="shop", design=design)
    size = np.minimum(plain.to_frame()["n_eff"], plain.to_frame()["n"].astype(float))
    np.testing.assert_allclose(table["n_eff"], size)
    shares = plain.bands["share"].to_numpy().reshape(-1, 3)
    wanted = shrink_counts(shares * size.to_numpy()[:, None], [-100, 0, 100], rng=np.random.default_rng(2))
    np.testing.assert_allclose(table["estimate"], wanted.estimate, rtol=1e-9)
    assert "effective-counts" in [note.code for note in found.assumptions]


def test_a_group_of_one_cluster_counts_once() -> None:
    data = shops(4, 40, seed=5).assign(customer_id=lambda d: np.arange(len(d)))
    again = pd.DataFrame({"shop": "loyal", "score": 10, "customer_id": -1}, index=range(9))
    table = nps.shrink(pd.concat([data, again]), by="shop").to_frame().set_index("shop")
    assert table.loc["loyal", ["n", "n_eff"]].tolist() == [9, 1.0]


def test_hidden_groups_take_part_but_are_not_shown() -> None:
    data = shops()
    shown, every = nps.shrink(data, by="shop", min_base=8), nps.shrink(data, by="shop")
    hidden = shown.to_frame()["suppressed"].to_numpy()
    assert 2 <= hidden.sum() < 12
    columns = ["estimate", "raw_estimate", "n", "n_eff", "rank_low", "best_probability"]
    assert shown.to_frame().loc[hidden, columns].isna().all(axis=None)
    pd.testing.assert_frame_equal(shown.to_frame().loc[~hidden, columns], every.to_frame().loc[~hidden, columns])


def test_alike_groups_and_single_groups_say_so() -> None:
    alike = pd.DataFrame({"shop": ["a", "b", "c"] * 40, "score": np.repeat([10, 7, 3, 10], 30)})
    codes = [note.code for note in nps.shrink(alike, by="shop").assumptions]
    assert {"exchangeable", "homogeneous"} <= set(codes)
    single = nps.shrink(alike[alike["shop"] == "a"], by="shop")
    assert "single-group" in [note.code for note in single.assumptions]
    ends = nps.shrink(pd.DataFrame({"shop": list("abcd") * 50, "score": 10}), by="shop").to_frame()
    # nobody is best by being named first
    assert ends["best_probability"].between(0.15, 0.35).all()


def test_the_same_seed_gives_the_same_answer_on_every_engine() -> None:
    polars = pytest.importorskip("polars")
    data = shops(5)
    first = nps.shrink(data, by="shop")
    assert nps.shrink(polars.from_pandas(data.sample(frac=1, random_state=1)).lazy(), by="shop") == first
    assert Shrinkage.from_json(first.to_json()) == first
    assert nps.shrink(data, by="shop", seed=1) != first


def test_wrong_arguments_say_so() -> None:
    data = shops(3)
    with pytest.raises(CemkitError, match="best must be a whole number of at least 1, got 0"):
        nps.shrink(data, by="shop", best=0)
    with pytest.raises(CemkitError, match="by must name the column"):
        nps.shrink(data, by=[])
    with pytest.raises(CemkitError, match="Did you mean 'shop'"):
        nps.shrink(data, by="shopp")
