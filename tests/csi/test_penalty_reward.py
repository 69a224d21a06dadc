"""Penalties and rewards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from engines import Engine

import cemkit as cem
from cemkit.csi import PenaltyReward, penalty_reward
from cemkit.errors import CemkitError, DesignError


def answers(rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    x = rng.integers(1, 6, (rows, 3)).astype(float)
    y = 5 - 2 * (x[:, 0] <= 2) + 2 * (x[:, 1] >= 4) - (x[:, 2] <= 2) + (x[:, 2] >= 4) + rng.normal(0, 0.4, rows)
    frame = pd.DataFrame(x, columns=["a", "b", "c"]).assign(y=y, w=rng.integers(1, 4, rows) / 2, k=np.arange(rows) // 4)
    frame.loc[:6, "b"] = np.nan
    return frame


CALL = {"items": ["a", "b", "c"], "outcome": "y", "low": 2, "high": 4}


def test_every_engine(local_engine: Engine) -> None:
    frame = answers()
    found = penalty_reward(local_engine(frame), **CALL, margin=0.3)
    fit = smf.ols(
        "y ~ I(1*(a<=2)) + I(1*(b<=2)) + I(1*(c<=2)) + I(1*(a>=4)) + I(1*(b>=4)) + I(1*(c>=4))", frame.dropna()
    ).fit(cov_type="HC3", use_t=True)
    table = found.to_frame()
    np.testing.assert_allclose(table["penalty"], fit.params.iloc[1:4])
    np.testing.assert_allclose(table["reward_std_error"], fit.bse.iloc[4:])
    test = fit.t_test(np.array([[0, 1, 0, 0, 1, 0, 0]]))
    assert table["estimate"][0] == pytest.approx(test.effect[0])
    assert table["p_value"][0] == pytest.approx(float(test.pvalue))
    assert table["factor"].tolist() == ["basic", "excitement", "performance"]
    assert (found.n, found.df) == (493, 486)
    assert found.r_squared == pytest.approx(fit.rsquared)
    notes = {note.code: note.values for note in found.assumptions}
    assert dict(notes["rows-complete"]) == {"used": 493, "rows": 500}
    assert PenaltyReward.from_json(found.to_json()) == found


def test_design(local_engine: Engine) -> None:
    found = penalty_reward(local_engine(answers()), **CALL, design=cem.Design(weights="w", cluster="k"))
    frame = answers().dropna()
    weighted = smf.wls("y ~ I(1*(a<=2)) + I(1*(b<=2)) + I(1*(c<=2)) + I(1*(a>=4)) + I(1*(b>=4)) + I(1*(c>=4))", frame,
                       weights=frame["w"]).fit()  # fmt: skip
    np.testing.assert_allclose(found.to_frame()["penalty"], weighted.params.iloc[1:4])
    assert found.to_frame()["method"].tolist() == ["linearised"] * 3
    y, w = frame["y"], frame["w"]
    assert found.margin == pytest.approx(
        0.1 * np.sqrt(np.average((y - np.average(y, weights=w)) ** 2, weights=w)), rel=0.01
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": "a"}, "is also an item"),
        ({"items": ["a", "z"]}, "no such column"),
        ({"low": 4, "high": 2}, "low must lie below high"),
        ({"low": 0}, "no answer at or below 0"),
        ({"low": 3, "high": 4}, "no answer between 3 and 4"),
        ({"margin": 0}, "positive number"),
        ({"level": 95}, "Did you mean 0.95"),
    ],
)
def test_bad_input(change, said) -> None:
    frame = answers()
    before = frame.copy(deep=True)
    with pytest.raises(CemkitError, match=said):
        penalty_reward(frame, **{**CALL, **change})
    pd.testing.assert_frame_equal(frame, before)


def test_too_little() -> None:
    with pytest.raises(CemkitError, match="too few for 7 coefficients"):
        penalty_reward(answers().tail(6), **CALL)
    with pytest.raises(CemkitError, match="same value in all"):
        penalty_reward(answers().assign(y=1.0), **CALL)
    with pytest.raises(CemkitError, match="collinear"):
        penalty_reward(answers().assign(b=answers()["a"]), **CALL)
    with pytest.raises(DesignError, match="no replicates"):
        penalty_reward(answers(), **CALL, design=cem.Design(cluster="k", variance="jackknife"))
