"""The airport's survey through its example mappings; skipped where the data are absent."""

from __future__ import annotations

import os
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from store_frames import FILE_ENGINES

from cemkit.tables import ExperienceStore, open_store
from cemkit.tables.binding import bind, collect

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CEMKIT_DATA", ROOT.parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(not (DATA / "sfo_2017").is_dir(), reason="the SFO survey lies outside the repository")


def answers(store: ExperienceStore, question: str) -> pd.DataFrame:
    bound = bind(store.responses)
    return pd.DataFrame(collect(bound.frame.filter(nw.col("question") == question).select("score", "WEIGHT", "STRATA")))


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_one_wave(engine: str) -> None:
    store = open_store(DATA / "sfo_2017", ROOT / "examples" / "sfo_2017.toml", engine=engine)
    assert store.check().ok, str(store.check())
    nps = answers(store, "nps")
    score = nps["score"].dropna()
    # README of the data: 2831 rows, 84 blanks coded 11 and 1 null; 1436 promoters, 968 passives, 342 detractors.
    assert (len(nps), len(score)) == (2831, 2746)
    value = np.select([score >= 9, score <= 6], [100.0, -100.0], 0.0)
    assert [int((value == v).sum()) for v in (100, 0, -100)] == [1436, 968, 342]
    # (1436 - 342) / 2746; the weighted figure is the data's README again.
    assert value.mean() == pytest.approx(100 * (1436 - 342) / 2746, rel=1e-12)
    weight = nps.loc[score.index, "WEIGHT"]
    assert float((value * weight).sum() / weight.sum()) == pytest.approx(40.398, abs=5e-4)
    assert sorted(nps["STRATA"].unique()) == ["AM", "MID", "PM"]
    csat = answers(store, "csat")["score"].value_counts().sort_index()
    assert csat.to_dict() == {1: 6, 2: 32, 3: 444, 4: 1507, 5: 699}
    design = store.design
    assert design is not None
    assert design.columns == ("WEIGHT", "STRATA", "GATE")
    assert len(store.journey_map.touchpoints) == 14
    (journey,) = store.journeys(5)
    assert len(journey.experiences) == 14


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_two_waves(engine: str) -> None:
    store = open_store(DATA / "sfo_2017", ROOT / "examples" / "sfo_two_waves.toml", engine=engine)
    counts = (
        bind(store.responses).frame.group_by("wave", "question").agg(nw.len().alias("rows"), nw.col("score").count())
    )
    found = collect(counts.sort("wave", "question"))
    # 2016 (3087 passengers, Q7ALL: 133 blank, 35 never used) did not ask NETPRO.
    assert list(
        zip(found["wave"], found["question"], map(int, found["rows"]), map(int, found["score"]), strict=True)
    ) == [
        ("2016", "csat", 3087, 3087 - 133 - 35),
        ("2017", "csat", 2831, 2688),
        ("2017", "nps", 2831, 2746),
    ]
    ids = collect(bind(store.answers).frame.select("customer_id"))["customer_id"]
    assert len(set(ids)) == 3087 + 2831
    assert {str(i)[:5] for i in ids} == {"2016-", "2017-"}


def test_engines_agree() -> None:
    sums = []
    for param in FILE_ENGINES:
        engine = str(param.values[0])
        pytest.importorskip(engine)
        store = open_store(DATA / "sfo_2017", ROOT / "examples" / "sfo_2017.toml", engine=engine)
        grouped = bind(store.experiences).frame.group_by("touchpoint_id").agg(nw.col("perceived").count().alias("n"))
        found = collect(grouped.sort("touchpoint_id"))
        sums.append(dict(zip(found["touchpoint_id"], map(int, found["n"]), strict=True)))
    assert all(counts == sums[0] for counts in sums)
    # Q7FOOD in 2017, ratings 4, 3, 5, 2, 1: pandas' value_counts of the raw file.
    assert sums[0]["food"] == 915 + 817 + 434 + 217 + 38
