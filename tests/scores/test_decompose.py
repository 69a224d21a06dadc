"""Decompositions: arithmetic by hand, exact sums, agreement with compare, engines, bad input, coverage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.scores import ScoreMetric, ces, csat, nps
from cemkit.scores.decompose import DECOMPOSITION_COLUMNS, Decomposition
from cemkit.tables import Design

ENDS = ("estimate", "low", "high")


def det60() -> pd.DataFrame:
    """The made-up survey of the references: i = 1..60."""
    i = np.arange(1, 61)
    return pd.DataFrame(
        {
            "score": np.minimum(10, (i**3 + 2 * i) % 11 + 3),
            "w": 1 + i % 4,
            "st": np.where(i <= 30, "A", "B"),
            "cl": (i + 4) // 5,
            "wave": np.where(i % 2 == 0, "2", "1"),
            "seg": np.where(i % 5 < 2, "x", "y"),
        }
    )


def made(before: dict[str, tuple[int, int, int]], after: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    """Detractors, passives and promoters of every segment in two waves."""
    rows = [
        (wave, segment, score)
        for wave, table in (("1", before), ("2", after))
        for segment, counts in table.items()
        for score, count in zip((3, 7, 10), counts, strict=True)
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["wave", "seg", "score"])


def test_by_hand() -> None:
    # before: a 50 of 100 with 20, b 50 with 40; after: a 25 of 100 with 40, b 75 with 40 (net scores in points)
    data = made({"a": (10, 20, 20), "b": (10, 10, 30)}, {"a": (5, 5, 15), "b": (15, 15, 45)})
    found = nps.decompose(data, over="wave", by="seg")
    table = found.to_frame().set_index("seg")
    # rate: mean share (.5 + .25)/2 times 20 is 7.5; b did not change
    assert table["rate"].tolist() == pytest.approx([7.5, 0])
    # mix: totals 30 and 40, their middle 35; a: (30 - 35) times -.25 is 1.25; b: (40 - 35) times .25 is 1.25
    assert table["mix"].tolist() == pytest.approx([1.25, 1.25])
    assert table["estimate"].tolist() == pytest.approx([8.75, 1.25])
    assert table[["estimate_before", "estimate_after"]].to_numpy().tolist() == [
        pytest.approx([20, 40]),
        pytest.approx([40, 40]),
    ]
    assert table[["share_before", "share_after"]].to_numpy().tolist() == [[0.5, 0.25], [0.5, 0.75]]
    assert table[["n_before", "n_after"]].to_numpy().tolist() == [[50, 25], [50, 75]]
    assert (found.over, found.before, found.after, found.by) == ("wave", "1", "2", ("seg",))
    total = found.total.iloc[0]
    assert total["estimate"] == pytest.approx(10)
    assert (total["rate"], total["mix"]) == (pytest.approx(7.5), pytest.approx(2.5))
    assert (total["estimate_before"], total["estimate_after"]) == (pytest.approx(30), pytest.approx(40))
    # before p + d - (p - d)² = .5 + .2 - .09 = .61, after .6 + .2 - .16 = .64: se 100 √((.61 + .64)/100)
    assert total["std_error"] == pytest.approx(100 * np.sqrt(0.0125), rel=1e-12)
    assert total["high"] - total["low"] == pytest.approx(2 * 1.959963984540054 * 100 * np.sqrt(0.0125), rel=1e-12)
    # rate of b alone: .625 times √(var(after) + var(before)), var = (.8 - .16)/n: n 50 and 75; its mean share is
    # uncertain, too, but multiplied with a change of zero
    assert table.loc["b", "rate_std_error"] == pytest.approx(100 * 0.625 * np.sqrt(0.64 / 50 + 0.64 / 75), rel=1e-12)
    assert set(table["method"]) == {"wald"}
    assert np.isinf(table["df"]).all()


def test_known_shares_leave_only_the_rate() -> None:
    data = made({"a": (10, 20, 20), "b": (10, 10, 30)}, {"a": (5, 5, 15), "b": (15, 15, 45)})
    found = nps.decompose(data, over="wave", by="seg", population={"a": 0.4, "b": 0.6})
    table = found.to_frame()
    assert table["mix"].tolist() == [0, 0]
    # .4 · 20 and .6 · 0
    assert table["rate"].tolist() == pytest.approx([8, 0])
    # variance of a's rate: .4² (.56/50 + .64/25), with p + d - (p - d)² = .6 - .04 before and .8 - .16 after
    assert table["rate_std_error"].iloc[0] == pytest.approx(100 * 0.4 * np.sqrt(0.56 / 50 + 0.64 / 25), rel=1e-12)
    codes = {a.code for a in found.assumptions}
    assert "population-shares" in codes
    assert "mix-is-who-answered" not in codes
    moved = nps.decompose(
        data, over="wave", by="seg", population={"1": {"a": 0.5, "b": 0.5}, "2": {"a": 0.25, "b": 0.75}}
    )
    # the same shares as those of the answers, but known
    assert moved.to_frame()["mix"].tolist() == pytest.approx([1.25, 1.25])
    assert (
        moved.to_frame()["mix_std_error"] < nps.decompose(data, over="wave", by="seg").to_frame()["mix_std_error"]
    ).all()


def test_segments_that_appear_or_vanish_are_mix() -> None:
    data = made({"a": (10, 20, 20), "old": (10, 10, 30)}, {"a": (5, 5, 15), "new": (15, 15, 45)})
    found = nps.decompose(data, over="wave", by="seg")
    table = found.to_frame().set_index("seg")
    assert table["status"].to_dict() == {"a": "both", "new": "appeared", "old": "vanished"}
    assert table.loc[["new", "old"], "rate"].tolist() == [0, 0]
    # totals 30 and 40; new: (40 - 35) · .75, old: (40 - 35) · -.5
    assert table.loc[["new", "old"], "mix"].tolist() == pytest.approx([3.75, -2.5])
    assert np.isnan(table.loc["new", "estimate_before"])
    assert table.loc["new", "n_before"] == 0
    assert table["estimate"].sum() == pytest.approx(10)
    notes = {a.code: str(a) for a in found.assumptions}
    assert notes["segments-appear"] == "Segments seen in only one period count as mix: new, old."


counts = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
periods = st.fixed_dictionaries({"a": counts, "b": counts, "c": counts}).filter(lambda t: any(map(sum, t.values())))


@settings(max_examples=40)
@given(periods, periods, st.booleans())
def test_parts_sum_to_the_change(before: Any, after: Any, weighted: bool) -> None:
    data = made(before, after)
    data["w"] = 1 + np.arange(len(data)) % 3
    design = Design(weights="w") if weighted and len(data) > 1 else None
    for metric in (nps, ScoreMetric("m", nps.scale, "mean")):
        found = metric.decompose(data, over="wave", by="seg", design=design)
        table, total = found.to_frame(), found.total.iloc[0]
        assert table["estimate"].to_numpy() == pytest.approx((table["rate"] + table["mix"]).to_numpy(), abs=1e-9)
        for name in ("estimate", "rate", "mix"):
            assert table[name].sum() == pytest.approx(total[name], abs=1e-9)
        assert total["estimate"] == pytest.approx(total["estimate_after"] - total["estimate_before"], abs=1e-9)
        assert total["estimate_before"] == pytest.approx(
            metric.score(data[data["wave"] == "1"], design=design).only.estimate
            if not weighted
            else total["estimate_before"],
            abs=1e-9,
        )
        assert table[["share_before", "share_after"]].sum().tolist() == pytest.approx([1, 1])
        assert (table["low"] <= table["estimate"] + 1e-9).all()
        back = metric.decompose(data, over="wave", by="seg", between=("2", "1"), design=design)
        assert back.to_frame()["estimate"].tolist() == pytest.approx((-table["estimate"]).tolist(), abs=1e-9)
        assert back.to_frame()["std_error"].tolist() == pytest.approx(table["std_error"].tolist(), abs=1e-9)


DESIGNS = {
    "weights": Design(weights="w"),
    "strata": Design(weights="w", strata="st"),
    "clusters": Design(weights="w", cluster="cl"),
    "strata and clusters": Design(weights="w", strata="st", cluster="cl"),
    "jackknife": Design(weights="w", strata="st", cluster="cl", variance="jackknife"),
}


@pytest.mark.parametrize("design", DESIGNS.values(), ids=list(DESIGNS))
@pytest.mark.parametrize("metric", [nps, ScoreMetric("top", nps.scale, "top"), ScoreMetric("m", nps.scale, "mean")])
def test_the_change_is_that_of_compare(metric: ScoreMetric, design: Design) -> None:
    found = metric.decompose(det60(), over="wave", by="seg", design=design).total.iloc[0]
    compared = metric.compare(det60(), over="wave", design=design).only
    assert found["estimate"] == pytest.approx(compared["difference"], abs=1e-9)
    # the delta method on jackknifed means and shares is equal to first order only: six clusters a stratum here
    near = 6e-2 if design.variance == "jackknife" else 1e-9
    assert found["std_error"] == pytest.approx(compared["std_error"], rel=near)
    # a comparison takes Satterthwaite's degrees of freedom of its two sides where those are fewer
    assert found["df"] >= compared["df"]
    for name in ("low", "high"):
        assert found[name] == pytest.approx(compared[name], rel=max(near, 1e-2))


def test_standard_error_by_hand_under_strata_and_clusters() -> None:
    found = nps.decompose(det60(), over="wave", by="seg", design=DESIGNS["strata and clusters"])
    total = found.total.iloc[0]
    # z of the difference of two ratios, summed by cluster, Σ_h n/(n - 1) Σ (z - z̄)²
    data = det60()
    y = np.select([data["score"] >= 9, data["score"] <= 6], [100.0, -100.0], 0.0)
    z = np.zeros(60)
    for wave, sign in (("2", 1), ("1", -1)):
        here = (data["wave"] == wave).to_numpy()
        w = data["w"].to_numpy() * here
        z += sign * w * (y - (w @ y) / w.sum()) / w.sum()
    variance = 0.0
    for _, part in data.assign(z=z).groupby("st"):
        sums = part.groupby("cl")["z"].sum()
        variance += len(sums) / (len(sums) - 1) * ((sums - sums.mean()) ** 2).sum()
    assert total["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)
    assert total["std_error"] == pytest.approx(24.8856017, abs=1e-6)
    assert (total["df"], total["method"]) == (10, "linearised-t")


def test_without_a_design_the_change_is_that_of_compare_wald() -> None:
    found = nps.decompose(det60(), over="wave", by="seg").total.iloc[0]
    compared = nps.compare(det60(), over="wave", method="wald").only
    for name, other in (("estimate", "difference"), ("std_error", "std_error"), ("low", "low"), ("high", "high")):
        assert found[name] == pytest.approx(compared[other], rel=1e-12)


def test_customers_who_answered_twice_are_clusters() -> None:
    data = det60().assign(customer_id=np.arange(60) // 2)
    found = nps.decompose(data, over="wave", by="seg")
    assert "customers-are-clusters" in {a.code for a in found.assumptions}
    compared = nps.compare(data, over="wave").only
    assert found.total["std_error"].iloc[0] == pytest.approx(compared["std_error"], rel=1e-9)
    assert found.total["std_error"].iloc[0] != pytest.approx(
        nps.decompose(det60(), over="wave", by="seg").total["std_error"].iloc[0]
    )


def test_between_chooses_two_of_three() -> None:
    data = det60().assign(wave="w" + pd.Series(np.arange(60) % 3).astype(str))
    found = nps.decompose(data, over="wave", by="seg", between=("w0", "w2"))
    assert (found.before, found.after) == ("w0", "w2")
    two = nps.decompose(data[data["wave"] != "w1"], over="wave", by="seg")
    assert found.to_frame().equals(two.to_frame())
    assert found.total.equals(two.total)


def test_levels_turn_before_and_after() -> None:
    found = nps.decompose(det60(), over="wave", by="seg", levels=["2", "1"])
    assert (found.before, found.after) == ("2", "1")


def test_several_segment_columns_and_a_null() -> None:
    data = det60().assign(city=np.where(np.arange(60) % 4 == 0, None, "b"))
    found = nps.decompose(data, over="wave", by=["seg", "city"])
    table = found.to_frame()
    assert list(table) == ["seg", "city", *DECOMPOSITION_COLUMNS]
    assert table["city"].tolist() == ["b", None, "b", None]
    assert table["n_before"].sum() == 30


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "duckdb", "pyarrow"])
@pytest.mark.parametrize("design", [None, DESIGNS["strata and clusters"]], ids=["independent", "design"])
def test_engines_agree(engine: str, design: Design | None) -> None:
    data = det60().astype({"score": float})
    data.loc[[3, 17], "score"] = np.nan
    expected = nps.decompose(data, over="wave", by="seg", design=design, min_base=5)
    other: Any
    if engine == "duckdb":
        other = pytest.importorskip("duckdb").connect().from_df(data)
    elif engine == "pyarrow":
        other = pytest.importorskip("pyarrow").Table.from_pandas(data)
    else:
        other = pytest.importorskip("polars").from_pandas(data)
        other = other.lazy() if engine.endswith("lazy") else other
    found = nps.decompose(other, over="wave", by="seg", design=design, min_base=5)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-10, atol=1e-10)
    pd.testing.assert_frame_equal(found.total, expected.total, rtol=1e-10, atol=1e-10)
    assert found.assumptions == expected.assumptions


def test_small_segments_are_hidden_with_a_neighbour() -> None:
    data = made(
        {"a": (1, 0, 1), "b": (9, 9, 9), "c": (20, 20, 20)}, {"a": (9, 9, 9), "b": (9, 9, 9), "c": (20, 20, 20)}
    )
    found = nps.decompose(data, over="wave", by="seg", min_base=10)
    table = found.to_frame().set_index("seg")
    assert table["suppressed"].to_dict() == {"a": True, "b": True, "c": False}
    hidden = table.loc[["a", "b"]].drop(columns=["metric", "status", "df", "level", "method", "unit", "suppressed"])
    assert hidden.isna().all(axis=None)
    assert table.loc["c"].notna().all()
    assert not found.total["suppressed"].iloc[0]
    assert found.total["n_before"].iloc[0] == 89
    assert "suppressed" in {a.code for a in found.assumptions}


def test_a_small_total_is_hidden_too() -> None:
    data = made({"a": (1, 0, 1), "b": (1, 1, 1)}, {"a": (9, 9, 9), "b": (9, 9, 9)})
    found = nps.decompose(data, over="wave", by="seg", min_base=10)
    total = found.total.iloc[0]
    assert total["suppressed"]
    assert found.total[[*ENDS, "rate", "mix", "estimate_before", "n_before", "n_after"]].isna().all(axis=None)
    assert found.to_frame()["suppressed"].all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"over": "seg"}, "different columns"),
        ({"by": None}, "needs by="),
        ({"by": "sge"}, "Did you mean 'seg'"),
        ({"by": "rate"}, "rate"),
        ({"level": 95}, "Did you mean 0.95"),
        ({"between": ("1", "3")}, "must be two different levels of 'wave' .'1', '2'."),
        ({"between": ("1", "1")}, "two different levels"),
        ({"between": ("1",)}, "two different levels"),
        ({"between": "12"}, r"must be \(before, after\)"),
        ({"between": 3}, r"must be \(before, after\)"),
        ({"population": {"x": 0.5}}, "no share for 'y'"),
        ({"population": {"x": 0.5, "y": 0.3, "z": 0.2}}, "a share for 'z', which nobody answered for"),
        ({"population": {"x": 50, "y": 50}}, "did you give percent"),
        ({"population": {"x": 1.5, "y": -0.5}}, "at least 0"),
        ({"population": {"x": "half", "y": "half"}}, "must be numbers"),
        ({"population": [0.5, 0.5]}, "population must be"),
        ({"population": {"1": {"x": 0.5, "y": 0.5}}}, "not for both '1' and '2'"),
        ({"invalid": "drop"}, "invalid must be"),
        ({"min_base": 0}, "min_base"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: dict[str, Any], words: str) -> None:
    given = {"over": "wave", "by": "seg", **arguments}
    with pytest.raises(CemkitError, match=words):
        nps.decompose(det60().assign(rate=1), **given)


def test_three_levels_ask_for_between() -> None:
    data = det60().assign(wave=np.arange(60) % 3)
    with pytest.raises(CemkitError, match=r"has 3 levels \(0, 1, 2\).*say between="):
        nps.decompose(data, over="wave", by="seg")
    with pytest.raises(CemkitError, match="has one level .only .*, so there is no change to split"):
        nps.decompose(det60().assign(wave="1"), over="wave", by="seg")


def test_a_period_without_answers_is_one_clear_error() -> None:
    data = det60().astype({"score": float})
    data.loc[data["wave"] == "2", "score"] = np.nan
    with pytest.raises(CemkitError, match="nobody answered in '2'"):
        nps.decompose(data, over="wave", by="seg")


def test_metrics_have_the_same_method() -> None:
    data = det60().assign(score=lambda d: d["score"].clip(upper=5))
    for metric in (csat, ces):
        assert isinstance(metric.decompose(data, over="wave", by="seg"), Decomposition)


@pytest.mark.slow
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    trials = replicates(1000)
    rng = np.random.default_rng(20)
    share = np.array([[0.5, 0.3, 0.2], [0.35, 0.35, 0.3]])
    chances = np.array(
        [[[0.2, 0.3, 0.5], [0.35, 0.3, 0.35], [0.5, 0.3, 0.2]], [[0.15, 0.3, 0.55], [0.4, 0.3, 0.3], [0.4, 0.3, 0.3]]]
    )
    net = 100 * (chances[:, :, 2] - chances[:, :, 0])
    totals = (share * net).sum(axis=1)
    rate = share.mean(axis=0) * (net[1] - net[0])
    mix = (net.mean(axis=0) - totals.mean()) * (share[1] - share[0])
    true = {"estimate": rate + mix, "rate": rate, "mix": mix}
    held: dict[str, Any] = {name: np.zeros((trials, 4)) for name in true}
    n = 400
    for trial in range(trials):
        cells = [rng.multinomial(n, (share[t][:, None] * chances[t]).ravel()).reshape(3, 3) for t in range(2)]
        data = made(*[{s: tuple(row) for s, row in zip("abc", cell.tolist(), strict=True)} for cell in cells])
        found = nps.decompose(data, over="wave", by="seg")
        table, total = found.to_frame(), found.total.iloc[0]
        for name, value in true.items():
            low, high = ("low", "high") if name == "estimate" else (f"{name}_low", f"{name}_high")
            held[name][trial, :3] = (table[low] <= value) & (value <= table[high])
            held[name][trial, 3] = total[low] <= value.sum() <= total[high]
    for name, part in held.items():
        # three binomial standard errors beside the gate where fewer replicates were asked for
        slack = 0.02 + (3 * np.sqrt(0.05 * 0.95 / trials) if trials < 1000 else 0)
        covers(
            part,
            estimator=f"nps.decompose: {name}",
            world="three segments and their sum, 400 answers in each of two waves",
            slack=(slack, slack),
        )
