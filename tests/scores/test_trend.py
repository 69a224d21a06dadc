"""Trends: what a period holds, when it signals, and when it must not."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError, ColumnError
from cemkit.scores import ces, csat, nps
from cemkit.scores.trend import Trend
from cemkit.scores.trend_modes import mode_counts, mode_starts
from cemkit.tables import Design

ZONE = "Asia/Seoul"


def answers(
    months: int, n: int, shares: Any = (0.2, 0.3, 0.5), *, seed: int = 0, start: str = "2020-01"
) -> pd.DataFrame:
    """Return n answers per month, on days spread over it; ``shares`` of detractors, passives, promoters, per month or for all."""
    rng = np.random.default_rng(seed)
    first = pd.period_range(start, periods=months, freq="M")
    each = np.broadcast_to(np.asarray(shares, dtype=float), (months, 3))
    parts = []
    for month, share in zip(first, each, strict=True):
        days = np.linspace(0, month.days_in_month - 0.01, n)
        when = month.start_time + pd.to_timedelta(days, unit="D").floor("s")
        parts.append(pd.DataFrame({"answered_at": when, "score": rng.choice([3, 8, 10], n, p=share)}))
    return pd.concat(parts, ignore_index=True)


def exact(counts: list[tuple[int, int, int]], start: str = "2020-01") -> pd.DataFrame:
    """Return months with these detractors, passives and promoters, all on the last day of the month."""
    ends = pd.period_range(start, periods=len(counts), freq="M").end_time.floor("D")
    rows = [
        (end, score)
        for end, c in zip(ends, counts, strict=True)
        for score, k in zip((3, 8, 10), c, strict=True)
        for _ in range(k)
    ]
    return pd.DataFrame(rows, columns=["answered_at", "score"])


def codes(result: Trend) -> list[str]:
    return [note.code for note in result.assumptions]


def test_periods_are_the_estimates_of_their_rows() -> None:
    data = answers(7, 40)
    found = nps.trend(data).to_frame()
    plain = nps.score(data.assign(month=data["answered_at"].dt.to_period("M").dt.start_time), by="month").to_frame()
    assert found["period"].tolist() == plain["month"].tolist()
    columns = [
        "metric",
        "estimate",
        "std_error",
        "low",
        "high",
        "level",
        "method",
        "unit",
        "n",
        "missing",
        "invalid",
        "n_eff",
        "df",
        "suppressed",
    ]
    pd.testing.assert_frame_equal(found[columns], plain[columns])
    assert list(found.columns) == [
        "period",
        *columns,
        "complete",
        "centre",
        "control_low",
        "control_high",
        "z",
        "signal",
        "stretch",
    ]


def test_limits_are_those_worked_out_by_hand() -> None:
    counts = [(20, 30, 50), (30, 30, 40)] * 11 + [(5, 5, 90)]
    result = nps.trend(exact(counts))
    found = result.to_frame()
    # net p - d, variance (p + d - (p - d)^2) / n: 30 and sqrt(.61 / 100); 10 and sqrt(.69 / 100)
    s = np.array([np.sqrt(0.61), np.sqrt(0.69)]) * 10
    centre = (30 / s[0] ** 2 + 10 / s[1] ** 2) / (1 / s[0] ** 2 + 1 / s[1] ** 2)
    z = (np.array([30.0, 10.0]) - centre) / s
    sigma = abs(z[0] - z[1]) / 1.128  # every moving range of the 20 baseline periods is the same
    assert sigma > 1
    np.testing.assert_allclose(found["centre"], centre, rtol=1e-12)
    np.testing.assert_allclose(found["control_high"][:2], centre + 3 * sigma * s, rtol=1e-12)
    np.testing.assert_allclose(found["control_low"][:2], centre - 3 * sigma * s, rtol=1e-12)
    np.testing.assert_allclose(found["z"][:2], z / sigma, rtol=1e-12)
    assert found["signal"].tolist()[:13] == [""] * 13
    # up, down, up, ... : the fourteenth period ends a run of alternation, and so does every further one
    assert found["signal"].tolist()[13:22] == ["fourteen-alternating"] * 9
    assert found["signal"][22] == "beyond-limits, fourteen-alternating"
    assert result.signals["signal"].tolist()[-2:] == ["beyond-limits", "fourteen-alternating"]
    assert result.limits[["periods", "status"]].to_numpy().tolist() == [[20, "ok"]]
    assert {"frozen-baseline", "laney"} <= set(codes(result))


def test_a_stable_process_signals_rarely() -> None:
    lines = [answers(44, 100, seed=g).assign(line=g) for g in range(40)]
    result = nps.trend(pd.concat(lines), by="line")
    beyond = (result.signals["signal"] == "beyond-limits").sum()
    # 40 lines of 44 periods at .27 % are 4.75 periods; the estimated centre and sigma_z move it, and 16 would be nine in a thousand
    assert beyond < 16
    # the test for change points keeps 5 % per line: 2 of 40 lines; 7 or more have a probability of .004
    assert result.changes["line"].nunique() < 7
    assert (result.test["p_value"] < 0.05).sum() < 7
    assert "shared-between-periods" not in codes(result)


def test_a_step_is_found() -> None:
    shares = [(0.2, 0.3, 0.5)] * 24 + [(0.1, 0.2, 0.7)] * 10
    result = nps.trend(answers(34, 300, shares, seed=3))
    assert result.changes["period"].tolist() == [pd.Timestamp("2022-01-01")]
    change = result.changes.iloc[0]
    assert abs(change["difference"] - 30) < 3 * change["std_error"]
    beyond = result.signals[result.signals["signal"] == "beyond-limits"]
    assert beyond["period"].min() == pd.Timestamp("2022-01-01")
    assert {"beyond-limits", "nine-on-one-side"} <= set(result.signals["signal"])
    assert result.test["slope"].iloc[0] > 0
    assert result.test["p_value"].iloc[0] < 0.001


def test_a_flag_never_changes_when_periods_arrive() -> None:
    data = answers(40, 60, seed=5)
    early = nps.trend(data[data["answered_at"] < "2022-06-01"]).to_frame()
    late = nps.trend(data).to_frame().iloc[: len(early)]
    columns = ["centre", "control_low", "z", "signal"]
    pd.testing.assert_frame_equal(early[columns], late[columns])


def test_incomplete_last_period_has_limits_but_no_signal() -> None:
    data = exact([(20, 30, 50)] * 21)
    extreme = pd.DataFrame({"answered_at": pd.date_range("2021-10-01", "2021-10-10 12:00", periods=200), "score": 1})
    both = pd.concat([data, extreme])
    found = nps.trend(both)
    last = found.to_frame().iloc[-1]
    assert (last["complete"], last["signal"], last["n"]) == (False, "", 200)
    assert np.isnan(last["z"])
    assert not np.isnan(last["control_low"])
    assert found.test["n"].tolist() == [21]
    assert "incomplete-period" in codes(found)
    over = nps.trend(both, until="2021-10-31")
    assert over.to_frame()["complete"].all()
    assert "beyond-limits" in over.to_frame()["signal"].iloc[-1]
    assert "incomplete-period" not in codes(over)


def test_the_last_of_daily_periods_is_over_at_midnight_only() -> None:
    days = pd.DataFrame({"answered_at": pd.date_range("2024-01-01", periods=5), "score": 9})
    assert nps.trend(days, every="1d").to_frame()["complete"].all()
    days.loc[4, "answered_at"] += pd.Timedelta("10h")
    assert nps.trend(days, every="1d").to_frame()["complete"].tolist() == [True] * 4 + [False]
    assert nps.trend(days, every="1d", until="2024-01-06").to_frame()["complete"].all()


def test_until_before_the_last_answer_is_an_error() -> None:
    with pytest.raises(CemkitError, match=r"until='2020-02-01' lies before the last answer \(2020-03-31\)"):
        nps.trend(answers(3, 10), until="2020-02-01")


def test_overlapping_windows_have_no_limits_signals_or_tests() -> None:
    data = answers(30, 60, [(0.2, 0.3, 0.5)] * 22 + [(0.0, 0.0, 1.0)] * 8)
    result = nps.trend(data, window="90d")
    found = result.to_frame()
    assert found[["centre", "control_low", "control_high", "z"]].isna().all(axis=None)
    assert (found["signal"] == "").all()
    assert (len(result.signals), len(result.test), len(result.changes), result.window) == (0, 0, 0, "90d")
    assert "overlapping-windows" in codes(result)
    # a window is the estimate of its days
    inside = data[(data["answered_at"] >= "2021-10-03") & (data["answered_at"] < "2022-01-01")]
    row = found[found["period"] == "2021-12-01"].iloc[0]
    only = nps.score(inside).only
    assert (row["estimate"], row["n"]) == (pytest.approx(only.estimate, rel=1e-12), only.n)
    assert row["std_error"] == pytest.approx(only.std_error, rel=1e-12)
    # the first windows reach back before the data
    assert found["complete"].tolist()[:4] == [False, False, True, True]


def test_windows_under_a_design_are_subpopulations_of_the_whole() -> None:
    rng = np.random.default_rng(2)
    data = answers(6, 50, seed=2).assign(customer_id=rng.integers(0, 70, 300), w=rng.uniform(1, 3, 300))
    design = Design(weights="w", cluster="customer_id")
    found = nps.trend(data, window="60d", design=design).to_frame()
    inside = (data["answered_at"] >= "2020-05-02") & (data["answered_at"] < "2020-07-01")
    plain = nps.score(data.assign(inside=inside), by="inside", design=design).to_frame().iloc[1]
    assert found.iloc[-1][["estimate", "std_error", "df"]].tolist() == pytest.approx(
        plain[["estimate", "std_error", "df"]].tolist()
    )


def test_a_window_as_long_as_the_period_is_the_period_and_a_shorter_one_an_error() -> None:
    data = answers(6, 30)
    weeks, windows = nps.trend(data, every="1w"), nps.trend(data, every="1w", window="7d")
    assert weeks == windows
    with pytest.raises(CemkitError, match="window='28d' is shorter than periods of '1mo'"):
        nps.trend(data, window="28d")


def test_missing_periods_are_rows_without_an_estimate() -> None:
    data = answers(6, 10)
    data = data[~data["answered_at"].between("2020-03-01", "2020-04-30 23:59")]
    data.loc[data["answered_at"] >= "2020-06-01", "line"] = "b"
    data["line"] = data["line"].fillna("a")
    found = nps.trend(data, by="line").to_frame()
    assert found["line"].tolist() == ["a"] * 6 + ["b"] * 6
    assert found["n"].tolist() == [10, 10, 0, 0, 10, 0] + [0] * 5 + [10]
    assert found["estimate"].isna().tolist() == (found["n"] == 0).tolist()
    assert not found["suppressed"].any()


def test_rows_without_a_time_are_counted() -> None:
    data = answers(3, 10)
    data.loc[[0, 5], "answered_at"] = pd.NaT
    result = nps.trend(data)
    assert [str(a) for a in result.assumptions if a.code == "null-times"] == [
        "2 rows without a time in 'answered_at' belong to no period; none of their answers is used."
    ]
    assert result.to_frame()["n"].sum() == 28
    windows = nps.trend(data, window="60d")
    assert dict(next(a for a in windows.assumptions if a.code == "null-times").values)["rows"] == 2
    data["answered_at"] = pd.NaT
    with pytest.raises(CemkitError, match="none of the rows has a time"):
        nps.trend(data)


def test_times_with_a_zone_count_with_their_local_date() -> None:
    utc = pd.to_datetime(["2024-01-31 14:59", "2024-01-31 15:00"], utc=True)
    data = pd.DataFrame({"answered_at": utc.tz_convert(ZONE), "score": [10, 2]})
    found = nps.trend(data).to_frame()
    assert found["period"].tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")]
    assert found["estimate"].tolist() == [100.0, -100.0]


def test_text_instead_of_times_names_the_remedy() -> None:
    data = pd.DataFrame({"answered_at": ["2024-01-31", "2024-02-01"], "score": [10, 2]})
    with pytest.raises(
        ColumnError, match=r"at='answered_at' must hold dates or times, found text .*pandas.to_datetime"
    ):
        nps.trend(data)
    with pytest.raises(ColumnError, match=r"Did you mean 'answered_at'"):
        nps.trend(data, at="answerd_at")


def test_a_change_of_mode_breaks_the_line() -> None:
    data = answers(50, 80, [(0.2, 0.3, 0.5)] * 24 + [(0.1, 0.2, 0.7)] * 26, seed=8)
    data["mode"] = np.where(data["answered_at"] < "2022-01-01", "phone", "web")
    result = nps.trend(data)
    found = result.to_frame()
    assert found["stretch"].tolist() == [1] * 24 + [2] * 26
    assert found["centre"].nunique() == 2
    assert len(result.changes) == 0
    assert "beyond-limits" not in set(result.signals["signal"])
    assert result.test["stretch"].tolist() == [1, 2]
    assert [str(a) for a in result.assumptions if a.code == "mode-changed"] == [
        "The survey mode changed (phone to web from 2022-01-01); the line breaks there."
    ]
    named = nps.trend(data.rename(columns={"mode": "how"}), mode="how")
    pd.testing.assert_frame_equal(named.to_frame(), found)
    assert nps.trend(data.rename(columns={"mode": "how"})).to_frame()["stretch"].eq(1).all()


def test_dominant_mode_must_change_for_good_and_by_a_fifth() -> None:
    a, b = [9.0, 1.0], [1.0, 9.0]
    assert mode_starts(np.array([a, b, a, a])) == []
    assert mode_starts(np.array([a, b, a, [0.0, 0.0], b, b])) == [(4, 0, 1)]
    assert mode_starts(np.array([[51.0, 49.0], [49.0, 51.0]] * 5)) == []
    three = np.array([[9.0, 0, 0], [9.0, 0, 0], [0, 9.0, 0], [0, 9.0, 0], [0, 0, 9.0]])
    assert mode_starts(three) == [(2, 0, 1), (4, 1, 2)]
    assert mode_starts(np.zeros((3, 0))) == []
    counts, modes = mode_counts(
        {("x", 5, "web"): 3, ("x", 6, None): 2, ("y", 6, "tel"): 9}, (("x",), ("y",)), np.array([5, 6])
    )
    assert modes == ["tel", "web"]
    assert counts.tolist() == [[[0, 3], [0, 0]], [[0, 0], [9, 0]]]


def test_customers_in_several_periods_are_said_to_be() -> None:
    data = answers(3, 20).assign(customer_id=np.tile(np.arange(20), 3))
    result = nps.trend(data)
    assert {"customers-are-clusters", "shared-between-periods"} <= set(codes(result))
    data["customer_id"] = np.repeat(np.arange(30), 2)
    assert "shared-between-periods" not in codes(nps.trend(data))


def test_limits_follow_the_design() -> None:
    rng = np.random.default_rng(4)
    data = answers(24, 60, seed=4)
    data["w"] = rng.uniform(0.2, 4, len(data))
    data["cluster"] = rng.integers(0, 300, len(data))
    design = Design(weights="w", cluster="cluster")
    found = nps.trend(data, design=design).to_frame()
    plain = nps.score(
        data.assign(m=data["answered_at"].dt.to_period("M").astype(str)), by="m", design=design
    ).to_frame()
    np.testing.assert_allclose(found["std_error"], plain["std_error"], rtol=1e-12)
    half = (found["control_high"] - found["control_low"]) / 2
    assert half.to_numpy() / found["std_error"].to_numpy() == pytest.approx(half[0] / found["std_error"][0])


def test_periods_whose_answers_are_all_alike_use_the_adjusted_error() -> None:
    result = nps.trend(exact([(0, 0, 20)] * 22))
    found = result.to_frame()
    assert found["std_error"].eq(0).all()
    # n + 3 pseudo answers: mean (20)/23, second moment (20 + 1.5)/23
    adjusted = 100 * np.sqrt((21.5 / 23 - (20 / 23) ** 2) / 23)
    assert (found["control_high"] - found["centre"]).to_numpy() == pytest.approx(np.full(22, 3 * adjusted))
    assert "alike-periods" in codes(result)
    assert (found["signal"] == "").all()


def test_small_bases_are_hidden_and_take_no_part() -> None:
    data = pd.concat([answers(24, 50), answers(1, 3, start="2022-01")])
    found = nps.trend(data, min_base=10).to_frame()
    assert found["suppressed"].tolist() == [True] + [False] * 23 + [True]  # and one of the smallest neighbours
    assert found.loc[[0, 24], ["estimate", "n", "z", "control_low"]].isna().all(axis=None)
    assert found.loc[1:23, "control_low"].notna().all()
    windows = nps.trend(answers(3, 4), window="60d", min_base=5).to_frame()
    assert windows["suppressed"].tolist() == [True, True, False]  # 4 answers in the first window, then 8


def test_every_engine_gives_the_same_trend() -> None:
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    data = answers(26, 15, seed=6).assign(line=lambda d: np.where(d.index % 3, "a", "b"))
    wanted = nps.trend(data, by="line")
    connection = duckdb.connect()
    connection.register("answers", data)
    for table in (
        polars.from_pandas(data),
        polars.from_pandas(data).lazy(),
        connection.table("answers"),
        polars.from_pandas(data).to_arrow(),
    ):
        found = nps.trend(table, by="line")
        pd.testing.assert_frame_equal(found.to_frame(), wanted.to_frame(), rtol=1e-12)
        assert found.assumptions == wanted.assumptions


def test_other_statistics_have_trends() -> None:
    data = answers(22, 30, seed=9)
    data["score"] = data["score"].map({3: 2, 8: 4, 10: 5})
    for metric in (csat, ces):
        found = metric.trend(data, method="wald").to_frame()
        assert found["control_low"].notna().all()
        assert (found["method"] == "wald").all()


def test_a_trend_is_a_result() -> None:
    data = answers(22, 30).assign(city=lambda d: np.where(d.index % 2, "b", "a"))
    result = nps.trend(data, by="city")
    assert Trend.from_json(result.to_json()) == result
    assert pickle.loads(pickle.dumps(result)) == result
    assert result == nps.trend(data, by="city")
    assert repr(result).startswith("Trend (44 rows)\ncity")
    empty = nps.trend(answers(2, 5))
    assert Trend.from_json(empty.to_json()) == empty
    assert empty.signals.columns.tolist() == ["metric", "stretch", "period", "signal", "estimate", "centre", "z"]
    assert dict(next(a for a in empty.assumptions if a.code == "no-limits").values) == {
        "lines": 1,
        "periods": 2,
        "needed": 20,
    }


def test_wrong_arguments_say_so() -> None:
    data = answers(2, 5)
    with pytest.raises(CemkitError, match="every must be a number and a unit"):
        nps.trend(data, every="month")
    with pytest.raises(CemkitError, match="more than 2,000"):
        nps.trend(pd.concat([data, data.assign(answered_at=pd.Timestamp("1900-01-01"))]), every="1d")
    with pytest.raises(CemkitError, match="by='period' is also the name of a result column"):
        nps.trend(data.assign(period=1), by="period")
    with pytest.raises(ColumnError, match="mode='how'"):
        nps.trend(data, mode="how")
    with pytest.raises(CemkitError, match="level must lie between 0 and 1"):
        nps.trend(data, level=95)
