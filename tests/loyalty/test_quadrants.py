"""Quadrants by hand, on every engine, around the cuts, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit import Design
from cemkit.errors import CemkitError
from cemkit.loyalty import quadrants
from cemkit.results import Result

COLUMNS = {"attitude": "csat", "behaviour": "spend", "cuts": {"csat": 7, "spend": (10.0, 20.0, 35.0)}}


def people(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    spend = rng.gamma(2, 12, rows)
    spend[:7] = np.nan
    return pd.DataFrame(
        {"csat": rng.integers(0, 11, rows), "spend": spend, "w": rng.integers(1, 4, rows).astype(float)}
    )


@pytest.mark.parametrize("design", [None, Design(weights="w")])
def test_against_masks(local_engine: Engine, design: Design | None) -> None:
    found = quadrants(local_engine(people()), **COLUMNS, design=design)
    data = people().dropna()
    w = data["w"] if design else data["w"] * 0 + 1
    for row in found.sensitivity.itertuples():
        a, b = data["csat"] >= row.attitude_cut, data["spend"] >= row.behaviour_cut
        where = {"apostle": a & b, "mercenary": a & ~b, "hostage": ~a & b, "defector": ~a & ~b}[row.metric]
        assert row.estimate == pytest.approx(w[where].sum() / w.sum())
    centre = found.sensitivity.query("attitude_cut == 7 and behaviour_cut == 20")
    np.testing.assert_allclose(found.table["estimate"], centre["estimate"], rtol=1e-12)
    assert found.table["estimate"].sum() == pytest.approx(1)
    assert (found.table["missing"] == 7).all()
    assert Result.from_json(found.to_json()) == found


def test_dick_basu_names_and_bad_input() -> None:
    found = quadrants(people(), **COLUMNS, kind="dick-basu")
    assert found.table["metric"].tolist() == ["loyalty", "latent_loyalty", "spurious_loyalty", "no_loyalty"]
    with pytest.raises(CemkitError, match="kind must be 'apostle' or 'dick-basu'"):
        quadrants(people(), **COLUMNS, kind="loyal")
    with pytest.raises(CemkitError, match="cuts must give 'spend' a number"):
        quadrants(people(), **{**COLUMNS, "cuts": {"csat": 7}})
