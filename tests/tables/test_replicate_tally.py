"""Replicate weights per scale point against one tally per replicate."""

from __future__ import annotations

from typing import Any

import numpy as np
import oracles
import pytest

from cemkit.scales import Scale
from cemkit.tables import Bound
from cemkit.tables.replicate_tally import replicate_tally

NAMES = ("replicate_0", "replicate_1", "replicate_2")


@pytest.mark.parametrize(
    ("keys", "value", "scale"), [((), "score", oracles.CODED), (("key_float", "key_bool"), "score_int", oracles.CODED)]
)
def test_against_a_tally_each(bound: Bound, keys: tuple[str, ...], value: str, scale: Scale) -> None:
    found = replicate_tally(bound, keys=keys, value=value, scale=scale, replicates=NAMES)
    sums: dict[Any, np.ndarray] = {}
    for key, point, w in zip(
        oracles.keys_found(found.keys, keys, len(found.value)), found.value.tolist(), found.w, strict=True
    ):
        name = key, oracles.MISSING if point != point else oracles.INVALID if np.isinf(point) else point
        sums[name] = sums.get(name, 0) + w
    for r, replicate in enumerate(NAMES):
        expected = oracles.tally(oracles.survey(), keys, value, scale, replicate)
        assert sums.keys() == expected.keys()
        for name, (_, w, _) in expected.items():
            np.testing.assert_allclose(sums[name][r], w, rtol=1e-12)
