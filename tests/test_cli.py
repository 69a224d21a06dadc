from __future__ import annotations

import builtins
import importlib.util
import sys

import pandas as pd
import pytest

from cemkit import __version__
from cemkit.cli import main
from cemkit.tables import open_store


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(list(map(str, arguments)))
    out = capsys.readouterr()
    return left.value.code, out.out, out.err


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    frame = pd.DataFrame({"customer_id": ["a", "b", "c", "d"], "score": [10, 9, 7, 3], "city": ["x", "x", "y", "y"]})
    frame.to_csv(folder / "responses.csv", index=False)
    return folder


def test_version(capsys):
    assert run(capsys, "--version") == (0, f"cemkit {__version__}\n", "")


def test_report_writes_the_file_and_says_where(capsys, study, tmp_path):
    target = tmp_path / "out.html"
    code, out, err = run(
        capsys, "report", study, "-o", target, "--title", "Four answers", "--lang", "ko", "--by", "city"
    )
    assert (code, err.strip()) == (0, "")
    assert str(target) in out.replace("\n", "")
    page = target.read_text(encoding="utf-8")
    assert "<title>Four answers</title>" in page
    assert '<html lang="ko">' in page


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("report", "{study}/nothing"), "does not exist"),
        (("report", "{study}", "--by", "ctiy"), "Did you mean 'city'"),
        (("report", "{study}", "-o", "{study}"), "is a folder"),
        (("check", "{study}", "--map", "{study}/no.toml"), "does not exist"),
    ],
)
def test_errors_are_one_sentence_and_exit_2(capsys, study, arguments, sentence):
    code, out, err = run(capsys, *(part.format(study=study) for part in arguments))
    assert code == 2
    assert out == ""
    assert sentence in err
    assert err.strip().startswith("cemkit: ")
    assert "Traceback" not in err


def test_check_is_0_for_good_tables_and_1_for_broken_ones(capsys, study):
    assert run(capsys, "check", study)[:2] == (0, "all tables keep their contracts (rows: responses 4)\n")
    (study / "customers.csv").write_text("customer_id,segment\na,new\na,old\n", encoding="utf-8")
    code, out, _ = run(capsys, "check", study)
    assert code == 1
    assert "customers.customer_id" in out


def test_check_finds_a_design_column_that_is_absent(capsys, study):
    mapping = '[responses]\nfile = "responses.csv"\n[design]\nweights = "ctiy"\n'
    (study / "cemkit.toml").write_text(mapping, encoding="utf-8")
    code, out, _ = run(capsys, "check", study)
    assert code == 1
    assert "responses.ctiy: a column of the design is absent (4 rows)" in out
    assert "Did you mean 'city'?" in out


def test_report_on_other_questions_is_2_and_writes_nothing(capsys, study, tmp_path):
    (study / "responses.csv").write_text("customer_id,question,score\na,q7all,5\nb,q7all,4\n", encoding="utf-8")
    code, out, err = run(capsys, "report", study, "-o", tmp_path / "out.html")
    assert (code, out) == (2, "")
    assert "'q7all' (2 rows)" in err
    assert not (tmp_path / "out.html").exists()


def test_demo_without_the_charts_writes_no_study(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    code, _, err = run(capsys, "demo", "--customers", "300", "--folder", tmp_path / "demo")
    assert code == 2
    assert "cemkit[report]" in err
    assert not (tmp_path / "demo").exists()


def test_init_guesses_writes_and_does_not_replace(capsys, tmp_path):
    rows = "\n".join(f"{i},{score}" for i, score in enumerate([0, 5, 6, 7, 8, 9, 9, 10, 10, 11]))
    (tmp_path / "survey.csv").write_text(f"RESPONDENT,NPS\n{rows}\n", encoding="utf-8")
    code, out, _ = run(capsys, "init", tmp_path)
    assert code == 0
    assert "NPS is taken for the question nps" in out
    assert open_store(tmp_path).tables == ("responses", "answers")
    code, _, err = run(capsys, "init", tmp_path)
    assert code == 2
    assert "--force" in err
    assert run(capsys, "init", tmp_path, "--force")[0] == 0


def test_demo_writes_a_study_and_its_report(capsys, tmp_path):
    folder = tmp_path / "demo"
    code, out, _ = run(capsys, "demo", "--customers", "300", "--folder", folder)
    assert code == 0
    assert "report.html" in out
    assert (folder / "report.html").is_file()
    store = open_store(folder)
    assert store.check().ok
    assert store.design is not None
    assert len(store.journey_map.touchpoints) == 12


def test_without_typer_it_says_what_to_install(capsys, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] == "typer":
            raise ModuleNotFoundError("No module named 'typer'", name="typer")
        return real(name, *rest)

    for name in [n for n in sys.modules if n == "cemkit.cli.app"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    code, _, err = run(capsys, "--version")
    assert code == 2
    assert err == "cemkit: The command line needs the package 'typer': run `pip install 'cemkit[report]'`\n"
