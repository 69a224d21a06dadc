"""Whether an outcome allows differences at all: expectation and perception with effects of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cemkit.csi.gap_plan import Plan
from cemkit.csi.quantities import Quantities
from cemkit.errors import CemkitError
from cemkit.estimation import sample
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.statistics.regression import contrasts, joint_test, least_squares
from cemkit.tables.design_rows import DesignRows, design_rows
from cemkit.tables.groups import group_rows
from cemkit.tables.row_means import with_numbers

__all__ = ["constraint_rows"]


def constraint_rows(plan: Plan, asked: Quantities, outcome: str) -> pd.DataFrame:
    """Return, per group, the direct-effects model beside the model of the difference, and the test between them."""
    bound = with_numbers(plan.bound, {"_gap_outcome": outcome})
    columns = (f"{plan.overall.key}_e", f"{plan.overall.key}_p", "_gap_outcome")
    # Only the design that holds for the rows is wanted here, the scale says nothing.
    taken = sample(
        bound,
        score=columns[0],
        scale=Scale(plan.low, plan.high, step=None),
        by=asked.by,
        design=asked.design,
        extra=columns,
    )
    rows = design_rows(taken.bound, columns, keys=asked.by, design=taken.design)
    asked.notes.append(
        Assumption("collected-rows", {"method": "regression", "columns": len(rows.columns), "rows": rows.total})
    )
    groups, group = group_rows(rows.keys, asked.by, orders=taken.orders, rows=len(rows.values))
    found = [
        {**dict(zip(asked.by, key, strict=True)), **_test(rows, group == g, outcome, asked.level)}
        for g, key in enumerate(groups.keys)
    ]
    return pd.DataFrame(found)


def _test(rows: DesignRows, where: np.ndarray[Any, np.dtype[np.bool_]], outcome: str, level: float) -> dict[str, Any]:
    x, y = rows.values[where, :2], rows.values[where, 2]
    if len(y) and np.ptp(y) == 0:
        msg = f"outcome={outcome!r} has the same value in all {len(y):,} complete rows, so nothing can explain it"
        raise CemkitError(msg)
    stratum = None if rows.stratum is None else np.unique(rows.stratum[where], return_inverse=True)[1]
    population = None
    if rows.population is not None:
        present = np.array([0]) if rows.stratum is None else np.unique(rows.stratum[where])
        population = rows.population[present]
    design: dict[str, Any] = {
        "weights": None if rows.weights is None else rows.weights[where],
        "cluster": None if rows.cluster is None else rows.cluster[where],
        "stratum": stratum,
        "population": population,
        "linearised": rows.linearised,
    }
    direct = least_squares(x, y, **design)
    apart = least_squares(x[:, 1:] - x[:, :1], y, **design)
    each, gap = contrasts(direct, np.eye(3)[1:], level=level), contrasts(apart, np.eye(2)[1:], level=level)
    test = joint_test(direct, np.array([[0.0, 1.0, 1.0]]))
    return {
        "outcome": outcome,
        **_limits("expected", each, 0),
        **_limits("perceived", each, 1),
        **_limits("gap", gap, 0),
        "r_squared_direct": direct.r_squared,
        "r_squared_gap": apart.r_squared,
        "statistic": test.statistic,
        "df1": test.df1,
        "df2": test.df2,
        "p_value": test.p_value,
        "n": direct.n,
        "level": level,
        "method": "linearised" if rows.linearised else "hc3",
    }


def _limits(name: str, found: Any, place: int) -> dict[str, float]:
    return {
        name: float(found.estimate[place]),
        f"{name}_std_error": float(found.std_error[place]),
        f"{name}_low": float(found.low[place]),
        f"{name}_high": float(found.high[place]),
    }
