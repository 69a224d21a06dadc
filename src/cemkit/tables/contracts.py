"""Contracts: the columns, types, ranges and keys that a table must have, derived from the pydantic model."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cemkit.errors import CemkitError, did_you_mean
from cemkit.model import Customer, Experience, Response, Touchpoint, Transaction

__all__ = ["TABLES", "Contract", "ContractField", "contract_for", "contract_of"]

FieldKind = Literal["id", "text", "number", "time", "choice", "truth"]

TABLES: Mapping[str, type[BaseModel]] = types.MappingProxyType(
    {
        "customers": Customer,
        "touchpoints": Touchpoint,
        "experiences": Experience,
        "responses": Response,
        "transactions": Transaction,
    }
)
"""The tables of a study that have a contract, with the record that each row is."""

_KEYS: Mapping[type[BaseModel], str] = {Customer: "customer_id", Touchpoint: "touchpoint_id"}
# What the models' own validators demand of two columns: the first is never later than the second.
_ORDERED: Mapping[type[BaseModel], tuple[tuple[str, str], ...]] = {
    Customer: (("acquired_at", "left_at"),),
    Response: (("invited_at", "answered_at"),),
}
# The columns that hold ratings on the table's scale.
_RATED: Mapping[type[BaseModel], tuple[str, ...]] = {
    Response: ("score",),
    Experience: ("perceived", "expected", "effort"),
}


@dataclass(frozen=True)
class ContractField:
    """What one column must be.

    Attributes
    ----------
    name
        The column.
    kind
        ``id`` (non-empty text, or integers), ``text``, ``number``, ``time``, ``choice`` (one of ``choices``),
        ``truth``.
    required
        Whether the table must have the column.
    nullable
        Whether its values may be null.
    low, high
        Least and greatest value of a number, both allowed themselves.
    choices
        The values that a choice can take.
    """

    name: str
    kind: FieldKind
    required: bool = False
    nullable: bool = True
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """The columns, types, ranges and keys of one table. Extra columns are welcome.

    Attributes
    ----------
    table
        Name of the table.
    fields
        Its columns.
    key
        The column whose values are unique, where there is one.
    ordered
        Pairs of time columns of which the first is never later than the second.
    rated
        Columns that hold ratings on the table's scale.

    Examples
    --------
    >>> from cemkit.model import Customer
    >>> contract = contract_of(Customer)
    >>> contract.table, contract.key, contract.required
    ('customers', 'customer_id', ('customer_id',))
    >>> contract.field("left_at").kind
    'time'
    """

    table: str
    fields: tuple[ContractField, ...]
    key: str | None = None
    ordered: tuple[tuple[str, str], ...] = ()
    rated: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the contract knows."""
        return tuple(field.name for field in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that the table must have."""
        return tuple(field.name for field in self.fields if field.required)

    def field(self, name: str) -> ContractField:
        """Return what the contract says of one column."""
        found = next((field for field in self.fields if field.name == name), None)
        if found is None:
            msg = f"the contract of {self.table} has no column {name!r}.{did_you_mean(name, self.columns)}"
            raise CemkitError(msg)
        return found

    def named(self, kind: FieldKind) -> tuple[str, ...]:
        """Return the columns of one kind."""
        return tuple(field.name for field in self.fields if field.kind == kind)


def contract_of(model: type[BaseModel], *, table: str | None = None, key: str | None = None) -> Contract:
    """Derive the contract of a table from the record that each of its rows is.

    Parameters
    ----------
    model
        A pydantic model whose fields are text, numbers, times, truth values or literals. Fields that hold mappings
        (``Customer.attributes``) have no column.
    table
        Name of the table; the model's own where cemkit knows it, else the model's name in lower case.
    key
        The unique column; known for customers and touchpoints.

    Raises
    ------
    CemkitError
        If a field has a type that no column can have, or ``key`` is not a field.

    Examples
    --------
    >>> from cemkit.model import Experience
    >>> contract_of(Experience).field("valence").choices
    ('negative', 'neutral', 'positive')
    """
    names = {record: name for name, record in TABLES.items()}
    fields = tuple(
        _field(name, info, model) for name, info in model.model_fields.items() if not _is_mapping(info.annotation)
    )
    contract = Contract(
        table=table or names.get(model, model.__name__.lower()),
        fields=fields,
        key=key or _KEYS.get(model),
        ordered=_ORDERED.get(model, ()),
        rated=_RATED.get(model, ()),
    )
    if contract.key is not None:
        contract.field(contract.key)
    return contract


def contract_for(table: str) -> Contract | None:
    """Return the contract of one of the study's tables; None for the wide ``answers``, which has none."""
    return contract_of(TABLES[table]) if table in TABLES else None


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict or annotation is dict


def _field(name: str, info: FieldInfo, model: type[BaseModel]) -> ContractField:
    annotation, nullable = _without_none(info.annotation)
    low = high = None
    shortest = 0
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            low = float(rule.ge)  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.Le):
            high = float(rule.le)  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.MinLen):
            shortest = rule.min_length
    kind, choices = _kind(annotation, shortest)
    if kind is None:
        msg = f"{model.__name__}.{name} has the type {annotation!r}, which no column can hold"
        raise CemkitError(msg)
    return ContractField(
        name=name,
        kind=kind,
        required=info.is_required(),
        nullable=nullable,
        low=low,
        high=high,
        choices=choices,
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        if len(kept) == 1:
            return kept[0], True
    return annotation, False


def _kind(annotation: Any, shortest: int) -> tuple[FieldKind | None, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return "choice", tuple(map(str, get_args(annotation)))
    kinds: dict[Any, FieldKind] = {float: "number", int: "number", datetime: "time", date: "time", bool: "truth"}
    if annotation is str:
        return ("id" if shortest else "text"), ()
    return kinds.get(annotation), ()
