from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.tables import guess_mapping, open_store


def survey(folder: Path) -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "Respondent ID": np.arange(400) + 1000,
            "Survey Date": "2025-03-04",
            "recommend": rng.integers(0, 12, 400),
            "Q1 overall": rng.integers(0, 7, 400),
            "effort": rng.integers(1, 8, 400),
            "age": rng.integers(1, 6, 400),
            "nps_shifted": rng.integers(1, 12, 400),
            "weight": 1.5,
            "stratum": "a",
            "psu": rng.integers(1, 30, 400),
        }
    )
    table.to_csv(folder / "my survey.csv", index=False)


def test_guess_of_a_survey(tmp_path: Path) -> None:
    survey(tmp_path)
    guess = guess_mapping(tmp_path)
    mapping = tomllib.loads(guess.text)
    assert mapping["answers"]["file"] == "my survey.csv"
    assert mapping["answers"]["columns"] == {"customer_id": "Respondent ID", "answered_at": "Survey Date"}
    assert mapping["design"] == {"weights": "weight", "strata": "stratum", "cluster": "psu"}
    wide = mapping["responses"]["wide"]
    assert set(wide) == {"recommend", "Q1 overall", "effort"}
    assert wide["recommend"] == {"question": "nps", "scale": {"name": "nps"}, "missing_codes": [11]}
    assert wide["Q1 overall"]["missing_codes"] == [0, 6]
    assert wide["effort"] == {"question": "ces", "scale": {"name": "ces"}}
    assert any("shifted by one" in note for note in guess.notes)


def test_the_guess_opens(tmp_path: Path) -> None:
    survey(tmp_path)
    (tmp_path / "cemkit.toml").write_text(guess_mapping(tmp_path).text)
    store = open_store(tmp_path, engine="pandas")
    assert store.check().ok
    assert len(store.responses) == 3 * 400
    assert store.design is not None


def test_tables_by_their_names_need_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "responses.csv").write_text("customer_id,score\na,9\n")
    guess = guess_mapping(tmp_path)
    assert guess.text == ""
    assert guess.notes == ("responses.csv is the table responses by its name.", "No mapping is needed.")


def test_nothing_to_guess_from(tmp_path: Path) -> None:
    with pytest.raises(CemkitError, match="has no file to guess from"):
        guess_mapping(tmp_path)
    with pytest.raises(CemkitError, match="does not exist"):
        guess_mapping(tmp_path / "no")
    (tmp_path / "x.csv").write_text("a,b\n")
    with pytest.raises(CemkitError, match="no rows to guess from"):
        guess_mapping(tmp_path)
