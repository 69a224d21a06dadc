"""The base of every result: tables, assumptions, JSON, equality, display."""

from __future__ import annotations

import dataclasses
import html
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
        """Read back what ``to_json`` wrote; of modules, only cemkit's own are imported for it."""
        try:
            found = _decode(json.loads(text))
        except (AttributeError, IndexError, KeyError, TypeError, json.JSONDecodeError) as error:
            msg = f"the text is not what to_json() of a {cls.__name__} wrote: {type(error).__name__}, {error}"
            raise CemkitError(msg) from None
        if not isinstance(found, cls):
            msg = f"the JSON holds {type(found).__name__}, not {cls.__name__}"
            raise CemkitError(msg)
        return found

    def _display(self) -> pd.DataFrame:
        """Return the table as shown to people; children may round or leave out columns."""
        return self.table

    def __repr__(self) -> str:
        shown = self._display()
        text = shown.head(_ROWS_SHOWN).to_string(index=False, na_rep="", float_format=lambda x: f"{x:.4g}")
        rest = f"\n... {len(shown) - _ROWS_SHOWN} more rows" if len(shown) > _ROWS_SHOWN else ""
        notes = "".join(f"\n- {a}" for a in self.assumptions)
        return f"{self._title} ({len(shown)} row{'s' if len(shown) != 1 else ''})\n{text}{rest}{notes}"

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
        return {"$result": f"{type(value).__module__}.{type(value).__qualname__}", "fields": fields}
    if isinstance(value, pd.DataFrame):
        columns = [_encode_column(str(name), value[name]) for name in value.columns]
        return {"$table": columns, "rows": len(value)}
    if isinstance(value, Assumption):
        return {"$assumption": value.code, "values": {k: _encode(v) for k, v in value.values.items()}}
    if isinstance(value, np.ndarray):
        items = [_encode(v) for v in value.ravel().tolist()]
        return {"$array": items, "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, float):
        return value if np.isfinite(value) else {"$float": repr(value)}
    if isinstance(value, tuple | list):
        return {"$tuple": [_encode(v) for v in value]}
    if isinstance(value, Mapping):
        return {"$map": [[_encode(k), _encode(v)] for k, v in value.items()]}
    if value is None or isinstance(value, str | int | bool):
        return value
    return _encode_key(value)


def _encode_key(value: Any) -> Any:
    """Encode what the keys of groups can be besides text and numbers."""
    if isinstance(value, datetime):
        return {"$time": pd.Timestamp(value).isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, timedelta):
        return {"$duration": pd.Timedelta(value).isoformat()}
    if isinstance(value, pd.Period):
        return {"$period": str(value), "freq": value.freqstr}
    if isinstance(value, pd.Interval):
        return {"$interval": [_encode(value.left), _encode(value.right)], "closed": value.closed}
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    msg = f"a {type(value).__name__} has no JSON form"
    raise CemkitError(msg)


def _encode_column(name: str, values: pd.Series) -> dict[str, Any]:
    categories = None
    if isinstance(values.dtype, pd.CategoricalDtype):
        categories = {"$tuple": [_encode(c) for c in values.cat.categories], "ordered": bool(values.cat.ordered)}
    items = [_encode(v) for v in values.tolist()]
    return {"name": name, "dtype": str(values.dtype), "categories": categories, "values": items}


_DECODERS: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "$result": lambda v: _result_class(v["$result"])(**{name: _decode(part) for name, part in v["fields"].items()}),
    "$table": lambda v: pd.DataFrame(
        {c["name"]: _decode_column(c) for c in v["$table"]}, index=pd.RangeIndex(v["rows"])
    ),
    "$assumption": lambda v: Assumption(v["$assumption"], {k: _decode(part) for k, part in v["values"].items()}),
    "$array": lambda v: np.array([_decode(part) for part in v["$array"]], dtype=v["dtype"]).reshape(v["shape"]),
    "$float": lambda v: float(v["$float"]),
    "$tuple": lambda v: tuple(_decode(part) for part in v["$tuple"]),
    "$map": lambda v: {_decode(k): _decode(part) for k, part in v["$map"]},
    "$time": lambda v: pd.Timestamp(v["$time"]),
    "$date": lambda v: date.fromisoformat(v["$date"]),
    "$duration": lambda v: pd.Timedelta(v["$duration"]),
    "$period": lambda v: pd.Period(v["$period"], freq=v["freq"]),
    "$interval": lambda v: pd.Interval(_decode(v["$interval"][0]), _decode(v["$interval"][1]), v["closed"]),
    "$decimal": lambda v: Decimal(v["$decimal"]),
}


def _decode(value: Any) -> Any:
    return _DECODERS[next(iter(value), "")](value) if isinstance(value, dict) else value


def _decode_column(column: dict[str, Any]) -> pd.Series:
    values = [_decode(v) for v in column["values"]]
    if column["categories"] is not None:
        known = [_decode(c) for c in column["categories"]["$tuple"]]
        return pd.Series(pd.Categorical(values, categories=known, ordered=column["categories"]["ordered"]))
    dtype = column["dtype"]
    return pd.Series(values, dtype="object" if dtype == "object" else dtype)


def _result_class(name: str) -> type[Result]:
    """Find a class of results by its full name; only cemkit's own modules are imported for it."""
    module, _, last = name.rpartition(".")
    if module.split(".")[0] == "cemkit":
        try:
            found = getattr(importlib.import_module(module), last, None)
        except ImportError:
            found = None
        if isinstance(found, type) and issubclass(found, Result):
            return found
    waiting = [Result]
    while waiting:
        cls = waiting.pop()
        if f"{cls.__module__}.{cls.__qualname__}" == name:
            return cls
        waiting.extend(cls.__subclasses__())
    msg = f"no class of results is named {name!r}: if it is your own, import its module first"
    raise CemkitError(msg)
