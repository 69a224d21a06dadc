"""The checks that the statistics share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.statistics._arguments import check_method, is_one_of


@pytest.mark.parametrize(
    "value", [None, 3, [], ["a"], {"a": 1}, pd.NA, pd.DataFrame(), np.array([1, 2]), b"a", object()]
)
def test_what_is_no_choice(value: Any) -> None:
    assert not is_one_of(value, ("a", "b"))
    assert not is_one_of(value, {"a": 1})
    with pytest.raises(CemkitError, match="is not one of 'a', 'b'"):
        check_method(value, ("a", "b"))


def test_choices() -> None:
    assert is_one_of("a", ("a", "b"))
    assert is_one_of("a", iter("ab"))
    assert not is_one_of("ab", ("a", "b"))
