from __future__ import annotations

import math

from cemkit.report.reading import count, p_value, percent, reading_of, signed
from cemkit.report.texts import texts_for
from cemkit.scores import ces, csat, nps

ENGLISH, KOREAN = texts_for("en"), texts_for("ko")


def test_nets_are_points_shares_are_percent_means_are_on_their_scale():
    assert reading_of(nps, ENGLISH).full(39.8398) == "39.8 points"
    assert reading_of(csat, ENGLISH).full(82.0685) == "82.1%"
    assert reading_of(ces, ENGLISH).full(5.2161) == "5.22"


def test_differences_are_points_and_percentage_points():
    assert reading_of(nps, KOREAN).full_difference(-3.14) == "−3.1점"
    assert reading_of(csat, KOREAN).full_difference(0.91) == "+0.9%p"
    assert reading_of(csat, ENGLISH).full_difference(0.91) == "+0.9 percentage points"


def test_intervals_name_their_unit_once():
    assert reading_of(csat, ENGLISH).interval(80.6, 83.9) == "80.6 to 83.9%"
    assert reading_of(nps, KOREAN).full_interval(-1.0, 2.0) == "−1.0 ~ 2.0점"


def test_what_is_not_known_is_a_dash_and_zero_has_no_sign():
    assert reading_of(nps, ENGLISH).value(math.nan) == "–"
    assert count(None) == "–"
    assert signed(-0.0001, 1) == "0.0"
    assert percent(0.41) == "41.0%"


def test_small_p_values_are_bounded():
    assert p_value(0.00001) == "<0.001"
    assert p_value(0.0421) == "0.042"
