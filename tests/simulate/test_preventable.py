from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from cemkit.simulate import world as world_module
from cemkit.simulate.calendar import DAY, MONTH_DAYS, Calendar
from cemkit.simulate.churn import VOLUNTARY
from cemkit.simulate.company import EXPOSURE_DAYS, HARMFUL, SEGMENTS, TOUCHPOINTS
from cemkit.simulate.contacts import draw_contacts
from cemkit.simulate.customers import BASE_HAZARD, EARLY_DAYS, EARLY_RISE, STRAIN_EFFECT, draw_customers
from cemkit.simulate.preventable import HORIZONS, split_survival
from cemkit.simulate.world import telecom_tables

NAMES = [TOUCHPOINTS[k].touchpoint_id for k in HARMFUL]


def test_the_split_of_survival_is_shapleys_by_all_orders():
    rng = np.random.default_rng(0)
    background, extra = rng.random(3), [rng.random(3) * 0.5 for _ in HARMFUL]
    split, single, joint = split_survival(background, extra)
    expected = np.zeros((len(HARMFUL), 3))
    orders = list(permutations(range(len(HARMFUL))))
    for order in orders:
        hazard = background.copy()
        for k in order:
            before = np.exp(-hazard)
            hazard = hazard + extra[k]
            expected[k] += (before - np.exp(-hazard)) / len(orders)
    np.testing.assert_allclose(np.stack(split), expected, rtol=1e-12)
    np.testing.assert_allclose(sum(split), joint, rtol=1e-12)
    total = background + sum(extra)
    np.testing.assert_allclose(single[2], np.exp(-(total - extra[2])) - np.exp(-total), rtol=1e-12)


def _grid(n, months, seed, step):
    """Hazards per day on a grid of midpoints, straight from the definition: background, involuntary, touchpoints."""
    calendar = Calendar(months)
    base = draw_customers(n, calendar, seed)
    day = (np.arange(int(calendar.days / step)) + 0.5) * step
    tenure = day[:, None] - base.joined_day
    there = tenure >= 0
    early = 1 + EARLY_RISE * np.exp(-np.maximum(tenure, 0) / EARLY_DAYS)
    own = there * BASE_HAZARD / MONTH_DAYS * early * np.exp(STRAIN_EFFECT * base.strain)
    moved = there * np.array([s.involuntary for s in SEGMENTS])[base.segment] / MONTH_DAYS
    in_force = np.zeros((len(HARMFUL), *there.shape), dtype=bool)
    for contacts in draw_contacts(base, calendar, seed):
        for which, k in enumerate(HARMFUL):
            chosen = contacts.bad & (contacts.touchpoint == k)
            for customer, second in zip(contacts.customer[chosen], contacts.second[chosen], strict=True):
                since = day - second / DAY
                in_force[which, :, customer] |= (since > 0) & (since <= EXPOSURE_DAYS)
    rates = np.array([TOUCHPOINTS[k].extra for k in HARMFUL]) / MONTH_DAYS
    return base, calendar, day, own, moved, in_force * rates[:, None, None]


def test_the_truth_agrees_with_brute_force_integration_of_the_definition():
    n, months, seed, step = 150, 9, 3, 0.125
    base, calendar, day, own, moved, extra = _grid(n, months, seed, step)
    truth = telecom_tables(n, months, seed)[2]

    def incidence(kept):
        hazards = own + sum((extra[k] for k in kept), np.zeros_like(own))
        total = np.cumsum(hazards + moved, axis=0) * step
        middle = np.exp(-(total - (hazards + moved) * step / 2))
        return (1 - np.exp(-total[-1])).sum(), (middle * hazards * step).sum()

    everything = list(range(len(HARMFUL)))
    whole, joint = incidence(everything), incidence([])
    totals = truth.churn_total[truth.churn_total["segment"].isna()].set_index("cause")
    rows = truth.churn[truth.churn["segment"].isna()].set_index(["cause", "touchpoint"])
    # The grid's own error is about step / 90 of a touchpoint's effect; the voluntary truth adds that of the trapezoid.
    for number, cause in enumerate(("any", "voluntary")):
        assert totals.loc[cause, "expected_leavers"] == pytest.approx(whole[number], rel=5e-4)
        assert totals.loc[cause, "preventable"] == pytest.approx(1 - joint[number] / whole[number], abs=5e-4)
        for which, name in enumerate(NAMES):
            without = incidence([k for k in everything if k != which])[number]
            found = rows.loc[(cause, name), "removed_alone"]
            assert found == pytest.approx(1 - without / whole[number], abs=5e-4)
    horizon = HORIZONS[0]
    joined = base.joined_day
    followed = (joined >= 0) & (joined + horizon <= calendar.days)
    inside = (day[:, None] <= joined + horizon) & followed
    total = ((own + moved + extra.sum(axis=0)) * inside).sum(axis=0) * step
    background = ((own + moved) * inside).sum(axis=0) * step
    leavers = (1 - np.exp(-total)).sum()
    table = truth.churn_by_tenure.query("days == @horizon and segment.isna()").set_index("touchpoint")
    assert (table["followed"] == followed.sum()).all()
    assert table["customers"].sum() == pytest.approx(leavers, rel=1e-3)
    expected = (np.exp(-background) - np.exp(-total)).sum() / leavers
    assert 1 - table.loc["background", "share"] == pytest.approx(expected, abs=1e-3)


def test_a_second_world_without_bad_experiences_loses_as_many_fewer_as_the_truth_says(monkeypatch):
    n, seed = 20_000, 4
    first, _, truth = telecom_tables(n, 12, seed)

    def harmless(base, calendar, seed):
        for contacts in draw_contacts(base, calendar, seed):
            contacts.bad[np.isin(contacts.touchpoint, HARMFUL)] = False
            yield contacts

    monkeypatch.setattr(world_module, "draw_contacts", harmless)
    second = telecom_tables(n, 12, seed)[0]
    left, left_anyway = first["customers"]["left_at"], second["customers"]["left_at"]
    # Common random numbers: nobody leaves earlier for want of bad experiences.
    assert not (left_anyway < left).any()
    assert not (left.isna() & left_anyway.notna()).any()
    saved = int(left.notna().sum() - left_anyway.notna().sum())
    total = truth.churn_total.query("cause == 'any' and segment.isna()").iloc[0]
    expected = total["preventable"] * total["expected_leavers"]
    # The number saved is a sum of independent 0/1 draws: its variance is below its mean.
    assert abs(saved - expected) < 4 * np.sqrt(expected)


def test_rows_and_background_sum_to_one(truth):
    for table, keys in ((truth.churn, ["cause", "segment"]), (truth.churn_by_tenure, ["days", "segment"])):
        sums = table.groupby(keys, dropna=False)
        np.testing.assert_allclose(sums["share"].sum(), 1, rtol=1e-12)
        if "hazard_share" in table:
            np.testing.assert_allclose(sums["hazard_share"].sum(), 1, rtol=1e-9)
    totals = truth.churn_total.set_index(["cause", "segment"])["expected_leavers"].sort_index()
    sums = truth.churn.groupby(["cause", "segment"], dropna=False)["customers"].sum().sort_index()
    np.testing.assert_allclose(sums, totals, rtol=1e-12)


def test_harmless_touchpoints_have_exactly_nothing_and_cancellation_no_row(truth):
    churn = truth.churn
    harmless = churn["touchpoint"].isin(["advert", "tariff_pages", "shop_advice", "welcome_call", "reminder"])
    assert (churn.loc[harmless, ["share", "removed_alone", "hazard_share"]] == 0).all(axis=None)
    assert (churn.loc[churn["touchpoint"].isin(NAMES), "share"] > 0).all()
    assert "cancellation" not in set(churn["touchpoint"])


def test_leavers_observed_agree_with_those_expected(tables, truth):
    totals = truth.churn_total
    # A sum of independent 0/1 draws: variance below the mean.
    assert (abs(totals["leavers"] - totals["expected_leavers"]) < 4 * np.sqrt(totals["expected_leavers"])).all()
    reasons = tables["customers"]["left_reason"]
    own = totals.query("cause == 'voluntary' and segment.isna()")["leavers"].item()
    assert reasons.isin(VOLUNTARY).sum() == own


def test_the_cancellation_call_follows_the_decision_to_leave(tables):
    calls = tables["experiences"].query("touchpoint_id == 'cancellation'")
    people = tables["customers"].set_index("customer_id").loc[calls["customer_id"]]
    ahead = people["left_at"].to_numpy() - calls["occurred_at"].to_numpy()
    assert set(people["left_reason"]) == set(VOLUNTARY)
    assert (ahead > np.timedelta64(0, "s")).all()
    assert (ahead <= np.timedelta64(10, "D") + np.timedelta64(1, "s")).all()


def test_those_who_joined_long_ago_are_the_calm_ones(tables):
    people = tables["customers"]
    before = people.loc[people["acquired_at"] < "2023-01-01"]
    tenure = before["acquired_at"].max() - before["acquired_at"]
    old = before.loc[tenure.dt.days > 900, "strain"]
    fresh = people.loc[people["acquired_at"] >= "2023-01-01", "strain"]
    assert abs(fresh.mean()) < 4 / np.sqrt(len(fresh))
    assert old.mean() < -0.1
