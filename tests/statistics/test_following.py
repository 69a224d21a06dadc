"""Spans and neighbouring moments against loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cemkit.statistics.following import FAR, Moments, next_moment, previous_moment

pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 20)), max_size=25)


@given(
    pairs, st.lists(st.tuples(st.integers(-1, 4), st.integers(-30, 60), st.integers(0, 70)), min_size=1, max_size=10)
)
def test_within_counts_what_a_loop_counts(events: list[tuple[int, int]], spans: list[tuple[int, int, int]]) -> None:
    unit, second = (np.array([e[i] for e in events], dtype=np.int64) for i in (0, 1))
    value = np.arange(len(events), dtype=float) + 1
    found = Moments(unit, second, value).within(
        np.array([s[0] for s in spans]), np.array([s[1] for s in spans]), np.array([s[1] + s[2] for s in spans])
    )
    expected = [
        sum(v for (u, t), v in zip(events, value, strict=True) if u == who and start < t <= start + length)
        for who, start, length in spans
    ]
    np.testing.assert_allclose(found, expected)


@given(pairs)
def test_neighbours(events: list[tuple[int, int]]) -> None:
    unit, second = (np.array([e[i] for e in events], dtype=np.int64) for i in (0, 1))
    among = np.arange(len(events)) % 2 == 0
    after, before = next_moment(unit, second, among), previous_moment(unit, second, among)
    for i, (who, when) in enumerate(events):
        own = [t for k, (u, t) in enumerate(events) if u == who and among[k]]
        assert after[i] == min([t for t in own if t > when], default=FAR)
        assert before[i] == max([t for t in own if t < when], default=-FAR)
