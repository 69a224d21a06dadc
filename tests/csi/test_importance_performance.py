"""The map through the public call: positions, lines, probabilities, engines, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine

import cemkit as cem
from cemkit import csi
from cemkit.csi.importance_performance import QUADRANTS
from cemkit.errors import CemkitError, ColumnError, ContractError

ITEMS = ["p0", "p1", "p2"]
STATED = ["i0", "i1", "i2"]


def survey(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    performance = np.clip(np.rint([4.0, 8.0, 5.5] + 1.5 * rng.standard_normal((n, 3))), 1, 10)
    stated = np.clip(np.rint(1.0 * rng.standard_normal((n, 3)) + [9.0, 3.0, 7.0]), 1, 10)
    frame = pd.DataFrame(np.column_stack([performance, stated]), columns=[*ITEMS, *STATED])
    return frame.assign(
        overall=performance @ [2, 0.2, 0.5] + rng.standard_normal(n), w=rng.integers(1, 3, n).astype(float)
    )


ASKED = {"items": ITEMS, "outcome": "overall", "importance": STATED, "scale": (1, 10), "bootstrap": 200, "seed": 1}


def test_positions_and_quadrants() -> None:
    frame = survey()
    found = csi.importance_performance(frame, **ASKED)
    table = found.to_frame()
    stated, derived = table[table["basis"] == "stated"], table[table["basis"] == "derived"]
    np.testing.assert_allclose(stated["performance"], frame[ITEMS].mean())
    np.testing.assert_allclose(stated["importance"], frame[STATED].mean())
    np.testing.assert_allclose(stated["performance_std_error"], frame[ITEMS].sem(), rtol=0.2)
    differences = frame[ITEMS].to_numpy() - frame[STATED].to_numpy()
    np.testing.assert_allclose(stated["gap"], differences.mean(axis=0))
    np.testing.assert_allclose(stated["gap_std_error"], differences.std(axis=0) / 20, rtol=0.2)
    drivers = csi.drivers(frame, outcome="overall", items=ITEMS).to_frame()
    np.testing.assert_allclose(derived["importance"], drivers["share"])
    assert stated["quadrant"].tolist()[:2] == ["fix_first", "overdone"]
    np.testing.assert_allclose(table[list(QUADRANTS)].sum(axis=1), 1)
    lines = found.cuts.set_index(["basis", "axis"])["estimate"]
    assert lines["stated", "importance"] == lines["stated", "performance"] == 5.5
    assert lines["derived", "importance"] == pytest.approx(1 / 3)
    assert found.from_json(found.to_json()) == found


def test_an_item_on_the_line_is_a_coin_toss() -> None:
    frame = survey(600)
    target = float(frame["p2"].mean())
    table = csi.importance_performance(frame, **{**ASKED, "target": target, "bootstrap": 1000}).to_frame()
    on_line = table[(table["basis"] == "stated") & (table["item"] == "p2")]
    assert on_line["fix_first"].item() == pytest.approx(0.5, abs=0.06)
    assert on_line["keep_up"].item() == pytest.approx(0.5, abs=0.06)


def test_relative_lines_always_find_something_to_fix() -> None:
    good = survey().assign(**{name: lambda d, name=name: np.clip(d[name] + 5, 1, 10) for name in ITEMS})
    fixed, mean = (csi.importance_performance(good, **{**ASKED, "cuts": cuts}) for cuts in ("fixed", "mean"))
    assert "fix_first" not in set(fixed.to_frame()["quadrant"])
    assert "fix_first" in set(mean.to_frame()["quadrant"])
    assert "relative-cuts" in {note.code for note in mean.assumptions}
    assert (mean.cuts.query("basis == 'stated'")["std_error"] > 0).all()
    assert fixed.cuts["std_error"].max() < 1e-12


def test_engines(local_engine: Engine) -> None:
    frame = survey(150)
    asked = {**ASKED, "design": cem.Design(weights="w"), "bootstrap": 40}
    found, other = (csi.importance_performance(x, **asked) for x in (local_engine(frame), frame[::-1]))
    pd.testing.assert_frame_equal(found.to_frame(), other.to_frame(), rtol=1e-7)
    pd.testing.assert_frame_equal(found.cuts, other.cuts, rtol=1e-7)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"outcome": None, "importance": None}, CemkitError, "give one of them"),
        ({"importance": STATED[:2]}, CemkitError, "one to one: 2 columns of importance, 3 items"),
        ({"scale": None}, CemkitError, "scale= .its midpoint. or target= and importance_target="),
        ({"scale": (1, 7)}, ContractError, "outside the declared scale 1 to 7"),
        ({"cuts": "mode"}, CemkitError, "Did you mean 'median'|cuts must be one of"),
        ({"outcome": "p0"}, ColumnError, "'p0' is named twice"),
        ({"items": [*ITEMS[:2], "p9"]}, ColumnError, "items='p9'"),
    ],
)
def test_bad_input(asked: dict, error: type[CemkitError], words: str) -> None:
    with pytest.raises(error, match=words):
        csi.importance_performance(survey(), **{**ASKED, **asked})
