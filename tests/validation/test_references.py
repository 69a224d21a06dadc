"""Every value of others that the validation page shows."""

from __future__ import annotations

import pytest
from validation.reference import Reference
from validation.references import MODULES

EVERY = [reference for references in MODULES.values() for reference in references]


@pytest.mark.parametrize("reference", EVERY, ids=[f"{r.estimator} - {r.what}" for r in EVERY])
def test_reference(reference: Reference) -> None:
    ours = reference.ours()
    assert reference.holds(ours), f"{reference.source} gives {reference.value!r}, we give {ours!r}"


def test_no_row_stands_twice() -> None:
    keys = [(r.estimator, r.what, r.source) for r in EVERY]
    assert len(keys) == len(set(keys))
