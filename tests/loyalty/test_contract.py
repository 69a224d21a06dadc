"""Renewals: the published example on every engine, curves, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from engines import Engine

from cemkit import loyalty
from cemkit.errors import CemkitError

HIGH_END = {"cohort": ["A"] * 8, "period": list(range(8)), "customers": [1000, 869, 743, 653, 593, 551, 517, 491]}


def test_published_example(local_engine: Engine) -> None:
    found = loyalty.fit_contract(local_engine(HIGH_END))
    # Fader and Hardie (2007), "High End": alpha .668, beta 3.806, LL -1611.2
    assert list(found.params.values()) == pytest.approx([0.668, 3.806], abs=5e-4)
    assert found.log_likelihood == pytest.approx(-1611.16, abs=0.01)
    assert found.status == "converged"


def test_curves() -> None:
    found = loyalty.fit_contract(pd.DataFrame(HIGH_END), "bdw")
    survival = found.survival([0, 5, 10], level=0.95).to_frame()
    assert survival["estimate"].iloc[0] == 1
    assert ((survival["low"] <= survival["estimate"]) & (survival["estimate"] <= survival["high"])).all()
    kept = found.survival([4, 5]).to_frame()["estimate"]
    assert found.retention(5).to_frame()["estimate"].item() == pytest.approx(kept[1] / kept[0])
    life = found.discounted_lifetime(0.1, level=0.95).to_frame().iloc[0]
    assert 1 < life["low"] < life["estimate"] < life["high"]
    assert loyalty.ContractFit.from_json(found.to_json()) == found


def test_too_little_is_a_status() -> None:
    found = loyalty.fit_contract(pd.DataFrame(HIGH_END).head(2))
    assert found.status == "unidentified"
    with pytest.raises(CemkitError, match="take more renewals"):
        found.survival(1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"customers": [1000, 869, 900, 653, 593, 551, 517, 491]}, "only shrinks"),
        ({"period": [0, 1, 2, 3, 4, 5, 6, 6]}, "two rows of one period"),
        ({"period": [0, 1, 2, 3, 4, 5, 6, 8]}, "without gaps"),
        ({"period": [-1, 1, 2, 3, 4, 5, 6, 7]}, "numbers of renewals"),
        ({"customers": ["x"] * 8}, "must hold numbers"),
    ],
)
def test_bad_cohorts_are_refused(changes, message) -> None:
    with pytest.raises(CemkitError, match=message):
        loyalty.fit_contract(pd.DataFrame({**HIGH_END, **changes}))


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(CemkitError, match="model must be 'sbg' or 'bdw'"):
        loyalty.fit_contract(pd.DataFrame(HIGH_END), "bg")
    with pytest.raises(CemkitError, match="unit must be one of"):
        loyalty.fit_contract(pd.DataFrame(HIGH_END), unit="years")
