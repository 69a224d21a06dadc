"""The funnel against hand arithmetic, an independent estimator, laws, engines, simulated truth and bad input."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from stages_flow_data import helpdesk, random_experiences

from cemkit import simulate
from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.model import JourneyMap, Touchpoint
from cemkit.results import Result
from cemkit.stages import Funnel, funnel
from cemkit.statistics.incidence import cumulative_incidence
from cemkit.statistics.proportions import proportion_interval

STEPS = ["shop", "bill", "call"]


def log_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    who, what, when = zip(*rows, strict=True)
    return pd.DataFrame({"customer_id": who, "touchpoint_id": what, "occurred_at": pd.to_datetime(list(when))})


def test_censoring_by_hand() -> None:
    # from the shop to the bill: a after 2 days; b never within 10; c is watched for 3 days only; d after 5
    log = log_of(
        ("a", "shop", "2025-01-01"), ("a", "bill", "2025-01-03"), ("b", "shop", "2025-01-01"),
        ("c", "shop", "2025-01-28"), ("d", "shop", "2025-01-02"), ("d", "bill", "2025-01-07"),
    )  # fmt: skip
    found = funnel(log, ["shop", "bill"], within="10d", until="2025-01-31 00:00:00.000001")
    row = found.table.iloc[1]
    # S(2) = 3/4; at day 5 two are at risk (b, d): F = 1/4 + 3/4 * 1/2
    assert row["conversion"] == pytest.approx(0.625)
    assert (row["customers"], row["reached"], row["waiting"]) == (4, 2, 1)
    # half of 0.625 is passed at day 5
    assert row["median_time"] == pytest.approx(5)
    assert row["low"] < 0.625 < row["high"]


def test_without_censoring_it_is_a_share_with_wilsons_interval(shared_data) -> None:
    log = helpdesk(shared_data)
    steps = ["Assign seriousness", "Take in charge ticket", "Resolve ticket", "Closed"]
    found = funnel(log, steps, within="60d", until="2020-01-01").table
    # hand count: the first time at or after the time of the step before, by case, within 60 days
    first = {name: log[log["touchpoint_id"] == name][["customer_id", "occurred_at"]] for name in steps}
    reached = first[steps[0]].groupby("customer_id")["occurred_at"].min()
    entered, counts = reached, [len(reached)]
    for name in steps[1:]:
        joined = first[name].join(reached.rename("since"), on="customer_id", how="inner")
        reached = joined[joined["occurred_at"] >= joined["since"]].groupby("customer_id")["occurred_at"].min()
        counts.append(int(((reached - entered.reindex(reached.index)) <= pd.Timedelta(days=60)).sum()))
    assert found["reached"].tolist() == counts
    assert counts[0] == 4495
    np.testing.assert_allclose(found["conversion"], np.array(counts) / counts[0], rtol=1e-12)
    low, high = proportion_interval(counts[1:], counts[0])
    np.testing.assert_allclose(found["low"][1:], low, rtol=1e-9)
    np.testing.assert_allclose(found["high"][1:], high, rtol=1e-9)
    np.testing.assert_allclose(found["step_conversion"][1:], np.array(counts[1:]) / counts[:-1], rtol=1e-12)


def world(seed: int, customers: int = 300) -> pd.DataFrame:
    """Return experiences of customers who enter over half a year, may go on twice, and may leave."""
    rng = np.random.default_rng(seed)
    entered = rng.uniform(0, 180, customers)
    # a customer's own pace makes the two times dependent: the steps are not Markov
    pace = rng.gamma(2.0, 0.5, customers)
    second = np.where(rng.random(customers) < 0.8, rng.exponential(15, customers) / pace, np.inf)
    third = second + np.where(rng.random(customers) < 0.7, rng.exponential(10, customers) / pace, np.inf)
    left = rng.exponential(120, customers)
    second, third = (np.where(t < left, t, np.inf) for t in (second, third))
    start = pd.Timestamp("2025-01-01")
    parts = []
    for step, time in zip(STEPS, (np.zeros(customers), second, third), strict=True):
        day = entered + time
        kept = day <= 200
        gone = np.where(left + entered <= 200, left + entered, np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "customer_id": np.flatnonzero(kept),
                    "touchpoint_id": step,
                    "occurred_at": start + pd.to_timedelta(day[kept], unit="D"),
                    "left_at": start + pd.to_timedelta(gone[kept], unit="D"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def truth() -> tuple[float, float]:
    """Return the shares that come to the second and third step within 60 days, before they leave: by quadrature over the pace."""
    from scipy.integrate import dblquad, quad
    from scipy.stats import gamma

    pace = gamma(2.0, scale=0.5)

    def one(g: float) -> float:
        a, mu = g / 15, 1 / 120  # the second step at rate a, leaving at rate mu
        return 0.8 * a / (a + mu) * (1 - np.exp(-(a + mu) * 60)) * pace.pdf(g)

    def two(t: float, g: float) -> float:  # the third step at day t
        a, b, mu = g / 15, g / 10, 1 / 120
        return 0.56 * a * b * (np.exp(-a * t) - np.exp(-b * t)) / (b - a) * np.exp(-mu * t) * pace.pdf(g)

    return quad(one, 0, 60)[0], dblquad(two, 0, 60, 0, 60)[0]


def test_the_curve_is_aalen_johansens() -> None:
    log = world(1)
    end = "2025-07-20 00:00:00.000001"
    found = funnel(log, STEPS, within="60d", until=end, left="left_at")
    pivot = log.pivot_table(index="customer_id", columns="touchpoint_id", values="occurred_at", aggfunc="min")
    gone = log.groupby("customer_id")["left_at"].min()

    def days(time: pd.Series) -> np.ndarray:
        return ((time - pivot["shop"]) / pd.Timedelta(days=1)).to_numpy()

    follow = ((pd.Timestamp(end) - pivot["shop"]) / pd.Timedelta(days=1)).to_numpy()
    for step in ("bill", "call"):
        t, left = (np.where(np.isnan(x), np.inf, x) for x in (days(pivot[step]), days(gone.reindex(pivot.index))))
        time = np.minimum(np.minimum(t, left), follow)
        cause = np.where(t <= time, 1, np.where(left <= time, 2, 0))
        curve = cumulative_incidence(time, cause, causes=2, variance="greenwood")
        place = np.searchsorted(curve.time, 60, side="right") - 1
        row = found.table[found.table["step"] == step].iloc[0]
        assert row["conversion"] == pytest.approx(curve.incidence[place, 0], rel=1e-9)
        assert row["std_error"] == pytest.approx(curve.std_error[place, 0], rel=0.02)
        rows = found.progress[(found.progress["step"] == step) & (found.progress["day"] == 60)].set_index("metric")
        assert rows.loc["left", "estimate"] == pytest.approx(curve.incidence[place, 1], rel=1e-9)
        assert rows.loc["progress", "estimate"] == pytest.approx(row["conversion"])


@pytest.mark.slow
def test_coverage_under_censoring(replicates, covers) -> None:
    true = truth()
    number = replicates(60)
    held = np.zeros((number, 3))
    sums = np.zeros(2)
    for seed in range(number):
        table = funnel(world(seed), STEPS, within="60d", until="2025-07-20", left="left_at").table
        for j, value in enumerate(true, start=1):
            row = table.iloc[j]
            held[seed, j - 1] = row["low"] <= value <= row["high"]
            sums[j - 1] += row["conversion"]
        held[seed, 2] = table["step_conversion_low"][2] <= true[1] / true[0] <= table["step_conversion_high"][2]
    slack = 4 * np.sqrt(0.95 * 0.05 / number) + 0.01
    covers(
        held,
        estimator="stages.funnel: second and third step, third of second",
        world="300 customers who differ in pace, of whom 6 and 10 % are censored",
        slack=(slack, slack),
    )
    np.testing.assert_allclose(sums / number, true, atol=4 * 0.03 / np.sqrt(number))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from(["strict", "any"]), st.sampled_from([None, "7d", "14d"]))
def test_the_funnel_never_rises(seed: int, order: str, within: str | None) -> None:
    log = random_experiences(seed, customers=25)
    found = funnel(log, STEPS, order=order, within=within, by="segment")
    for _, rows in found.table.groupby("segment", dropna=False):
        assert (np.diff(rows["conversion"].dropna()) <= 1e-12).all()
        assert (np.diff(rows["reached"]) <= 0).all()
    for _, rows in found.progress.groupby(["segment", "step"], dropna=False):
        assert (np.diff(rows["estimate"].dropna()) >= -1e-12).all()
    shuffled = funnel(log.sample(frac=1, random_state=seed), STEPS, order=order, within=within, by="segment")
    assert shuffled == found
    loose = funnel(log, STEPS, order="any", within=within)
    assert (loose.table["reached"] >= funnel(log, STEPS, within=within).table["reached"]).all()


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    log = random_experiences(7, customers=30)
    options = {"within": "9d", "by": "segment", "until": "2024-02-10"}
    expected, found = funnel(log, STEPS, **options), funnel(local_engine(log), STEPS, **options)
    for part in ("table", "progress", "lift"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part), rtol=1e-12)


def test_lift_by_hand() -> None:
    log = world(3).assign(segment=lambda d: np.where(d["customer_id"] % 2 == 0, "a", "b"))
    found = funnel(log, STEPS, within="30d", until="2025-08-30", by="segment")
    table = found.table.set_index(["segment", "step"])
    row = found.lift.set_index(["segment", "step"]).loc[("a", "bill")]
    p, q = table.loc[("a", "bill")], table.loc[("b", "bill")]
    assert row["lift"] == pytest.approx(p["conversion"] / q["conversion"])
    assert row["difference"] == pytest.approx(p["conversion"] - q["conversion"])
    # Newcombe (1998), method 10
    low = row["difference"] - np.hypot(p["conversion"] - p["low"], q["high"] - q["conversion"])
    assert row["low"] == pytest.approx(low)
    assert row["lift_low"] < row["lift"] < row["lift_high"]
    assert not len(funnel(log, STEPS, within="30d").lift)


def test_the_stages_of_the_simulated_company() -> None:
    store, _ = simulate.telecom(customers=400, months=8, seed=3)
    experiences = store.experiences.merge(store.customers[["customer_id", "left_at"]], on="customer_id")
    found = funnel(experiences, store.journey_map, order="any", left="left_at", within="90d")
    assert found.steps == tuple(stage.name for stage in store.journey_map.stages)
    assert (np.diff(found.table["conversion"]) <= 1e-12).all()
    assert {"leaving-competes", "funnel-censored"} <= {a.code for a in found.assumptions}


def test_shapes_copies_and_pictures() -> None:
    found = funnel(random_experiences(2, customers=30), STEPS, by="segment", within="5d")
    assert isinstance(found, Funnel)
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found
    plain = funnel(random_experiences(2, customers=30), STEPS)
    assert list(plain.table.columns) == [c for c in found.table.columns if c != "segment"]
    for result in (found, plain):
        assert result.plot().to_dict()
        assert result.plot("progress").to_dict()


def test_bad_input_is_one_clear_sentence(local_engine: Engine) -> None:
    log = random_experiences(1, customers=30)
    data = local_engine(log)
    with pytest.raises(CemkitError, match="step 'shp' never happens among .* experiences. Did you mean 'shop'"):
        funnel(data, ["shp", "bill"])
    with pytest.raises(CemkitError, match="a funnel needs at least two steps"):
        funnel(data, ["shop"])
    with pytest.raises(CemkitError, match="'shop' is in the steps 'a' and 'b'"):
        funnel(data, {"a": ["shop"], "b": ["shop", "bill"]})
    with pytest.raises(CemkitError, match="steps must be a list of states"):
        funnel(data, "shop")
    with pytest.raises(CemkitError, match="order must be 'strict' or 'any', got 'loose'"):
        funnel(data, STEPS, order="loose")
    with pytest.raises(CemkitError, match="within must be a length in days or weeks"):
        funnel(data, STEPS, within="1mo")
    with pytest.raises(CemkitError, match="no customer can be watched for within='900d'"):
        funnel(data, STEPS, within="900d")
    with pytest.raises(CemkitError, match="until must be a date or a time, such as '2025-03-31', got 'soon'"):
        funnel(data, STEPS, until="soon")
    with pytest.raises(CemkitError, match=r"no experience can be used \(\d+ after until='2001-01-01'\)"):
        funnel(data, STEPS, until="2001-01-01")
    with pytest.raises(ColumnError, match="left='gone': the table has no such column"):
        funnel(data, STEPS, left="gone")
    points = [Touchpoint(touchpoint_id=name, name=name, stage="use") for name in ("shop", "bill")]
    with pytest.raises(CemkitError, match="4 of its 5 stages have no touchpoint"):
        funnel(data, JourneyMap(name="few", touchpoints=points))
    stages = [{"name": "buy", "order": 1}, {"name": "use", "order": 2}]
    points = [
        Touchpoint(touchpoint_id="shop", name="shop", stage="buy"),
        Touchpoint(touchpoint_id="bil", name="bill", stage="use"),
    ]
    with pytest.raises(ContractError, match="are at 2 touchpoints that are not on the journey map 'short'"):
        funnel(data, JourneyMap(name="short", stages=stages, touchpoints=points))


def test_customers_who_just_came_cannot_be_judged() -> None:
    log = log_of(("a", "shop", "2025-01-01"), ("a", "bill", "2025-01-01"), ("b", "shop", "2025-01-01"))
    with pytest.raises(CemkitError, match="there is no time to watch them"):
        funnel(log, ["shop", "bill"])
    assert funnel(log, ["shop", "bill"], until="2025-01-09").table["conversion"].tolist() == [1.0, 0.5]
