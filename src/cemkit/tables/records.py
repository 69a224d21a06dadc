"""Single records out of a table: one customer, one customer's journeys, the touchpoints of a map."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError

from cemkit.errors import CemkitError, ContractError
from cemkit.model import Customer, Experience, Journey, JourneyMap, Touchpoint
from cemkit.tables.binding import Bound, as_text, collect
from cemkit.tables.contracts import contract_of

__all__ = ["customer_record", "journey_records", "rows_of", "stage_rows"]


def rows_of(bound: Bound, customer_id: str | int) -> list[dict[str, Any]]:
    """Return the rows of one customer as plain Python values."""
    dtype = bound.schema[bound.require("customer_id", "customer_id")]
    wanted: str | int = str(customer_id)
    if dtype.is_integer():
        try:
            wanted = int(customer_id)
        except ValueError:
            return []
    key = nw.col("customer_id") if dtype.is_integer() else as_text(bound, "customer_id")
    return _plain_rows(collect(bound.frame.filter(key == wanted)))


def _plain_rows(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = list(columns)
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True)}
        for row in zip(*columns.values(), strict=True)
    ]


def _plain(value: Any) -> Any:
    """Return a JSON value, a datetime, or None for every kind of null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime(warn=False)
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- a date has no time zone
    return value


def _record(model: type[BaseModel], row: Mapping[str, Any], **extra: Any) -> Any:
    contract = contract_of(model)
    values = {}
    for field in contract.fields:
        value = row.get(field.name)
        if value is not None:
            texts = field.kind in ("id", "text", "choice")
            values[field.name] = str(value) if texts else value
    try:
        return model.model_validate({**values, **extra})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or model.__name__
        reason = first["msg"].removeprefix("Value error, ")
        msg = f"{contract.table}: the row {values} is no {model.__name__}: {where}: {reason}"
        raise ContractError(msg) from None


def customer_record(row: Mapping[str, Any]) -> Customer:
    """Return a customer; other columns become attributes."""
    known = contract_of(Customer).columns
    others = {k: v for k, v in row.items() if k not in known and v is not None}
    attributes = {k: v.isoformat() if isinstance(v, date | time) else v for k, v in others.items()}
    customer: Customer = _record(Customer, row, attributes=attributes)
    return customer


def journey_records(rows: Sequence[Mapping[str, Any]], journey_map: JourneyMap | None) -> tuple[Journey, ...]:
    """Return a journey for each ``journey_id``, earliest first; rows without one are one journey."""
    groups: dict[str | None, list[Experience]] = {}
    for row in rows:
        experience: Experience = _record(Experience, row)
        groups.setdefault(experience.journey_id, []).append(experience)
    try:
        journeys = [Journey.from_experiences(group, journey_map=journey_map) for group in groups.values()]
        return tuple(sorted(journeys, key=_start))
    except TypeError:
        msg = "a customer's experiences mix times with and without a time zone: bring them to one time zone first"
        raise CemkitError(msg) from None


def _start(journey: Journey) -> tuple[bool, datetime, str]:
    first = journey.experiences[0].occurred_at
    return first is None, first or datetime.min, journey.journey_id or ""  # noqa: DTZ901 -- only ties undated journeys


def stage_rows(bound: Bound) -> tuple[list[dict[str, Any]], dict[str, int] | None]:
    """Return the touchpoints as plain rows, and the order of the stages where a column ``stage_order`` says it."""
    for name in contract_of(Touchpoint).required:
        bound.require(name, "touchpoints")
    rows = _plain_rows(collect(bound.frame))
    points = [_record(Touchpoint, row).model_dump() for row in rows]
    if "stage_order" not in bound.schema:
        return points, None
    return points, {str(row["stage"]): int(row["stage_order"]) for row in rows if row["stage_order"] is not None}
