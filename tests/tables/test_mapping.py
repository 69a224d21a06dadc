from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cemkit.errors import CemkitError
from cemkit.model import TELECOM_STAGES
from cemkit.scales import CSAT_5, NPS_SCALE
from cemkit.tables.design import Design
from cemkit.tables.mapping import read_mapping


def test_one_table() -> None:
    study = read_mapping(
        {
            "responses": {
                "file": "a.csv",
                "columns": {"score": "NETPRO"},
                "constants": {"question": "nps"},
                "scale": {"name": "nps", "missing_codes": [11]},
                "design": {"weights": "W", "strata": "S", "cluster": "C"},
            }
        }
    )
    table = study.tables["responses"]
    assert table.files[0].columns == {"score": "NETPRO"}
    assert table.scale is not None
    assert table.scale.missing_codes == (11,)
    assert table.scale.bands == NPS_SCALE.bands
    assert study.design == Design(weights="W", strata="S", cluster="C")


def test_waves_override_the_table() -> None:
    study = read_mapping(
        {
            "answers": {
                "columns": {"customer_id": "ID", "age": "AGE"},
                "files": [
                    {"file": "1.csv", "wave": 2016, "columns": {"customer_id": "*ID"}},
                    {"file": "2.csv", "wave": "2017"},
                ],
            }
        }
    )
    first, second = study.tables["answers"].files
    assert first.columns == {"customer_id": "*ID", "age": "AGE"}
    assert second.columns == {"customer_id": "ID", "age": "AGE"}
    assert (first.constants, second.constants) == ({"wave": "2016"}, {"wave": "2017"})


def test_wide_items_and_their_scales() -> None:
    study = read_mapping(
        {
            "responses": {
                "file": "a.csv",
                "wide": {
                    "N": "nps",
                    "C": {"question": "csat", "missing_codes": [0, "Blank"], "touchpoint_id": "shop"},
                    "X": {"question": "own", "scale": {"low": 0, "high": 3}},
                    "Y": "free",
                },
                "scales": {"nps": {"missing_codes": [11]}},
            }
        }
    )
    items = study.tables["responses"].wide
    assert items["N"].missing_codes == (11,)
    assert items["C"].scale is not None
    assert items["C"].scale.missing_codes == (0,)
    assert items["C"].scale.bands == CSAT_5.bands
    assert items["C"].missing_codes == (0, "Blank")
    assert items["C"].constants == {"touchpoint_id": "shop"}
    assert items["X"].scale is not None
    assert items["X"].scale.high == 3
    assert items["Y"].scale is None
    assert set(study.tables["responses"].scales) == {"nps", "csat", "own"}


def test_a_journey_map() -> None:
    study = read_mapping(
        {"journey_map": {"name": "air", "stages": ["arrive", "fly"], "touchpoints": {"gate": {"stage": "fly"}}}}
    )
    assert study.journey_map is not None
    assert study.journey_map.stage_of("gate").order == 2
    assert study.journey_map.touchpoint("gate").name == "gate"
    ready = read_mapping({"journey_map": {"stages": "telecom"}}).journey_map
    assert ready is not None
    assert ready.stages == TELECOM_STAGES


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"respones": {}}, "unknown key 'respones'. Did you mean 'responses'"),
        ({"responses": {"colums": {}}}, r"\[responses\] has an unknown key 'colums'. Did you mean 'columns'"),
        ({"responses": {"columns": "x"}}, "columns must be a section"),
        ({"responses": {"columns": {"score": 3}}}, "columns.score must be a text in quotes, got 3"),
        ({"responses": {"scale": {"name": "npx"}}}, "no scale is called 'npx'. Did you mean 'nps'"),
        ({"responses": {"scale": {"low": 1}}}, r"needs a name \(nps, .*or low and high"),
        (
            {"responses": {"scale": {"name": "nps", "missing_codes": [9]}}},
            "missing code 9 is also a point of the scale",
        ),
        ({"responses": {"scale": {"low": 5, "high": 1}}}, "a scale runs from low to high"),
        ({"responses": {"design": {"weight": "W"}}}, "unknown key 'weight'. Did you mean 'weights'"),
        ({"responses": {"design": {"weights": 3}}}, "weights of a design is the name of a column"),
        ({"responses": {"file": "a", "files": [{"file": "b"}]}}, "both file and files"),
        ({"responses": {"files": []}}, "files must be a list"),
        ({"responses": {"files": [{"fil": "b"}]}}, "Did you mean 'file'"),
        ({"responses": {"wide": {"N": 3}}}, "must be the question or a section"),
        ({"responses": {"wide": {"N": {"scale": "nps"}}}}, "needs question ="),
        ({"experiences": {"wide": {"N": {"touchpoint": "x"}}}}, "Did you mean 'touchpoint_id'"),
        ({"customers": {"wide": {"N": "x"}}}, "only .responses.wide. and .experiences.wide."),
        ({"experiences": {"rating": "felt"}}, "rating must be one of perceived"),
        ({"responses": {"constants": {"wave": [1]}}}, "constant wave must be text"),
        ({"responses": {"missing_codes": {"AGE": [True]}}}, "must be a list of numbers or texts"),
        ({"journey_map": {"stages": "bank"}}, "stages must be a list of names"),
        ({"journey_map": {"touchpoints": {"x": {"stage": "moon"}}}}, "not on the map, first 'x' with 'moon'"),
        ({"design": {"weights": "a"}, "responses": {"design": {"weights": "b"}}}, "two different designs"),
    ],
)
def test_mistakes_are_named(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(CemkitError, match=message):
        read_mapping(mapping)


def test_files_that_are_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(CemkitError, match="does not exist"):
        read_mapping(tmp_path / "no.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[responses\n")
    with pytest.raises(CemkitError, match=r"broken.toml is not valid TOML"):
        read_mapping(broken)
    broken.write_bytes("[responses]\nfile='\xe4'".encode("latin-1"))
    with pytest.raises(CemkitError, match=r"broken.toml cannot be read"):
        read_mapping(broken)


def test_groups_of_the_report() -> None:
    found = read_mapping({"groups": ["region", "plan"], "responses": {}})
    assert found.groups == ("region", "plan")
    with pytest.raises(CemkitError, match="groups"):
        read_mapping({"groups": 3, "responses": {}})
