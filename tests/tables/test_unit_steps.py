"""Steps from a unit's state to its next, against a plain loop on every engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
from engines import Engine

from cemkit.tables.binding import bind
from cemkit.tables.unit_steps import unit_steps


def test_against_a_loop(engine: Engine) -> None:
    rng = np.random.default_rng(2)
    rows = pd.DataFrame({"u": rng.integers(0, 20, 150), "t": rng.integers(0, 30, 150), "s": rng.integers(0, 3, 150)})
    rows = rows.drop_duplicates(["u", "t"], ignore_index=True)
    found = unit_steps(bind(engine(rows)), unit="u", at="t", state="s", states=3, most_times=99)
    k = np.zeros((20, 3, 3))
    ends: dict[int, np.ndarray] = {}
    for unit, own in rows.sort_values(["u", "t"]).groupby("u"):
        states, times = own["s"].tolist(), own["t"].tolist()
        for a, b, t in zip(states[:-1], states[1:], times[1:], strict=True):
            k[unit, a, b] += 1
            ends.setdefault(t, np.zeros((3, 3)))[a, b] += 1
    m = k.sum(axis=2)
    moments = found.moments
    np.testing.assert_array_equal(moments.k, k.sum(axis=0))
    np.testing.assert_array_equal(moments.kk, (k**2).sum(axis=0))
    np.testing.assert_array_equal(moments.km, np.einsum("uij,ui->ij", k, m))
    np.testing.assert_array_equal(moments.units, (m > 0).sum(axis=0))
    up, down = np.triu(np.ones((3, 3)), 1), np.tril(np.ones((3, 3)), -1)
    change = np.arange(3)[None, :] - np.arange(3)[:, None]
    parts = np.stack([k * up, k * down, k, k * change]).sum(axis=3)  # (4, units, from)
    np.testing.assert_array_equal(moments.sums[:3], parts.sum(axis=1).T)
    np.testing.assert_array_equal(moments.products[:3], np.einsum("aus,bus->sab", parts, parts))
    whole = parts.sum(axis=2)
    np.testing.assert_array_equal(moments.products[3], whole @ whole.T)
    assert moments.movers == (m.sum(axis=1) > 0).sum()
    assert [int(t) for t in found.ends] == sorted(ends)
    np.testing.assert_array_equal(found.times, [ends[t] for t in sorted(ends)])
    assert found.units == rows["u"].nunique()
    few = unit_steps(bind(engine(rows)), unit="u", at="t", state="s", states=3, most_times=2)
    assert (few.ends, len(few.times)) == ([], 0)
