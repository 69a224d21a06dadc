"""The ledger of churn as the report asks for it, computed once for all sections."""

from __future__ import annotations

from typing import Any, NamedTuple

from cemkit.churn import Ledger, attribute
from cemkit.report.context import Context
from cemkit.tables import columns_of, levels_of

__all__ = ["LEAVING_STAGES", "KeptLedger", "churn_ledger"]

LEAVING_STAGES = ("cancel", "leave", "churn")
"""Stages whose experiences are a part of leaving."""
_NEEDED = {
    "customers": {"customer_id", "acquired_at", "left_at"},
    "experiences": {"touchpoint_id", "occurred_at", "valence"},
}


class KeptLedger(NamedTuple):
    """The ledger, the touchpoints left out as parts of leaving, and the call that gives it."""

    ledger: Ledger
    exclude: tuple[Any, ...]
    code: str


def churn_ledger(context: Context) -> KeptLedger | None:
    """Return the ledger, or None where leaving, entering or experiences with a valence are not known."""
    for name, needed in _NEEDED.items():
        if not context.store.has(name) or not needed <= set(columns_of(getattr(context.store, name))):
            return None
    kept: KeptLedger = context.once("ledger", lambda: _kept(context))
    return kept


def _kept(context: Context) -> KeptLedger:
    exclude = _leaving(context)
    ledger = _ledger(context, exclude)
    found = [str(a.values["touchpoint"]) for a in ledger.assumptions if a.code == "cancellation-like"]
    if found:
        exclude = (*exclude, *[f for f in dict.fromkeys(found) if f not in exclude])
        ledger = _ledger(context, exclude)
    arguments = f", exclude={list(exclude)!r}" if exclude else ""
    arguments += f", level={context.level:g}" if context.level != 0.95 else ""
    return KeptLedger(ledger, exclude, f"cem.churn.attribute(store.customers, store.experiences{arguments})")


def _ledger(context: Context, exclude: tuple[Any, ...]) -> Ledger:
    return attribute(context.store.customers, context.store.experiences, exclude=exclude, level=context.level)


def _leaving(context: Context) -> tuple[Any, ...]:
    """Return the touchpoints in a stage of leaving that the log holds."""
    if not context.touchpoint_names:
        return ()
    seen = levels_of(context.store.experiences, column="touchpoint_id")
    points = context.store.journey_map.touchpoints
    leaving = tuple(p.touchpoint_id for p in points if p.stage in LEAVING_STAGES and p.touchpoint_id in seen)
    return leaving if len(leaving) < len(seen) else ()
