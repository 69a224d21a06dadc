"""Kano's categories."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from scipy import stats

import cemkit as cem
from cemkit.csi import Kano, kano
from cemkit.errors import CemkitError
from cemkit.statistics.proportions import proportion_interval

WORDS = ("좋다", "당연하다", "상관없다", "참을 수 있다", "싫다")
# Berger et al. (1993): rows functional like .. dislike, columns dysfunctional like .. dislike
TABLE = ["QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ"]
NAMES = dict(
    zip("AOMIRQ", ("attractive", "one-dimensional", "must-be", "indifferent", "reverse", "questionable"), strict=True)
)


def answers(rows: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"f0": rng.choice([1, 1, 2, 3], rows), "d0": rng.choice([3, 5, 5, 4], rows),
                          "f1": rng.integers(1, 6, rows), "d1": rng.integers(1, 6, rows)}).astype(float)  # fmt: skip
    frame.loc[rng.random(rows) < 0.1, "d1"] = np.nan
    return frame.assign(g=["x", "y"] * (rows // 2), w=rng.integers(1, 4, rows) / 2)


COLUMNS = {"functional": ["f0", "f1"], "dysfunctional": ["d0", "d1"], "names": ["wifi", "seat"]}


def letters(frame: pd.DataFrame, i: int) -> pd.Series:
    pairs = frame[[f"f{i}", f"d{i}"]].dropna().astype(int)
    return pd.Series([TABLE[f - 1][d - 1] for f, d in pairs.to_numpy()], index=pairs.index)


@pytest.mark.parametrize("words", [False, True])
def test_every_engine(local_engine: Engine, words) -> None:
    frame = answers()
    data = frame
    if words:
        data = frame.copy()
        for c in ("f0", "d0", "f1", "d1"):
            data[c] = [None if v != v else WORDS[int(v) - 1] for v in frame[c]]
    found = kano(local_engine(data), **COLUMNS, **({"codes": WORDS} if words else {}))
    table = found.to_frame()
    for i, item in enumerate(COLUMNS["names"]):
        category = letters(frame, i)
        count = {k: int((category == k).sum()) for k in NAMES}
        part = found.categories[found.categories["item"] == item]
        assert dict(zip(part["category"], part["n"], strict=True)) == {NAMES[k]: n for k, n in count.items()}
        row = table.iloc[i]
        base = count["A"] + count["O"] + count["M"] + count["I"]
        assert row["better"] == pytest.approx((count["A"] + count["O"]) / base)
        assert row["worse"] == pytest.approx(-(count["O"] + count["M"]) / base)
        low, high = proportion_interval(count["O"] + count["M"], base)
        assert (row["worse_low"], row["worse_high"]) == pytest.approx((-float(high), -float(low)))
        assert row["worse"] <= 0
        ranked = sorted(count.values(), reverse=True)
        z = (ranked[0] - ranked[1]) / np.sqrt(ranked[0] + ranked[1])
        assert row["statistic"] == pytest.approx(z)
        assert row["p_value"] == pytest.approx(2 * stats.norm.sf(z))
        assert row["strength"] == pytest.approx((ranked[0] - ranked[1]) / len(category))
        assert row["n"] == len(category)
        scores = frame.loc[category.index, f"f{i}"].map(dict(zip(range(1, 6), (4, 2, 0, -1, -2), strict=True)))
        assert row["functional"] == pytest.approx(scores.mean())
        scores = frame.loc[category.index, f"d{i}"].map(dict(zip(range(1, 6), (-2, -1, 0, 2, 4), strict=True)))
        assert row["dysfunctional"] == pytest.approx(scores.mean())
    assert found.categories.groupby("item")["probability_top"].sum().tolist() == pytest.approx([1, 1])
    assert Kano.from_json(found.to_json()) == found
    assert found == kano(data, **COLUMNS, **({"codes": WORDS} if words else {}))
    assert {"independent", "pairs-missing", "kano-questionable"} <= {note.code for note in found.assumptions}


def test_design_and_groups(local_engine: Engine) -> None:
    frame = answers()
    design = cem.Design(weights="w")
    found = kano(local_engine(frame), **COLUMNS, by="g", design=design)
    table = found.to_frame()
    assert table[["g", "item"]].to_numpy().tolist() == [["x", "wifi"], ["x", "seat"], ["y", "wifi"], ["y", "seat"]]
    category = letters(frame, 0)
    part = frame.loc[category.index].assign(k=category)
    part = part[part["g"] == "x"]
    inside = part[part["k"].isin(list("AOMI"))]
    assert table["better"][0] == pytest.approx(np.average(inside["k"].isin(["A", "O"]), weights=inside["w"]))
    # the same share through the ordinary way: a column of its own
    flag = frame.assign(y=category.map({"A": 1.0, "O": 1.0, "M": 0.0, "I": 0.0}))
    metric = cem.ScoreMetric("y", cem.Scale(0, 1, bands={"n": (0, 0), "y": (1, 1)}), "top", unit="share")
    wanted = metric.score(flag, score="y", by="g", design=design).to_frame()
    for mine, theirs in (("better_std_error", "std_error"), ("better_low", "low"), ("better_high", "high")):
        np.testing.assert_allclose(table[mine][[0, 2]].astype(float), wanted[theirs].astype(float))
    shares = found.categories[(found.categories["item"] == "wifi") & (found.categories["g"] == "x")]
    expected = [np.average(part["k"] == k, weights=part["w"]) for k in NAMES]
    np.testing.assert_allclose(shares["share"], expected, atol=1e-12)


def test_ties_fall_to_must_be() -> None:
    # two must-be, two attractive
    data = pd.DataFrame({"f": [2, 2, 1, 1], "d": [5, 5, 3, 3]})
    row = kano(data, functional="f", dysfunctional="d").to_frame().iloc[0]
    assert (row["category"], row["second"], row["different"]) == ("must-be", "attractive", False)


def test_pouliot_and_fong() -> None:
    data = pd.DataFrame({"f": [2] * 9 + [1], "d": [2] * 9 + [3]})
    assert kano(data, functional="f", dysfunctional="d").to_frame()["category"][0] == "indifferent"
    found = kano(data, functional="f", dysfunctional="d", table="pouliot", method="fong").to_frame()
    assert found["questionable"][0] == 0.9
    assert found["different"][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dysfunctional": ["d0"]}, "functional names 2 columns and dysfunctional 1"),
        ({"names": ["a", "a"]}, "a name of its own"),
        ({"codes": (1, 2, 3, 4)}, "five different answers"),
        ({"codes": (1, 2, 3, 4, 4)}, "five different answers"),
        ({"codes": (0, 1, 2, 3, 4)}, "none of the codes [0, 1, 2, 3, 4], such as 5.0"),
        ({"codes": WORDS}, "holds numbers"),
        ({"functional": ["f0", "f9"]}, "no such column"),
        ({"by": "category"}, "result column"),
        ({"table": "kano"}, "kano"),
        ({"method": "t"}, "fong"),
    ],
)
def test_bad_input(change, said) -> None:
    frame = answers()
    before = frame.copy(deep=True)
    with pytest.raises(CemkitError) as found:
        kano(frame, **{**COLUMNS, **change})
    assert said in str(found.value)
    pd.testing.assert_frame_equal(frame, before)


def test_an_item_without_pairs_is_named() -> None:
    with pytest.raises(CemkitError, match="the item 'seat' has no respondent"):
        kano(answers().assign(d1=np.nan), **COLUMNS)
