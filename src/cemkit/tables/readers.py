"""Open a study: a folder of files, a DuckDB database, one file; as it is, or through a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.model import DEFAULT_STAGES, JourneyMap
from cemkit.scales import Scale
from cemkit.tables.binding import Bound, bind
from cemkit.tables.contracts import TABLES
from cemkit.tables.mapping import FileMap, StudyMap, TableMap, read_mapping
from cemkit.tables.shaping import blank_codes, dress, lengthen, stack
from cemkit.tables.sources import DATABASES, FILES, Opener, choose_engine
from cemkit.tables.store import ExperienceStore
from cemkit.tables.wide_survey import WideSurvey
from cemkit.typing import Frame

__all__ = ["open_store"]

_NAMES = (*TABLES, "answers")
_IDS = ("customer_id", "touchpoint_id", "journey_id")
_RATED = {"responses": ("score",), "experiences": ("perceived", "expected", "effort")}


def open_store(
    path: str | Path, mapping: str | Path | Mapping[str, Any] | None = None, *, engine: str | None = None
) -> ExperienceStore:
    r"""Open the tables of a study, lazily where the engine is lazy.

    Parameters
    ----------
    path
        A folder with files named after the tables (``customers.parquet``, ``responses.csv``, ...), a DuckDB database
        with such tables, or one CSV, Parquet or SPSS file.
    mapping
        How foreign files become the study's tables: a TOML file or a dictionary, see :mod:`cemkit.tables.mapping`. Left
        out, ``cemkit.toml`` in the folder is taken where there is one.
    engine
        ``"duckdb"``, ``"polars"`` or ``"pandas"``; left out, DuckDB where it is installed, else Polars, else pandas
        (which reads CSV, and Parquet where pyarrow is installed). ``store.engine`` says which it was.

    Returns
    -------
    ExperienceStore
        Identifiers of CSV files are text (``007`` stays ``007``, ``NA`` is a name and not a null); text columns that
        hold ISO dates or times throughout are times; missing codes are null.

    Raises
    ------
    CemkitError
        If a file cannot be read, there is no table, or the mapping does not fit the files.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "responses.csv").write_text("customer_id,score\n007,9\nNA,3\n")
    >>> store = open_store(folder, engine="pandas")
    >>> store.responses["customer_id"].tolist()
    ['007', 'NA']
    """
    place = Path(path)
    if not place.exists():
        msg = f"{place} does not exist"
        raise CemkitError(msg)
    own = place / "cemkit.toml"
    if mapping is None and place.is_dir() and own.is_file():
        mapping = own
    study = read_mapping(mapping) if mapping is not None else StudyMap()
    database = place.suffix.lower() in DATABASES
    if database and engine not in (None, "duckdb"):
        msg = f"{place} is a database, which engine='duckdb' reads, not {engine!r}"
        raise CemkitError(msg)
    chosen = choose_engine("duckdb" if database else engine)
    opener = Opener.of(chosen, place if database else None)
    return _Study(place, study, opener, database=database).store()


class _Study:
    """Where the tables of one study lie, and how they are made."""

    def __init__(self, place: Path, study: StudyMap, opener: Opener, *, database: bool) -> None:
        self.place = place
        self.study = study
        self.opener = opener
        self.database = database
        if database:
            self.found: dict[str, Path | str] = {name: name for name in opener.database_tables()}
        elif place.is_dir():
            self.found = _files_of(place)
        else:
            self.found = {place.stem: place}

    def store(self) -> ExperienceStore:
        tables: dict[str, Frame] = {}
        wide: dict[str, list[Bound]] = {}
        for name, table in self.study.tables.items():
            source = name if table.files else self.study.wide_source
            if source is None:
                msg = f"{self.study.origin} [{name}]: wide has no file to read: name one here or in [answers]"
                raise CemkitError(msg)
            if source not in wide:
                wide[source] = self._sources(self.study.tables[source])
            if table.wide:
                tables[name] = self._long(table, wide[source])
                tables.setdefault("answers", stack(wide[source]).native)
            elif table.files:
                tables[name] = self._plain(table, wide[source])
        for name in _NAMES:
            match = next((key for key in self.found if key.lower() == name), None)
            if name not in tables and match is not None:
                tables[name] = dress(
                    self._open(self.found[match], _IDS), FileMap(), where=str(self.found[match])
                ).native
        if not tables:
            raise CemkitError(self._nothing())
        if self.study.survey is not None and "answers" in tables:
            tables["answers"] = _without_codes(tables["answers"], self.study.survey, self.study.origin)
        return ExperienceStore(
            **{name: tables[name] for name in _NAMES if name in tables},
            journey_map=self._journey_map(tables),
            design=self.study.design,
            groups=self.study.groups,
            scales=self._scales(),
            survey=self.study.survey,
        )

    def _open(self, what: Path | str, text: tuple[str, ...]) -> Frame:
        return self.opener.open(what, text=text) if isinstance(what, Path) else self.opener.database_table(what)

    def _sources(self, table: TableMap) -> list[Bound]:
        """Open and dress each file of a table, with the codes of all rated columns blanked."""
        shares = [t for t in self.study.tables.values() if t.wide and (t.name == table.name or not t.files)]
        items = {column: item for t in shares for column, item in t.wide.items()}
        sources = []
        for file in table.files:
            what, label = self._locate(table.name, file)
            text = tuple(file.columns.get(name, name).strip() for name in _IDS)
            bound = dress(self._open(what, text), file, where=label)
            for column, item in items.items():
                if column in bound.schema:
                    bound = blank_codes(bound, column, item.missing_codes, numbers=True)
            sources.append(bound)
        known = dict.fromkeys(name for bound in sources for name in bound.schema)
        for column in items:
            if column not in known:
                msg = (
                    f"{self.study.origin}: no file of [{table.name}] has the column {column!r} that wide names."
                    f"{did_you_mean(column, known)}"
                )
                raise ColumnError(msg)
        return sources

    def _plain(self, table: TableMap, sources: list[Bound]) -> Frame:
        bound = stack(sources)
        for column in _RATED.get(table.name, ()):
            if column in bound.schema and table.scale_codes:
                bound = blank_codes(bound, column, table.scale_codes, numbers=True)
        if table.name == "responses" and "score" in bound.schema and not table.scale_codes:
            for question, scale in table.scales.items():
                bound = _blank_question(bound, question, scale)
        return self.opener.keep(bound.native)

    def _long(self, table: TableMap, sources: list[Bound]) -> Frame:
        subject, rating = ("question", "score") if table.name == "responses" else ("touchpoint_id", table.rating)
        items = self.study.items
        parts = []
        for bound in sources:
            if not any(column in bound.schema for column in table.wide):
                continue
            carried = [name for name in bound.schema if name not in items]
            if table.carry is not None:
                design = self.study.design.columns if self.study.design is not None else ()
                always = {*TABLES[table.name].model_fields, *design, *self.study.groups}
                wanted = {bound.require(name, f"{self.study.origin} [{table.name}] carry") for name in table.carry}
                carried = [name for name in carried if name in always or name in wanted]
            parts.append(lengthen(bound, table.wide, subject=subject, rating=rating, carry=carried))
        return self.opener.keep(stack(parts).native)

    def _locate(self, name: str, file: FileMap) -> tuple[Path | str, str]:
        """Return where a file or database table lies, and what to call it in messages."""
        if self.database:
            wanted = file.table or name
            if wanted not in self.found:
                near = did_you_mean(wanted, self.found)
                msg = f"{self.place} has no table {wanted!r}.{near} It has {_listed(self.found)}"
                raise CemkitError(msg)
            return wanted, f"table {wanted!r} of {self.place}"
        if file.table is not None:
            msg = f"{self.study.origin} [{name}]: table= is for DuckDB databases, and {self.place} is none: write file="
            raise CemkitError(msg)
        if file.file is not None:
            folder = self.place if self.place.is_dir() else self.place.parent
            path = folder / file.file
            if not path.exists():
                near = did_you_mean(path.name, [p.name for p in path.parent.glob("*")]) if path.parent.is_dir() else ""
                msg = f"{self.study.origin} [{name}]: the file {path} does not exist.{near}"
                raise CemkitError(msg)
            return path, str(path)
        if not self.place.is_dir():
            return self.place, str(self.place)
        if name not in self.found:
            msg = f"{self.study.origin} [{name}] names no file, and {self.place} has no {name}.parquet or {name}.csv"
            raise CemkitError(msg)
        return self.found[name], str(self.found[name])

    def _journey_map(self, tables: Mapping[str, Frame]) -> JourneyMap | None:
        given = self.study.journey_map
        # Only the default stages and no touchpoints: the touchpoints' own table says more.
        if given is not None and not given.touchpoints and "touchpoints" in tables and given.stages == DEFAULT_STAGES:
            return None
        return given

    def _scales(self) -> dict[str, Scale]:
        scales: dict[str, Scale] = {}
        for name, table in self.study.tables.items():
            if name == "responses":
                scales.update(table.scales)
                if table.scale is not None and not table.wide:
                    question = str(table.files[0].constants.get("question", "nps")) if table.files else "nps"
                    scales.setdefault(question, table.scale)
            elif name == "experiences":
                scale = table.scale or next((i.scale for i in table.wide.values() if i.scale is not None), None)
                if scale is not None:
                    scales["experiences"] = scale
        return scales

    def _nothing(self) -> str:
        """Say why there is no table."""
        if self.database:
            return f"{self.place} has no table that a study has ({', '.join(_NAMES)}); it has {_listed(self.found)}"
        if self.place.is_dir():
            files = sorted(p.name for p in self.place.iterdir() if not p.name.startswith("."))
            return (
                f"{self.place} is a folder without tables: it needs customers.parquet, responses.csv or the like "
                f"({', '.join(_NAMES)}); it has {_listed(files)}. A mapping (cemkit.toml) can name other files: "
                f"`cemkit init {self.place}` guesses one"
            )
        return (
            f"{self.place} is one file, and its name is none of {', '.join(_NAMES)}: give a mapping that says which "
            f"table it is (`cemkit init {self.place}` guesses one)"
        )


def _blank_question(bound: Bound, question: str, scale: Scale) -> Bound:
    """Turn the missing codes of one question into nulls, in a table that holds several."""
    if not scale.missing_codes or not bound.schema["score"].is_numeric():
        return bound
    x = nw.col("score").cast(nw.Float64)
    code = x.is_in(list(scale.missing_codes))
    if "question" in bound.schema:
        code = code & (nw.col("question") == question)
    return bind(bound.frame.with_columns(nw.when(~code).then(x).alias("score")))


def _without_codes(answers: Frame, survey: WideSurvey, origin: str) -> Frame:
    """Return the wide survey with the missing codes of its items as nulls."""
    bound = bind(answers)
    try:
        survey.require(bound.schema)
    except ColumnError as error:
        msg = f"{origin} [answers.survey]: {error}"
        raise ColumnError(msg) from None
    codes = () if survey.scale is None else survey.scale.missing_codes
    for column in survey.columns:
        bound = blank_codes(bound, column, () if column == survey.outcome else codes, numbers=True)
    return bound.native


def _files_of(folder: Path) -> dict[str, Path | str]:
    """Return the folder's files by the name of their table; two files for one table are an error."""
    found: dict[str, Path | str] = {}
    for path in sorted(folder.iterdir()):
        name = path.stem.lower()
        if path.is_file() and path.suffix.lower() in FILES and name in _NAMES:
            if name in found:
                both = f"{Path(found[name]).name} and {path.name}"
                msg = f"{folder} has two files for the table {name} ({both}): remove one"
                raise CemkitError(msg)
            found[name] = path
    return found


def _listed(names: Any) -> str:
    shown = [str(name) for name in names]
    return (", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else "")) if shown else "nothing"
