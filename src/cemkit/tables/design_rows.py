"""Rows collected for a regression: number columns with the codes of the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from cemkit.errors import DesignError
from cemkit.tables.binding import Bound, collect, is_null_or_nan, key_expressions
from cemkit.tables.design import Design
from cemkit.tables.factor import factor
from cemkit.tables.weights import require_good_weights

__all__ = ["DesignRows", "design_rows"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DesignRows:
    """The complete rows of some number columns.

    Attributes
    ----------
    values
        The columns, (rows, columns).
    weights, cluster, stratum, population
        As :func:`cemkit.statistics.regression.least_squares` takes them; None where the design has none.
    keys
        Values of the key columns.
    total
        Rows of the table, complete or not.
    columns
        The columns that were collected.
    linearised
        Whether there is a design.
    """

    values: Floats
    weights: Floats | None
    cluster: npt.NDArray[np.intp] | None
    stratum: npt.NDArray[np.intp] | None
    population: Floats | None
    keys: dict[str, list[Any]]
    total: int
    columns: tuple[str, ...]
    linearised: bool


def design_rows(bound: Bound, columns: Sequence[str], *, keys: Sequence[str] = (), design: Design | None) -> DesignRows:
    """Collect the rows in which all number columns have a value and the weight is positive; only what is needed leaves the engine.

    Raises
    ------
    DesignError
        If the design's variance is not the linearised one (replicates, jackknife, bootstrap, calibration), or a stratum,
        cluster or weight is null.
    """
    if design is not None and (design.replicates or design.variance != "linearised" or design.calibration is not None):
        msg = (
            "this regression knows designs with weights, strata, clusters and population only: give such a Design "
            "(no replicates, calibration, jackknife or bootstrap)"
        )
        raise DesignError(msg)
    parts = {} if design is None else {"strata": design.strata, "cluster": design.cluster}
    coded = [name for name in parts.values() if name is not None]
    sized = [name for name in (design.weights, design.population) if name is not None] if design is not None else []
    numbers = {f"_x{i}": nw.col(name).cast(nw.Float64) for i, name in enumerate((*columns, *sized))}
    table = collect(bound.frame.select(*key_expressions(bound, (*keys, *coded)), **numbers))
    for argument, name in parts.items():
        if name is not None and any(v is None or v != v for v in table[name]):
            rows = int(
                collect(
                    bound.frame.select(is_null_or_nan(bound, name).cast(nw.Int64).alias("_n")).select(
                        nw.col("_n").sum()
                    )
                )["_n"][0]
            )
            msg = f"{argument}={name!r} is null in {rows:,} rows: name it in every row, or leave these rows out"
            raise DesignError(msg)
    found = [np.asarray([np.nan if v is None else v for v in table[name]], dtype=np.float64) for name in numbers]
    values = np.column_stack(found[: len(columns)])
    keep = np.asarray(np.isfinite(values).all(axis=1))
    extra = dict(zip(sized, found[len(columns) :], strict=True))
    weights = None
    if design is not None and design.weights is not None:
        weights = extra[design.weights]
        with np.errstate(invalid="ignore"):
            require_good_weights(bound, design.weights, np.where(weights >= 0, weights, np.inf))
        keep &= weights > 0

    kept_rows: list[bool] = np.asarray(keep).tolist()

    def codes(name: str | None) -> npt.NDArray[np.intp] | None:
        if name is None:
            return None
        kept = [v for v, k in zip(table[name], kept_rows, strict=True) if k]
        return np.asarray(factor(kept)[0], dtype=np.intp)

    stratum = codes(parts.get("strata"))
    cluster = codes(parts.get("cluster"))
    if cluster is not None and stratum is not None:  # clusters are nested in strata
        _, cluster = np.unique(cluster + stratum * (int(cluster.max(initial=0)) + 1), return_inverse=True)
    population = None
    if design is not None and design.population is not None:
        size = extra[design.population][keep]
        place = np.zeros(len(size), dtype=np.intp) if stratum is None else stratum
        population = np.full(int(place.max(initial=0)) + 1, np.nan)
        population[place] = size
    return DesignRows(
        values[keep],
        None if weights is None else weights[keep],
        None if cluster is None else cluster.astype(np.intp).reshape(-1),
        stratum,
        population,
        {name: [v for v, k in zip(table[name], kept_rows, strict=True) if k] for name in keys},
        len(values),
        tuple(dict.fromkeys((*columns, *keys, *coded, *sized))),
        design is not None,
    )
