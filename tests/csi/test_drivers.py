"""Drivers through the public call: other programs' numbers, laws, engines, designs, bad input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from peer_data import MTCARS, SWISS, rdataset

import cemkit as cem
from cemkit import csi
from cemkit.errors import CemkitError, ColumnError, DesignError
from cemkit.simulate.world import telecom_tables


def survey(n: int = 300, items: int = 4, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = np.rint(5 + rng.standard_normal((n, items)) + rng.standard_normal((n, 1)))
    frame = pd.DataFrame(x, columns=[f"q{i}" for i in range(items)])
    frame["overall"] = x @ np.arange(1, items + 1) + 3 * rng.standard_normal(n)
    return frame.assign(
        w=rng.integers(1, 5, n).astype(float), flight=rng.integers(0, 30, n), plan=rng.integers(0, 2, n)
    )


ITEMS = ["q0", "q1", "q2", "q3"]


# R 4.2, relaimpo 2.2-7, calc.relimp(lm(Fertility ~ ., swiss), type = "lmg"); the same for mpg in mtcars
LMG_SWISS = [0.05709122077, 0.1711730289, 0.26013467862, 0.10557015037, 0.11276592293]
LMG_MTCARS = [0.20252540909, 0.18920451955, 0.15818551077, 0.25334240045, 0.04693907299]
# R, rwa 0.1.2 on swiss (and relaimpo type = "genizi")
JOHNSON_SWISS = [0.04841689581, 0.15470824981, 0.27196410465, 0.11468002995, 0.11696572138]


@pytest.mark.parametrize(
    ("name", "columns", "method", "expected"),
    [
        ("swiss", SWISS, "lmg", LMG_SWISS),
        ("mtcars", MTCARS, "lmg", LMG_MTCARS),
        ("swiss", SWISS, "relative-weights", JOHNSON_SWISS),
    ],
)
def test_against_relaimpo(name: str, columns: list[str], method: str, expected: list[float]) -> None:
    frame = pd.DataFrame(rdataset(name, columns), columns=columns)
    found = csi.drivers(frame, outcome=columns[-1], items=columns[:-1], method=method)
    np.testing.assert_allclose(found.to_frame()["estimate"], expected, atol=1e-10)
    again = csi.drivers(frame.corr(), outcome=columns[-1], items=columns[:-1], method=method)
    np.testing.assert_allclose(again.to_frame()["estimate"], expected, atol=1e-10)
    assert found.fit["r_squared"][0] == pytest.approx(sum(expected), abs=1e-9)


def test_coefficients_are_least_squares() -> None:
    frame = survey()
    slopes = np.linalg.lstsq(np.column_stack([frame[ITEMS], np.ones(len(frame))]), frame["overall"])[0]
    found = csi.drivers(frame, outcome="overall", items=ITEMS[:3], controls="q3").to_frame()
    np.testing.assert_allclose(found["coefficient"], slopes[:3], rtol=1e-9)


def test_counts_on_every_engine(local_engine: Engine) -> None:
    frame = survey()
    frame.loc[:20, "q1"] = None
    design = cem.Design(weights="w")
    found = csi.drivers(local_engine(frame), outcome="overall", items=ITEMS, by="plan", design=design)
    for plan, table in found.to_frame().groupby("plan"):
        # expanded by the whole weights, an ordinary regression's moments are the weighted ones
        kept = frame[frame["plan"] == plan].dropna()
        whole = kept.loc[kept.index.repeat(kept["w"].astype(int))]
        expected = csi.drivers(whole, outcome="overall", items=ITEMS).to_frame()
        np.testing.assert_allclose(table["estimate"], expected["estimate"], rtol=1e-9)
        assert (table["n"] == len(kept)).all()
    assert any(note.code == "complete-rows" for note in found.assumptions)


def test_resamples_are_the_same_on_every_engine(local_engine: Engine) -> None:
    frame = survey(120)
    design = cem.Design(weights="w", cluster="flight", strata="plan")
    asked = {"outcome": "overall", "items": ITEMS, "design": design, "bootstrap": 50, "seed": 3}
    found = csi.drivers(local_engine(frame), **asked).to_frame()
    pd.testing.assert_frame_equal(
        found, csi.drivers(frame.sample(frac=1, random_state=1), **asked).to_frame(), rtol=1e-9
    )


def test_dependent_rows_widen_the_intervals() -> None:
    frame = survey(200)
    copied = pd.concat([frame.assign(flight=range(200))] * 4, ignore_index=True)
    asked = {"outcome": "overall", "items": ITEMS, "bootstrap": 400, "seed": 1}
    once = csi.drivers(frame, **asked).to_frame()["std_error"]
    clustered = csi.drivers(copied, design=cem.Design(cluster="flight"), **asked).to_frame()["std_error"]
    np.testing.assert_allclose(clustered, once, rtol=0.2)
    alone = csi.drivers(copied, design=cem.Design.independent(), **asked).to_frame()["std_error"]
    np.testing.assert_allclose(alone, once / 2, rtol=0.2)


def test_customers_who_answer_twice_are_clusters() -> None:
    frame = survey(100).assign(customer_id=np.arange(100) // 2)
    codes = {note.code for note in csi.drivers(frame, outcome="overall", items=ITEMS, bootstrap=20, seed=1).assumptions}
    assert {"customers-are-clusters", "collected-rows", "bootstrap-percentile"} <= codes


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_laws(seed: int) -> None:
    frame = survey(60, seed=seed)
    base = csi.drivers(frame, outcome="overall", items=ITEMS)
    one = base.to_frame().set_index("item")["estimate"]
    assert one.sum() == pytest.approx(base.fit["r_squared"][0])
    moved = frame.assign(q0=9 - 3 * frame["q0"], overall=2 * frame["overall"] - 7, unit=1.0)
    other = csi.drivers(moved, outcome="overall", items=ITEMS[::-1], design=cem.Design(weights="unit"))
    pd.testing.assert_series_equal(other.to_frame().set_index("item")["estimate"][ITEMS], one)
    johnson = csi.drivers(frame, outcome="overall", items=ITEMS, method="relative-weights")
    assert johnson.to_frame()["estimate"].sum() == pytest.approx(one.sum())


def test_a_duplicated_driver_is_split_equally() -> None:
    rng = np.random.default_rng(2)
    frame = survey(400)
    noise = rng.standard_normal(400)
    # both halves have the same correlations with everything once the noise is made orthogonal to the rest
    rest = np.column_stack([frame[[*ITEMS, "overall"]], np.ones(400)])
    noise -= rest @ np.linalg.lstsq(rest, noise)[0]
    frame = frame.assign(left=frame["q3"] + 0.1 * noise, right=frame["q3"] - 0.1 * noise)
    found = csi.drivers(frame, outcome="overall", items=["q0", "left", "right"]).to_frame()
    assert found["estimate"][1] == pytest.approx(found["estimate"][2])
    assert found["rank"].tolist() == [3, 1, 1]
    assert found["vif"][1] > 20


def test_groups_get_one_part() -> None:
    found = csi.drivers(survey(), outcome="overall", items=ITEMS, groups={"service": ["q0", "q1"]})
    assert found.to_frame()["item"].tolist() == ["service", "q2", "q3"]
    assert found.to_frame()["estimate"].sum() == pytest.approx(found.fit["r_squared"][0])
    assert np.isnan(found.to_frame()["coefficient"][0])


def test_dominance_comes_from_the_same_fits() -> None:
    found = csi.drivers(survey(2000), outcome="overall", items=ITEMS)
    table = found.dominance.set_index(["left", "right"])
    assert table.loc[("q3", "q0")].tolist() == [1, 1, 1]
    assert table.loc[("q0", "q3")].tolist() == [0, 0, 0]
    mean = found.conditional.groupby("item")["estimate"].mean()
    np.testing.assert_allclose(mean[ITEMS], found.to_frame()["estimate"])


def test_many_items_are_sampled() -> None:
    frame = survey(400, items=24)
    items = [f"q{i}" for i in range(24)]
    found = csi.drivers(frame, outcome="overall", items=items, seed=5)
    assert found.to_frame()["estimate"].sum() == pytest.approx(found.fit["r_squared"][0])
    assert (found.to_frame()["sampling_error"] > 0).all()
    assert "sampled-orders" in {note.code for note in found.assumptions}


def test_the_truth_of_telecom_is_covered(replicates: Callable[[int], int]) -> None:
    tables, _, truth = telecom_tables(customers=4000, months=6, seed=11)
    answers = tables["answers"]
    design = cem.Design(weights="weight", strata="stratum")
    items = truth.drivers["item"].tolist()
    found = csi.drivers(answers, outcome="overall", items=items, design=design, bootstrap=replicates(200), seed=1)
    table = found.to_frame()
    inside = (table["share_low"] <= truth.drivers["share"]) & (truth.drivers["share"] <= table["share_high"])
    assert inside.sum() >= 5
    assert np.abs(table["coefficient"] - truth.drivers["coefficient"]).max() < 0.5
    assert found.from_json(found.to_json()) == found


@pytest.mark.slow
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    rng = np.random.default_rng(7)
    covariance = 0.5 * np.eye(4) + 0.5
    slopes = np.array([1.0, 0.7, 0.4, 0.2])
    names = [*ITEMS, "overall"]
    whole = np.zeros((5, 5))
    whole[:4, :4] = covariance
    whole[:4, 4] = whole[4, :4] = covariance @ slopes
    whole[4, 4] = slopes @ covariance @ slopes + 2.0
    deviation = np.sqrt(np.diagonal(whole))
    matrix = pd.DataFrame(whole / np.outer(deviation, deviation), index=names, columns=names)
    truth = csi.drivers(matrix, outcome="overall", items=ITEMS).to_frame()["share"].to_numpy()
    root = np.linalg.cholesky(whole)
    times = replicates(200)
    held = []
    for i in range(times):
        frame = pd.DataFrame(rng.standard_normal((400, 5)) @ root.T, columns=names)
        table = csi.drivers(frame, outcome="overall", items=ITEMS, bootstrap=400, seed=i).to_frame()
        held.append((table["share_low"] <= truth) & (truth <= table["share_high"]))
    # a percentile bootstrap is exact in the limit only: two points beside the error of the simulation
    reach = 0.02 + 2.6 * np.sqrt(0.95 * 0.05 / times)
    covers(
        held,
        estimator="csi.drivers, shares by LMG",
        world="400 normal answers to four items with correlation .5; percentile bootstrap, allowed two points more",
        slack=(reach, reach),
    )


@pytest.mark.parametrize(
    ("change", "asked", "error", "words"),
    [
        ({}, {"items": ["q0", "overall"]}, ColumnError, "cannot be its own driver"),
        ({}, {"items": ["q0", "overal"]}, ColumnError, "Did you mean 'overall'"),
        ({}, {"items": []}, CemkitError, "at least one"),
        ({}, {"items": "q0", "controls": "q0"}, ColumnError, "among items and controls"),
        ({}, {"method": "lmgg"}, CemkitError, "Did you mean 'lmg'"),
        ({}, {"missing": "mean"}, CemkitError, "listwise"),
        ({}, {"groups": {"a": ["q0"], "b": ["q0"]}}, ColumnError, "has one group"),
        ({}, {"groups": {"a": ["q7"]}}, ColumnError, "not one of the items"),
        ({}, {"bootstrap": 5}, CemkitError, "at least 20"),
        ({}, {"level": 95}, CemkitError, "0.95"),
        ({}, {"by": "q0"}, ColumnError, "also an item"),
        ({"q0": 3.0}, {}, CemkitError, "'q0' has the same answer in all"),
        ({"q0": lambda d: d["q1"] + d["q2"]}, {}, CemkitError, "'q0', 'q1', 'q2' are perfectly collinear"),
        ({"q0": lambda d: d["q0"].where(d.index < 50)}, {}, CemkitError, "min_complete=0.1"),
        ({"q0": "x"}, {}, ColumnError, "must hold numbers"),
        (
            {},
            {"design": cem.Design(weights="w", population="w", cluster="flight"), "bootstrap": 20},
            DesignError,
            "finite",
        ),
    ],
)
def test_bad_input(change: dict, asked: dict, error: type[CemkitError], words: str) -> None:
    frame = survey().assign(**change)
    before = frame.copy()
    with pytest.raises(error, match=words.replace("(", r"\(")):
        csi.drivers(frame, **{"outcome": "overall", "items": ITEMS, **asked})
    pd.testing.assert_frame_equal(frame, before)


def test_fewer_rows_than_items() -> None:
    with pytest.raises(CemkitError, match="at least 6 complete rows, found 4"):
        csi.drivers(survey(4), outcome="overall", items=ITEMS)


def test_a_small_base_can_be_accepted() -> None:
    frame = survey()
    frame.loc[50:, "q0"] = np.nan
    found = csi.drivers(frame, outcome="overall", items=ITEMS, min_complete=0.1)
    assert found.fit["complete"][0] == pytest.approx(50 / 300)
