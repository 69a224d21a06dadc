"""Gaps between what was expected and what was perceived."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st

import cemkit as cem
from cemkit.csi import Gap, gap
from cemkit.errors import CemkitError, ColumnError, ContractError, DesignError
from cemkit.scales import Scale
from cemkit.statistics.multiplicity import adjust
from cemkit.tables import row_moments
from cemkit.tables.binding import collect

PERCENT = Scale(1, 100)
SEVEN = Scale(1, 7, missing_codes=(9,))


def answers(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({f"e{i}": rng.integers(3, 8, rows).astype(float) for i in range(3)})
    for i in range(3):
        frame[f"p{i}"] = rng.integers(1, 8, rows).astype(float)
        frame.loc[rng.random(rows) < 0.15, f"p{i}"] = np.nan
        frame[f"i{i}"] = rng.integers(1, 5, rows).astype(float)
    frame.loc[3, "e0"] = 9
    frame["w"] = rng.integers(1, 5, rows) / 2
    frame["h"] = np.where(np.arange(rows) < rows // 2, "a", "b")
    frame["c"] = [f"c{i // 3}" for i in range(rows)]
    frame["out"] = rng.normal(size=rows) + frame["p1"].fillna(4)
    return frame


E, P = ["e0", "e1", "e2"], ["p0", "p1", "p2"]


def by_hand(frame: pd.DataFrame) -> pd.DataFrame:
    left, right = (frame[c].replace(9, np.nan).to_numpy() for c in (E, P))
    return pd.DataFrame(right - left, columns=P, index=frame.index)


def test_airline(shared_data) -> None:
    data = pd.read_csv(shared_data / "oddjob_airlinesat" / "airlinesat.csv")
    expected, perceived = ([f"{k}{i}" for i in range(1, 24)] for k in "es")
    found = gap(data, expected=expected, perceived=perceived, scale=PERCENT, dimensions={"crew": perceived[:5]})
    # references/csi.md: mean of respondents' means, mean of item means, pooled over all pairs
    row = found.overall.iloc[0]
    assert row["estimate"] == pytest.approx(-21.19948, abs=5e-6)
    assert row["mean_of_items"] == pytest.approx(-21.28673, abs=5e-6)
    assert row["pooled"] == pytest.approx(-21.29993, abs=5e-6)
    from scipy import stats

    table = found.to_frame()
    assert table["item"].tolist() == perceived
    for i in (0, 11):
        test = stats.ttest_rel(data[perceived[i]], data[expected[i]], nan_policy="omit")
        assert table["statistic"][i] == pytest.approx(test.statistic)
        assert table["p_value"][i] == pytest.approx(test.pvalue)
        assert tuple(table.loc[i, ["low", "high"]]) == pytest.approx(tuple(test.confidence_interval(0.95)))
    crew = pd.DataFrame(data[perceived[:5]].to_numpy() - data[expected[:5]].to_numpy())
    assert found.dimensions["estimate"][0] == pytest.approx(crew.mean(axis=1).mean())


@pytest.mark.parametrize("scale", [SEVEN, None])
def test_every_engine(local_engine: Engine, scale) -> None:
    frame = answers()
    if scale is None:
        frame = frame.replace({"e0": {9: np.nan}})
    data = local_engine(frame)
    found = gap(data, expected=E, perceived=P, dimensions={"all but one": ["p0", "p2"]}, importance=["i0", "i1", "i2"],
                scale=scale, outcome="out")  # fmt: skip
    d = by_hand(frame)
    table = found.to_frame()
    np.testing.assert_allclose(table["estimate"].astype(float), d.mean())
    np.testing.assert_allclose(table["std_error"].astype(float), d.std() / np.sqrt(d.count()))
    np.testing.assert_allclose(table["d_z"].astype(float), d.mean() / d.std())
    np.testing.assert_allclose(table["below"].astype(float), (d < 0).sum() / d.count())
    np.testing.assert_allclose(table["perceived"] - table["expected"], table["estimate"].astype(float), atol=1e-12)
    np.testing.assert_allclose(table["p_adjusted"], adjust(table["p_value"].to_numpy(), method="holm"))
    assert table["n"].tolist() == d.count().tolist()
    assert table["missing"].tolist() == (60 - d.count()).tolist()
    means = d[["p0", "p2"]].mean(axis=1)
    assert found.dimensions["estimate"][0] == pytest.approx(means.mean())
    assert found.dimensions["below"][0] == pytest.approx((means.dropna() < -1e-9).mean())
    w = frame[["i0", "i1", "i2"]].to_numpy()
    weighted = np.nansum(d * w, axis=1) / np.where(d.notna(), w, 0).sum(axis=1)
    assert found.overall["weighted"][0] == pytest.approx(weighted.mean())
    assert found.overall["weighted_std_error"][0] == pytest.approx(weighted.std(ddof=1) / np.sqrt(60))
    assert found.overall["pooled"][0] == pytest.approx(np.nanmean(d.to_numpy()))
    assert found.servperf["estimate"].tolist()[:3] == pytest.approx(frame[P].mean().tolist())
    assert found.servperf["scope"].tolist() == ["item"] * 3 + ["dimension", "overall"]
    codes = {note.code for note in found.assumptions}
    assert ("observed-bounds" in codes) is (scale is None)
    assert {"paired-differences", "pairs-missing", "adjusted-p-values", "collected-rows"} <= codes
    assert Gap.from_json(found.to_json()) == found
    complete = d.notna().all(axis=1)
    cov = d[complete].cov().to_numpy()
    reliability = found.reliability.iloc[-1]
    assert reliability["n"] == complete.sum()
    assert reliability["alpha_difference"] == pytest.approx(1.5 * (1 - np.trace(cov) / cov.sum()))
    left, right = frame.loc[complete, E].cov().to_numpy(), frame.loc[complete, P].cov().to_numpy()
    totals = np.cov(frame.loc[complete, E].sum(axis=1), frame.loc[complete, P].sum(axis=1))
    # Peter, Churchill & Brown (1993)
    alphas = [1.5 * (1 - np.trace(c) / c.sum()) for c in (left, right)]
    top = totals[0, 0] * alphas[0] + totals[1, 1] * alphas[1] - 2 * totals[0, 1]
    assert reliability["reliability"] == pytest.approx(top / cov.sum())


def test_constraint() -> None:
    frame = answers()
    found = gap(frame, expected=E, perceived=P, outcome="out", scale=SEVEN).constraint.iloc[0]
    there = by_hand(frame).notna()
    left = frame[E].where(there.to_numpy()).mean(axis=1)
    right = frame[P].where(there.to_numpy()).mean(axis=1)
    data = pd.DataFrame({"y": frame["out"], "e": left, "p": right}).dropna()
    fit = smf.ols("y ~ e + p", data).fit(cov_type="HC3", use_t=True)
    assert (found["expected"], found["perceived"]) == pytest.approx((fit.params["e"], fit.params["p"]))
    assert found["perceived_std_error"] == pytest.approx(fit.bse["p"])
    test = fit.f_test("e + p = 0")
    assert found["statistic"] == pytest.approx(float(test.fvalue))
    assert found["p_value"] == pytest.approx(float(test.pvalue))
    assert found["gap"] == pytest.approx(smf.ols("y ~ I(p - e)", data).fit().params.iloc[1])


def test_design_and_groups(local_engine: Engine) -> None:
    frame = answers()
    design = cem.Design(weights="w", strata="h", cluster="c")
    found = gap(local_engine(frame), expected=E, perceived=P, design=design, by="h", scale=SEVEN, outcome="out")
    d = by_hand(frame).assign(w=frame["w"], h=frame["h"], c=frame["c"])
    d["m"] = d[P].mean(axis=1)
    metric = cem.ScoreMetric("m", Scale(-6, 6, step=None), "mean", unit="scale")
    wanted = metric.score(d, score="m", by="h", design=design).to_frame()
    for column in ("estimate", "std_error", "low", "high", "df", "n_eff"):
        np.testing.assert_allclose(found.overall[column].astype(float), wanted[column].astype(float))
    assert found.overall["method"].tolist() == ["linearised-t"] * 2
    table = found.to_frame()
    assert table["h"].tolist() == ["a"] * 3 + ["b"] * 3
    assert table["item"].tolist() == P * 2
    first = metric.score(d, score="p1", by="h", design=design).to_frame()
    np.testing.assert_allclose(table["estimate"].astype(float)[[1, 4]], first["estimate"].astype(float))
    half = d[(d["h"] == "b") & d["p1"].notna()]
    sd = np.sqrt(np.cov(half["p1"], aweights=half["w"], ddof=0) * len(half) / (len(half) - 1))
    assert table["d_z"][4] == pytest.approx(first["estimate"][1] / sd)
    assert found.constraint["method"].tolist() == ["linearised"] * 2
    with pytest.raises(DesignError, match="no replicates"):
        gap(
            frame,
            expected=E,
            perceived=P,
            outcome="out",
            scale=SEVEN,
            design=cem.Design(cluster="c", variance="jackknife"),
        )
    jackknife = gap(frame, expected=E, perceived=P, scale=SEVEN, design=cem.Design(cluster="c", variance="jackknife"))
    assert jackknife.overall["method"].tolist() == ["jackknife-t"]


def test_long_tables(local_engine: Engine) -> None:
    frame = answers(24)
    frame["customer_id"] = [f"k{i}" for i in range(24)]
    frame["e0"] = frame["e0"].replace(9, np.nan)
    long = pd.concat(
        [pd.DataFrame({"customer_id": frame["customer_id"], "h": frame["h"], "item": f"q{i}", "e": frame[f"e{i}"],
                       "p": frame[f"p{i}"], "imp": frame[f"i{i}"]}) for i in range(3)]
    ).sample(frac=1, random_state=1)  # fmt: skip
    names = ["q0", "q1", "q2"]
    wide = gap(frame, expected=E, perceived=P, names=names, by="h", importance=["i0", "i1", "i2"])
    found = gap(local_engine(long), expected="e", perceived="p", item="item", by="h", importance="imp")
    pd.testing.assert_frame_equal(found.to_frame(), wide.to_frame(), check_dtype=False)
    pd.testing.assert_frame_equal(found.overall, wide.overall, check_dtype=False)
    twice = pd.concat([long, long.head(1)])
    with pytest.raises(ContractError, match="more than one row of an item"):
        gap(local_engine(twice), expected="e", perceived="p", item="item")
    with pytest.raises(ColumnError, match="customer_id"):
        gap(local_engine(long.drop(columns="customer_id")), expected="e", perceived="p", item="item")


@settings(max_examples=5)
@given(st.lists(st.lists(st.integers(1, 7), min_size=2, max_size=2), min_size=2, max_size=12))
def test_identical_columns_have_no_gap(rows) -> None:
    data = pd.DataFrame(rows, columns=["a", "b"])
    found = gap(data, expected=["a", "b"], perceived=["a", "b"], scale=SEVEN)
    assert (found.to_frame()["estimate"] == 0).all()
    assert found.overall["estimate"][0] == 0
    assert (found.overall["low"] <= 0).all()
    assert (found.overall["high"] >= 0).all()


def test_order_of_rows_and_unit_weights_change_nothing() -> None:
    frame = answers().assign(one=1.0)
    found = gap(frame, expected=E, perceived=P, scale=SEVEN)
    mixed = gap(frame.sample(frac=1, random_state=3), expected=E, perceived=P, scale=SEVEN)
    np.testing.assert_allclose(mixed.to_frame()["estimate"], found.to_frame()["estimate"], rtol=1e-13)
    weighted = gap(frame, expected=E, perceived=P, scale=SEVEN, design=cem.Design(weights="one"))
    np.testing.assert_allclose(weighted.overall["estimate"], found.overall["estimate"])
    np.testing.assert_allclose(weighted.overall["std_error"], found.overall["std_error"])


def test_lower_is_better() -> None:
    data = pd.DataFrame({"e": [2, 2, 2, 2], "p": [3, 3, 3, 1]})
    effort = Scale(1, 5, direction="lower-is-better")
    assert gap(data, expected="e", perceived="p", scale=effort).to_frame()["below"][0] == 0.75


@pytest.mark.slow
def test_the_interval_covers(replicates, covers) -> None:
    rng = np.random.default_rng(11)
    many = replicates(200)
    held = []
    for _ in range(many):
        base = rng.normal(50, 8, 80)
        data = pd.DataFrame({"e": base + rng.normal(0, 5, 80), "p": base - 2 + rng.normal(0, 5, 80)})
        row = gap(data, expected="e", perceived="p", scale=Scale(0, 100, step=None)).overall.iloc[0]
        held.append(row["low"] <= -2 <= row["high"])
    covers(held, estimator="csi.gap", world="80 normal respondents, a gap of -2 with answers that go together")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"perceived": P[:2]}, "expected names 3 columns and perceived 2"),
        ({"perceived": ["p0", "p0", "p1"]}, "names 'p0' twice"),
        ({"perceived": ["p0", "p1", "p9"]}, "the table has no such column"),
        ({"expected": []}, "at least one column"),
        ({"names": ["a", "b"]}, "a name of its own"),
        ({"dimensions": {"x": ["p0"], "y": ["p0"]}}, "is in two dimensions"),
        ({"dimensions": {"x": ["p7"]}}, "which is no item"),
        ({"dimensions": {"x": []}}, "has no items"),
        ({"dimensions": ["p0"]}, "dimensions must be"),
        ({"importance": [1, 2]}, "2 values for 3 items"),
        ({"importance": [1, -2, 3]}, "at least zero"),
        ({"importance": {"p0": 1, "p1": 2, "p3": 1}}, "no value for 'p2'"),
        ({"importance": ["i0", 1, 2]}, "not a mixture"),
        ({"outcome": "p1"}, "is also an item"),
        ({"outcome": "c"}, "must hold numbers"),
        ({"scale": Scale(1, 6, missing_codes=(9,))}, "outside the scale 1 to 6"),
        ({"item": "h"}, "one column each"),
        ({"level": 95}, "Did you mean 0.95"),
        ({"by": "item"}, "result column"),
    ],
)
def test_bad_input(change, said) -> None:
    frame = answers()
    before = frame.copy(deep=True)
    with pytest.raises(CemkitError, match=said):
        gap(frame, **{"expected": E, "perceived": P, "scale": SEVEN, **change})
    pd.testing.assert_frame_equal(frame, before)


def test_an_item_without_pairs_is_named() -> None:
    frame = answers().assign(p2=np.nan)
    with pytest.raises(CemkitError, match="the item 'p2' has no respondent who answered both 'e2' and 'p2'"):
        gap(frame, expected=E, perceived=P, scale=SEVEN)
    with pytest.raises(CemkitError, match="no rows"):
        gap(frame.head(0), expected=E, perceived=P, scale=SEVEN)
    with pytest.raises(CemkitError, match="same value"):
        gap(answers().assign(out=1), expected=E, perceived=P, scale=SEVEN, outcome="out")


def test_all_items_are_counted_in_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    pl = pytest.importorskip("polars")
    queries = []

    def collected(query):
        queries.append(query)
        return collect(query)

    monkeypatch.setattr(row_moments, "collect", collected)
    found = gap(pl.from_pandas(answers()).lazy(), expected=E, perceived=P, scale=SEVEN)
    assert len(queries) == 1
    np.testing.assert_allclose(
        found.table["estimate"], gap(answers(), expected=E, perceived=P, scale=SEVEN).table["estimate"]
    )
