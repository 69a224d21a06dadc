"""Check a table against its contract: one select of violation counts, in the frame's own engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import did_you_mean
from cemkit.scales import Scale
from cemkit.tables.binding import Bound, bind, collect, is_null_or_nan
from cemkit.tables.contracts import Contract, ContractField
from cemkit.tables.violations import Rule, Violation, zone_violations, zones_of
from cemkit.typing import Frame

__all__ = ["check_bound", "check_table", "duplicates"]

_TOLERANCE = 1e-9
_CHUNK = 1 << 16
_Kernel = Callable[[npt.NDArray[Any]], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class _Probe:
    """One count to take, and what to say where it is not zero; ``broken`` is None where every row breaks the rule."""

    column: str
    rule: Rule
    broken: nw.Expr | None
    hint: str
    show: bool = True
    kernel: _Kernel | None = None
    question: str | None = None


def check_table(
    data: Frame,
    contract: Contract,
    *,
    scale: Scale | Mapping[str, Scale] | None = None,
) -> tuple[Violation, ...]:
    """Check whole columns of a table against its contract, in the table's own engine.

    Parameters
    ----------
    data
        A frame of any engine.
    contract
        What the table must be, see :func:`contract_of`. Identifiers may be text or integers; extra columns are welcome.
    scale
        The scale of the table's ratings, or ``{question: scale}`` where the table holds several questions. A missing
        code of the scale is not a violation.

    Returns
    -------
    tuple of Violation
        Empty where the table keeps its contract. All counts but that of duplicate keys come from one select.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.model import Customer
    >>> from cemkit.tables import contract_of
    >>> people = pd.DataFrame({"customer_id": ["a", "b", "a"]})
    >>> print(check_table(people, contract_of(Customer))[0])
    customers.customer_id: values appear in more than one row in 2 rows, such as 'a': keep one row for each customer_id
    """
    bound = bind(data, what=contract.table)
    zones = zones_of(bound, contract)
    found, rows = check_bound(bound, contract, scale=scale)
    return (*found, *zone_violations({contract.table: zones}, {contract.table: rows}))


def check_bound(
    bound: Bound, contract: Contract, *, scale: Scale | Mapping[str, Scale] | None = None
) -> tuple[list[Violation], int]:
    """Return the violations within one table (time zones apart) and its number of rows."""
    probes = [probe for field in contract.fields for probe in _field_probes(bound, contract, field)]
    probes += _order_probes(bound, contract)
    probes += _scale_probes(bound, contract, scale)
    counts, rows = _count(bound, probes)
    found = []
    for probe, count in zip(probes, counts, strict=True):
        if count or probe.rule == "required":
            examples = tuple(bound.first_values(probe.column, probe.broken)) if count and probe.show else ()
            found.append(Violation(contract.table, probe.column, probe.rule, count, examples, probe.hint))
    if contract.key is not None and contract.key in bound.schema:
        found += duplicates(bound, contract.table, contract.key)
    return found, rows


def _count(bound: Bound, probes: list[_Probe]) -> tuple[list[int], int]:
    """Count all broken rules and the rows in one select; on pandas, numpy counts the numbers."""
    by_numpy = {i: _numpy_count(bound, probe) for i, probe in enumerate(probes)}
    exprs = []
    for index, probe in enumerate(probes):
        if probe.broken is not None and by_numpy[index] is None:
            # Spark cannot add booleans; pandas can, and does so without another copy of the column.
            flag = probe.broken if bound.in_memory_pandas else probe.broken.cast(nw.Int64)
            exprs.append(flag.sum().alias(f"c{index}"))
    values = collect(bound.frame.select(nw.len().alias("rows"), *exprs))
    rows = _whole(values["rows"][0])
    counts = []
    for index, probe in enumerate(probes):
        counted = by_numpy[index]
        if probe.broken is None:
            counts.append(rows)
        else:
            counts.append(_whole(values[f"c{index}"][0]) if counted is None else counted)
    return counts, rows


def _numpy_count(bound: Bound, probe: _Probe) -> int | None:
    """Count over pieces that fit the processor's cache; None where column or rule are not numpy's."""
    if not bound.in_memory_pandas or probe.kernel is None:
        return None
    column = bound.native[probe.column]
    if not isinstance(column.dtype, np.dtype) or column.dtype.kind not in "iufM":
        return None
    if probe.rule == "null" and column.dtype.kind in "iu":
        return 0
    values = column.to_numpy()
    pieces = range(0, len(values), _CHUNK)
    if probe.question is None:
        return sum(int(np.count_nonzero(probe.kernel(values[start : start + _CHUNK]))) for start in pieces)
    # Only the questions of the few values that are off the scale are read: text is slow.
    off = [np.flatnonzero(probe.kernel(values[start : start + _CHUNK])) + start for start in pieces]
    questions = bound.native["question"].iloc[np.concatenate([*off, np.empty(0, dtype=np.intp)])]
    return int((questions == probe.question).sum())


def _whole(value: Any) -> int:
    """Return a count; an empty table's sum is null on some engines."""
    return 0 if pd.isna(value) else int(value)


def _field_probes(bound: Bound, contract: Contract, field: ContractField) -> list[_Probe]:
    name = field.name
    if name not in bound.schema:
        if not field.required:
            return []
        near = did_you_mean(name, [c for c in bound.schema if c not in contract.columns])
        hint = f"name it in [{contract.table}.columns] of the mapping, or rename the column that holds it.{near}"
        return [_Probe(name, "required", None, hint, show=False)]
    present = ~nw.col(name).is_null()
    problem = _type_problem(bound, field)
    if problem:
        return [_Probe(name, "type", present, problem)]
    dtype = bound.schema[name]
    probes = []
    if not field.nullable:
        hint = f"every row needs a {name}: fill it in, or leave the rows out"
        probes.append(_Probe(name, "null", is_null_or_nan(bound, name), hint, show=False, kernel=_isnull))
    if field.kind == "id" and isinstance(dtype, nw.String):
        probes.append(_Probe(name, "empty", (nw.col(name) == "") & present, f"every row needs a {name}", show=False))
    if field.kind == "number" and dtype.is_float():
        endless = (nw.col(name) == float("inf")) | (nw.col(name) == float("-inf"))
        probes.append(_Probe(name, "infinite", endless, "replace them by null or the number meant", kernel=np.isinf))
    if field.low is not None:
        low = field.low
        probes.append(_Probe(name, "range", nw.col(name) < low, f"must be at least {low:g}", kernel=lambda x: x < low))
    if field.high is not None:
        high = field.high
        over = (nw.col(name) > high) & ~is_null_or_nan(bound, name)
        probes.append(_Probe(name, "range", over, f"must be at most {high:g}", kernel=lambda x: x > high))
    if field.choices and not isinstance(dtype, nw.Unknown):
        column = nw.col(name) if isinstance(dtype, nw.String) else nw.col(name).cast(nw.String)
        strange = ~column.is_in(list(field.choices)) & present
        probes.append(_Probe(name, "choice", strange, f"must be one of {', '.join(field.choices)}"))
    return probes


def _type_problem(bound: Bound, field: ContractField) -> str:
    """Return what is wrong with a column's type and what to do, or an empty string."""
    dtype = bound.schema[field.name]
    kind = field.kind
    if isinstance(dtype, nw.Unknown):
        return ""
    pandas_object = bound.engine == "pandas" and isinstance(dtype, nw.Object)
    inferred = pd.api.types.infer_dtype(bound.native[field.name], skipna=True) if pandas_object else ""
    if inferred == "empty":
        return ""
    words = isinstance(dtype, nw.String | nw.Categorical | nw.Enum) or inferred == "string"
    whole = dtype.is_integer() or inferred == "integer"
    if kind in ("id", "text"):
        if words or whole or (kind == "text" and isinstance(dtype, nw.Boolean)):
            return ""
        if inferred.startswith("mixed"):
            return "text and numbers are mixed: make them all text, for example with df[c].astype(str)"
        wanted = "identifiers must be text or whole numbers" if kind == "id" else "must hold text"
        return f"{wanted}, found {dtype}: convert the column first, for example with df[c].astype('Int64').astype(str)"
    if kind == "choice":
        return "" if words else f"must hold text, one of {', '.join(field.choices)}, found {dtype}"
    if kind == "truth":
        return "" if isinstance(dtype, nw.Boolean) else f"must hold true or false, found {dtype}"
    if kind == "number":
        numbers = dtype.is_numeric() or inferred in ("integer", "floating", "mixed-integer-float", "decimal")
        return (
            "" if numbers else f"must hold numbers, found {dtype}: convert it first, for example with pandas.to_numeric"
        )
    if isinstance(dtype, nw.Datetime | nw.Date):
        return ""
    if pandas_object and not words and _mixed_zones(bound.native[field.name]):
        return "times mix time zones: bring them to one zone first, for example with pandas.to_datetime(c, utc=True)"
    found = "text" if words else str(dtype)
    return (
        f"must hold dates or times, found {found}: convert it first, for example with pandas.to_datetime, or name its "
        "format in the mapping's [TABLE.times]"
    )


def _mixed_zones(values: pd.Series[Any]) -> bool:
    return len({str(getattr(v, "tzinfo", "none")) for v in values.dropna()}) > 1


def _order_probes(bound: Bound, contract: Contract) -> list[_Probe]:
    probes = []
    for first, second in contract.ordered:
        types = [bound.schema.get(first), bound.schema.get(second)]
        comparable = all(isinstance(t, nw.Datetime | nw.Date) for t in types) and type(types[0]) is type(types[1])
        if comparable and getattr(types[0], "time_zone", None) == getattr(types[1], "time_zone", None):
            hint = f"{second} must not be before {first}"
            probes.append(_Probe(second, "order", nw.col(first) > nw.col(second), hint))
    return probes


def _scale_probes(bound: Bound, contract: Contract, scale: Scale | Mapping[str, Scale] | None) -> list[_Probe]:
    if scale is None:
        return []
    probes = []
    for column in contract.rated:
        if column not in bound.schema or not bound.schema[column].is_numeric():
            continue
        if isinstance(scale, Scale):
            off = partial(_off_scale, scale)
            probes.append(_Probe(column, "scale", _off(bound, column, scale), _scale_hint(scale), kernel=off))
            continue
        for question, its_scale in scale.items():
            broken = _off(bound, column, its_scale)
            asked = None
            if "question" in bound.schema:
                broken = broken & (nw.col("question") == question) & ~nw.col("question").is_null()
                asked = question
            elif len(scale) > 1 and question != "nps":
                continue
            hint = f"question {question!r}: {_scale_hint(its_scale)}"
            kernel = partial(_off_scale, its_scale)
            probes.append(_Probe(column, "scale", broken, hint, kernel=kernel, question=asked))
    return probes


def _off(bound: Bound, column: str, scale: Scale) -> nw.Expr:
    """Return the expression that is true where a value is present, no missing code, and not a point of the scale."""
    x = nw.col(column)
    off = (x < scale.low - _TOLERANCE) | (x > scale.high + _TOLERANCE)
    if scale.step is not None:
        steps = (x - scale.low) / scale.step
        off = off | ((steps - steps.round(0)).abs() > _TOLERANCE)
    codes = [int(c) if bound.schema[column].is_integer() else c for c in scale.missing_codes]
    if codes:
        off = off & ~x.is_in(codes)
    return off & ~is_null_or_nan(bound, column)


def _isnull(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = np.isnat(values) if values.dtype.kind == "M" else np.isnan(values)
    return found


def _off_scale(scale: Scale, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return ~(scale.valid(values) | scale.missing(values))


def _scale_hint(scale: Scale) -> str:
    steps = "" if scale.step is None else f" in steps of {scale.step:g}"
    codes = "" if not scale.missing_codes else f" (missing codes {', '.join(f'{c:g}' for c in scale.missing_codes)})"
    return f"the scale runs from {scale.low:g} to {scale.high:g}{steps}{codes}; is a code for 'no answer' undeclared?"


def duplicates(bound: Bound, table: str, key: str) -> list[Violation]:
    """Return the violation of a repeated key, counted by the engine."""
    if bound.in_memory_pandas:
        values = bound.native[key]
        twice = values[values.duplicated(keep=False) & values.notna()]
        rows, examples = len(twice), tuple(v.item() if isinstance(v, np.generic) else v for v in twice.unique()[:3])
    else:
        counted = bound.frame.filter(~nw.col(key).is_null()).group_by(key).agg(nw.len().alias("_rows"))
        twice_only = counted.filter(nw.col("_rows") > 1)
        rows = _whole(collect(twice_only.select(nw.col("_rows").sum()))["_rows"][0])
        examples = tuple(bind(twice_only).first_values(key)) if rows else ()
    hint = f"keep one row for each {key}"
    return [Violation(table, key, "unique", rows, examples, hint)] if rows else []
