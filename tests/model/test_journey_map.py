"""The company's map: stages in order, touchpoints on known stages, nothing twice."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from cemkit.errors import CemkitError
from cemkit.model import DEFAULT_STAGES, TELECOM_STAGES, JourneyMap, Stage, Touchpoint

SHOP = Touchpoint(touchpoint_id="shop", name="Shop visit", stage="visit")
BILL = Touchpoint(touchpoint_id="bill", name="Bill", stage="care")


def test_ready_stages() -> None:
    assert [s.name for s in DEFAULT_STAGES] == ["discover", "visit", "purchase", "use", "care"]
    assert [s.name for s in TELECOM_STAGES] == [
        "discover",
        "consult",
        "activate",
        "use",
        "bill",
        "support",
        "renew",
        "cancel",
    ]
    for stages in (DEFAULT_STAGES, TELECOM_STAGES):
        assert [s.order for s in stages] == list(range(1, len(stages) + 1))


def test_stages_are_sorted_and_found() -> None:
    stages = [Stage(name="care", order=30), Stage(name="visit", order=10)]
    found = JourneyMap(name="m", stages=stages, touchpoints=[SHOP, BILL])
    assert [s.name for s in found.stages] == ["visit", "care"]
    assert found.stage_of("bill").order == 30
    assert found.touchpoint("shop") == SHOP
    assert JourneyMap.model_validate_json(found.model_dump_json()) == found
    assert JourneyMap(name="m").stages == DEFAULT_STAGES


def test_an_unknown_touchpoint_is_one_clear_error() -> None:
    found = JourneyMap(name="m", touchpoints=[SHOP, BILL])
    with pytest.raises(CemkitError, match=r"'m' has no touchpoint 'shopp' among its 2\. Did you mean 'shop'\?"):
        found.touchpoint("shopp")
    with pytest.raises(CemkitError, match="no touchpoint"):
        JourneyMap(name="empty").stage_of("x")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"touchpoints": [SHOP, SHOP]}, "touchpoint_id shop appears more than once"),
        ({"stages": [Stage(name="use", order=1), Stage(name="use", order=2)]}, "stage use appears more than once"),
        ({"stages": [Stage(name="a", order=1), Stage(name="b", order=1)]}, "stage order 1 appears more than once"),
        (
            {"touchpoints": [SHOP, Touchpoint(touchpoint_id="x", name="X", stage="fly")]},
            "1 touchpoint.s. name a stage that is not on the map, first 'x' with 'fly'",
        ),
        ({"stages": [], "touchpoints": [SHOP]}, "not on the map"),
    ],
)
def test_inconsistent_maps_are_one_clear_error(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        JourneyMap(name="m", **arguments)  # type: ignore[arg-type]
