"""The section on the wide survey: the numbers of its calls, in both languages, whole where parts are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cemkit as cem
from cemkit import csi
from cemkit.report import wide
from cemkit.report.context import Context
from cemkit.report.section import Section
from cemkit.report.sections import satisfaction
from cemkit.report.texts import texts_for
from cemkit.report.write import compose
from cemkit.tables import ExperienceStore, WideSurvey, load

pytest.importorskip("vl_convert")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "_RESAMPLES", 40)


def section_of(store: ExperienceStore, language: str = "en") -> Section:
    section = satisfaction.build(Context(load(store), (), None, "", (), 0.95, texts_for(language)))
    assert section is not None
    return section


def survey_store(rows: int = 90, *, gaps: bool = True, **more: Any) -> ExperienceStore:
    rng = np.random.default_rng(2)
    base = rng.normal(6, 1, (rows, 1))
    values = np.clip(np.rint(base + rng.normal(0, 1.2, (rows, 4))), 1, 10)
    frame = pd.DataFrame(values, columns=["e1", "e2", "p1", "p2"])
    frame["overall"] = 2 * frame["p1"] + frame["p2"] + rng.normal(0, 2, rows)
    frame["score"] = 7.0
    expected = ["e1", "e2"] if gaps else []
    given = {"expected": expected, "names": ["<b>speed</b>", "staff"], "outcome": "overall", "scale": cem.Scale(1, 10)}
    survey = WideSurvey(perceived=["p1", "p2"], **{**given, **more})
    return ExperienceStore(responses=frame[["score"]], answers=frame, survey=survey)


def test_airline(shared_data: Path) -> None:
    store = cem.open_store(shared_data / "oddjob_airlinesat", EXAMPLES / "oddjob.toml")
    english = section_of(store)
    # references/csi.md: the overall gap is -21.19948
    assert "by −21.2 points (95% interval −22.2 to −20.2, n 1,065)" in english.sentence
    gaps, drivers, chart = english.blocks
    assert len(gaps.tables[0].rows) == len(drivers.tables[0].rows) == len(chart.tables[0].rows) == 23
    assert "74.5%" in drivers.tables[0].note  # 793 complete rows of 1,065
    assert all(block.picture is not None for block in english.blocks)


def test_in_korean() -> None:
    section = section_of(survey_store(), "ko")
    assert section.title == "기대와 만족"
    assert section.sentence.startswith("전체 2개 항목의 기대–지각 격차: +")
    assert "신뢰구간" in section.sentence
    assert [block.title for block in section.blocks] == ["기대–지각 격차", "만족 요인: 전반적 만족도", "중요도와 성과"]


def test_airport_has_drivers_alone(shared_data: Path) -> None:
    store = cem.open_store(shared_data / "sfo_2017", EXAMPLES / "sfo_2017.toml")
    section = section_of(store)
    assert [block.title for block in section.blocks] == [
        "What goes with: Satisfaction with the airport as a whole",
        "Importance and performance",
    ]
    assert "design=store.design" in section.calls[0].code


def test_the_numbers_are_those_of_the_calls_shown() -> None:
    store = survey_store()
    section = section_of(store)
    for call in section.calls:
        scope: dict[str, Any] = {"store": store, "cem": cem}
        *setup, last = call.code.splitlines()
        exec("\n".join(setup), scope)
        result = eval(last, scope)
        assert result.assumptions == call.assumptions
    table = csi.gap(store.answers, expected=["e1", "e2"], perceived=["p1", "p2"], scale=cem.Scale(1, 10)).to_frame()
    shown = section.blocks[0].tables[0].rows[0].cells
    assert shown[3] == f"{table['estimate'][0]:+.2f}".replace("-", "−")
    assert shown[7] == "90"


def test_what_is_refused_is_told_and_the_rest_is_shown() -> None:
    store = survey_store()
    frame = store.answers.copy()
    frame.loc[: len(frame) // 2, "overall"] = np.nan
    section = section_of(ExperienceStore(answers=frame, survey=store.survey))
    assert [block.picture is not None for block in section.blocks] == [True, False, False]
    assert "answer all 3 columns" in section.blocks[1].sentence


def test_parts_need_their_columns() -> None:
    assert len(section_of(survey_store(gaps=False)).blocks) == 2
    assert len(section_of(survey_store(outcome=None)).blocks) == 1
    assert len(section_of(survey_store(scale=None)).blocks) == 2
    stated = section_of(survey_store(gaps=False, importance=["e1", "e2"], outcome=None))
    assert [block.title for block in stated.blocks] == ["Importance and performance"]
    assert stated.blocks[0].tables[0].columns[1].heading == "Importance (stated)"
    left_out = dict(compose(ExperienceStore(answers=survey_store().answers)).left_out)
    assert "[answers.survey]" in left_out["Expectation and satisfaction"]


def test_the_last_wave_is_shown() -> None:
    store = survey_store()
    frame = store.answers.assign(wave=np.repeat(["2024", "2025"], 45))
    section = section_of(ExperienceStore(answers=frame, survey=store.survey))
    assert section.blocks[0].title == "What was expected and what was perceived in wave 2025"
    assert section.blocks[0].tables[0].rows[0].cells[7] == "45"
    assert "keep(rows, column=\"wave\", values=['2025'])" in section.calls[0].code


def test_a_gap_where_low_is_good() -> None:
    effort = cem.Scale(1, 10, direction="lower-is-better")
    store = survey_store(scale=effort)
    frame = store.answers.assign(p1=lambda d: np.clip(d["e1"] + 2, 1, 10), p2=lambda d: np.clip(d["e2"] - 2, 1, 10))
    section = section_of(ExperienceStore(answers=frame, survey=store.survey))
    assert "falls short the most is <b>speed</b>" in section.blocks[0].sentence


def test_markup_in_names_is_escaped() -> None:
    page = compose(survey_store()).to_html()
    assert "<b>speed" not in page
    assert "&lt;b&gt;speed" in page
