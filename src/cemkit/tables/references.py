"""Check the tables of a study against each other: unknown customers and touchpoints, time zones, life after leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from cemkit.errors import ContractError, did_you_mean
from cemkit.model import JourneyMap
from cemkit.scales import Scale
from cemkit.tables.binding import Bound, collect
from cemkit.tables.checks import check_bound
from cemkit.tables.contracts import contract_for
from cemkit.tables.design import Design
from cemkit.tables.joining import keys_agree
from cemkit.tables.violations import Violation, zone_violations, zones_of

__all__ = ["StoreCheck", "check_store"]

_SHOWN = 3
_COLUMNS = ("table", "column", "rule", "rows", "examples", "hint", "violation")


@dataclass(frozen=True)
class StoreCheck:
    """What a check of a whole study found.

    Attributes
    ----------
    violations
        Broken rules, table by table.
    notes
        What is odd but breaks no rule: experiences after the customer left (a complaint can come later).
    rows
        Number of rows of each table.
    """

    violations: tuple[Violation, ...]
    notes: tuple[Violation, ...]
    rows: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each violation and note."""
        found = [(v, True) for v in self.violations] + [(n, False) for n in self.notes]
        rows = [(v.table, v.column, v.rule, v.rows, ", ".join(map(str, v.examples)), v.hint, bad) for v, bad in found]
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def raise_if_bad(self) -> None:
        """Raise the first violation, and say how many there are."""
        if self.violations:
            more = f" (and {len(self.violations) - 1} more violations)" if len(self.violations) > 1 else ""
            msg = f"{self.violations[0]}{more}"
            raise ContractError(msg)

    def __str__(self) -> str:
        tables = ", ".join(f"{name} {rows:,}" for name, rows in self.rows.items())
        head = "all tables keep their contracts" if self.ok else f"{len(self.violations)} violation(s)"
        return "\n".join([f"{head} (rows: {tables})", *map(str, (*self.violations, *self.notes))])


def check_store(
    tables: Mapping[str, Bound],
    journey_map: JourneyMap | None,
    scales: Mapping[str, Scale],
    design: Design | None = None,
) -> StoreCheck:
    """Check every table, then the references between them."""
    found: list[Violation] = []
    rows: dict[str, int] = {}
    zones: dict[str, dict[str, str | None]] = {}
    for name, bound in tables.items():
        contract = contract_for(name)
        if contract is None:
            rows[name] = int(collect(bound.frame.select(nw.len().alias("rows")))["rows"][0])
            continue
        scale: Scale | Mapping[str, Scale] | None = scales.get("experiences") if name == "experiences" else None
        if name == "responses":
            scale = {question: its for question, its in scales.items() if question != "experiences"} or None
        violations, rows[name] = check_bound(bound, contract, scale=scale)
        found += violations
        zones[name] = zones_of(bound, contract)
    mixed = zone_violations(zones, rows)
    found += mixed
    found += _design_columns(tables, design, rows)
    found += _unknown_stages(tables, journey_map)
    found += _unknown_touchpoints(tables, journey_map)
    found += _unknown_customers(tables)
    notes = [] if mixed else _after_leaving(tables)
    return StoreCheck(tuple(found), tuple(notes), rows)


def _design_columns(tables: Mapping[str, Bound], design: Design | None, rows: Mapping[str, int]) -> list[Violation]:
    """Return a violation for each column of the design that the table of answers does not have."""
    name = next((name for name in ("responses", "answers", "experiences") if name in tables), None)
    if design is None or name is None:
        return []
    schema = tables[name].schema
    hint = "the design names it: correct the name in [design] of the mapping, or carry the column into the table."
    return [
        Violation(name, column, "design", rows[name], (), f"{hint}{did_you_mean(column, schema)}")
        for column in design.columns
        if column not in schema
    ]


def _unknown_stages(tables: Mapping[str, Bound], journey_map: JourneyMap | None) -> list[Violation]:
    if journey_map is None or "touchpoints" not in tables or "stage" not in tables["touchpoints"].schema:
        return []
    names = [stage.name for stage in journey_map.stages]
    hint = f"the stages of the journey map are {', '.join(names)}"
    return _not_among(tables["touchpoints"], "touchpoints", "stage", names, hint)


def _unknown_touchpoints(tables: Mapping[str, Bound], journey_map: JourneyMap | None) -> list[Violation]:
    known = [point.touchpoint_id for point in journey_map.touchpoints] if journey_map is not None else []
    if "touchpoints" in tables and "touchpoint_id" in tables["touchpoints"].schema:
        listed = collect(tables["touchpoints"].frame.select("touchpoint_id"))["touchpoint_id"]
        known += [str(value) for value in listed if value is not None]
    if not known:
        return []
    hint = "they are neither in the table touchpoints nor on the journey map: add them, or correct the identifiers"
    found = []
    for name in ("experiences", "responses"):
        if name in tables and "touchpoint_id" in tables[name].schema:
            found += _not_among(tables[name], name, "touchpoint_id", known, hint)
    return found


def _not_among(bound: Bound, table: str, column: str, known: list[str], hint: str) -> list[Violation]:
    text = nw.col(column).cast(nw.String)
    strange = ~text.is_in(list(dict.fromkeys(known))) & ~nw.col(column).is_null()
    rows = int(collect(bound.frame.filter(strange).select(nw.len().alias("rows")))["rows"][0])
    if not rows:
        return []
    return [Violation(table, column, "reference", rows, tuple(bound.first_values(column, strange)), hint)]


def _unknown_customers(tables: Mapping[str, Bound]) -> list[Violation]:
    if "customers" not in tables or "customer_id" not in tables["customers"].schema:
        return []
    customers = tables["customers"]
    found = []
    for name in ("experiences", "responses", "transactions"):
        if name not in tables or "customer_id" not in tables[name].schema:
            continue
        bound = tables[name]
        if not keys_agree(bound, customers, "customer_id"):
            here, there = bound.schema["customer_id"], customers.schema["customer_id"]
            hint = f"customer_id is {here} in {name} and {there} in customers: make both text or both whole numbers"
            rows = int(collect(bound.frame.select(nw.len().alias("rows")))["rows"][0])
            found.append(Violation(name, "customer_id", "type", rows, (), hint))
            continue
        rows, examples = _orphans(bound, customers)
        if rows:
            hint = "they are not in the table customers: add them, or leave their rows out"
            found.append(Violation(name, "customer_id", "reference", rows, examples, hint))
    return found


def _orphans(bound: Bound, customers: Bound) -> tuple[int, tuple[Any, ...]]:
    """Count the rows whose customer is unknown, by an anti-join on the distinct identifiers."""
    key = nw.col("customer_id")
    same_type = bound.schema["customer_id"] == customers.schema["customer_id"]
    mine, theirs = (
        frame if same_type else frame.with_columns(_plain_key(frame_bound))
        for frame_bound, frame in ((bound, bound.frame), (customers, customers.frame))
    )
    counted = mine.filter(~key.is_null()).group_by("customer_id").agg(nw.len().alias("_rows"))
    known = theirs.filter(~key.is_null()).select("customer_id").unique()
    # Dask cannot plan an anti-join after a group_by: it takes the way of two engines.
    if bound.engine == customers.engine != "dask":
        try:
            lost = counted.join(known, on="customer_id", how="anti")
            rows = collect(lost.select(nw.col("_rows").sum()))["_rows"][0]
            if not rows:
                return 0, ()
            return int(rows), tuple(sorted(collect(lost.select("customer_id").head(1000))["customer_id"])[:_SHOWN])
        except Exception as error:
            # Two relations of different DuckDB connections: the same case as two engines.
            if "different connections" not in str(error):
                raise
    here = collect(counted)
    unknown = ~pd.Series(here["customer_id"]).isin(pd.Series(collect(known)["customer_id"]))
    rows = int(pd.Series(here["_rows"])[unknown].sum())
    return rows, tuple(sorted(pd.Series(here["customer_id"])[unknown])[:_SHOWN])


def _plain_key(bound: Bound) -> nw.Expr:
    integer = bound.schema["customer_id"].is_integer()
    return nw.col("customer_id").cast(nw.Int64 if integer else nw.String)


def _after_leaving(tables: Mapping[str, Bound]) -> list[Violation]:
    """Count experiences after the customer left."""
    needed = (("customers", ("customer_id", "left_at")), ("experiences", ("customer_id", "occurred_at")))
    if any(name not in tables or not set(columns) <= set(tables[name].schema) for name, columns in needed):
        return []
    customers, experiences = tables["customers"], tables["experiences"]
    times = (customers.schema["left_at"], experiences.schema["occurred_at"])
    if not all(isinstance(dtype, nw.Datetime) for dtype in times) or not keys_agree(
        customers, experiences, "customer_id"
    ):
        return []
    left = customers.frame.filter(~nw.col("left_at").is_null()).select(_plain_key(customers), "left_at")
    dated = experiences.frame.filter(~nw.col("occurred_at").is_null()).select(_plain_key(experiences), "occurred_at")
    hint = "right for a complaint or a return; otherwise correct left_at or occurred_at"
    late = nw.col("occurred_at") > nw.col("left_at")
    if customers.engine == experiences.engine:
        try:
            joined = dated.join(left, on="customer_id", how="inner").filter(late)
            rows = int(collect(joined.select(nw.len().alias("rows")))["rows"][0])
            examples = (
                tuple(dict.fromkeys(collect(joined.select("customer_id").head(100))["customer_id"]))[:_SHOWN]
                if rows
                else ()
            )
        except Exception as error:
            if "different connections" not in str(error):
                raise
        else:
            return (
                [Violation("experiences", "occurred_at", "after-leaving", rows, _python(examples), hint)]
                if rows
                else []
            )
    merged = pd.DataFrame(collect(dated)).merge(pd.DataFrame(collect(left)), on="customer_id")
    lost = merged[pd.to_datetime(merged["occurred_at"]) > pd.to_datetime(merged["left_at"])]
    examples = tuple(lost["customer_id"].unique()[:_SHOWN])
    return (
        [Violation("experiences", "occurred_at", "after-leaving", len(lost), _python(examples), hint)]
        if len(lost)
        else []
    )


def _python(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(v.item() if hasattr(v, "item") else v for v in values)
