"""Aspects: a regression by hand, a world with known slopes, engines, bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cemkit import stages
from cemkit.errors import CemkitError


def world(seed: int, customers: int = 300, *, emotional: float = 1.5) -> pd.DataFrame:
    """Customers with four ratings of each aspect; the outcome moves by 0.5 per rational point and by ``emotional``."""
    rng = np.random.default_rng(seed)
    ratings = rng.integers(1, 6, (customers, 8)).astype(float)
    outcome = (
        0.5 * ratings[:, :4].mean(axis=1) + emotional * ratings[:, 4:].mean(axis=1) + rng.normal(0, 0.5, customers)
    )
    return pd.DataFrame(
        {
            "customer_id": np.repeat([f"c{i:03d}" for i in range(customers)], 8),
            "aspect": np.tile(["rational"] * 4 + ["emotional"] * 4, customers),
            "perceived": ratings.reshape(-1),
            "outcome": np.repeat(outcome, 8),
        }
    )


def test_against_statsmodels_on_every_engine(engine: Callable[[Any], Any]) -> None:
    rows = world(1, 60)
    means = rows.pivot_table(index="customer_id", columns="aspect", values="perceived")
    y = rows.groupby("customer_id")["outcome"].first()
    peer = sm.OLS(y, sm.add_constant(means[["rational", "emotional"]])).fit(cov_type="HC3", use_t=True)
    found = stages.aspects(engine(rows.sample(frac=1, random_state=2)), outcome="outcome").table.set_index("aspect")
    for name in ("rational", "emotional"):
        assert found.loc[name, "estimate"] == pytest.approx(peer.params[name], rel=1e-9)
        assert found.loc[name, "std_error"] == pytest.approx(peer.bse[name], rel=1e-9)
        np.testing.assert_allclose(found.loc[name, ["low", "high"]].astype(float), peer.conf_int().loc[name], rtol=1e-9)
    test = peer.t_test([0, 1, -1])
    assert found.loc["rational - emotional", "estimate"] == pytest.approx(float(test.effect[0]), rel=1e-9)
    assert found.loc["rational - emotional", "p_value"] == pytest.approx(float(test.pvalue), rel=1e-6)
    assert found["n"].tolist() == [60] * 3
    assert found["experiences"].tolist()[:2] == [4.0, 4.0]


def test_the_side_that_moves_more_is_found() -> None:
    found = stages.aspects(world(3), outcome="outcome")
    table = found.table.set_index("aspect")
    assert table.loc["rational", "low"] < 0.5 < table.loc["rational", "high"]
    assert table.loc["emotional", "low"] < 1.5 < table.loc["emotional", "high"]
    assert table.loc["rational - emotional", "high"] < 0
    assert found.profile.table["aspect"].tolist() == ["emotional", "rational"]
    assert type(found).from_json(found.to_json()) == found
    assert found.plot().to_dict()["layer"]


def test_customers_without_an_aspect_are_counted() -> None:
    rows = world(4, 20)
    rows = rows[~((rows["customer_id"] == "c003") & (rows["aspect"] == "rational"))]
    found = stages.aspects(rows, outcome="outcome")
    assert found.table["n"].tolist() == [19] * 3
    assert "incomplete-customers" in {note.code for note in found.assumptions}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"aspect": "rational"}, "0 of 20 customers have rational and emotional ratings"),
        ({"outcome": 1.0}, "has the same value for all 20 customers"),
        ({"perceived": 9.0}, "outside the scale 1 to 5"),
        ({"outcome": "x"}, "outcome='outcome' must hold numbers"),
    ],
)
def test_bad_input(change: dict[str, Any], text: str) -> None:
    with pytest.raises(CemkitError) as raised:
        stages.aspects(world(5, 20).assign(**change), outcome="outcome")
    assert text in str(raised.value)
    with pytest.raises(CemkitError, match="no column 'aspect'"):
        stages.aspects(world(5, 20).drop(columns="aspect"), outcome="outcome")


@pytest.mark.slow
def test_coverage(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    count = replicates(60)
    held = []
    for seed in range(count):
        table = stages.aspects(world(seed, 80), outcome="outcome").table
        held.append((table["low"] < [0.5, 1.5, -1.0]) & (table["high"] > [0.5, 1.5, -1.0]))
    slack = 0.015 + 4 * np.sqrt(0.05 * 0.95 / count)
    covers(
        held, estimator="stages.aspects", world="80 customers, three aspects with known effects", slack=(slack, slack)
    )


def test_an_outcome_too_small_to_square() -> None:
    rows = world(5, 20)
    found = stages.aspects(rows.assign(outcome=rows["outcome"] * 1e-300), outcome="outcome").table
    assert found["standardised"].isna().all()
