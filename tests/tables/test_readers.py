from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from store_frames import FILE_ENGINES
from test_store import ALL, CUSTOMERS, RESPONSES

from cemkit.errors import CemkitError, ColumnError, MissingExtraError
from cemkit.tables import open_store, sources
from cemkit.tables.binding import bind, collect
from cemkit.tables.design import Design


def rows_of(frame: Any, *sort: str) -> pd.DataFrame:
    bound = bind(frame)
    return pd.DataFrame(collect(bound.frame.sort(*sort) if sort else bound.frame))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, table in ALL.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_a_folder_of_csv(folder: Path, engine: str) -> None:
    store = open_store(folder, engine=engine)
    assert store.engine == engine
    assert store.tables == ("customers", "touchpoints", "experiences", "responses")
    assert store.check().ok, str(store.check())
    assert store.customer("b").left_at == pd.Timestamp("2025-01-01")
    assert [j.journey_id for j in store.journeys("a")] == ["j1", "j2"]


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_a_folder_of_parquet(tmp_path: Path, engine: str) -> None:
    pytest.importorskip("pyarrow")
    for name, table in ALL.items():
        table.to_parquet(tmp_path / f"{name}.parquet")
    store = open_store(tmp_path, engine=engine)
    assert store.check().ok
    assert rows_of(store.join("responses", customers=["age"]), "age")["age"].tolist() == [31, 52, 52]


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_identifiers_stay_as_they_are_written(tmp_path: Path, engine: str) -> None:
    (tmp_path / "responses.csv").write_text("customer_id,score,channel\n007,9,NA\nNA,3,\n7,5,web\n")
    rows = rows_of(open_store(tmp_path, engine=engine).responses, "score")
    assert rows["customer_id"].tolist() == ["NA", "7", "007"]
    assert rows["channel"].tolist()[1:] == ["web", "NA"]
    assert pd.isna(rows["channel"].iloc[0])


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_letters_are_not_truth_values(tmp_path: Path, engine: str) -> None:
    (tmp_path / "responses.csv").write_text("customer_id,stratum\na,F\nb,T\n")
    store = open_store(tmp_path, engine=engine)
    assert rows_of(store.responses, "customer_id")["stratum"].tolist() == ["F", "T"]


def test_duckdb_reads_nothing_on_opening(folder: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    assert isinstance(open_store(folder, engine="duckdb").customers, duckdb.DuckDBPyRelation)


def test_polars_is_lazy(folder: Path) -> None:
    polars = pytest.importorskip("polars")
    assert isinstance(open_store(folder, engine="polars").customers, polars.LazyFrame)


def test_a_duckdb_database(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "study.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("frame", CUSTOMERS)
        connection.execute("create table customers as select * from frame")
        connection.execute('create table "survey 1" as select 1 as id, 10 as nps union all select 2, 11')
    assert open_store(path).tables == ("customers",)
    mapping = {
        "responses": {
            "table": "survey 1",
            "columns": {"customer_id": "id", "score": "nps"},
            "scale": {"name": "nps", "missing_codes": [11]},
        }
    }
    store = open_store(path, mapping)
    assert rows_of(store.responses, "customer_id")["score"].isna().tolist() == [False, True]
    mapping["responses"]["table"] = "survey"
    with pytest.raises(CemkitError, match="has no table 'survey'. Did you mean 'survey 1'"):
        open_store(path, mapping)
    with pytest.raises(CemkitError, match="is a database, which engine='duckdb' reads, not 'polars'"):
        open_store(path, engine="polars")


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_an_spss_file(tmp_path: Path, engine: str) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    table = pd.DataFrame({"RESPNUM": [1.0, 2.0, 3.0], "NETPRO": [10.0, 11.0, 3.0]})
    pyreadstat.write_sav(table, str(tmp_path / "survey.sav"))
    mapping = {
        "responses": {
            "columns": {"customer_id": "RESPNUM", "score": "NETPRO"},
            "scale": {"name": "nps", "missing_codes": [11]},
        }
    }
    store = open_store(tmp_path / "survey.sav", mapping, engine=engine)
    rows = rows_of(store.responses, "customer_id")
    assert rows["score"].isna().tolist() == [False, True, False]
    assert store.scales["nps"].missing_codes == (11,)


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_one_file_with_a_mapping_beside_it(tmp_path: Path, engine: str) -> None:
    (tmp_path / "survey.csv").write_text(" ID ,Q1,region\n1,10,N\n2,11,S\n")
    (tmp_path / "cemkit.toml").write_text(
        '[responses]\nfile = "survey.csv"\n[responses.columns]\ncustomer_id = "ID"\nscore = "Q1"\n'
        '[responses.constants]\nquestion = "nps"\n[responses.scale]\nname = "nps"\nmissing_codes = [11]\n'
        '[responses.design]\nstrata = "region"\n'
    )
    store = open_store(tmp_path, engine=engine)
    rows = rows_of(store.responses, "customer_id")
    assert list(rows) == ["customer_id", "score", "region", "question"]
    assert rows["score"].isna().tolist() == [False, True]
    assert store.design == Design(strata="region")
    assert store.check().ok


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_scales_by_question_in_a_long_file(tmp_path: Path, engine: str) -> None:
    (tmp_path / "responses.csv").write_text("customer_id,question,score\na,nps,6\nb,csat,6\nc,csat,5\n")
    mapping = {"responses": {"scales": {"nps": "nps", "csat": {"missing_codes": [6]}}}}
    rows = rows_of(open_store(tmp_path, mapping, engine=engine).responses, "customer_id")
    assert [None if v != v else v for v in rows["score"]] == [6, None, 5]


@pytest.mark.parametrize("engine", FILE_ENGINES)
def test_a_wide_survey_in_two_waves(tmp_path: Path, engine: str) -> None:
    (tmp_path / "w1.csv").write_text("*NUM,N,FOOD,W,extra\n1,10,5,.5,x\n2,11,6,1.5,y\n")
    (tmp_path / "w2.csv").write_text("NUM,FOOD,W,extra\n1,4,2,7\n2,Blank,1,8\n")
    mapping = {
        "answers": {
            "files": [
                {"file": "w1.csv", "wave": "1", "id_prefix": "1-", "columns": {"customer_id": "*NUM"}},
                {"file": "w2.csv", "wave": "2", "id_prefix": "2-", "columns": {"customer_id": "NUM"}},
            ]
        },
        "design": {"weights": "W"},
        "responses": {"wide": {"N": "nps"}, "scales": {"nps": {"missing_codes": [11]}}, "carry": []},
        "experiences": {"wide": {"FOOD": "food"}, "scale": {"name": "csat", "missing_codes": [0, 6, "Blank"]}},
    }
    store = open_store(tmp_path, mapping, engine=engine)
    assert store.tables == ("experiences", "responses", "answers")
    responses = rows_of(store.responses, "customer_id")
    # The second wave did not ask the question: it has no rows, rather than missing answers.
    assert responses["customer_id"].tolist() == ["1-1", "1-2"]
    assert set(responses) == {"customer_id", "W", "wave", "question", "score"}
    assert responses["score"].isna().tolist() == [False, True]
    experiences = rows_of(store.experiences, "customer_id")
    assert [None if v != v else v for v in experiences["perceived"]] == [5, None, 4, None]
    assert experiences["wave"].tolist() == ["1", "1", "2", "2"]
    answers = rows_of(store.answers, "customer_id")
    assert answers["extra"].tolist() == ["x", "y", "7", "8"]
    assert [None if v != v else v for v in answers["FOOD"]] == [5, None, 4, None]
    assert set(store.scales) == {"nps", "experiences"}
    assert store.check().ok, str(store.check())


def test_a_wide_column_that_no_file_has(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("customer_id,NETPRO\n1,10\n")
    mapping = {"responses": {"file": "s.csv", "wide": {"NETPR": "nps"}}}
    with pytest.raises(ColumnError, match=r"no file of \[responses\] has the column 'NETPR'.*Did you mean 'NETPRO'"):
        open_store(tmp_path, mapping, engine="pandas")


def test_wide_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(CemkitError, match="wide has no file to read"):
        open_store(tmp_path, {"responses": {"wide": {"N": "nps"}}}, engine="pandas")


def test_a_mapping_completes_the_touchpoints(folder: Path) -> None:
    store = open_store(folder, {"journey_map": {"name": "m", "stages": ["care", "visit"]}}, engine="pandas")
    assert store.journey_map.stage_of("bill").order == 1


def test_a_folder_without_tables(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "survey.csv").write_text("a\n1\n")
    with pytest.raises(
        CemkitError, match=r"is a folder without tables: it needs customers.parquet.*it has notes.txt, survey.csv"
    ):
        open_store(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CemkitError, match="it has nothing"):
        open_store(empty)


def test_one_file_without_a_mapping(tmp_path: Path) -> None:
    RESPONSES.to_csv(tmp_path / "survey.csv", index=False)
    with pytest.raises(CemkitError, match="is one file.*give a mapping"):
        open_store(tmp_path / "survey.csv")
    RESPONSES.to_csv(tmp_path / "responses.csv", index=False)
    assert open_store(tmp_path / "responses.csv").tables == ("responses",)


def test_two_files_for_one_table(folder: Path) -> None:
    (folder / "customers.tsv").write_text("customer_id\n1\n")
    with pytest.raises(CemkitError, match=r"two files for the table customers \(customers.csv and customers.tsv\)"):
        open_store(folder)


@pytest.mark.parametrize("engine", FILE_ENGINES)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("responses.parquet", b"no parquet"),
        ("responses.csv", b"customer_id,score\na,1,2\n"),
        ("responses.csv", b"customer_id,comment\na,\xe9t\xe9\n"),
        ("responses.sav", b"no spss"),
    ],
)
def test_unreadable_files_are_named(tmp_path: Path, engine: str, name: str, content: bytes) -> None:
    if name.endswith(".sav"):
        pytest.importorskip("pyreadstat")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CemkitError, match=name) as caught:
        open_store(tmp_path, engine=engine)
    assert "\n" not in str(caught.value)


def test_an_unreadable_database(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    (tmp_path / "x.duckdb").write_bytes(b"no database at all")
    with pytest.raises(CemkitError, match="x.duckdb cannot be read as a DuckDB database"):
        open_store(tmp_path / "x.duckdb")


def test_paths_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(CemkitError, match="no does not exist"):
        open_store(tmp_path / "no")
    (tmp_path / "sfo.csv").write_text("a\n1\n")
    with pytest.raises(CemkitError, match=r"sfo1.csv does not exist. Did you mean 'sfo.csv'"):
        open_store(tmp_path, {"responses": {"file": "sfo1.csv"}})
    with pytest.raises(CemkitError, match="names no file"):
        open_store(tmp_path, {"responses": {"columns": {"score": "a"}}})
    with pytest.raises(CemkitError, match="table= is for DuckDB"):
        open_store(tmp_path, {"responses": {"table": "a"}})
    (tmp_path / "x.xlsx").write_text("a")
    with pytest.raises(CemkitError, match="files that end in .xlsx are not read"):
        open_store(tmp_path / "x.xlsx", {"responses": {}})


def test_engines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CemkitError, match="engine must be .*Did you mean 'polars'"):
        open_store(folder, engine="polar")
    monkeypatch.setattr(sources, "_installed", lambda package: package == "pandas")
    assert open_store(folder).engine == "pandas"
    with pytest.raises(MissingExtraError, match=r"cemkit\[polars\]"):
        open_store(folder, engine="polars")
    monkeypatch.setattr(sources, "_installed", lambda package: package in ("pandas", "polars"))
    assert open_store(folder).engine == "polars"


def test_a_column_that_is_no_rating(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("customer_id,N\n1,10\n2,often\n")
    with pytest.raises(ColumnError, match=r"'N' must hold ratings.*'often' \(1 rows\)"):
        open_store(tmp_path, {"responses": {"file": "s.csv", "wide": {"N": "nps"}}})
