"""Open one file or database table with one engine, lazily where the engine is lazy."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from cemkit.errors import CemkitError, MissingExtraError, did_you_mean
from cemkit.tables.csv_files import CsvLayout, look_at_csv
from cemkit.typing import Frame

if TYPE_CHECKING:
    import duckdb

__all__ = ["DATABASES", "FILES", "Engine", "Opener", "choose_engine"]

Engine = Literal["duckdb", "polars", "pandas"]
FILES = (".parquet", ".pq", ".csv", ".tsv", ".sav")
"""Endings of the files that hold one table."""
DATABASES = (".duckdb", ".ddb", ".db")
"""Endings of the files that hold a database."""


def choose_engine(engine: str | None) -> Engine:
    """Return the engine asked for, else DuckDB, else Polars, else pandas."""
    if engine is None:
        if _installed("duckdb") and _installed("pyarrow"):
            return "duckdb"
        return "polars" if _installed("polars") else "pandas"
    known: tuple[Engine, ...] = ("duckdb", "polars", "pandas")
    for name in known:
        if engine == name:
            if not _installed(name):
                raise MissingExtraError(name, name, f"engine={name!r}")
            return name
    msg = f"engine must be 'duckdb', 'polars', 'pandas' or None, got {engine!r}.{did_you_mean(engine, known)}"
    raise CemkitError(msg)


@cache
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


@contextmanager
def reading(path: Path, what: str = "") -> Iterator[None]:
    """Turn whatever an engine raises while it reads a file into one sentence that names the file."""
    try:
        yield
    except CemkitError:
        raise
    except FileNotFoundError:
        msg = f"{path} does not exist"
        raise CemkitError(msg) from None
    except Exception as error:  # every engine has exceptions of its own, and none may reach the user from a bad file
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        msg = f"{path} cannot be read{what}: {reason}"
        raise CemkitError(msg) from error


@dataclass
class Opener:
    """Opens all files of one study with one engine; DuckDB's relations share one private connection."""

    engine: Engine
    connection: duckdb.DuckDBPyConnection | None = None
    text: bool = False
    """Whether a text file was opened."""

    @classmethod
    def of(cls, engine: Engine, database: Path | None = None) -> Opener:
        """Return an opener; a database is opened for reading only."""
        if engine != "duckdb":
            return cls(engine)
        import duckdb

        if database is None:
            connection = duckdb.connect()
        else:
            with reading(database, " as a DuckDB database"):
                connection = duckdb.connect(str(database), read_only=True)
        # Times with a zone are instants; told in UTC they read the same on every machine and engine.
        connection.execute("set TimeZone = 'UTC'")
        return cls(engine, connection)

    @property
    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        if self.connection is None:
            msg = "a DuckDB database is opened with engine='duckdb'"
            raise CemkitError(msg)
        return self.connection

    def database_tables(self) -> tuple[str, ...]:
        """Return the names of the database's tables and views."""
        query = "select table_name from information_schema.tables where table_schema = 'main' order by table_name"
        return tuple(name for (name,) in self._duckdb.execute(query).fetchall())

    def database_table(self, name: str) -> Frame:
        """Return one table of the database as a relation."""
        return self._duckdb.table('"' + name.replace('"', '""') + '"')

    def open(self, path: Path, *, text: Sequence[str] = ()) -> Frame:
        """Open one file.

        Parameters
        ----------
        path
            A Parquet, CSV, TSV or SPSS file.
        text
            Columns (trimmed headers) of a CSV that stay text, such as identifiers: ``007`` is not 7, ``NA`` is no null.
        """
        if not path.is_file():
            msg = f"{path} does not exist" if not path.exists() else f"{path} is a folder, not a file"
            raise CemkitError(msg)
        suffix = path.suffix.lower()
        with reading(path):
            if suffix in (".csv", ".tsv", ".txt"):
                layout = look_at_csv(path)
                return self._csv(layout, [name for name in text if name in layout.columns])
            if suffix in (".parquet", ".pq"):
                return self._parquet(path)
            if suffix == ".sav":
                return self._spss(path)
        known = ", ".join((*FILES, *DATABASES))
        msg = f"{path}: files that end in {suffix or 'nothing'} are not read; there are {known}"
        raise CemkitError(msg)

    def keep(self, frame: Frame) -> Frame:
        """Store a DuckDB relation that comes from text: in columns, spilled to disk where memory is short.

        A long survey table is a union of many selects, and every query would parse the text for each of them. Tables
        that come from Parquet or a database stay as they are.
        """
        if self.connection is None or not self.text:
            return frame
        name = f"kept_{len(self.connection.execute('show tables').fetchall())}"
        frame.create(name)
        return self.connection.table(name)

    def _csv(self, layout: CsvLayout, text: list[str]) -> Frame:
        path, names = str(layout.path), list(layout.columns)
        if self.engine == "duckdb":
            parsed = self._duckdb.read_csv(
                path,
                header=True,
                names=names,
                sep=layout.delimiter,
                quotechar='"',
                escapechar='"',
                dtype=dict.fromkeys(text, "VARCHAR"),
                sample_size=-1,
                # Not BOOLEAN: it would take a boarding area 'F' for false.
                auto_type_candidates=["BIGINT", "DOUBLE", "VARCHAR"],
            )
            self.text = True
            return self.keep(parsed)
        if self.engine == "polars":
            import polars as pl

            return pl.scan_csv(
                path,
                separator=layout.delimiter,
                new_columns=names,
                schema_overrides=dict.fromkeys(text, pl.String),
                infer_schema_length=None,
                n_rows=layout.rows,
            )
        return pd.read_csv(
            path,
            sep=layout.delimiter,
            names=names,
            header=0,
            index_col=False,
            dtype=dict.fromkeys(text, "str"),
            keep_default_na=False,
            na_values=[""],
            encoding="utf-8-sig",
            low_memory=False,
        )

    def _parquet(self, path: Path) -> Frame:
        if self.engine == "duckdb":
            return self._duckdb.read_parquet(str(path))
        if self.engine == "polars":
            import polars as pl

            frame = pl.scan_parquet(path)
            frame.collect_schema()
            return frame
        if not _installed("pyarrow") and _installed("duckdb"):
            import duckdb

            with duckdb.connect() as connection:
                return connection.read_parquet(str(path)).df()
        if not _installed("pyarrow"):
            raise MissingExtraError("pyarrow", "pyarrow", f"reading {path.name} with pandas")
        return pd.read_parquet(path)

    def _spss(self, path: Path) -> Frame:
        if not _installed("pyreadstat"):
            raise MissingExtraError("pyreadstat", "spss", f"reading {path.name}")
        import pyreadstat

        frame, _ = pyreadstat.read_sav(str(path))
        if self.engine == "duckdb":
            return self._duckdb.from_df(frame)
        if self.engine == "polars":
            import polars as pl

            return pl.from_pandas(frame).lazy()
        return frame
