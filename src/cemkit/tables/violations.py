"""Violations of a contract, as values that read as sentences; time zones, which a whole study must agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import narwhals.stable.v2 as nw

from cemkit.tables.binding import Bound
from cemkit.tables.contracts import Contract

__all__ = ["Rule", "Violation", "zone_violations", "zones_of"]

Rule = Literal[
    "required", "type", "null", "empty", "range", "choice", "infinite", "unique", "scale", "order", "time-zone",
    "reference", "after-leaving", "design",
]  # fmt: skip

_SAID: Mapping[str, str] = {
    "required": "the required column is absent",
    "design": "a column of the design is absent",
    "type": "values have the wrong type",
    "null": "values are missing",
    "empty": "values are empty text",
    "range": "values are out of range",
    "choice": "values are not among the allowed ones",
    "infinite": "values are infinite",
    "unique": "values appear in more than one row",
    "scale": "values are not on the scale",
    "order": "times are in the wrong order",
    "time-zone": "times mix time zones",
    "reference": "values are unknown",
    "after-leaving": "experiences happened after the customer left",
}


@dataclass(frozen=True)
class Violation:
    """One broken rule of one column.

    Attributes
    ----------
    table, column
        Where.
    rule
        Which rule: ``required``, ``type``, ``null``, ``empty``, ``range``, ``choice``, ``infinite``, ``unique``,
        ``scale``, ``order``, ``time-zone``, ``reference``, ``after-leaving`` or ``design``.
    rows
        How many rows break it.
    examples
        The first (at most three) offending values.
    hint
        What is expected, and what to do.

    Examples
    --------
    >>> str(Violation("responses", "score", "scale", 2, (11, -1), "the scale runs from 0 to 10"))
    'responses.score: values are not on the scale in 2 rows, such as 11, -1: the scale runs from 0 to 10'
    """

    table: str
    column: str
    rule: Rule
    rows: int
    examples: tuple[Any, ...]
    hint: str

    def __str__(self) -> str:
        shown = f", such as {', '.join(map(_shown, self.examples))}" if self.examples else ""
        rows = f"{self.rows:,} row{'s' if self.rows != 1 else ''}"
        where = f" ({rows})" if self.rule in ("required", "design") else f" in {rows}"
        return f"{self.table}.{self.column}: {_SAID[self.rule]}{where}{shown}: {self.hint}"


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def zones_of(bound: Bound, contract: Contract) -> dict[str, str | None]:
    """Return the time zone of each time column of the contract; dates without a time have none to compare."""
    found = {}
    for name in contract.named("time"):
        dtype = bound.schema.get(name)
        if isinstance(dtype, nw.Datetime):
            found[name] = dtype.time_zone
    return found


def zone_violations(zones: Mapping[str, Mapping[str, str | None]], rows: Mapping[str, int]) -> list[Violation]:
    """Return a violation for each time column whose zone is not that of most of the study's time columns."""
    columns = [(table, column, zone) for table, its in zones.items() for column, zone in its.items()]
    usual = Counter(zone for _, _, zone in columns).most_common(1)
    found = []
    for table, column, zone in columns:
        if zone != usual[0][0]:
            other = next(f"{t}.{c}" for t, c, z in columns if z == usual[0][0])
            hint = (
                f"its times are {_zone_name(zone)}, those of {other} {_zone_name(usual[0][0])}: bring all times of the "
                "study to one time zone, or take the zone off all of them"
            )
            found.append(Violation(table, column, "time-zone", rows.get(table, 0), (), hint))
    return found


def _zone_name(zone: str | None) -> str:
    return "without a time zone" if zone is None else f"in {zone}"
