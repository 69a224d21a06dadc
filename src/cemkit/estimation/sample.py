"""Bind and check once: the rows of one question with the columns that an estimate needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from cemkit.errors import CemkitError, ContractError
from cemkit.results import ESTIMATE_COLUMNS, Assumption
from cemkit.scales import Scale
from cemkit.statistics._arguments import HIGHEST_LEVEL, is_one_of
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.design import Design, as_design
from cemkit.tables.groups import known_order
from cemkit.tables.rows import keep_columns, keep_question, repeats
from cemkit.typing import Frame

__all__ = ["CUSTOMER", "QUESTION", "Sample", "check_level", "sample"]

CUSTOMER, QUESTION = "customer_id", "question"
Invalid = Literal["raise", "count"]


@dataclass(frozen=True)
class Sample:
    """Bound rows, the design that holds for them, and what had to be assumed.

    ``design`` is None for independent, equally weighted answers.
    """

    bound: Bound
    score: str
    scale: Scale
    by: tuple[str, ...]
    orders: dict[str, Sequence[Any]]
    design: Design | None
    unit: str | None
    invalid: Invalid
    assumptions: tuple[Assumption, ...]


def check_level(level: float) -> None:
    """Raise unless 0 < level < 1."""
    if not isinstance(level, int | float) or not 0 < level < HIGHEST_LEVEL:
        hint = f" Did you mean {level / 100:g}?" if isinstance(level, int | float) and 1 < level < 100 else ""
        msg = f"level must lie between 0 and 1 (0.95 is 95 %), got {level!r}.{hint}"
        raise CemkitError(msg)


def sample(
    data: Frame,
    *,
    score: str,
    scale: Scale,
    by: str | Sequence[str] | None = None,
    question: str | None = None,
    design: Design | None = None,
    invalid: Invalid = "raise",
    levels: Any = None,
    extra: Sequence[str] = (),
    over: str | None = None,
    reserved: Sequence[str] = ESTIMATE_COLUMNS,
) -> Sample:
    """Bind ``data``, keep the rows of ``question``, and settle the design.

    Where no cluster is named and the table's own ``customer_id`` repeats, customers become the clusters. Where the groups
    are the clusters themselves, a group has no other cluster to vary from: its answers are taken as drawn within it.
    """
    if not is_one_of(invalid, ("raise", "count")):
        msg = f"invalid must be 'raise' or 'count', got {invalid!r}"
        raise CemkitError(msg)
    design = as_design(design)
    bound = bind(data)
    names = column_names(by, reserved=reserved)
    for name in names:
        bound.require_key(name, "over" if name == over else "by")
    bound.require_number(score, "score")
    if design is not None:
        design.check(bound)
    orders = dict(known_order(bound, names, levels))
    unit = CUSTOMER if CUSTOMER in bound.schema else None
    asked = QUESTION in bound.schema and question is not None
    wanted = [score, *names, *(design.columns if design else ()), *([unit] if unit else []), *extra]
    bound = keep_columns(bound, [*wanted, *([QUESTION] if asked else [])])
    notes: list[Assumption] = []
    if asked and question is not None:
        bound, left = keep_question(bound, question, column=QUESTION)
        if left:
            notes.append(Assumption("questions-left-out", {"question": question, "rows": left}))
    if design is not None and design.cluster is not None and design.cluster in names:
        notes.append(Assumption("groups-are-clusters", {"column": design.cluster}))
        design = replace(design, cluster=None, population=None, assume_independent=True)
    design, note = _with_customers_as_clusters(bound, design, unit)
    notes.extend(note)
    if design is not None and design.plain:
        design = None
    return Sample(bound, score, scale, names, orders, design, unit, invalid, tuple(notes))


def _with_customers_as_clusters(
    bound: Bound, design: Design | None, unit: str | None
) -> tuple[Design | None, list[Assumption]]:
    independent = design is not None and (design.assume_independent or design.cluster is not None or design.replicates)
    if unit is None or independent:
        return design, []
    found = repeats(bound, unit)
    if found.most < 2:
        return design, []
    note = Assumption("customers-are-clusters", {"rows": found.rows, "customers": found.units})
    if design is not None and design.population is not None:
        msg = (
            f"customers answered more than once ({found.rows:,} rows of {found.units:,} customers), so population="
            f"{design.population!r} cannot be a number of rows: name the cluster that it counts, for example cluster={unit!r}"
        )
        raise ContractError(msg)
    return replace(design or Design(), cluster=unit), [note]
