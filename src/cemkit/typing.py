"""The public frame type."""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ["Frame"]

Frame: TypeAlias = Any
"""A table of any supported engine: pandas, Polars (eager or lazy), PyArrow, DuckDB relation, Dask, PySpark, Ibis."""
