"""Guess a mapping from the names and values of a file's columns: a start to be read and corrected, never a verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.tables.binding import bind, collect
from cemkit.tables.contracts import TABLES
from cemkit.tables.sources import DATABASES, FILES, Opener, choose_engine

__all__ = ["Guess", "guess_mapping"]

_ROWS = 5_000
_FEWEST = 4
_NAMES: tuple[tuple[str, str], ...] = (
    (
        r"^\W*(customer|cust|client|user|member|respondent|resp|passenger|guest|subscriber)_?(id|no|num|number|key)?$",
        "customer_id",
    ),
    (r"^\W*id$", "customer_id"),
    (r"^(answered|responded|response|survey|interview|completed|int)_?(at|date|time|on|ts)$", "answered_at"),
    (r"^(invited|invitation|sent)_?(at|date|time|on)$", "invited_at"),
    (r"^(wave|survey_?round)$", "wave"),
)
_NPS = re.compile(r"nps|recommend|netpro|ltr|promot", re.IGNORECASE)
_CES = re.compile(r"ces|effort|easy|ease", re.IGNORECASE)
_DESIGN: tuple[tuple[str, str], ...] = (
    (r"^(weight|wgt|wt|pweight|survey_?weight|finalwt)\w{0,2}$", "weights"),
    (r"^strat(a|um)\w{0,3}$", "strata"),
    (r"^(cluster|psu)\w{0,3}$", "cluster"),
)
_NOT_RATED = re.compile(
    r"(^|_|\d)(age|sex|day)$|month|year|gender|inco?me|purp|code|county|country|zip|lang|method|geo|times|region|segment",
    re.IGNORECASE,
)
_BLANKS = frozenset({0, 6, 7, 8, 9, 11, 77, 88, 97, 98, 99, 999, -1, -9, -99})


@dataclass(frozen=True)
class Guess:
    """A guessed mapping.

    Attributes
    ----------
    text
        The mapping as TOML, to be written to ``cemkit.toml``.
    notes
        A sentence for each guess.
    """

    text: str
    notes: tuple[str, ...]


@dataclass
class _Sections:
    """The parts of the TOML text, as they are found."""

    columns: dict[str, str] = field(default_factory=dict)
    design: dict[str, str] = field(default_factory=dict)
    wide: dict[str, tuple[str, tuple[int, int], list[Any]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def guess_mapping(path: str | Path) -> Guess:
    r"""Guess how a file, or the files of a folder, become the tables of a study.

    Looks at the first 5,000 rows: names that tell an identifier, a date, a weight, a stratum or a cluster; ratings from
    0 to 10 (nps), 1 to 5 (csat) and 1 to 7; numbers just off a scale as missing codes. Files already named after a
    table need no mapping. Writes nothing.

    Raises
    ------
    CemkitError
        If there is no file to look at, or one cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = [f"{i},{score}" for i, score in enumerate([0, 5, 6, 7, 8, 9, 9, 10, 10, 11])]
    >>> _ = (folder / "survey.csv").write_text("RESPONDENT,NPS\n" + "\n".join(rows) + "\n")
    >>> print(guess_mapping(folder).text)
    [answers]
    file = "survey.csv"
    <BLANKLINE>
    [answers.columns]
    customer_id = "RESPONDENT"
    <BLANKLINE>
    [responses.wide.NPS]
    question = "nps"
    scale = { name = "nps" }
    missing_codes = [11]
    <BLANKLINE>
    """
    place = Path(path)
    if not place.exists():
        msg = f"{place} does not exist"
        raise CemkitError(msg)
    if place.suffix.lower() in DATABASES:
        msg = (
            f'{place} is a database: name its tables after {", ".join(TABLES)}, or write [TABLE] table = "..." by hand'
        )
        raise CemkitError(msg)
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    files = [file for file in files if file.is_file() and file.suffix.lower() in FILES]
    if not files:
        msg = f"{place} has no file to guess from: there are {', '.join(FILES)}"
        raise CemkitError(msg)
    known = [file for file in files if file.stem.lower() in (*TABLES, "answers")]
    notes = [f"{file.name} is the table {file.stem.lower()} by its name." for file in known]
    foreign = [file for file in files if file not in known]
    if not foreign:
        return Guess("", (*notes, "No mapping is needed."))
    first = max(foreign, key=lambda file: file.stat().st_size)
    notes += [
        f"{file.name} is left out: only the largest foreign file, {first.name}, was looked at."
        for file in foreign
        if file is not first
    ]
    found = _look(_head(first))
    return Guess(_toml(first.name if place.is_dir() else None, found), (*notes, *found.notes))


def _head(file: Path) -> pd.DataFrame:
    bound = bind(Opener.of(choose_engine(None)).open(file), what=str(file))
    columns = collect(bound.frame.head(_ROWS))
    frame = pd.DataFrame({name.strip(): values for name, values in columns.items()})
    if frame.empty:
        msg = f"{file} has no rows to guess from"
        raise CemkitError(msg)
    return frame


def _look(frame: pd.DataFrame) -> _Sections:
    found = _Sections()
    for name in map(str, frame.columns):
        for pattern, domain in _NAMES:
            if domain not in found.columns and re.match(pattern, _words(name), re.IGNORECASE):
                if domain.endswith("_at") and not _is_date(frame[name]):
                    continue
                found.columns[domain] = name
                found.notes.append(f"Column {name} is taken for {domain}, by its name.")
                break
        for pattern, part in _DESIGN:
            if part not in found.design and re.match(pattern, _words(name), re.IGNORECASE):
                found.design[part] = name
                found.notes.append(f"Column {name} is taken for the {part} of the design, by its name.")
    if "customer_id" not in found.columns:
        _guess_key(frame, found)
    taken = {*found.columns.values(), *found.design.values()}
    for name in map(str, frame.columns):
        if name not in taken:
            _guess_rating(name, frame[name], found)
    if not found.wide:
        found.notes.append("No column looks like a rating: name the rated columns in [responses.wide] by hand.")
    return found


def _words(name: str) -> str:
    return re.sub(r"[\s.\-]+", "_", name.strip())


def _is_date(values: pd.Series[Any]) -> bool:
    return bool(
        values.dropna().map(lambda v: hasattr(v, "year") or bool(re.match(r"^\d{4}-\d{2}-\d{2}", str(v)))).all()
    )


def _guess_key(frame: pd.DataFrame, found: _Sections) -> None:
    for name in map(str, frame.columns):
        values = frame[name]
        whole = pd.api.types.is_integer_dtype(values) or not pd.api.types.is_numeric_dtype(values)
        named = re.search(r"id|num|no$|key", name, re.IGNORECASE)
        if named and whole and values.notna().all() and values.is_unique:
            found.columns["customer_id"] = name
            found.notes.append(
                f"Column {name} is taken for customer_id: its values are unique and its name tells of a number."
            )
            return
    found.notes.append("No column looks like a customer_id: name it in [answers.columns] by hand.")


def _guess_rating(name: str, values: pd.Series[Any], found: _Sections) -> None:
    """Take a column for a rating where all its points are used and what lies outside looks like codes."""
    present = values.dropna()
    numbers = pd.to_numeric(present, errors="coerce")
    words = sorted({str(v) for v in present[numbers.isna()]})
    points = np.unique(numbers.dropna())
    if len(words) > 1 or len(points) < _FEWEST or (points % 1 != 0).any() or _NOT_RATED.search(name):
        return
    used = {int(p) for p in points}
    if _NPS.search(name) and 0 not in used and used >= set(range(2, 12)):
        found.notes.append(
            f"Column {name} holds 1 to 11: a 0-to-10 question shifted by one? It is left out: subtract 1, then map it."
        )
        return
    for low, high, question in _scales_of(name):
        inside = {p for p in used if low <= p <= high}
        outside = sorted(used - inside)
        # Points that go on without a gap for more than one step are points, not codes: 1 to 7 is no 1 to 5.
        longer = {high + 1, high + 2} <= used
        full = len(inside) == high - low + 1 or question == "nps"
        if full and not longer and set(outside) <= _BLANKS:
            codes: list[Any] = [*outside, *words]
            found.wide[name] = (question, (low, high), codes)
            blank = f", {', '.join(map(str, codes))} as 'no answer'" if codes else ""
            found.notes.append(f"Column {name} is taken for the question {question}, rated {low} to {high}{blank}.")
            return


def _scales_of(name: str) -> Sequence[tuple[int, int, str]]:
    own = re.sub(r"\W+", "_", name).strip("_").lower() or name
    if _NPS.search(name):
        return ((0, 10, "nps"),)
    if _CES.search(name):
        return ((1, 7, "ces"), (1, 5, own))
    return ((0, 10, own), (1, 7, own), (1, 5, own))


def _toml(file: str | None, found: _Sections) -> str:
    parts = ["[answers]\n" + (f"file = {_quoted(file)}\n" if file is not None else "")]
    if found.columns:
        parts.append("[answers.columns]\n" + "".join(f"{k} = {_quoted(v)}\n" for k, v in found.columns.items()))
    if found.design:
        parts.append("[design]\n" + "".join(f"{k} = {_quoted(v)}\n" for k, v in found.design.items()))
    ready = {(0, 10): "nps", (1, 5): "csat", (1, 7): "ces"}
    taken: set[str] = set()
    for column, (question, ends, codes) in found.wide.items():
        # One question, one column: a second one of the same name keeps its own.
        its = question if question not in taken else re.sub(r"\W+", "_", column).lower()
        taken.add(its)
        name = ready[ends] if ends != (1, 7) or its == "ces" else "csat7"
        lines = [f"[responses.wide.{_key(column)}]", f"question = {_quoted(its)}", f'scale = {{ name = "{name}" }}']
        if codes:
            lines.append(f"missing_codes = [{', '.join(_quoted(c) if isinstance(c, str) else str(c) for c in codes)}]")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
