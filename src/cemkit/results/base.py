"""The base of every result: tables, assumptions, JSON, equality, display."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results.assumption import Assumption

__all__ = ["Result"]

_ROWS_SHOWN = 20


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """A frozen answer whose parts are plain tables.

    A child is a frozen dataclass (``eq=False, repr=False``) with fields that are tables (pandas), plain scalars,
    tuples of them, or other results. The field ``table`` is what ``to_frame()`` gives.
    """

    table: pd.DataFrame
    assumptions: tuple[Assumption, ...] = ()

    _title: ClassVar[str] = "Result"

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a new pandas frame."""
        return self.table.copy()

    def __len__(self) -> int:
        return len(self.table)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(_same(getattr(self, field.name), getattr(other, field.name)) for field in dataclasses.fields(self))

    __hash__ = None  # type: ignore[assignment]

    def _row(self) -> Mapping[str, Any]:
        if len(self.table) != 1:
            msg = f".only needs a result with one row, this {type(self).__name__} has {len(self.table)}"
            raise CemkitError(msg)
        return {str(name): _plain(self.table[name].iloc[0]) for name in self.table.columns}

    def to_json(self) -> str:
        """Return the whole result as JSON; ``from_json`` reads it back."""
        return json.dumps(_encode(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what ``to_json`` wrote."""
        found = _decode(json.loads(text))
        if not isinstance(found, cls):
            msg = f"the JSON holds a {type(found).__name__}, not a {cls.__name__}"
            raise CemkitError(msg)
        return found

    def _display(self) -> pd.DataFrame:
        """Return the table as shown to people; children may round or leave out columns."""
        return self.table

    def __repr__(self) -> str:
        shown = self._display()
        text = shown.head(_ROWS_SHOWN).to_string(index=False, na_rep="", float_format=lambda x: f"{x:.4g}")
        rest = f"\n... {len(shown) - _ROWS_SHOWN} more rows" if len(shown) > _ROWS_SHOWN else ""
        return f"{self._title} ({len(shown)} row{'s' if len(shown) != 1 else ''})\n{text}{rest}"

    def _repr_html_(self) -> str:
        shown = self._display()
        body = shown.head(_ROWS_SHOWN).to_html(index=False, na_rep="", border=0, float_format=lambda x: f"{x:.4g}")
        more = f"<p>{len(shown) - _ROWS_SHOWN} more rows</p>" if len(shown) > _ROWS_SHOWN else ""
        notes = "".join(f"<li>{html.escape(str(a))}</li>" for a in self.assumptions)
        return f"<div><strong>{html.escape(self._title)}</strong>{body}{more}<ul>{notes}</ul></div>"


def _plain(value: Any) -> Any:
    """Return a numpy or pandas scalar as a Python one; nulls become None except float NaN."""
    if isinstance(value, np.generic):
        return value.item()
    if value is pd.NA or value is pd.NaT:
        return None
    return value


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, pd.DataFrame):
        return isinstance(right, pd.DataFrame) and left.equals(right)
    if isinstance(left, np.ndarray):
        return isinstance(right, np.ndarray) and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (left != left and right != right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(_same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[k], right[k]) for k in left)
    return bool(left == right)


def _encode(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, Result):
        fields = {f.name: _encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"$result": type(value).__name__, "fields": fields}
    if isinstance(value, pd.DataFrame):
        columns = [_encode_column(str(name), value[name]) for name in value.columns]
        return {"$table": columns, "rows": len(value)}
    if isinstance(value, Assumption):
        return {"$assumption": value.code, "values": {k: _encode(v) for k, v in value.values.items()}}
    if isinstance(value, np.ndarray):
        return {"$array": [_encode(v) for v in value.tolist()], "dtype": str(value.dtype)}
    if isinstance(value, float):
        return value if np.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, tuple | list):
        return {"$tuple": [_encode(v) for v in value]}
    if isinstance(value, Mapping):
        return {"$map": [[_encode(k), _encode(v)] for k, v in value.items()]}
    if value is None or isinstance(value, str | int | bool):
        return value
    return _encode_time(value)


def _encode_time(value: Any) -> Any:
    if isinstance(value, pd.Timedelta):
        return {"$duration": value.isoformat()}
    if isinstance(value, pd.Period):
        return {"$period": str(value), "freq": value.freqstr}
    if isinstance(value, dt.datetime):
        return {"$time": pd.Timestamp(value).isoformat()}
    if isinstance(value, dt.date):
        return {"$date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    msg = f"a {type(value).__name__} has no JSON form"
    raise TypeError(msg)


def _encode_column(name: str, values: pd.Series) -> dict[str, Any]:
    categories = None
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = {"$tuple": [_encode(c) for c in values.cat.categories], "ordered": bool(values.cat.ordered)}
    items = [_encode(v) for v in values.tolist()]
    return {"name": name, "dtype": str(values.dtype), "categories": categories, "values": items}


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "$result" in value:
        fields = {k: _decode(v) for k, v in value["fields"].items()}
        return _result_class(value["$result"])(**fields)
    if "$table" in value:
        columns = {c["name"]: _decode_column(c) for c in value["$table"]}
        return pd.DataFrame(columns, index=pd.RangeIndex(value["rows"]))
    if "$assumption" in value:
        return Assumption(value["$assumption"], {k: _decode(v) for k, v in value["values"].items()})
    if "$array" in value:
        return np.array([_decode(v) for v in value["$array"]], dtype=value["dtype"])
    if "$tuple" in value:
        return tuple(_decode(v) for v in value["$tuple"])
    if "$map" in value:
        return {_decode(k): _decode(v) for k, v in value["$map"]}
    return _decode_scalar(value)


def _decode_scalar(value: dict[str, Any]) -> Any:
    if "$period" in value:
        return pd.Period(value["$period"], freq=value["freq"])
    readers: dict[str, Callable[[str], Any]] = {
        "$time": pd.Timestamp,
        "$date": dt.date.fromisoformat,
        "$decimal": Decimal,
        "$duration": pd.Timedelta,
        "$float": float,
    }
    ((kind, text),) = value.items()
    return readers[kind](text)


def _decode_column(column: dict[str, Any]) -> pd.Series:
    values = [_decode(v) for v in column["values"]]
    if column["categories"] is not None:
        known = [_decode(c) for c in column["categories"]["$tuple"]]
        return pd.Series(pd.Categorical(values, categories=known, ordered=column["categories"]["ordered"]))
    dtype = column["dtype"]
    return pd.Series(values, dtype="object" if dtype == "object" else dtype)


def _result_class(name: str) -> type[Result]:
    waiting = [Result]
    while waiting:
        cls = waiting.pop()
        if cls.__name__ == name:
            return cls
        waiting.extend(cls.__subclasses__())
    msg = f"no result class is named {name!r} (import the module that defines it first)"
    raise CemkitError(msg)
