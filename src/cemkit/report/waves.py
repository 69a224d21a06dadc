"""Results within waves: those of one wave, and the waves that a result holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from cemkit.results import Comparison, Estimates

__all__ = ["answered_waves", "compared_in", "scored_in"]


def answered_waves(result: Estimates) -> tuple[Any, ...]:
    """Return the waves of a result by wave that have answers, in its order; a null is no wave."""
    rows = zip(result.table["wave"], result.table["n"], strict=True)
    known = [wave for wave, n in rows if n and wave is not None and wave == wave]
    return tuple(wave.item() if hasattr(wave, "item") else wave for wave in known)


def scored_in(wave: Any, result: Estimates) -> Estimates:
    """Return the estimates of one wave."""
    table, bands = _of(wave, result.table), result.bands
    bands = _of(wave, bands) if "wave" in bands.columns else bands
    return replace(result, table=table, bands=bands, by=tuple(name for name in result.by if name != "wave"))


def compared_in(wave: Any, result: Comparison) -> Comparison:
    """Return the comparisons within one wave, of the groups that answered in it."""
    table = _of(wave, result.table)
    table = table[(table["n_group"] > 0).to_numpy()].reset_index(drop=True)
    omnibus = _of(wave, result.omnibus)
    return replace(result, table=table, omnibus=omnibus, by=tuple(name for name in result.by if name != "wave"))


def _of(wave: Any, table: pd.DataFrame) -> pd.DataFrame:
    kept = [value == wave for value in table["wave"]]
    return table[kept].drop(columns="wave").reset_index(drop=True)
