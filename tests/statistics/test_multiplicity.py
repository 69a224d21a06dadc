"""Adjusted p-values against statsmodels, with nan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.statistics.multiplicity import Adjustment, adjust


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.sampled_from([("holm", "holm"), ("bh", "fdr_bh"), ("by", "fdr_by")]),
)
def test_statsmodels_agrees(p_values: list[float], methods: tuple[Adjustment, str]) -> None:
    from statsmodels.stats.multitest import multipletests

    ours, peer = methods
    np.testing.assert_allclose(adjust(p_values, method=ours), multipletests(p_values, method=peer)[1], atol=1e-15)


def test_holm_by_hand() -> None:
    # sorted .01, .02, .03 times 3, 2, 1: .03, .04, .03 -> .04
    np.testing.assert_allclose(adjust([0.03, 0.01, 0.02]), [0.04, 0.03, 0.04])


@pytest.mark.parametrize("method", ["holm", "bh", "by", "none"])
def test_nan_stays_and_does_not_count(method: Adjustment) -> None:
    full = adjust([0.03, 0.01, 0.02], method=method)
    np.testing.assert_allclose(adjust([[0.03, np.nan], [0.01, 0.02]], method=method), [[full[0], np.nan], full[1:]])
    assert adjust([], method=method).size == 0
    assert np.isnan(adjust([np.nan], method=method)).all()


def test_unknown_method_is_one_clear_error() -> None:
    with pytest.raises(CemkitError, match="'holm', 'bh', 'by', 'none'"):
        adjust([0.1], method="bonferroni")  # type: ignore[arg-type]
