from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cemkit.errors import CemkitError
from cemkit.tables import csv_files
from cemkit.tables.csv_files import look_at_csv


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "delimiter", "columns", "rows"),
    [
        ("a,b\n1,2\n3,4\n", ",", ("a", "b"), 2),
        ("a,b\n1,2\n3,4", ",", ("a", "b"), 2),
        ("a;b\r\n1;2,5\r\n", ";", ("a", "b"), 1),
        ("a\tb\n1\t2\n", "\t", ("a", "b"), 1),
        (" a , b\n1,2\n\n\n", ",", ("a", "b"), 1),
        ('a,"b, c"\n1,"two\nlines, ""quoted"""\n', ",", ("a", "b, c"), 1),
        ("\ufeffa,b\n1,2\n", ",", ("a", "b"), 1),
        (",b\n1,2\n", ",", ("column_1", "b"), 1),
        ("a\n1\n\n2\n", ",", ("a",), 3),
        ("a,b\n", ",", ("a", "b"), 0),
    ],
)
def test_layout(tmp_path: Path, content: str, delimiter: str, columns: tuple[str, ...], rows: int) -> None:
    layout = look_at_csv(written(tmp_path, content))
    assert (layout.delimiter, layout.columns, layout.rows) == (delimiter, columns, rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("\na,b\n1,2\n", "line 1 is blank, where the header must be"),
        ("a,b\n1,2\n1,2,3\n4\n", r"line 3 has 3 fields, the header has 2 \(and 1 more lines nearby\)"),
        ("a,b\n1\n", "line 2 has 1 fields, the header has 2"),
        ("a,b\n1,2\n\n3,4\n", "line 3 is blank"),
        ("a, a\n1,2\n", "1 name.s. appear twice in the header, first 'a'"),
        ("ä,b\n1,2\n".encode("latin-1"), "not UTF-8 text: byte 0xe4 in line 1"),
        ("a,b\n1,2\nx,ü\n".encode("latin-1"), "not UTF-8 text: byte 0xfc in line 3; save it in UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "looks like UTF-16"),
        ('a,b\n1,"2\n', "is never closed"),
    ],
)
def test_bad_files(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(CemkitError, match=message) as caught:
        look_at_csv(written(tmp_path, content))
    assert "file.csv" in str(caught.value)


@pytest.mark.parametrize("chunk", [3, 7, 64])
def test_pieces_of_any_size_say_the_same(tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "_CHUNK", chunk)
    good = "a,b\n" + 'x,"1,\n""2"\n' * 50 + "é,3\n"
    assert look_at_csv(written(tmp_path, good)).rows == 51
    with pytest.raises(CemkitError, match="line 42 has 3 fields"):
        look_at_csv(written(tmp_path, "a,b\n" + "1,2\n" * 40 + "1,2,3\n"))
    with pytest.raises(CemkitError, match="is blank"):
        look_at_csv(written(tmp_path, "a,b\n" + "1,2\n" * 9 + "\n" + "1,2\n"))


CELL = st.text(alphabet='ab,;"\n é', max_size=5)


@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=8), chunk=st.integers(2, 40))
def test_whatever_csv_writes_is_counted(rows: list[tuple[str, str, str]], chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "_CHUNK", chunk)
        path = Path(folder) / "file.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("a", "b", "c, d"), *rows])
        layout = look_at_csv(path)
    assert (layout.delimiter, layout.columns, layout.rows) == (",", ("a", "b", "c, d"), len(rows))
