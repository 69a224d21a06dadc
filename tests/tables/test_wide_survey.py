"""What the wide survey's columns are: said in the mapping or in memory, checked, kept, and written back."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cemkit as cem
from cemkit.errors import CemkitError, ColumnError
from cemkit.simulate import telecom
from cemkit.tables import ExperienceStore, WideSurvey, load, save_store

SAID: dict[str, Any] = {
    "perceived": ["p1", "p2"],
    "expected": ["e1", "e2"],
    "names": ["speed", "staff"],
    "dimensions": {"people": ["staff"]},
    "outcome": "overall",
    "scale": {"low": 1, "high": 7, "missing_codes": [9]},
}
ANSWERS = "customer_id,e1,e2,p1,p2,overall,other\na,7,6,5,9,70,9\nb,6,6,9,4,9,9\n"


def folder(place: Path) -> Path:
    (place / "survey.csv").write_text(ANSWERS)
    return place


@pytest.mark.parametrize("engine", ["pandas", "polars", "duckdb"])
def test_the_mapping_says_what_the_columns_are(tmp_path: Path, engine: str) -> None:
    pytest.importorskip(engine)
    store = cem.open_store(folder(tmp_path), {"answers": {"file": "survey.csv", "survey": SAID}}, engine=engine)
    assert store.survey == WideSurvey(**{**SAID, "scale": cem.Scale(1, 7, missing_codes=(9,))})
    answers = load(store).answers
    frame = answers if isinstance(answers, pd.DataFrame) else answers.to_pandas()
    # codes of the items are null; the outcome's 9 and that of other columns are answers
    assert frame["p2"].isna().tolist() == [True, False]
    assert frame["p1"].isna().tolist() == [False, True]
    assert frame["overall"].tolist() == [70.0, 9.0]
    assert frame["other"].tolist() == [9, 9]
    assert load(store).survey == store.survey


def test_it_comes_back_from_what_was_saved(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    first, _ = telecom(customers=60, months=3)
    again = cem.open_store(save_store(first, tmp_path))
    assert again.survey == first.survey
    assert again.survey is not None
    assert again.survey.dimensions["rational"] == ("price", "network", "billing")


def test_of_telecom() -> None:
    store, truth = telecom(customers=60, months=3)
    survey = store.survey
    assert survey is not None
    assert list(survey.perceived) == truth.drivers["item"].tolist()
    assert survey.label("perceived_staff") == "staff"
    assert pickle.loads(pickle.dumps(survey)) == survey
    assert len({survey, pickle.loads(pickle.dumps(survey))}) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"perceived": []}, "at least one column"),
        ({"expected": ["e1"]}, "expected and perceived of the wide survey must match one to one: 1 against 2"),
        ({"names": ["speed"]}, "names and perceived of the wide survey must match"),
        ({"names": ["speed", "speed"]}, "two items of the wide survey have the name 'speed'"),
        ({"outcome": "p1"}, "names the column 'p1' twice"),
        ({"expected": ["e1", "e1"]}, "names the column 'e1' twice"),
        ({"dimensions": {"people": ["stuff"]}}, "unknown item 'stuff'. Did you mean 'staff'"),
        ({"dimensions": {"a": ["staff"], "b": ["staff"]}}, "in the dimensions 'a' and 'b'"),
        ({"dimensions": ["staff"]}, "dimensions must be a section"),
        ({"perceived": "p1"}, "must be a list of names"),
        ({"outcome": 3}, "must be a text in quotes"),
        ({"scale": "nothing"}, "no scale is called 'nothing'"),
        ({"percieved": ["p1"]}, "unknown key 'percieved'. Did you mean 'perceived'"),
        ({"perceived": ["p1", "p3"]}, "the wide survey names the column 'p3', which answers does not have"),
    ],
)  # fmt: skip
def test_a_wrong_section_is_one_clear_sentence(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    mapping = {"answers": {"file": "survey.csv", "survey": {**SAID, **change}}}
    with pytest.raises(CemkitError) as caught:
        cem.open_store(folder(tmp_path), mapping, engine="pandas")
    assert said in str(caught.value)
    assert "answers" in str(caught.value)


def test_only_answers_has_a_survey(tmp_path: Path) -> None:
    with pytest.raises(CemkitError, match=r"write it as \[answers.survey\]"):
        cem.open_store(folder(tmp_path), {"responses": {"file": "survey.csv", "survey": SAID}}, engine="pandas")
    with pytest.raises(CemkitError, match="needs perceived"):
        cem.open_store(folder(tmp_path), {"answers": {"file": "survey.csv", "survey": {}}}, engine="pandas")


def test_words_among_the_items_are_told(tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("p1\n5\ngood\n")
    with pytest.raises(ColumnError, match="'good'"):
        cem.open_store(tmp_path, {"answers": {"file": "survey.csv", "survey": {"perceived": ["p1"]}}}, engine="pandas")


def test_a_store_in_memory() -> None:
    frame = pd.DataFrame({"p1": [5, 6], "overall": [60, 70]})
    store = ExperienceStore(answers=frame, survey=WideSurvey(perceived=["p1"], outcome="overall"))
    assert store.survey is not None
    assert store.survey.names == ("p1",)
    with pytest.raises(ColumnError, match="'p2', which answers does not have"):
        ExperienceStore(answers=frame, survey=WideSurvey(perceived=["p2"]))
    with pytest.raises(CemkitError, match="give answers="):
        ExperienceStore(responses=frame, survey=WideSurvey(perceived=["p1"]))
    with pytest.raises(CemkitError, match=r"survey must be a cemkit.WideSurvey, got dict"):
        ExperienceStore(answers=frame, survey={"perceived": ["p1"]})  # type: ignore[arg-type]
    with pytest.raises(CemkitError, match=r"scale of the wide survey must be a cemkit.Scale"):
        WideSurvey(perceived=["p1"], scale=(1, 7))  # type: ignore[arg-type]
    with pytest.raises(CemkitError, match="must be {name"):
        WideSurvey(perceived=["p1"], dimensions=["p1"])  # type: ignore[arg-type]
