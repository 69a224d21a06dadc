"""Bind a caller's frame: which engine, which columns, which types. Everything below trusts what comes out."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, MissingExtraError, did_you_mean
from cemkit.typing import Frame

__all__ = ["Bound", "as_given", "as_text", "bind", "collect", "column_names", "is_null_or_nan", "key_expressions"]

_EAGER = ("pandas", "pyarrow", "modin", "cudf")
_TAKEN = re.compile(
    r"_[a-z]\d*(_\d+)?|_[abdn][abe]|_w2|_[rs]_\w+|_(after|all|amount|any|anchor|answered|at|bad|before|cluster|counts|day|days|different|first|free|from|good"
    r"|high|infinite|item|kept|kept_day|last|low|missing|more|most|negative|null|period|point|population|raw|reached|rows|second|shared"
    r"|soon|stamp|std_error|strata|stratum|timed|unit|units|value)",
    re.IGNORECASE,  # DuckDB does not tell upper from lower case
)
"""Names of columns that queries make for themselves: DuckDB would silently read the caller's column instead."""


@dataclass(frozen=True)
class Bound:
    """A frame that was looked at once.

    Attributes
    ----------
    frame
        The narwhals view: eager for pandas and PyArrow, lazy for everything else (Polars always).
    engine
        Name of the engine: ``"pandas"``, ``"polars"``, ``"pyarrow"``, ``"duckdb"``, ``"pyspark"``, ``"dask"``, ``"ibis"``.
    schema
        Column names and narwhals types.
    derived
        Columns that cemkit itself added.
    """

    frame: Any
    engine: str
    schema: Mapping[str, nw.dtypes.DType]
    derived: frozenset[str] = frozenset()

    @property
    def in_memory_pandas(self) -> bool:
        """Whether the numpy kernels apply."""
        return self.engine == "pandas"

    @property
    def native(self) -> Any:
        """The engine's own frame."""
        return self.frame.to_native()

    def has(self, name: object) -> bool:
        """Whether ``name``, which need not hash, is a column."""
        return isinstance(name, str) and name in self.schema

    def require(self, name: object, argument: str) -> str:
        """Return ``name`` if it is a column, else raise with the nearest name (or because queries need the name)."""
        if isinstance(name, str) and name in self.schema:
            if _TAKEN.fullmatch(name) and name not in self.derived:
                msg = (
                    f"{argument}={name!r} is a name that cemkit's own queries use: rename the column in the data first"
                )
                raise ColumnError(msg)
            return name
        shown = ", ".join(map(str, list(self.schema)[:12])) + (", ..." if len(self.schema) > 12 else "")
        msg = (
            f"{argument}={name!r}: the table has no such column.{did_you_mean(name, self.schema)} "
            f"Its {len(self.schema)} columns are: {shown}. Name the right one as {argument}=."
        )
        raise ColumnError(msg)

    def with_derived(self, frame: Any, name: str) -> Bound:
        """Return the table as ``frame``, which has one more column of whole numbers; an error where the caller has one of that name."""
        if name in self.schema and name not in self.derived:
            self.require(name, "data")
        schema = {**self.schema, name: nw.Int64()}
        return replace(self, frame=frame, schema=schema, derived=self.derived | {name})

    def require_key(self, name: object, argument: str) -> str:
        """Return ``name`` if it is a column whose values can name groups on every engine, else raise with what it holds."""
        column = self.require(name, argument)
        dtype = self.schema[column]
        nested = isinstance(dtype, nw.Duration | nw.List | nw.Array | nw.Struct)
        found = self.first_objects(column) if isinstance(dtype, nw.Object) else []
        if nested or any(isinstance(value, list | dict | set | np.ndarray | dt.timedelta) for value in found):
            what = type(found[0]).__name__ if found else _type_name(dtype)
            msg = f"{argument}={column!r} holds {what} values, which cannot name groups: make it a column of text, numbers or dates first"
            raise ColumnError(msg)
        return column

    def require_order(self, name: object, argument: str) -> str:
        """Return ``name`` if it is a column of keys that can be sorted, else raise with what it holds."""
        column = self.require_key(name, argument)
        text = [isinstance(value, str) for value in self.objects(column)]
        if any(text) and not all(text):
            msg = (
                f"{argument}={column!r} mixes text with other values in {len(text) - sum(text):,} of {len(text):,} rows, and so has no "
                f"order: make them all text, for example with df[{column!r}].astype(str)"
            )
            raise ColumnError(msg)
        return column

    def objects(self, column: str) -> list[Any]:
        """Return the values of a pandas column of Python objects that are not null; none of any other column."""
        objects = self.engine == "pandas" and isinstance(self.schema[column], nw.Object)
        return self.native[column].dropna().tolist() if objects else []

    def first_objects(self, column: str) -> list[Any]:
        """Return some values of a column of Python objects, which need not be hashable."""
        return self.native[column].dropna().head(200).tolist() if self.engine == "pandas" else []

    def require_number(self, name: object, argument: str) -> str:
        """Return ``name`` if it is a numeric column, else raise with what it holds."""
        column = self.require(name, argument)
        dtype = self.schema[column]
        if dtype.is_numeric() or (self.engine == "pandas" and self._object_numbers(column)):
            return column
        hint = "convert it to numbers first"
        if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
            hint = "take the number out of the text first, for example with pandas.to_numeric, and look at what does not convert"
        elif isinstance(dtype, nw.Boolean):
            hint = "convert True and False to the scale's points first"
        found = self.first_values(column)
        shown = f" such as {', '.join(map(repr, found))}" if found else ""
        msg = f"{argument}={column!r} must hold numbers, found {_type_name(dtype)}{shown}: {hint}"
        raise ColumnError(msg)

    def is_true_false(self, column: str) -> bool:
        """Whether a column holds true and false."""
        return isinstance(self.schema[column], nw.Boolean)

    def require_time(self, name: object, argument: str) -> str:
        """Return ``name`` if it is a date or datetime column, else raise with what it holds."""
        column = self.require(name, argument)
        dtype = self.schema[column]
        if self.is_time(column):
            return column
        found = self.first_values(column)
        shown = f" such as {', '.join(map(repr, found))}" if found else ""
        hint = "convert it first, for example with pandas.to_datetime"
        if dtype.is_numeric():
            hint = "say how the number tells a time, for example with pandas.to_datetime(..., format='%Y%m%d')"
        if self.engine == "pandas" and isinstance(dtype, nw.Object) and self._mixed_zones(column):
            hint = (
                "its times mix time zones (or times with and without one): bring them to one zone first, for example "
                "with pandas.to_datetime(..., utc=True)"
            )
        elif self.engine == "pandas" and pd.api.types.infer_dtype(self.native[column], skipna=True) == "datetime":
            # Before version 3, pandas.to_datetime ends in 2262, and 9999-12-31 stays an object.
            hint = f"convert it first, for example with df[{column!r}].astype('datetime64[us]')"
        msg = f"{argument}={column!r} must hold dates or times, found {_type_name(dtype)}{shown}: {hint}"
        raise ColumnError(msg)

    def is_time(self, column: str) -> bool:
        """Whether a column holds dates or times."""
        return isinstance(self.schema[column], nw.Datetime | nw.Date)

    def _mixed_zones(self, column: str) -> bool:
        values = self.native[column].dropna().head(1000)
        return len({str(getattr(v, "tzinfo", "none")) for v in values}) > 1

    def _object_numbers(self, column: str) -> bool:
        """Whether a pandas object column holds numbers and nulls only."""
        kind = pd.api.types.infer_dtype(self.native[column], skipna=True)
        return kind in ("integer", "floating", "mixed-integer-float", "decimal", "empty")

    def first_values(self, column: str, where: nw.Expr | None = None, count: int = 3) -> list[Any]:
        """Return the first distinct non-null values of a column, to show in a message."""
        frame = self.frame.filter(~nw.col(column).is_null())
        if where is not None:
            frame = frame.filter(where)
        found = collect(frame.select(nw.col(column)).head(200))[column]
        shown = [v.item() if isinstance(v, np.generic) else v for v in found]
        if any(isinstance(v, list | dict | set | np.ndarray) for v in shown):  # these do not hash
            return shown[:count]
        return list(dict.fromkeys(shown))[:count]


def bind(data: Frame, *, what: str = "data") -> Bound:
    """Look at a frame of any supported engine.

    Raises
    ------
    CemkitError
        If ``data`` is not a table of an engine that narwhals knows, or two columns have the same name.
    """
    if isinstance(data, Bound):
        return data
    if isinstance(data, nw.DataFrame | nw.LazyFrame):
        data = nw.to_native(data)
    _require_different_names(data, what)
    if isinstance(data, pd.DataFrame) and not all(isinstance(name, str) for name in data.columns):
        odd = next(name for name in data.columns if not isinstance(name, str))
        msg = f"{what} has a column whose name is not text ({odd!r}): rename the columns, for example with df.rename(columns=str)"
        raise ColumnError(msg)
    try:
        frame = _from_native(data)
    except TypeError:
        msg = (
            f"{what} must be a table (pandas, Polars, PyArrow, DuckDB relation, Dask, PySpark or Ibis), "
            f"got {type(data).__name__}"
        )
        raise CemkitError(msg) from None
    engine = frame.implementation.name.lower()
    engine = {"pyspark_connect": "pyspark", "sqlframe": "pyspark"}.get(engine, engine)
    if engine == "duckdb" and find_spec("pyarrow") is None:
        raise MissingExtraError("pyarrow", "duckdb", "counting in DuckDB")
    if isinstance(frame, nw.DataFrame) and engine not in _EAGER:
        frame = frame.lazy()
    return Bound(frame, engine, dict(frame.collect_schema()))


def as_given(data: Frame, frame: Any) -> Any:
    """Return a frame made from ``data`` as the same kind of table: Polars, which is counted lazily, eager where it was."""
    if isinstance(data, nw.DataFrame):
        data = nw.to_native(data)
    eager = type(data).__module__.startswith("polars") and type(data).__name__ == "DataFrame"
    return (frame.collect() if eager else frame).to_native()


def _require_different_names(data: Any, what: str) -> None:
    """Raise where two columns have one name (Polars and DuckDB know no such tables)."""
    if not type(data).__module__.startswith(("pandas", "pyarrow", "pyspark", "dask")):
        return
    names = (
        data.columns
        if isinstance(data, pd.DataFrame)
        else pd.Index(getattr(data, "column_names", getattr(data, "columns", ())))
    )
    if not names.is_unique:
        twice = names[names.duplicated()].unique()[:3].tolist()
        msg = f"{what} has columns with the same name ({', '.join(map(repr, twice))}): rename or drop one of them"
        raise ColumnError(msg)


def _from_native(data: Any) -> Any:
    if not type(data).__module__.startswith("dask"):
        return nw.from_native(data)
    with warnings.catch_warnings():  # narwhals announces that its Dask part will move to a package of its own
        warnings.simplefilter("ignore", FutureWarning)
        return nw.from_native(data)


def column_names(
    by: str | Sequence[str] | None, *, argument: str = "by", reserved: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return ``by`` as a tuple of names; an error where one repeats or would hide a result column."""
    if by is None:
        return ()
    listed = isinstance(by, Sequence | Iterator | pd.Index | pd.Series | np.ndarray) and not isinstance(by, str | bytes)
    names: tuple[Any, ...] = tuple(by) if listed else (by,)
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        msg = f"{argument} must be the name of a column or a list of names, got {type(odd[0]).__name__}{' among them' if listed else ''}"
        raise ColumnError(msg)
    if len(set(names)) < len(names):
        msg = f"{argument}={list(names)!r} names a column twice"
        raise ColumnError(msg)
    clash = sorted(set(names) & set(reserved))
    if clash:
        msg = f"{argument}={clash[0]!r} is also the name of a result column: rename it in the data first"
        raise ColumnError(msg)
    return names


def collect(frame: Any) -> dict[str, Any]:
    """Run the query and return the small table's columns: numpy arrays for numbers, lists for everything else."""
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect("pandas") if frame.implementation.is_dask() else frame.collect()
    return {name: _values(frame[name]) for name in frame.columns}


def _values(series: nw.Series[Any]) -> Any:
    if series.dtype.is_numeric() and not isinstance(series.dtype, nw.Decimal):
        if series.null_count():
            if series.dtype.is_float():
                return series.cast(nw.Float64).fill_null(float("nan")).to_numpy()
            return [None if value is pd.NA else value for value in series.to_list()]
        return series.to_numpy()
    return [None if value is pd.NaT or value is pd.NA else value for value in series.to_list()]


def is_null_or_nan(bound: Bound, column: str) -> nw.Expr:
    """Return the expression that is true where a value is null or NaN (``NaN >= 9`` is true on most engines)."""
    missing = nw.col(column).is_null()
    return missing | nw.col(column).is_nan() if bound.schema[column].is_float() else missing


def key_expressions(bound: Bound, names: Iterable[str]) -> list[nw.Expr]:
    """Return the key columns to group by, NaN as null (else the two would be two groups on most engines)."""
    return [_key_expression(bound, name) for name in dict.fromkeys(names)]


def _key_expression(bound: Bound, name: str) -> nw.Expr:
    column = nw.col(name)
    if bound.schema[name].is_float():
        return nw.when(~column.is_nan()).then(column)
    if bound.engine == "pandas" and isinstance(bound.schema[name], nw.Categorical):
        # Before version 3, pandas leaves the nulls of an Arrow dictionary out of its groups.
        return column.cast(nw.String) if isinstance(bound.native.dtypes[name], pd.ArrowDtype) else column
    return column


def as_text(bound: Bound, name: str) -> nw.Expr:
    """Return a column as text, null where it is null (before version 3, pandas writes ``'None'`` and ``'nan'``)."""
    text = nw.col(name).cast(nw.String)
    return nw.when(~nw.col(name).is_null()).then(text) if bound.engine == "pandas" else text


def _type_name(dtype: nw.dtypes.DType) -> str:
    names: tuple[tuple[type[nw.dtypes.DType], str], ...] = (
        (nw.String, "text"),
        (nw.Categorical, "categories"),
        (nw.Enum, "categories"),
        (nw.Boolean, "true/false values"),
        (nw.Object, "mixed Python objects"),
        (nw.Datetime, "times"),
        (nw.Date, "dates"),
        (nw.Duration, "duration"),
        (nw.List, "list"),
        (nw.Struct, "struct"),
    )
    return next((name for kind, name in names if isinstance(dtype, kind)), str(dtype))
