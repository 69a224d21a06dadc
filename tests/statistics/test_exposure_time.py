"""Person-time split by exposures, against a loop over moments."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.exposure_time import split_time, united


def test_against_a_loop_over_moments() -> None:
    rng = np.random.default_rng(0)
    units, spans = 40, 400
    begin = rng.uniform(0, 50, units)
    end = begin + rng.uniform(1, 200, units)
    unit, column = rng.integers(0, units, spans), rng.integers(0, 5, spans)
    start = rng.uniform(-50, 250, spans)
    stop = start + rng.uniform(0, 60, spans)
    cut_unit, cut = rng.integers(0, units, 30), rng.uniform(0, 250, 30)
    found = split_time(begin, end, (unit, column, start, stop), width=30.0, cuts=(cut_unit, cut))
    np.testing.assert_allclose(np.add.reduceat(found.duration, found.offsets[:-1]), end - begin)
    middle = found.begin + found.duration / 2
    for i, (who, at) in enumerate(zip(found.unit, middle, strict=True)):
        mine = unit == who
        expected = {int(c) for c in column[mine & (start <= at) & (at < stop)]}
        assert {c for c in range(5) if found.pattern[i] >> c & 1} == expected
    finish = found.begin + found.duration
    assert np.all(np.floor(found.begin / 30 + 1e-12) == np.ceil(finish / 30 - 1e-12) - 1)
    for who, at in zip(cut_unit, cut, strict=True):
        if begin[who] < at < end[who]:
            assert np.any((found.unit == who) & (found.begin == at))
    assert found.offsets.tolist() == [0, *np.cumsum(np.bincount(found.unit, minlength=units)).tolist()]


def test_union_of_intervals_that_touch_or_hold_each_other() -> None:
    unit, column = np.zeros(5, dtype=int), np.array([0, 0, 0, 0, 1])
    start, stop = np.array([0.0, 1, 2, 9, 3]), np.array([8.0, 2, 3, 10, 4])
    _, columns, first, last = united(unit, column, start, stop)
    assert (columns.tolist(), first.tolist(), last.tolist()) == ([0, 0, 1], [0, 9, 3], [8, 10, 4])


def test_without_exposures() -> None:
    nothing = np.zeros(0)
    found = split_time([0.0, 5.0], [10.0, 35.0], (nothing, nothing, nothing, nothing), width=30.0)
    assert (found.duration.tolist(), found.pattern.tolist()) == ([10, 25, 5], [0, 0, 0])


def test_bad_input_gets_a_sentence() -> None:
    nothing = np.zeros(0)
    with pytest.raises(CemkitError, match="1 of 1 units do not last"):
        split_time([1.0], [1.0], (nothing, nothing, nothing, nothing), width=30.0)
    with pytest.raises(CemkitError, match="63 exposures"):
        split_time([0.0], [1.0], ([0], [62], [0.0], [1.0]), width=30.0)
