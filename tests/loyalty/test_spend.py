"""Gamma-Gamma on CDNOW, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit import loyalty
from cemkit.errors import CemkitError


def of(frequency, spend) -> loyalty.PurchaseHistory:
    x = np.asarray(frequency, dtype=float)
    frame = pd.DataFrame({"frequency": x, "recency": x / 10, "age": 40.0, "paid": spend})
    return loyalty.PurchaseHistory.from_summary(frame, spend="paid")


def test_cdnow(cdnow_history) -> None:
    found = loyalty.fit_spend(cdnow_history)
    # Fader and Hardie (2013): 946 customers; p 6.25, q 3.74, v 15.44
    assert list(found.params.values()) == pytest.approx([6.2496, 3.7442, 15.4435], rel=2e-4)
    assert found.log_likelihood == pytest.approx(-4055.9177, abs=0.01)
    assert found.status == "converged"
    assert found.to_frame()["n"].iloc[0] == 946
    p, q, v = found.params.values()
    assert found.mean == pytest.approx(p * v / (q - 1))
    assert found.independence["n"].item() == 946
    per_customer = found.expected_spend(level=0.95)
    table = per_customer.to_frame()
    assert len(table) == 2357
    assert ((table["low"] < table["estimate"]) & (table["estimate"] < table["high"])).all()
    nobody = (cdnow_history.to_frame()["frequency"] == 0).to_numpy()
    assert table["estimate"].to_numpy()[nobody] == pytest.approx(found.mean)
    assert loyalty.SpendFit.from_json(found.to_json()) == found


def test_spend_that_goes_with_frequency_is_named() -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(1, 10, 300)
    found = loyalty.fit_spend(of(x, x * rng.uniform(5, 15, 300)))
    assert "spend-depends-on-frequency" in {note.code for note in found.assumptions}


def test_too_little_is_a_status() -> None:
    for history in (of([0, 0, 0], [0.0, 0.0, 0.0]), of([1, 0], [3.0, 0.0])):
        found = loyalty.fit_spend(history)
        assert found.status == "unidentified"
        with pytest.raises(CemkitError, match="no parameters to predict with"):
            found.expected_spend()


def test_what_is_refused(cdnow_history) -> None:
    with pytest.raises(CemkitError, match="positive mean spend of every customer"):
        loyalty.fit_spend(of([1, 2, 3, 4], [5.0, -1.0, 3.0, 2.0]))
    bare = loyalty.PurchaseHistory.from_summary(cdnow_history.to_frame().drop(columns="spend"))
    with pytest.raises(CemkitError, match="has no spend"):
        loyalty.fit_spend(bare)
    with pytest.raises(CemkitError, match="has no spend"):
        loyalty.fit_spend(cdnow_history).expected_spend(history=bare)
