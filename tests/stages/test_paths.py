"""Paths against another program, laws, engines and bad input."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st
from stages_flow_data import helpdesk, random_experiences

from cemkit.errors import CemkitError, ColumnError
from cemkit.results import Result
from cemkit.stages import paths
from cemkit.statistics.proportions import proportion_interval

STATE = {"state": "touchpoint_id"}


def test_variants_of_the_help_desk(shared_data) -> None:
    # pm4py 2.7.23.11, log sorted by case, time and activity: get_variants
    found = paths(helpdesk(shared_data), collapse=False, top=4, **STATE)
    start, middle, end = "Assign seriousness > ", "Take in charge ticket > ", "Resolve ticket > Closed"
    assert found.table["path"].tolist() == [
        start + middle + end,
        start + middle + "Wait > " + end,
        start + middle + "Wait > " + middle + end,
        start + start + middle + end,
    ]
    assert found.table["customers"].tolist() == [2366, 552, 228, 213]
    assert (found.different, found.table["n"].iloc[0]) == (226, 4580)
    low, high = proportion_interval(found.table["customers"], 4580)
    np.testing.assert_allclose(found.table[["low", "high"]], np.column_stack([low, high]))


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.booleans())
def test_laws(seed: int, collapse: bool) -> None:
    log = random_experiences(seed)
    found = paths(log, collapse=collapse, **STATE)
    assert found.table["customers"].sum() == log["customer_id"].nunique()
    assert found.table["cumulative_share"].iloc[-1] == pytest.approx(1)
    assert (np.diff(found.table["customers"]) <= 0).all()
    if not collapse:
        assert (found.table["length"] * found.table["customers"]).sum() == len(log)
    assert paths(log.sample(frac=1, random_state=seed), collapse=collapse, **STATE) == found


def test_every_engine_says_the_same(local_engine: Engine) -> None:
    log = random_experiences(3, customers=40)
    assert paths(local_engine(log), top=7, **STATE) == paths(log, top=7, **STATE)


def test_shapes_copies_and_pictures() -> None:
    found = paths(random_experiences(2), top=3, **STATE)
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == Result.from_json(found.to_json()) == found
    assert found.plot().to_dict()


def test_bad_input_is_one_clear_sentence(local_engine: Engine) -> None:
    data = local_engine(random_experiences(1))
    with pytest.raises(ColumnError, match="state='stage': the table has no such column"):
        paths(data)
    with pytest.raises(CemkitError, match="top must be a whole number from 1 to 10,000, got 0"):
        paths(data, top=0, **STATE)
    with pytest.raises(CemkitError, match="no experience can be used: check the file"):
        paths(local_engine(pd.DataFrame(random_experiences(1)).iloc[:0]), **STATE)
