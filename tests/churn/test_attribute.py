"""The ledger: laws, truth, guards and bad input, through the public call."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
import timed_worlds
from engines import Engine

import cemkit as cem
from cemkit import ColumnError, ContractError
from cemkit.churn import Ledger
from cemkit.errors import CemkitError


@pytest.fixture(scope="module")
def world() -> timed_worlds.World:
    return timed_worlds.simulate(timed_worlds.smaller(timed_worlds.WORLDS["additive"], months=9, base=0.03), 1200, 5)


@pytest.fixture(scope="module")
def ledger(world: timed_worlds.World) -> Ledger:
    return cem.churn.attribute(world.customers, world.experiences)


def codes(found: Ledger) -> set[str]:
    return {a.code for a in found.assumptions}


@pytest.mark.parametrize("estimand", ["preventable", "hazard-share"])
@pytest.mark.parametrize("hazard", ["additive", "multiplicative"])
def test_rows_sum_to_the_churn_observed(world: timed_worlds.World, estimand: Any, hazard: Any) -> None:
    found = cem.churn.attribute(world.customers, world.experiences, estimand=estimand, hazard=hazard)
    table = found.to_frame()
    leavers = int(world.customers["left_at"].notna().sum())
    assert table["customers"].sum() == pytest.approx(leavers, abs=1e-9)
    assert table["share"].sum() == pytest.approx(1, abs=1e-12)
    assert found.total["leavers"].item() == leavers
    assert table["touchpoint"].tolist() == [*sorted(timed_worlds.NAMES), "background"]
    assert list(table.columns)[:7] == ["touchpoint", "customers", "share", "std_error", "low", "high", "value"]
    assert set(table["method"]) == {f"{estimand}: {found.hazards['hazard'][found.hazards['chosen']].item()} hazard"}
    joint = found.total.iloc[0]
    assert joint["share"] == pytest.approx(table["share"].iloc[:-1].sum())
    assert table["std_error"].iloc[-1] == joint["std_error"]
    truth = np.array([*(world.truth[name] for name in sorted(timed_worlds.NAMES)), 1 - world.truth["all"]])
    if estimand == "preventable":
        assert np.all(np.abs(table["share"] - truth) < 4 * table["std_error"])


def test_hazard_shares_run_higher_and_say_so(world: timed_worlds.World, ledger: Ledger) -> None:
    found = cem.churn.attribute(world.customers, world.experiences, estimand="hazard-share")
    assert found.total["share"].item() > ledger.total["share"].item()
    assert "hazard-share-higher" in codes(found)
    assert "hazard-share-higher" not in codes(ledger)
    assert found.title.startswith("Shares of the hazard at exit")
    assert ledger.title == "Preventable share of churn, observed association, adjusted for tenure only"


def test_every_engine_gives_the_same_ledger(world: timed_worlds.World, engine: Engine) -> None:
    people, log = world.customers.iloc[:300], world.experiences
    log = log[log["customer_id"].isin(people["customer_id"])]
    expected = cem.churn.attribute(people, log, confounders="strain")
    found = cem.churn.attribute(engine(people), engine(log), confounders="strain")
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-7, atol=1e-9)
    assert found.assumptions == expected.assumptions


def test_relabelling_changes_nothing(world: timed_worlds.World, ledger: Ledger) -> None:
    # the names change the order of the customers' folds and of the touchpoints' columns
    other = {name: f"z{9 - i}" for i, name in enumerate(sorted(timed_worlds.NAMES))}
    renamed = world.experiences.assign(touchpoint_id=world.experiences["touchpoint_id"].map(other))
    found = cem.churn.attribute(world.customers, renamed.sample(frac=1, random_state=0)).to_frame()
    shares = found.set_index("touchpoint")["share"]
    for row in ledger.to_frame().itertuples():
        assert shares[other.get(row.touchpoint, row.touchpoint)] == pytest.approx(row.share, abs=1e-8)


def test_a_touchpoint_nobody_met_has_exactly_zero(world: timed_worlds.World, ledger: Ledger) -> None:
    row = pd.DataFrame(
        {
            "customer_id": [world.customers["customer_id"].iloc[0]],
            "touchpoint_id": ["museum"],
            "occurred_at": [world.experiences["occurred_at"].iloc[50]],
            "valence": ["positive"],
        }
    )
    found = cem.churn.attribute(world.customers, pd.concat([world.experiences, row], ignore_index=True))
    table = found.to_frame().set_index("touchpoint")
    assert table.loc["museum", ["customers", "share", "std_error", "low", "high"]].tolist() == [0, 0, 0, 0, 0]
    assert table.loc["museum", "status"] == "nobody-exposed"
    pd.testing.assert_series_equal(
        table["share"].drop("museum"), ledger.to_frame().set_index("touchpoint")["share"], check_names=False
    )


@pytest.mark.parametrize("estimand", ["preventable", "hazard-share"])
def test_segments_add_up(world: timed_worlds.World, estimand: Any) -> None:
    people = world.customers.assign(segment=np.where(world.customers["strain"] > 0, "b", "a"), worth=2.0)
    found = cem.churn.attribute(
        people, world.experiences, by="segment", estimand=estimand, hazard="additive", value="worth"
    )
    parts = [
        cem.churn.attribute(people[people["segment"] == s], world.experiences, estimand=estimand, hazard="additive")
        for s in "ab"
    ]
    for segment, part in zip("ab", parts, strict=True):
        mine = found.group(segment).drop(columns="segment")
        # alone, observation ends with the last leaver of the segment: a moment earlier
        assert mine["n"].iloc[0] == part.to_frame()["n"].iloc[0]
        np.testing.assert_allclose(mine["share"], part.to_frame()["share"], atol=0.02)
    sums = found.to_frame().groupby("touchpoint", sort=False)["customers"].sum()
    np.testing.assert_allclose(found.overall["customers"], sums, atol=1e-9)
    leavers = people["left_at"].notna().sum()
    assert found.overall["customers"].sum() == pytest.approx(leavers, abs=1e-9)
    assert found.overall["share"].sum() == pytest.approx(1)
    # everybody is worth 2
    np.testing.assert_allclose(found.to_frame()["value"], 2 * found.to_frame()["customers"], atol=1e-6)


def test_a_segment_without_leavers_is_refused_in_its_rows(world: timed_worlds.World) -> None:
    people = world.customers.copy()
    people["segment"] = np.where(people["left_at"].isna() & (people.index % 3 == 0), "loyal", "rest")
    found = cem.churn.attribute(people, world.experiences, by="segment")
    assert set(found.group("loyal")["status"]) == {"no-leavers"}
    assert found.group("loyal")["customers"].sum() == 0
    assert found.group("loyal")["share"].isna().all()
    assert set(found.group("rest")["status"]) == {"ok"}


def test_a_touchpoint_everybody_met_all_the_time_is_refused(world: timed_worlds.World) -> None:
    day = pd.DataFrame({"occurred_at": pd.date_range("2023-01-01", "2023-09-25", freq="20D")})
    everybody = (
        world.customers[["customer_id"]].merge(day, how="cross").assign(touchpoint_id="weather", valence="negative")
    )
    found = cem.churn.attribute(world.customers, pd.concat([world.experiences, everybody], ignore_index=True))
    row = found.to_frame().set_index("touchpoint").loc["weather"]
    assert row["status"] == "no-overlap"
    assert row["method"] == "preventable: refused"
    assert np.isnan(row["share"])
    assert found.to_frame()["customers"].sum() == pytest.approx(found.total["leavers"].item(), abs=1e-9)
    assert "no-overlap" in codes(found)
    found.plot()


def test_a_cancellation_call_is_named_and_moved_out() -> None:
    kind = timed_worlds.smaller(timed_worlds.WORLDS["cancelling"], months=9, base=0.03)
    world = timed_worlds.simulate(kind, 1500, 2)
    whole = cem.churn.attribute(world.customers, world.experiences)
    named = [a for a in whole.assumptions if a.code == "cancellation-like"]
    assert [a.values["touchpoint"] for a in named] == ["cancellation"]
    lags = whole.sensitivity[whole.sensitivity["touchpoint"] == "cancellation"].set_index("lag")["share"]
    assert lags.index.tolist() == [0, 7, 30]
    assert lags[0] > 0.2 > 3 * abs(lags[7])
    found = cem.churn.attribute(world.customers, world.experiences, exclude="cancellation")
    assert "cancellation" not in set(found.to_frame()["touchpoint"])
    assert "touchpoints-excluded" in codes(found)
    assert "cancellation-like" not in codes(found)
    row = found.to_frame().set_index("touchpoint").loc["reminder"]
    assert row["low"] < 0 < row["high"]
    for lag, rows in found.sensitivity.groupby("lag"):
        assert rows["customers"].sum() == pytest.approx(rows["n"].iloc[0], abs=1e-9), lag


def test_negative_controls(world: timed_worlds.World) -> None:
    found = cem.churn.attribute(world.customers, world.experiences, negative_controls=["reminder", "store"])
    assert found.negative_controls["touchpoint"].tolist() == ["reminder", "store"]
    assert found.negative_controls["holds"].all()
    assert "controls-hold" in codes(found)
    assert set(found.to_frame()["touchpoint"]) == {"app", "billing", "network", "support", "background"}
    wrong = cem.churn.attribute(world.customers, world.experiences, negative_controls="support")
    assert not wrong.negative_controls["holds"].item()
    assert "control-fails" in codes(wrong)


def test_unknown_valence_is_a_level_of_its_own(world: timed_worlds.World) -> None:
    log = world.experiences.copy()
    log.loc[(log.index % 3 == 0) & (log["touchpoint_id"] == "support"), "valence"] = None
    found = cem.churn.attribute(world.customers, log)
    note = next(a for a in found.assumptions if a.code == "valence-unknown")
    assert note.values["rows"] == log["valence"].isna().sum()
    risks = found.relative_risks.set_index(["touchpoint", "valence"])
    assert ("support", "unknown") in risks.index
    assert ("billing", "unknown") not in risks.index
    assert found.to_frame()["customers"].sum() == pytest.approx(found.total["leavers"].item(), abs=1e-9)


def test_ever_exposed_is_converted_with_both_numbers(world: timed_worlds.World) -> None:
    found = cem.churn.attribute(world.customers, world.experiences, window="ever")
    note = next(a for a in found.assumptions if a.code == "ever-both")
    met = world.experiences[world.experiences["valence"] == "negative"]["customer_id"].unique()
    left = world.customers["left_at"].notna()
    never = ~world.customers["customer_id"].isin(met)
    assert note.values["naive"] == pytest.approx(1 - left[never].mean() / left.mean(), abs=0.01)
    assert note.values["share"] == pytest.approx(found.total["share"].item())
    assert note.values["naive"] < note.values["share"]
    with pytest.raises(CemkitError, match="no experience has a time.*ever exposed"):
        cem.churn.attribute(world.customers, world.experiences.assign(occurred_at=pd.NaT))


def test_customers_are_at_risk_from_when_their_exposures_are_known() -> None:
    # entered long before the log; the bad experience of the first days is no longer in force 90 days later
    n = 400
    people = pd.DataFrame(
        {
            "customer_id": range(n),
            "acquired_at": pd.Timestamp("2022-01-01"),
            "left_at": [pd.Timestamp("2024-01-01") + pd.Timedelta(days=i) if i % 4 == 0 else pd.NaT for i in range(n)],
        }
    )
    log = pd.DataFrame(
        {
            "customer_id": [i % n for i in range(3 * n)],
            "touchpoint_id": ["bill", "app", "shop"] * n,
            "occurred_at": [pd.Timestamp("2024-01-01") + pd.Timedelta(days=i % 390) for i in range(3 * n)],
            "valence": ["negative", "positive", "negative"] * n,
        }
    )
    found = cem.churn.attribute(people, log, horizon="1130d")
    outside = next(a for a in found.assumptions if a.code == "leavers-outside")
    # leavers of the first 90 days: every fourth day from day 0 to day 88
    assert outside.values["before"] == 23
    assert found.total["start"].item() == 810
    assert found.total["leavers"].item() == 100 - 23
    early = cem.churn.attribute(people, log, horizon="1130d", since="2021-06-01")
    assert early.total["leavers"].item() == 100


def test_causes_count_only_these_leavers(world: timed_worlds.World) -> None:
    people = world.customers.copy()
    gone = people["left_at"].notna()
    people["left_reason"] = np.where(gone & (people.index % 3 == 0), "moved", np.where(gone, "service", None))
    spell = cem.Spell(reason="left_reason", causes=("service",))
    found = cem.churn.attribute(people, world.experiences, spell=spell)
    assert found.to_frame()["customers"].sum() == pytest.approx((people["left_reason"] == "service").sum(), abs=1e-9)
    assert "causes-counted" in codes(found)
    assert found.total["incidence"].item() < 1


def test_a_confounder_moves_the_shares_and_the_title() -> None:
    kind = timed_worlds.smaller(timed_worlds.WORLDS["confounded"], months=12, confounder=1.4)
    world = timed_worlds.simulate(kind, 2000, 3)
    bare = cem.churn.attribute(world.customers, world.experiences)
    found = cem.churn.attribute(world.customers, world.experiences, confounders="strain")
    reminder = [x.to_frame().set_index("touchpoint").loc["reminder"] for x in (bare, found)]
    assert reminder[0]["low"] > 0
    assert reminder[1]["low"] < 0 < reminder[1]["high"]
    assert abs(found.total["share"].item() - world.truth["all"]) < 3 * found.total["std_error"].item()
    assert found.title.endswith("adjusted for tenure and strain")
    assert {"confounders-declared", "confounders-fixed"} <= codes(found)
    levels = world.customers.assign(
        kind=np.where(world.customers["strain"] > 0, "x", None), joined=world.customers["acquired_at"]
    )
    mixed = cem.churn.attribute(levels, world.experiences, confounders=["strain", "kind", "joined"], calendar="91d")
    assert mixed.to_frame()["customers"].sum() == pytest.approx(mixed.total["leavers"].item(), abs=1e-9)
    assert "calendar time" in mixed.title


def test_more_than_twelve_touchpoints_by_random_orders(world: timed_worlds.World) -> None:
    people, log = world.customers, world.experiences.copy()
    log["touchpoint_id"] = log["touchpoint_id"] + (log.index % 3).astype(str)
    options: dict[str, Any] = {"seed": 1, "hazard": "additive", "estimand": "hazard-share"}
    found = cem.churn.attribute(people, log, **options)
    assert len(found) == 19
    assert "random-orders" in codes(found)
    assert found.to_frame()["customers"].sum() == pytest.approx(found.total["leavers"].item(), abs=1e-9)
    assert found == cem.churn.attribute(people, log, **options)


def test_results_round_trip(ledger: Ledger) -> None:
    assert Ledger.from_json(ledger.to_json()) == ledger
    assert "adjusted for tenure only" in repr(ledger)
    assert "adjusted for tenure only" in ledger._repr_html_()
    assert ledger.plot().to_dict()["title"] == ledger.title


def test_spells_of_customers_who_came_back(world: timed_worlds.World) -> None:
    people = world.customers.iloc[:400].assign(spell=1)
    back = people[people["left_at"].notna()].iloc[:40].copy()
    back["acquired_at"], back["left_at"], back["spell"] = back["left_at"] + pd.Timedelta("1D"), pd.NaT, 2
    both = pd.concat([people, back], ignore_index=True)
    both = both[both["acquired_at"] < people["left_at"].max()]
    found = cem.churn.attribute(both, world.experiences, spell=cem.Spell(spell_id="spell"))
    assert found.total["leavers"].item() == people["left_at"].notna().sum()


NOW = dt.datetime(2024, 1, 1)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"exclude": "billin"}, "Did you mean 'billing'"),
        ({"negative_controls": ["shop"]}, "negative_controls='shop': no experience"),
        ({"exclude": ["billing"], "negative_controls": ["billing"]}, "both excluded and a negative control"),
        ({"exclude": ["billing", "billing"]}, "twice"),
        ({"exclude": list(timed_worlds.NAMES)}, "nothing is left"),
        ({"exposure": "bad"}, "exposure='bad'.*negative"),
        ({"estimand": "preventible"}, "Did you mean 'preventable'"),
        ({"hazard": "cox"}, "hazard must be one of"),
        ({"window": "3 months"}, "window must be"),
        ({"window": "0d"}, "window must be"),
        ({"lag": -1}, "lag must be"),
        ({"horizon": "9999d"}, "nobody is observed at that tenure"),
        ({"level": 1.5}, "level"),
        ({"by": "share"}, "result column"),
        ({"by": "region"}, "no such column"),
        ({"confounders": ["strain", "strain"]}, "twice"),
        ({"confounders": ["customer_id"]}, "levels, more than 200"),
        ({"value": "left_at"}, "numbers"),
        ({"touchpoint": "touchpoint"}, "Did you mean 'touchpoint_id'"),
        ({"valence": "mood"}, "no such column"),
        ({"at": "valence"}, "must hold dates or times"),
        ({"since": "soon"}, "since must be a date"),
    ],
)
def test_bad_arguments_get_a_sentence(world: timed_worlds.World, change: dict[str, Any], match: str) -> None:
    with pytest.raises(CemkitError, match=match):
        cem.churn.attribute(world.customers, world.experiences, **change)


def test_bad_tables_get_a_sentence(world: timed_worlds.World, local_engine: Engine) -> None:
    people, log = world.customers.iloc[:60], world.experiences.iloc[:400]

    def ask(customers: pd.DataFrame, experiences: pd.DataFrame, **options: Any) -> Ledger:
        return cem.churn.attribute(local_engine(customers), local_engine(experiences), **options)

    with pytest.raises(ContractError, match="lies before"):
        ask(people.assign(left_at=pd.Timestamp("2020-01-01")), log)
    with pytest.raises(ContractError, match="several rows"):
        ask(pd.concat([people, people]), log)
    with pytest.raises(CemkitError, match="none of 60 customers left"):
        ask(people.assign(left_at=pd.Series([pd.NaT] * 60, dtype="datetime64[us]")), log)
    with pytest.raises(ColumnError, match="time zone '(Etc/)?UTC', the times of customers none"):
        ask(people, log.assign(occurred_at=log["occurred_at"].dt.tz_localize("UTC")))
    with pytest.raises(ColumnError, match="finds its customer"):
        ask(people.assign(customer_id=range(60)), log)
    with pytest.raises(CemkitError, match="none of the .* experiences that count belongs"):
        ask(people.assign(customer_id=[f"x{i}" for i in range(60)]), log)
    with pytest.raises(CemkitError, match="no row with a customer"):
        ask(people, log.assign(customer_id=pd.Series([None] * len(log), dtype="str")))
    with pytest.raises(ContractError, match="negative or infinite in 60"):
        ask(people.assign(worth=-1.0), log, value="worth")


def test_what_is_left_out_is_counted(world: timed_worlds.World) -> None:
    log = world.experiences.copy()
    rows = log[log["valence"] == "negative"].index
    log.loc[rows[:5], "customer_id"] = "stranger"
    log.loc[rows[5:12], "touchpoint_id"] = None
    log.loc[rows[12:20], "occurred_at"] = pd.NaT
    log.loc[rows[20:29], "customer_id"] = None
    late = log.loc[rows[30:31]].assign(occurred_at=log["occurred_at"].max())
    gone = world.customers.loc[world.customers["left_at"].idxmin(), "customer_id"]
    log = pd.concat([log, late.assign(customer_id=gone)], ignore_index=True)
    found = cem.churn.attribute(
        world.customers.assign(worth=[None, *[1.0] * (len(world.customers) - 1)]), log, value="worth"
    )
    values = {a.code: dict(a.values) for a in found.assumptions}
    assert values["strangers-left-out"] == {"rows": 5}
    assert values["experiences-keyless"] == {"rows": 7}
    assert values["experiences-timeless"] == {"rows": 8}
    assert values["experiences-nameless"] == {"rows": 9}
    assert values["value-missing"] == {"rows": 1}
    assert values["after-leaving"]["customers"] >= 1
