"""The section of the journey, in both languages, on the simulated study and on the help desk."""

from __future__ import annotations

import pandas as pd
import pytest
from stages_flow_data import helpdesk, random_experiences

from cemkit.report.context import Context
from cemkit.report.sections.journey import build
from cemkit.report.texts import texts_for
from cemkit.stages import transitions
from cemkit.tables import ExperienceStore


def section(store, language="en", level=0.95):
    return build(Context(store, (), None, "", (), level, texts_for(language)))


@pytest.mark.parametrize(("language", "stage"), [("en", "Discover"), ("ko", "탐색")])
def test_the_stages_of_the_map_come_in_order_with_their_n(simulated, language: str, stage: str) -> None:
    found = section(simulated, language)
    stays, moves, taken = (block.tables[0] for block in found.blocks)
    assert stays.rows[0].cells[0] == stage
    assert len(stays.rows) == len(simulated.journey_map.stages)
    customers = simulated.experiences.merge(
        pd.DataFrame(
            [(p.touchpoint_id, p.stage) for p in simulated.journey_map.touchpoints], columns=["touchpoint_id", "stage"]
        )
    )
    n = customers[customers["stage"] == "discover"]["customer_id"].nunique()
    assert stays.rows[0].cells[1] == f"{n:,}"
    assert f"{stage} (n {n:,})" in found.blocks[0].picture.wide
    assert moves.rows
    assert taken.rows
    assert "stages.transitions" in found.calls[1].code


def test_the_help_desk_has_touchpoints(shared_data) -> None:
    store = ExperienceStore(experiences=helpdesk(shared_data))
    found = section(store)
    # 4,558 of the 4,973 transitions from Resolve ticket; see tests/stages/test_transitions.py
    assert "after “Resolve ticket”, 91.7% of the next observed experiences" in found.sentence
    assert found.blocks[1].tables[0].rows[0].cells[:4] == ("Resolve ticket", "Closed", "4,558", "91.7%")
    assert "16,768" in found.blocks[1].sentence
    # hand count of the variants with repeats counted once
    assert found.blocks[2].tables[0].rows[0].cells[1] == "2,770"


def test_its_numbers_are_those_of_its_calls() -> None:
    store = ExperienceStore(experiences=random_experiences(3).dropna(subset="customer_id"))
    found = section(store, level=0.9)
    expected = transitions(store.experiences, level=0.9).table.sort_values("count", ascending=False, kind="stable")
    shown = [row.cells[2] for row in found.blocks[1].tables[0].rows]
    assert shown == [f"{n:,}" for n in expected["count"].head(len(shown))]
    assert "level=0.9" in found.calls[0].code


def test_nothing_to_follow_is_no_section(plain) -> None:
    assert section(plain) is None
    once = random_experiences(1).drop_duplicates("customer_id")
    assert section(ExperienceStore(experiences=once)) is None
    assert section(ExperienceStore(experiences=once.drop(columns="occurred_at"))) is None
