"""Days with a fraction: hand arithmetic on every engine."""

from __future__ import annotations

import datetime as dt

import numpy as np

from cemkit.tables.binding import bind
from cemkit.tables.fractional_days import fractional_days, zone_of


def test_times_are_days_with_a_fraction_on_every_engine(engine):
    moments = [dt.datetime(1970, 1, 2, 6), dt.datetime(1969, 12, 31, 12), None, dt.datetime(2024, 2, 29, 0, 0, 0, 1)]
    bound = bind(engine({"at": moments, "id": [0, 1, 2, 3], "again": [dt.datetime(1970, 1, 1)] * 4}))
    days, others = fractional_days(bound, ["at", "again"], others=["id"])
    order = np.argsort(others["id"])
    assert zone_of(bound, "at") is None
    assert days["again"].tolist() == [0.0] * 4
    # 2024-02-29 is day 19,782; 1 µs is 1/86,400,000,000 of a day
    np.testing.assert_array_equal(days["at"][order], [1.25, -0.5, np.nan, 19782 + 1 / 86_400_000_000])
