"""The mapping: how a foreign file becomes the domain's tables. Read from ``cemkit.toml``, or given as a dictionary.

Each table (``customers``, ``touchpoints``, ``experiences``, ``responses``, ``transactions``, ``answers``) is a
section::

    [responses]
    file = "survey_2017.csv"            # relative to the folder; `table = "..."` in a DuckDB database;
                                        # left out where the path is a single file
    id_prefix = "2017-"                 # put before every customer_id, so that two waves' numbers do not clash

    [responses.columns]                 # domain name = "header in the file"; all other columns keep their names
    customer_id = "RESPNUM"
    score = "NETPRO"

    [responses.constants]               # columns that the file does not have
    question = "nps"

    [responses.scale]                   # of the ratings: a ready one, or low, high, step, bands, direction
    name = "nps"
    missing_codes = [11]                # become null on opening, and count as missing; text codes are allowed too

    [responses.design]                  # names of columns; the study's design
    weights = "WEIGHT"
    strata = "STRATA"
    cluster = "GATE"

    [responses.labels.STRATA]           # codes that become words
    1 = "AM"

    [responses.missing_codes]           # codes of other columns that become null
    AGE = [0, 8]

    [responses.times]                   # format of times that are not written as 2017-05-13 09:30:00
    answered_at = "%m/%d/%Y"

Several files of one table, such as waves, are an array; each may have its own ``columns``, ``constants``, ``labels``,
``missing_codes``, ``times`` and ``id_prefix``, which go before those of the table. ``wave`` is short for a constant::

    [[responses.files]]
    file = "survey_2016.csv"
    wave = "2016"
    id_prefix = "2016-"
    columns = { customer_id = "*RESPNUM" }

A wide survey file has a row per respondent and a column per question. ``[responses.wide]`` makes a response of each
named column, ``[experiences.wide]`` an experience; the store holds them long, and the wide table as ``answers``::

    [responses.wide]
    NETPRO = "nps"                      # column = question
    [responses.wide.Q7ALL]              # or, with its own scale, codes and touchpoint
    question = "csat"
    scale = { low = 1, high = 5 }
    missing_codes = [0, 6, "Blank"]
    [responses.scales.nps]              # or the scales by question
    missing_codes = [11]

    [experiences]
    rating = "perceived"                # what the columns hold: perceived (default), expected or effort
    carry = ["GATE", "WEIGHT"]          # columns that go along; left out, all but the rated ones
    [experiences.wide]
    Q7FOOD = "food"                     # column = touchpoint
    [experiences.scale]
    name = "csat"
    missing_codes = [0, 6]

A ``wide`` section without a file reads the file of ``[answers]``, else of ``[responses]``, else of ``[experiences]``.
Questions named nps, csat and ces have the scales ``NPS_SCALE``, ``CSAT_5`` and ``CES_7`` unless the mapping says
otherwise.

What the wide survey's columns are, for gaps, drivers, and importance and performance, is said beside its file; only
``perceived`` is needed, and the items' numeric missing codes become null on opening::

    [answers.survey]
    perceived = ["s1", "s2"]            # an item each
    expected = ["e1", "e2"]             # the same items, in the same order
    importance = ["i1", "i2"]           # stated importance, likewise
    names = ["speed", "staff"]
    dimensions = { service = ["staff"] }
    outcome = "overall"                 # what the items may drive
    scale = { low = 1, high = 7, missing_codes = [9] }

Columns that a report should group by stand at the top: ``groups = ["STRATA", "GATE"]``.

The map of the journey is a section, too; ``stages`` is a list, ``"default"`` or ``"telecom"``::

    [journey_map]
    name = "Airport"
    stages = ["arrive", "wait", "fly"]
    [journey_map.touchpoints.food]
    name = "Restaurants"
    stage = "wait"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cemkit.errors import CemkitError
from cemkit.model import DEFAULT_STAGES, TELECOM_STAGES, JourneyMap, Stage
from cemkit.scales import Scale
from cemkit.tables.contracts import TABLES
from cemkit.tables.design import Design
from cemkit.tables.mapping_values import (
    Code,
    allow,
    read_codes,
    read_design,
    read_names,
    read_scale,
    read_text,
    section,
    with_codes,
)
from cemkit.tables.wide_survey import WideSurvey, read_wide_survey

__all__ = ["FileMap", "Item", "StudyMap", "TableMap", "read_mapping"]

TABLE_NAMES = (*TABLES, "answers")
_FILE_KEYS = ("file", "table", "wave", "id_prefix", "columns", "constants", "labels", "missing_codes", "times")
_TABLE_KEYS = (*_FILE_KEYS, "files", "scale", "scales", "design", "wide", "carry", "rating", "survey")
_RATINGS = ("perceived", "expected", "effort")


@dataclass(frozen=True)
class FileMap:
    """How one file is read."""

    file: str | None = None
    table: str | None = None
    id_prefix: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing_codes: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One rated column of a wide file: what its answers are about."""

    name: str
    scale: Scale | None = None
    missing_codes: tuple[Code, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TableMap:
    """How one table is made."""

    name: str
    files: tuple[FileMap, ...] = ()
    scale: Scale | None = None
    scale_codes: tuple[Code, ...] = ()
    scales: Mapping[str, Scale] = field(default_factory=dict)
    design: Design | None = None
    wide: Mapping[str, Item] = field(default_factory=dict)
    carry: tuple[str, ...] | None = None
    rating: str = "perceived"
    survey: WideSurvey | None = None


@dataclass(frozen=True)
class StudyMap:
    """The whole mapping."""

    tables: Mapping[str, TableMap] = field(default_factory=dict)
    journey_map: JourneyMap | None = None
    design: Design | None = None
    groups: tuple[str, ...] = ()
    origin: str = "the mapping"

    @property
    def wide_source(self) -> str | None:
        """Name of the section whose files the wide sections read where they name none."""
        return next(
            (n for n in ("answers", "responses", "experiences") if n in self.tables and self.tables[n].files), None
        )

    @property
    def survey(self) -> WideSurvey | None:
        """What the columns of the wide survey are."""
        return self.tables["answers"].survey if "answers" in self.tables else None

    @property
    def items(self) -> dict[str, Item]:
        """All rated columns of the wide files."""
        return {column: item for table in self.tables.values() for column, item in table.wide.items()}


def read_mapping(mapping: str | Path | Mapping[str, Any]) -> StudyMap:
    """Read and check a mapping.

    Raises
    ------
    CemkitError
        If the file cannot be read, is no TOML, or has a key that no mapping has.
    """
    if isinstance(mapping, Mapping):
        content: Mapping[str, Any] = mapping
        origin = "the mapping"
    else:
        path = Path(mapping)
        origin = str(path)
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            msg = f"the mapping {path} does not exist"
            raise CemkitError(msg) from None
        except (OSError, UnicodeDecodeError) as error:
            msg = f"the mapping {path} cannot be read: {error}"
            raise CemkitError(msg) from None
        except tomllib.TOMLDecodeError as error:
            msg = f"the mapping {path} is not valid TOML: {error}"
            raise CemkitError(msg) from None
    allow(content, (*TABLE_NAMES, "journey_map", "design", "groups"), origin)
    tables = {
        name: _table(name, section(content, name, origin), f"{origin} [{name}]")
        for name in TABLE_NAMES
        if name in content
    }
    designs = [table.design for table in tables.values() if table.design is not None]
    if "design" in content:
        designs.append(read_design(section(content, "design", origin), f"{origin} [design]"))
    if any(design != designs[0] for design in designs):
        msg = f"{origin} gives two different designs: a study has one, write it once as [design]"
        raise CemkitError(msg)
    journey_map = _journey_map(section(content, "journey_map", origin), origin) if "journey_map" in content else None
    groups = read_names(content["groups"], f"{origin} groups") if "groups" in content else ()
    return StudyMap(tables, journey_map, designs[0] if designs else None, tuple(groups), origin)


def _table(name: str, content: Mapping[str, Any], where: str) -> TableMap:
    allow(content, _TABLE_KEYS, where)
    if "files" in content and ("file" in content or "table" in content):
        msg = f"{where} has both file and files: name all its files in [[{name}.files]]"
        raise CemkitError(msg)
    common = {k: v for k, v in content.items() if k in _FILE_KEYS}
    if "files" in content:
        entries = content["files"]
        if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
            msg = f"{where}: files must be a list of tables, each with its file, written [[{name}.files]]"
            raise CemkitError(msg)
        files = tuple(_file(_merge(common, e), f"{where} files[{i}]", e) for i, e in enumerate(entries))
    elif common or not content.get("wide"):
        files = (_file(common, where, common),)
    else:
        files = ()
    scale, codes = read_scale(content["scale"], f"{where} scale") if "scale" in content else (None, ())
    scales: dict[str, Scale] = {}
    scale_codes: dict[str, tuple[Code, ...]] = {}
    for question, given in section(content, "scales", where).items():
        its, scale_codes[question] = read_scale(given, f"{where} scales.{question}", question=question)
        if its is not None:
            scales[question] = its
    wide = {
        column: _item(name, given, f"{where} wide.{column}", (scale, codes), scales=scales, scale_codes=scale_codes)
        for column, given in section(content, "wide", where).items()
    }
    if wide and name not in ("responses", "experiences"):
        msg = f"{where}: only [responses.wide] and [experiences.wide] turn columns into rows"
        raise CemkitError(msg)
    rating = read_text(content.get("rating", "perceived"), f"{where} rating")
    if rating not in _RATINGS:
        msg = f"{where}: rating must be one of {', '.join(_RATINGS)}, got {rating!r}"
        raise CemkitError(msg)
    if "survey" in content and name != "answers":
        msg = f"{where}: survey says what the columns of the wide survey are: write it as [answers.survey]"
        raise CemkitError(msg)
    return TableMap(
        name=name,
        files=files,
        scale=scale,
        scale_codes=codes,
        scales={**scales, **{i.name: i.scale for i in wide.values() if i.scale is not None and name == "responses"}},
        design=read_design(section(content, "design", where), f"{where} design") if "design" in content else None,
        wide=wide,
        carry=read_names(content["carry"], f"{where} carry") if "carry" in content else None,
        rating=rating,
        survey=read_wide_survey(section(content, "survey", where), f"{where} survey") if "survey" in content else None,
    )


def _merge(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Put a file's own settings before the table's; nested sections are merged key by key."""
    merged = {**common, **own}
    for key in ("columns", "constants", "labels", "missing_codes", "times"):
        if isinstance(common.get(key), Mapping) and isinstance(own.get(key), Mapping):
            merged[key] = {**common[key], **own[key]}
    return merged


def _file(content: Mapping[str, Any], where: str, own: Mapping[str, Any]) -> FileMap:
    allow(own, _FILE_KEYS, where)
    constants = dict(section(content, "constants", where))
    for name, value in constants.items():
        if not isinstance(value, str | int | float | bool):
            msg = f"{where}: the constant {name} must be text, a number or a truth value, got {type(value).__name__}"
            raise CemkitError(msg)
    if "wave" in content:
        constants["wave"] = str(content["wave"])
    texts = {k: read_text(content[k], f"{where} {k}") if k in content else None for k in ("file", "table", "id_prefix")}
    return FileMap(
        file=texts["file"],
        table=texts["table"],
        id_prefix=texts["id_prefix"],
        columns={k: read_text(v, f"{where} columns.{k}") for k, v in section(content, "columns", where).items()},
        constants=constants,
        labels={
            column: {
                code: str(word) for code, word in section(section(content, "labels", where), column, where).items()
            }
            for column in section(content, "labels", where)
        },
        missing_codes={
            k: read_codes(v, f"{where} missing_codes.{k}") for k, v in section(content, "missing_codes", where).items()
        },
        times={k: read_text(v, f"{where} times.{k}") for k, v in section(content, "times", where).items()},
    )


def _item(
    table: str,
    given: Any,
    where: str,
    usual: tuple[Scale | None, tuple[Code, ...]],
    *,
    scales: Mapping[str, Scale],
    scale_codes: Mapping[str, tuple[Code, ...]],
) -> Item:
    subject = "question" if table == "responses" else "touchpoint_id"
    content = {subject: given} if isinstance(given, str) else given
    if not isinstance(content, Mapping):
        msg = f"{where} must be the {subject} or a section with it, got {type(given).__name__}"
        raise CemkitError(msg)
    others = tuple(c for c in ("question", "touchpoint_id", "channel", "kind", "mode") if c != subject)
    allow(content, (subject, "scale", "missing_codes", *others), where)
    if subject not in content:
        msg = f"{where} needs {subject} = ..."
        raise CemkitError(msg)
    name = read_text(content[subject], f"{where} {subject}")
    scale, codes = usual
    if name in scales:
        scale, codes = scales[name], scale_codes[name]
    if "scale" in content:
        scale, codes = read_scale(content["scale"], f"{where} scale", question=name)
    elif scale is None:
        scale, _ = read_scale({}, where, question=name, optional=True)
    own = read_codes(content["missing_codes"], f"{where} missing_codes") if "missing_codes" in content else codes
    if scale is not None:
        scale = with_codes(scale, own, where)
    constants = {k: read_text(content[k], f"{where} {k}") for k in others if k in content}
    return Item(name, scale, own, constants)


def _journey_map(content: Mapping[str, Any], origin: str) -> JourneyMap:
    where = f"{origin} [journey_map]"
    allow(content, ("name", "stages", "touchpoints"), where)
    stages = content.get("stages", "default")
    ready = {"default": DEFAULT_STAGES, "telecom": TELECOM_STAGES}
    if isinstance(stages, str):
        if stages not in ready:
            msg = f"{where}: stages must be a list of names, 'default' or 'telecom', got {stages!r}"
            raise CemkitError(msg)
        sequence = ready[stages]
    else:
        names = read_names(stages, f"{where} stages")
        sequence = tuple(Stage(name=name, order=order) for order, name in enumerate(names, start=1))
    points = [
        {"touchpoint_id": key, "name": key, **value} for key, value in section(content, "touchpoints", where).items()
    ]
    try:
        return JourneyMap.model_validate(
            {"name": content.get("name", "journey"), "stages": sequence, "touchpoints": points}
        )
    except ValidationError as error:
        msg = f"{where}: {error.errors()[0]['msg'].removeprefix('Value error, ')}"
        raise CemkitError(msg) from None
