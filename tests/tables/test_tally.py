"""Rating tallies against counting row by row, and the laws of adding them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.scales import NPS_SCALE, Scale
from cemkit.tables import Bound, RatingTally, bind, rating_tally

POINT = {math.inf: oracles.INVALID}


def as_dict(tally: RatingTally, keys: tuple[str, ...]) -> dict[Any, np.ndarray]:
    found: dict[Any, np.ndarray] = {}
    points = [oracles.MISSING if v != v else POINT.get(v, v) for v in tally.value.tolist()]
    sums = np.column_stack([tally.n, tally.w, tally.w2])
    for key, point, row in zip(oracles.keys_found(tally.keys, keys, len(tally)), points, sums, strict=True):
        found[key, point] = found.get((key, point), 0) + row
    return found


def assert_same(found: dict[Any, np.ndarray], expected: dict[Any, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for cell, sums in expected.items():
        np.testing.assert_allclose(found[cell], sums, rtol=1e-12, err_msg=str(cell))


@pytest.mark.parametrize("key", oracles.KEYS)
def test_every_kind_of_key(bound: Bound, key: str) -> None:
    found = rating_tally(bound, keys=[key], value="score", scale=oracles.CODED)
    assert_same(as_dict(found, (key,)), oracles.tally(oracles.survey(), [key], "score", oracles.CODED, None))


@pytest.mark.parametrize(("value", "scale"), oracles.SCORES)
def test_every_kind_of_score(bound: Bound, value: str, scale: Scale) -> None:
    found = rating_tally(bound, keys=["key_text"], value=value, scale=scale, weights="weight")
    expected = oracles.tally(oracles.survey(), ["key_text"], value, scale, "weight")
    assert_same(as_dict(found, ("key_text",)), expected)


@pytest.mark.parametrize("keys", [(), ("key_text", "key_float", "key_bool"), ("key_int", "key_whole")])
def test_no_key_and_several(bound: Bound, keys: tuple[str, ...]) -> None:
    found = rating_tally(bound, keys=keys, value="score", scale=oracles.CODED, weights="weight_int")
    assert_same(as_dict(found, keys), oracles.tally(oracles.survey(), keys, "score", oracles.CODED, "weight_int"))


def test_values_outside_share_one_cell_per_key(bound: Bound) -> None:
    tally = rating_tally(bound, keys=[], value="score_small", scale=oracles.CODED)
    assert np.isinf(tally.value).sum() == 1


def test_keys_far_apart_are_no_more_cells_than_occur() -> None:
    import pandas as pd

    keys = np.zeros(300_000, dtype=np.int64)
    keys[:2] = 450_000, 900_000
    frame = pd.DataFrame({"score": 10, "key": keys})
    tally = rating_tally(bind(frame), keys=["key"], value="score", scale=NPS_SCALE)
    assert sorted(tally.keys["key"]) == [0, 450_000, 900_000]


def test_too_many_cells_are_an_error() -> None:
    import pandas as pd

    frame = pd.DataFrame({"score": 10, "key": np.arange(400_000)})
    with pytest.raises(CemkitError, match=r"400,000 groups of 'key' times 13 scale points .* coarser"):
        rating_tally(bind(frame), keys=["key"], value="score", scale=NPS_SCALE)


ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "a", "b"]), st.sampled_from([None, math.nan, 0.0, 6.0, 9.0, 42.0]), st.integers(1, 8)
    ),
    max_size=25,
)


def tallied(rows: list[tuple[Any, ...]]) -> RatingTally:
    import pandas as pd

    columns = {"key": [r[0] for r in rows], "score": [r[1] for r in rows], "weight": [r[2] / 4 for r in rows]}
    frame = pd.DataFrame(columns).astype({"key": object, "score": float, "weight": float})
    # One good row of its own group, so that no table is empty.
    frame = pd.concat([frame, pd.DataFrame({"key": ["z"], "score": [5.0], "weight": [1.0]})], ignore_index=True)
    return rating_tally(bind(frame), keys=["key"], value="score", scale=NPS_SCALE, weights="weight")


@given(ROWS, ROWS, ROWS)
def test_adding_is_commutative_and_associative(one: list[Any], two: list[Any], three: list[Any]) -> None:
    a, b, c = map(tallied, (one, two, three))
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


@given(ROWS, ROWS)
def test_the_parts_add_up_to_the_whole(one: list[Any], two: list[Any]) -> None:
    assert tallied(one) + tallied(two) == tallied([*one, *two, ("z", 5.0, 4)])


@given(st.randoms(), ROWS)
def test_the_order_of_rows_does_not_matter(random: Any, rows: list[Any]) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    assert tallied(mixed) == tallied(rows)


def test_tallies_by_other_keys_do_not_add() -> None:
    import pandas as pd

    bound = bind(pd.DataFrame({"score": [1, 2], "a": ["x", "y"]}))
    by_a, plain = (rating_tally(bound, keys=keys, value="score", scale=NPS_SCALE) for keys in (["a"], []))
    with pytest.raises(CemkitError, match=r"tallies by \['a'\] and by \[\] cannot be added"):
        by_a + plain
