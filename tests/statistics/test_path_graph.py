"""What a path model must be, and its effects."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics.path_graph import check_model, path_effects

CONSTRUCTS = {"image": ["i1", "i2"], "quality": ["q1"], "satisfaction": ["s1", "s2"]}
PATHS = [("quality", "satisfaction"), ("image", "quality"), ("image", "satisfaction")]


def test_a_good_model_is_ordered() -> None:
    assert check_model(CONSTRUCTS, PATHS, modes={"image": "B"}) == ("image", "quality", "satisfaction")
    assert check_model({"b": ["y"], "a": ["x"]}, [("a", "b")]) == ("a", "b")


@pytest.mark.parametrize(
    ("constructs", "paths", "modes", "match"),
    [
        ({**CONSTRUCTS, "quality": ["i2"]}, PATHS, None, "'i2' is in the constructs 'image' and 'quality'"),
        ({**CONSTRUCTS, "quality": ["q1", "q1"]}, PATHS, None, "'q1' is twice in construct 'quality'"),
        ({**CONSTRUCTS, "quality": []}, PATHS, None, "at least one item"),
        ({**CONSTRUCTS, "quality": "q1"}, PATHS, None, "needs a list"),
        (CONSTRUCTS, [*PATHS, ("imge", "quality")], None, "Did you mean 'image'"),
        (CONSTRUCTS, [*PATHS, ("image", "image")], None, "back to its start"),
        (CONSTRUCTS, [*PATHS, PATHS[0]], None, "occurs twice"),
        (CONSTRUCTS, PATHS[:1], None, "no path touches 'image'"),
        (CONSTRUCTS, [*PATHS, ("satisfaction", "image")], None, "cycle, .*'image'"),
        (CONSTRUCTS, PATHS, {"image": "C"}, "must be 'A' or 'B'"),
        (CONSTRUCTS, PATHS, {"imagery": "A"}, "Did you mean 'image'"),
    ],
)
def test_a_bad_model_is_named(constructs: dict, paths: list, modes: dict | None, match: str) -> None:
    with pytest.raises(CemkitError, match=match):
        check_model(constructs, paths, modes=modes)


def test_the_cycle_is_told_along_its_arrows() -> None:
    constructs = {name: [name + "1"] for name in "abcd"}
    with pytest.raises(CemkitError) as caught:
        check_model(constructs, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")])
    told = str(caught.value).split("cycle, ")[1].split(":")[0].replace("'", "").split(" → ")
    assert told[0] == told[-1]
    assert all(pair in {("b", "c"), ("c", "d"), ("d", "b")} for pair in pairwise(told))
    assert len(told) == 4


def test_effects_run_along_all_paths() -> None:
    paths = np.zeros((4, 4))
    paths[0, 1], paths[1, 2], paths[0, 2], paths[2, 3] = 0.5, 0.4, 0.3, 0.2
    found = path_effects(paths)
    expected = np.zeros((4, 4))
    expected[0, 2], expected[0, 3], expected[1, 3] = 0.2, 0.1, 0.08  # .5·.4; (.3 + .5·.4)·.2; .4·.2
    np.testing.assert_allclose(found.indirect, expected, atol=1e-15)
    np.testing.assert_allclose(found.total, np.linalg.inv(np.eye(4) - paths) - np.eye(4), atol=1e-15)
    np.testing.assert_array_equal(path_effects(np.stack([paths, paths])).total[1], found.total)
