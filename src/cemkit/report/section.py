"""What a section of the report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cemkit.results import Assumption

__all__ = ["Block", "Call", "Column", "Finding", "Picture", "Row", "Section", "Table", "Tile", "lead"]


@dataclass(frozen=True)
class Picture:
    """A chart as SVG, drawn for a wide page and for a phone.

    Attributes
    ----------
    wide, narrow
        The two drawings; ready markup, in which all text from data is escaped.
    label
        What it shows, for those who cannot see it.
    """

    wide: Any
    narrow: Any
    label: str


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers."""

    heading: str
    number: bool = True


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells as they are shown, and why it is to be read with care (small base), if it is."""

    cells: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """A table as it is shown."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True)
class Call:
    """A Python call that gives a section's numbers, with its method and what it rests on."""

    title: str
    code: str
    method: str
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A candidate for the summary: a difference with its p-value, its size, and whether that is worth telling."""

    sentence: str
    p_value: float
    size: float
    large: bool


@dataclass(frozen=True)
class Tile:
    """A headline number of the summary."""

    label: str
    value: str
    interval: str
    base: str


@dataclass(frozen=True)
class Block:
    """A part of a section: a sentence, then the picture, then the tables, then lines of context."""

    title: str = ""
    sentence: str = ""
    picture: Picture | None = None
    tables: tuple[Table, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    items: tuple[str, ...] = ()
    codes: tuple[Call, ...] = ()
    calls: tuple[Call, ...] = ()


def lead(blocks: Sequence[Block], about: str) -> tuple[str, str]:
    """Return the sentence of a section, that of its first block with a number, and what it is about."""
    told = next((block.sentence for block in blocks if any(letter.isdigit() for letter in block.sentence)), "")
    return (told, about) if told else (about, "")


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes
    ----------
    id
        Anchor, and key of its texts.
    title, sentence
        What it is about, and what it says in plain words.
    blocks
        Its parts, each with sentence, picture and tables.
    calls
        The Python calls that give its numbers.
    findings
        Candidates for the summary.
    about
        What the section is, where its sentence is what it found.
    """

    id: str
    title: str
    sentence: str = ""
    blocks: tuple[Block, ...] = ()
    calls: tuple[Call, ...] = ()
    findings: tuple[Finding, ...] = ()
    tiles: tuple[Tile, ...] = field(default=())
    about: str = ""
