"""Many replicates raked at once are the same replicates raked one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.statistics.calibration import rake_cells
from cemkit.statistics.raked_replicates import rake_replicates


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(2, 4), columns=st.integers(2, 5))
def test_each_replicate_is_raked_as_if_alone(seed, rows, columns) -> None:
    rng = np.random.default_rng(seed)
    levels = [np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)]
    base = rng.uniform(0.2, 2.0, (7, rows * columns))
    shares = [rng.dirichlet(np.full(size, 5.0)) for size in (rows, columns)]
    found = rake_replicates(base, levels, [10 * share for share in shares], tolerance=1e-12)
    assert found.converged.all()
    for weight, factor in zip(base, found.factor, strict=True):
        alone = rake_cells(weight, levels, shares, tolerance=1e-12).factor
        assert weight * factor == pytest.approx(weight * alone / weight.sum() * 10, abs=1e-9)


def test_raking_what_is_raked_is_raking_what_it_was_made_from() -> None:
    rng = np.random.default_rng(3)
    levels = [np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)]
    targets = [np.array([0.4, 0.6]), np.array([0.2, 0.3, 0.5])]
    base = rng.uniform(0.5, 2, 6)
    raked = base * rake_cells(base, levels, targets, tolerance=1e-13).factor
    change = rng.uniform(0.5, 2, (4, 6))
    first = rake_replicates(change * base, levels, targets, tolerance=1e-13)
    second = rake_replicates(change * raked, levels, targets, tolerance=1e-13)
    assert change * base * first.factor == pytest.approx(change * raked * second.factor, abs=1e-11)


def test_what_cannot_be_met_is_said() -> None:
    # Two cells on a diagonal: both margins are one and the same, and their targets differ.
    levels = [np.array([0, 1]), np.array([0, 1])]
    found = rake_replicates([[1.0, 1.0]], levels, [np.array([0.3, 0.7]), np.array([0.4, 0.6])], max_iterations=50)
    assert not found.converged.any()
