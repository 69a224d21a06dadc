"""Look at a CSV file once, before any engine reads it: encoding, delimiter, header, lines of the wrong length.

Engines disagree about short lines, blank lines and bytes that are no UTF-8: some fill in nulls, some fail in the middle
of a query. One pass over the bytes (a few hundred megabytes a second, in small memory) settles it with one message.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError, ContractError

__all__ = ["CsvLayout", "look_at_csv"]

_CHUNK = 1 << 22
_DELIMITERS = (",", ";", "\t", "|")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class CsvLayout:
    """What a CSV file looks like.

    Attributes
    ----------
    path
        The file.
    delimiter
        Comma, semicolon, tab or bar: whichever the header has most of.
    columns
        The header, trimmed; a column without a name is called after its place (``column_3``).
    rows
        Number of data lines.
    """

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    rows: int


def look_at_csv(path: Path) -> CsvLayout:
    """Check a CSV file and return its layout.

    Raises
    ------
    CemkitError
        If the file is empty, is no UTF-8, repeats a header, or has a line with more or fewer fields than the header.
    """
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if not head.removeprefix(_BOM).strip():
        msg = f"{path} is empty: it has no header"
        raise CemkitError(msg)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head:
        msg = f"{path} is not UTF-8 text (it looks like UTF-16 or a binary file): save it as CSV in UTF-8"
        raise CemkitError(msg)
    header = _header_line(head, path)
    if not header.strip():
        msg = f"{path}: line 1 is blank, where the header must be: delete the line"
        raise CemkitError(msg)
    delimiter = Counter({d: _outside_quotes(header, d) for d in _DELIMITERS}).most_common(1)[0][0]
    names = [name.strip() for name in next(csv.reader(io.StringIO(header), delimiter=delimiter))]
    columns = tuple(name or f"column_{i}" for i, name in enumerate(names, start=1))
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        msg = f"{path}: {len(twice)} name(s) appear twice in the header, first {twice[0]!r}: rename one of the columns"
        raise CemkitError(msg)
    rows = _scan(path, delimiter.encode(), len(columns))
    return CsvLayout(path, delimiter, columns, rows)


def _header_line(head: bytes, path: Path) -> str:
    ends = _line_ends(head)
    line = head[: ends[0]] if len(ends) else head
    return _decode(line.removeprefix(_BOM).rstrip(b"\r"), path, 1)


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])


def _decode(data: bytes, path: Path, line: int) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = line + data[: error.start].count(b"\n")
        msg = (
            f"{path} is not UTF-8 text: byte 0x{data[error.start]:02x} in line {where:,}; save it in UTF-8 "
            "(in pandas: read it with its own encoding=, and write it with to_csv)"
        )
        raise CemkitError(msg) from None


def _scan(path: Path, delimiter: bytes, width: int) -> int:
    """Count the data lines; raise at the first that has not ``width`` fields or is no UTF-8."""
    rows = line = 0
    rest = b""
    blank = 0
    with path.open("rb") as file:
        while True:
            data = file.read(_CHUNK)
            block = rest + data
            if not block:
                break
            ends = _line_ends(block)
            if not data and (not len(ends) or ends[-1] != len(block) - 1):
                block += b"\n"
                ends = _line_ends(block)
                if not len(ends) or ends[-1] != len(block) - 1:
                    msg = f"{path}: the quote that opens in or after line {line + 1:,} is never closed"
                    raise CemkitError(msg)
            if not len(ends):
                rest = block
                continue
            whole, rest = block[: ends[-1] + 1], block[ends[-1] + 1 :]
            if not whole.isascii():
                _decode(whole, path, line + 1)
            blank = _check_widths(path, whole, ends, delimiter, width, line=line, blank=blank)
            rows += len(ends)
            line += len(ends)
            if not data:
                break
    return int(rows - 1 - blank)


def _line_ends(block: bytes) -> npt.NDArray[np.intp]:
    """Return where lines end; a line break within quotes ends nothing."""
    raw = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(raw == 0x0A)
    if 0x22 in block:
        quotes = np.flatnonzero(raw == 0x22)
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return ends


def _check_widths(
    path: Path, block: bytes, ends: npt.NDArray[np.intp], delimiter: bytes, width: int, *, line: int, blank: int
) -> int:
    """Check a block of whole lines; return how many blank lines the file ends with so far."""
    raw = np.frombuffer(block, dtype=np.uint8)
    marks = np.flatnonzero(raw == delimiter[0])
    if 0x22 in block:
        quotes = np.flatnonzero(raw == 0x22)
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    fields = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
    if width == 1:
        return 0
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    empty = (lengths == 0) | ((lengths == 1) & (raw[starts] == 0x0D))
    wrong = np.flatnonzero((fields != width) & ~empty)
    filled = np.flatnonzero(~empty)
    if len(wrong):
        first = wrong[0]
        others = f" (and {len(wrong) - 1:,} more lines nearby)" if len(wrong) > 1 else ""
        msg = (
            f"{path}: line {line + first + 1:,} has {fields[first]} fields, the header has {width}{others}: "
            f"put quotes around fields that contain {delimiter.decode()!r}, or mend the line"
        )
        raise ContractError(msg)
    inner = empty[: filled[-1]] if len(filled) else empty[:0]
    if len(filled) and (blank or inner.any()):
        where = line if blank else line + int(np.flatnonzero(inner)[0]) + 1
        msg = f"{path}: line {where:,} is blank, between lines with {width} fields: delete it"
        raise ContractError(msg)
    return blank + len(empty) - (filled[-1] + 1 if len(filled) else 0)
