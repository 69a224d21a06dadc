"""Shares of clusters against hand arithmetic and the limits they come down to."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.clustered_shares import clustered_shares
from cemkit.statistics.proportions import proportion_interval


def sums(x, n):
    x, n = np.asarray(x, dtype=float), np.asarray(n, dtype=float)
    return {"x": x.sum(), "n": n.sum(), "xx": x @ x, "xn": x @ n, "nn": n @ n, "units": len(x)}


def found(x, n, **options):
    given = sums(x, n)
    return clustered_shares(given.pop("x"), given.pop("n"), **given, **options)


def test_by_hand() -> None:
    # p = 4/6; residuals 1 - 2 p = -1/3 and 3 - 4 p = 1/3; 2 / 1 * (2 / 9) / 36
    share = found([1, 3], [2, 4])
    assert share.std_error == pytest.approx(np.sqrt(2 * 2 / 9 / 36))
    # p (1 - p) / var = (2/9) / (1/81) = 18, but no more than the 6 that there are
    assert share.n_eff == pytest.approx(6)


def test_one_each_is_nearly_wilson() -> None:
    rng = np.random.default_rng(2)
    x = rng.random(4000) < 0.3
    share = found(x, np.ones(4000))
    low, high = proportion_interval(x.sum(), 4000)
    np.testing.assert_allclose([share.low, share.high], [low, high], atol=1e-4)


def test_units_alike_and_a_single_unit() -> None:
    alike = found([3, 2], [3, 2])
    assert alike.std_error == 0
    assert alike.n_eff == 2
    assert alike.low < 0.5
    assert alike.high == 1
    single = found([3], [4])
    assert np.isnan(single.std_error)
    assert (single.share, single.low, single.high) == (0.75, 0, 1)
    assert np.isnan(found([0], [0]).low)


def test_a_level_is_checked() -> None:
    with pytest.raises(CemkitError, match="level must lie between 0 and 1"):
        found([1], [2], level=95)
