from __future__ import annotations

import pandas as pd
import pytest

from cemkit.errors import CemkitError
from cemkit.scales import Scale
from cemkit.simulate import telecom
from cemkit.tables import Design, ExperienceStore, load, open_store, save_store


def test_a_study_comes_back_as_it_was_written(tmp_path):
    store, _ = telecom(customers=60, months=6)
    back = open_store(save_store(store, tmp_path))
    assert back.tables == store.tables
    assert back.design == store.design
    assert back.journey_map == store.journey_map
    assert back.scales == store.scales
    for name in store.tables:
        assert load(back).table(name).shape == store.table(name).shape


def test_own_scales_and_codes_come_back(tmp_path):
    stars = Scale(1, 5, bands={'few "stars"': (1, 3), "top": (4, 5)}, missing_codes=(9,), direction="higher-is-better")
    frame = pd.DataFrame({"customer_id": ["a"], "score": [4.0], "question": ["stars"], "w": [1.0]})
    store = ExperienceStore(responses=frame, scales={"stars": stars}, design=Design(weights="w"))
    back = open_store(save_store(store, tmp_path))
    assert back.scales["stars"] == stars
    assert back.design == store.design


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    store = ExperienceStore(responses=pd.DataFrame({"score": [1.0]}))
    with pytest.raises(CemkitError, match="cannot be written"):
        save_store(store, file)


def test_large_studies_stay_where_they_are(tmp_path):
    (tmp_path / "responses.csv").write_text("customer_id,score\na,9\nb,3\n", encoding="utf-8")
    store = open_store(tmp_path)
    assert load(store, most_rows=1) is store
    assert load(store).engine == "pandas"
