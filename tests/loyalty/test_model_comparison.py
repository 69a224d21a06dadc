"""Models on CDNOW's held-out 39 weeks, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from cemkit import loyalty
from cemkit.errors import CemkitError


@pytest.fixture(scope="module")
def found(log) -> loyalty.ModelComparison:
    return loyalty.compare_models(log, split="1997-09-30")


def test_errors_of_the_held_out_weeks(found) -> None:
    table = found.to_frame().set_index("model")
    # mean absolute error per customer, computed with the peers' parameters
    expected = {"nbd": 1.0410, "bg/nbd": 0.7855, "mbg/nbd": 0.7648, "pareto/nbd": 0.7545}
    for model, error in expected.items():
        assert table.loc[model, "mean_absolute_error"] == pytest.approx(error, abs=2e-4)
    assert found.length == pytest.approx(39)
    assert table.loc["same-rate", "status"] == "baseline"
    assert ((table["low"] < table["mean_absolute_error"]) & (table["mean_absolute_error"] < table["high"])).all()
    assert table["actual"].nunique() == 1


def test_tracking_and_calibration_add_up(found, cdnow_history) -> None:
    table = found.to_frame().set_index("model")
    last = found.tracking.groupby("model")["actual"].last()
    repeat = cdnow_history.to_frame()["frequency"].sum()
    assert (last == repeat + table["actual"].iloc[0]).all()
    assert (found.tracking.groupby("model")["predicted"].apply(lambda x: np.diff(x).min()) >= 0).all()
    deciles = found.calibration
    sums = (deciles["n"] * deciles["predicted"]).groupby(deciles["model"]).sum()
    assert sums.to_dict() == pytest.approx(table["predicted"].to_dict())
    assert loyalty.ModelComparison.from_json(found.to_json()) == found


def test_what_is_refused(log) -> None:
    with pytest.raises(CemkitError, match="nothing follows split='1998-06-30'"):
        loyalty.compare_models(log, split="1998-06-30")
    with pytest.raises(CemkitError, match="counts opportunities"):
        loyalty.compare_models(log, split="1997-09-30", models=["bg/bb"])
