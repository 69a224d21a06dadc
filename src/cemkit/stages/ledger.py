"""A ledger of churn beside the pain points: the second ranking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.results import Assumption, Result
from cemkit.statistics.tallied_ranks import RankIntervals, interval_ranks
from cemkit.tables.binding import bind, collect

__all__ = ["PREVENTABLE", "RANKS", "put_ledger", "put_ranks"]

RANKS = ("rank", "rank_low", "rank_high")
PREVENTABLE = ("preventable", "preventable_low", "preventable_high", *(f"preventable_{name}" for name in RANKS))


def put_ranks(table: pd.DataFrame, names: tuple[str, ...], ranks: RankIntervals) -> None:
    """Put ranks into columns, null where a rank is 0."""
    for name, values in zip(names, ranks, strict=True):
        table[name] = pd.arrays.IntegerArray(values.copy(), values == 0)


def put_ledger(table: pd.DataFrame, outcome: Any, notes: list[Assumption]) -> None:
    """Put a ledger's shares and their ranks beside the touchpoints; null where there is no ledger."""
    size = len(table)
    for name in PREVENTABLE[:3]:
        table[name] = np.nan
    empty = np.zeros(size, dtype=np.int64)
    put_ranks(table, PREVENTABLE[3:], RankIntervals(empty, empty, empty))
    if outcome is None:
        return
    ledger = _ledger(outcome)
    known = {str(item): i for i, item in enumerate(table["touchpoint_id"])}
    strange = [name for name in ledger.index if name not in known]
    if strange:
        msg = (
            f"outcome has {len(strange)} touchpoint(s) that experiences lacks, such as {strange[0]!r}.{did_you_mean(strange[0], known)} "
            "Leave out its totals and the background, and use the same names"
        )
        raise CemkitError(msg)
    place = [known[name] for name in ledger.index]
    for name, column in zip(PREVENTABLE[:3], ("share", "low", "high"), strict=True):
        table.loc[place, name] = ledger[column].to_numpy(dtype=np.float64)
    ranks = interval_ranks(*(table[name].to_numpy(dtype=np.float64) for name in PREVENTABLE[:3]))
    put_ranks(table, PREVENTABLE[3:], ranks)
    notes.append(Assumption("ledger-ranks", {"touchpoints": len(ledger)}))


def _ledger(outcome: Any) -> pd.DataFrame:
    """Return the ledger's shares by touchpoint; rows of the background and of totals are left out."""
    bound = bind(outcome.to_frame() if isinstance(outcome, Result) else outcome, what="outcome")
    name = next((c for c in ("touchpoint", "touchpoint_id") if c in bound.schema), None)
    lacking = [c for c in ("share", "low", "high") if c not in bound.schema]
    if name is None or lacking:
        what = ", ".join(map(repr, [*(["touchpoint"] if name is None else []), *lacking]))
        msg = f"outcome must be a ledger with the columns touchpoint, share, low, high: it lacks {what}"
        raise ColumnError(msg)
    for column in ("share", "low", "high"):
        bound.require_number(column, "outcome")
    found = collect(bound.frame.select(name, "share", "low", "high"))
    table = pd.DataFrame({c: list(values) for c, values in found.items()})
    names = table[name].astype(object).where(table[name].notna(), None)
    table = table[[v is not None and v not in ("background", "total") for v in names]]
    index = table[name].astype(str)
    if index.duplicated().any():
        msg = (
            f"outcome has the touchpoint {index[index.duplicated()].iloc[0]!r} in several rows: give one row for each, "
            "for example of one segment"
        )
        raise ContractError(msg)
    return table.set_index(index)[["share", "low", "high"]].astype(np.float64)
