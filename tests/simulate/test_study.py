from __future__ import annotations

import pytest

from cemkit.errors import CemkitError

pytest.importorskip("cemkit.tables.store")

from cemkit.simulate import Truth, telecom


def test_the_store_keeps_its_contracts():
    store, truth = telecom(customers=400, months=6, seed=3)
    assert isinstance(truth, Truth)
    assert store.tables == ("customers", "experiences", "responses", "transactions", "answers")
    check = store.check()
    assert check.ok, str(check)
    assert len(store.journey_map.touchpoints) == 12
    assert store.design.weights == "weight"
    assert store.design.strata == "stratum"


def test_a_bad_argument_is_one_clear_sentence():
    with pytest.raises(CemkitError, match=r"customers must be a whole number, got 1\.5"):
        telecom(customers=1.5)


def test_the_package_has_nothing_else():
    import cemkit.simulate

    with pytest.raises(AttributeError, match="retail"):
        _ = cemkit.simulate.retail
