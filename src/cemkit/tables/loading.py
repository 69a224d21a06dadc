"""Bring a small study into memory, so that many questions to it do not read its files as many times."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from cemkit.errors import CemkitError
from cemkit.model import JourneyMap
from cemkit.tables.binding import bind
from cemkit.tables.profile import row_count
from cemkit.tables.store import ExperienceStore

__all__ = ["load"]


def load(store: ExperienceStore, *, most_rows: int = 2_000_000) -> ExperienceStore:
    """Return the study with its tables in memory, if they have at most ``most_rows`` rows together; else as it is.

    DuckDB's tables come as pandas, Polars' lazy ones are collected; all others stay as they are. All or none, since tables of
    different engines cannot be joined.

    Examples
    --------
    >>> import pandas as pd
    >>> small = ExperienceStore(responses=pd.DataFrame({"customer_id": ["a"], "score": [9]}))
    >>> load(small).engine
    'pandas'
    """
    lazy = [
        name for name in store.tables if isinstance(nw.from_native(store.table(name), pass_through=True), nw.LazyFrame)
    ]
    engines = {bind(store.table(name)).engine for name in lazy}
    if (
        not lazy
        or not engines <= {"duckdb", "polars"}
        or sum(row_count(store.table(name)) for name in store.tables) > most_rows
    ):
        return store
    return ExperienceStore(
        **{name: _collected(store.table(name)) for name in store.tables},
        journey_map=_map(store),
        design=store.design,
        groups=store.groups,
        scales=store.scales,
        survey=store.survey,
    )


def _collected(frame: Any) -> Any:
    engine = bind(frame).engine
    if engine == "duckdb":
        return frame.df()
    return frame.collect() if hasattr(frame, "collect") else frame


def _map(store: ExperienceStore) -> JourneyMap | None:
    try:
        return store.journey_map if store.has("journey_map") else None
    except CemkitError:
        return None
