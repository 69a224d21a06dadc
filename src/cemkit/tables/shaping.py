"""Shape foreign tables into the domain's: names, constants, codes, labels, times; wide into long; files into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.tables.binding import Bound, as_text, bind, collect
from cemkit.tables.mapping import FileMap, Item
from cemkit.tables.mapping_values import Code

__all__ = ["blank_codes", "dress", "lengthen", "parse_times", "stack"]

_FEW = 10_000
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$"
_ZONED = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:Z|[+-]\d{2}(?::?\d{2})?)$"


def dress(data: Any, file: FileMap, *, where: str) -> Bound:
    """Give one file the domain's names, its constants, codes, labels and times."""
    bound = _rename(bind(data, what=where), file, where)
    if file.id_prefix is not None:
        if "customer_id" not in bound.schema:
            msg = f"{where}: id_prefix needs a customer_id: name the column that holds it in columns"
            raise ColumnError(msg)
        prefixed = nw.concat_str([nw.lit(file.id_prefix), as_text(bound, "customer_id")])
        bound = bind(bound.frame.with_columns(prefixed.alias("customer_id")))
    for name in file.constants:
        if name in bound.schema:
            msg = f"{where} already has a column {name!r}: the mapping cannot make it a constant"
            raise ColumnError(msg)
    if file.constants:
        bound = bind(bound.frame.with_columns(*(nw.lit(v).alias(k) for k, v in file.constants.items())))
    for column, codes in file.missing_codes.items():
        bound = blank_codes(bound, _domain_name(bound, column, file, f"{where}: missing_codes"), codes)
    for column, words in file.labels.items():
        bound = _label(bound, _domain_name(bound, column, file, f"{where}: labels"), words, where)
    for column, form in file.times.items():
        bound = _read_time(bound, _domain_name(bound, column, file, f"{where}: times"), form, where)
    return parse_times(bound)


def _rename(bound: Bound, file: FileMap, where: str) -> Bound:
    trimmed = {name: name.strip() for name in bound.schema}
    if len(set(trimmed.values())) < len(trimmed):
        msg = f"{where} has two columns whose names differ by blanks only: rename one of them"
        raise ColumnError(msg)
    headers = {short: name for name, short in trimmed.items()}
    rename = {name: short for name, short in trimmed.items() if name != short}
    for domain, header in file.columns.items():
        if header.strip() not in headers:
            near = did_you_mean(header, headers)
            back = f' (columns are written {header} = "{domain}" the other way round?)' if domain in headers else ""
            msg = f"{where} has no column {header!r}, which the mapping names as {domain}.{near}{back}"
            raise ColumnError(msg)
        rename[headers[header.strip()]] = domain
    kept = [rename.get(name, name) for name in bound.schema]
    twice = [name for name in kept if kept.count(name) > 1]
    if twice:
        msg = f"{where} would have two columns {twice[0]!r}: the file has one already, map that one to another name"
        raise ColumnError(msg)
    rename = {old: new for old, new in rename.items() if old != new}
    return bind(bound.frame.rename(rename)) if rename else bound


def _domain_name(bound: Bound, column: str, file: FileMap, argument: str) -> str:
    """Return a column's name after renaming, whether the mapping calls it by the file's name or the domain's."""
    renamed = {header: domain for domain, header in file.columns.items()}
    return bound.require(column if column in bound.schema else renamed.get(column, column), argument)


def blank_codes(bound: Bound, column: str, codes: Sequence[Code], *, numbers: bool = False) -> Bound:
    """Turn codes into nulls; with ``numbers`` the rest becomes numbers, or is an error that names what is not."""
    dtype = bound.schema[column]
    x = nw.col(column)
    if isinstance(dtype, nw.Unknown):
        return bind(bound.frame.with_columns(x.cast(nw.Float64))) if numbers else bound
    if not dtype.is_numeric():
        text = as_text(bound, column)
        spelt = sorted({form for code in codes for form in _spellings(code)})
        kept = nw.when(~text.is_in(spelt)).then(text) if spelt else text
        if not numbers:
            return bind(bound.frame.with_columns(kept.alias(column)))
        _refuse_words(bind(bound.frame.select(kept.alias(column))), column)
        return bind(bound.frame.with_columns(kept.cast(nw.Float64).alias(column)))
    found = [float(code) for code in codes if not isinstance(code, str)]
    if numbers or (found and bound.engine == "pandas"):
        bound = bind(bound.frame.with_columns(x.cast(nw.Float64)))
    if not found:
        return bound
    values: list[Any] = found if bound.schema[column].is_float() else [int(code) for code in found if code == int(code)]
    return bind(bound.frame.with_columns(nw.when(~x.is_in(values)).then(x).alias(column)))


def _spellings(code: Code) -> set[str]:
    return {code} if isinstance(code, str) else {str(code), f"{code:g}", f"{code:.1f}"}


def _refuse_words(bound: Bound, column: str) -> None:
    counts = collect(
        bound.frame.filter(~nw.col(column).is_null()).group_by(column).agg(nw.len().alias("_rows")).head(_FEW)
    )
    words = [
        (str(value), int(rows))
        for value, rows in zip(counts[column], counts["_rows"], strict=True)
        if not _is_number(value)
    ]
    if words:
        shown = ", ".join(f"{value!r} ({rows:,} rows)" for value, rows in sorted(words)[:3])
        msg = f"column {column!r} must hold ratings, but holds text that is no number: {shown}; add it to missing_codes"
        raise ColumnError(msg)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _whole_again(bound: Bound, columns: Iterable[str]) -> Bound:
    """Undo what nulls do to the whole numbers of pandas, so that the text of a code is '1' and not '1.0'."""
    if bound.engine != "pandas":
        return bound
    floats = {name: bound.native[name] for name in columns if bound.schema[name].is_float()}
    whole = {name: x.astype("Int64") for name, x in floats.items() if (x.dropna() % 1 == 0).all()}
    return bind(bound.native.assign(**whole)) if whole else bound


def _label(bound: Bound, column: str, words: Mapping[str, str], where: str) -> Bound:
    bound = _whole_again(bound, [column])
    x = nw.col(column)
    dtype = bound.schema[column]
    kept: Any = as_text(bound, column)
    if dtype.is_numeric():
        strange = [code for code in words if not _is_number(code)]
        if strange:
            msg = f"{where}: {column!r} holds numbers, so the label for {strange[0]!r} can never apply: use the number"
            raise CemkitError(msg)
        matches = [(x == float(code), word) for code, word in words.items()]
    else:
        matches = [(kept == code, word) for code, word in words.items()]
    labelled = reduce(lambda rest, match: nw.when(match[0]).then(nw.lit(match[1])).otherwise(rest), matches, kept)
    return bind(bound.frame.with_columns(labelled.alias(column)))


def _read_time(bound: Bound, column: str, form: str, where: str) -> Bound:
    dtype = bound.schema[column]
    if isinstance(dtype, nw.Datetime | nw.Date):
        return bound
    text = nw.col(column) if isinstance(dtype, nw.String) else as_text(bound, column)
    try:
        shaped = bind(bound.frame.with_columns(text.str.to_datetime(format=form).alias(column)))
        collect(shaped.frame.select(nw.col(column).max()))
    except Exception as error:  # each engine has its own
        found = ", ".join(map(repr, bound.first_values(column)))
        msg = f"{where}: {column} does not follow the format {form!r}; it holds {found}"
        raise CemkitError(msg) from error
    return shaped


def parse_times(bound: Bound) -> Bound:
    """Turn text columns that hold ISO dates or times, all of one kind, into times; leave all others as they are."""
    candidates = [name for name, dtype in bound.schema.items() if isinstance(dtype, nw.String) or _is_text(bound, name)]
    if not candidates:
        return bound
    head = collect(bound.frame.select(*map(nw.col, candidates)).head(100))
    likely = [
        name for name in candidates if any(isinstance(v, str) and v[:4].isdigit() and v[4:5] == "-" for v in head[name])
    ]
    if not likely:
        return bound
    counts = {}
    for name in likely:
        text = as_text(bound, name).fill_null("")
        for kind, pattern in (("day", _DAY), ("time", _TIME), ("zoned", _ZONED)):
            counts[f"{name}:{kind}"] = text.str.contains(pattern).cast(nw.Int64).sum()
        counts[f"{name}:all"] = (~nw.col(name).is_null()).cast(nw.Int64).sum()
    found = collect(bound.frame.select(**counts))
    for name in likely:
        rows = found[f"{name}:all"][0]
        fitting = [kind for kind in ("day", "time", "zoned") if rows and found[f"{name}:{kind}"][0] == rows]
        if fitting:
            bound = bind(_as_time(bound, name, fitting[0]))
    return bound


def _is_text(bound: Bound, name: str) -> bool:
    if not isinstance(bound.schema[name], nw.Object) or bound.engine != "pandas":
        return False
    return pd.api.types.infer_dtype(bound.native[name], skipna=True) == "string"


def _as_time(bound: Bound, name: str, kind: str) -> Any:
    if bound.engine == "pandas":
        times = pd.to_datetime(bound.native[name], format="ISO8601", utc=kind == "zoned")
        return bound.native.assign(**{name: times})
    column = nw.col(name)
    if bound.engine == "polars":
        text = column.str.replace_all("T", " ", literal=True)
        forms = {"day": "%Y-%m-%d", "time": "%Y-%m-%d %H:%M:%S%.f", "zoned": "%Y-%m-%d %H:%M:%S%.f%#z"}
        short = text.str.replace_all(r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2})($|Z|[+-]| )", "${1}:00${2}")
        plain = short.str.replace_all("Z", "+00:00", literal=True) if kind == "zoned" else short
        return bound.frame.with_columns(
            (text if kind == "day" else plain).str.to_datetime(format=forms[kind]).alias(name)
        )
    zone = nw.Datetime("us", "UTC") if kind == "zoned" else nw.Datetime("us")
    return bound.frame.with_columns(column.cast(zone))


def lengthen(bound: Bound, items: Mapping[str, Item], *, subject: str, rating: str, carry: Iterable[str]) -> Bound:
    """Turn rated columns into rows: one per row of the table and column that it has.

    A union of selects, because that is the one form that every engine has and keeps lazy.
    """
    kept = [name for name in carry if name in bound.schema and name not in (subject, rating)]
    parts = []
    for column, item in items.items():
        if column in bound.schema:
            constants = {k: v for k, v in item.constants.items() if k not in kept}
            parts.append(
                bound.frame.select(
                    *kept,
                    nw.lit(item.name).alias(subject),
                    *(nw.lit(value).alias(name) for name, value in constants.items()),
                    nw.col(column).cast(nw.Float64).alias(rating),
                )
            )
    return stack([bind(part) for part in parts])


def stack(tables: Sequence[Bound]) -> Bound:
    """Put tables of one engine below each other: the union of their columns, with nulls where a table has none.

    Columns whose types differ become floats (numbers), times (dates and times), else text.
    """
    if len(tables) == 1:
        return tables[0]
    types: dict[str, list[Any]] = {}
    for table in tables:
        for name, dtype in table.schema.items():
            types.setdefault(name, []).append(dtype)
    common = {name: _common_type(found) for name, found in types.items()}
    parts = []
    for given in tables:
        texts = [n for n, d in common.items() if isinstance(d, nw.String) and n in given.schema]
        table = _whole_again(given, texts)
        exprs = []
        for name, dtype in common.items():
            if name not in table.schema and table.engine == "pandas":
                continue
            if name not in table.schema:
                exprs.append(nw.lit(None).cast(dtype).alias(name))
            elif table.schema[name] != dtype:
                text = isinstance(dtype, nw.String)
                exprs.append((as_text(table, name) if text else nw.col(name).cast(dtype)).alias(name))
            else:
                exprs.append(nw.col(name))
        parts.append(table.frame.select(*exprs))
    if tables[0].engine == "pandas":
        # Absent columns are left to pandas: its whole numbers have no null, and become floats.
        return bind(pd.concat([part.to_native() for part in parts], ignore_index=True)[list(common)])
    return bind(nw.concat(parts, how="vertical"))


def _common_type(found: Sequence[Any]) -> Any:
    known = [dtype for dtype in found if not isinstance(dtype, nw.Unknown)]
    if not known:
        return nw.String()
    if all(dtype == known[0] for dtype in known):
        return known[0]
    if all(dtype.is_integer() for dtype in known):
        return nw.Int64()
    if all(dtype.is_numeric() for dtype in known):
        return nw.Float64()
    if all(isinstance(dtype, nw.Datetime | nw.Date) for dtype in known):
        zones = {getattr(dtype, "time_zone", None) for dtype in known}
        if len(zones) == 1:
            return nw.Datetime("us", next(iter(zones)))
    return nw.String()
