"""Whether hazards are proportional: the score test that a coefficient moves with time (Grambsch & Therneau)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.statistics._arguments import check_method
from cemkit.statistics.cox_sums import (
    Blocks,
    Denominators,
    exposure_to_hazard,
    first_orders,
    information,
    weighted,
)
from cemkit.statistics.risk_sets import durations, risk_table

__all__ = ["TRANSFORMS", "Proportionality", "proportionality_test", "time_transform"]

Floats = npt.NDArray[np.float64]

TRANSFORMS = ("km", "log", "identity")


class Proportionality(NamedTuple):
    """Score tests of β(t) = β + θ g(t): one per covariate, and one of all together."""

    statistic: Floats
    """(p,) χ² with one degree of freedom."""
    p_value: Floats
    overall: float
    """χ² of all covariates together."""
    df: int
    overall_p_value: float


def time_transform(
    blocks: Blocks, transform: str, *, stop: Floats, event: npt.NDArray[np.bool_], start: Floats | None
) -> Floats:
    """Return g(t) of each block, centred on the mean over events.

    1 − S(t−) with the Kaplan–Meier curve of all strata together, log t, or t.
    """
    check_method(transform, TRANSFORMS)
    time, events = blocks.time, blocks.events
    if transform == "km":
        table = risk_table(durations(stop, event, entry=start))
        before = np.concatenate([[1.0], np.cumprod(1.0 - table.events[:, 0] / table.at_risk)[:-1]])
        g = 1.0 - before[np.searchsorted(table.time, time)]
    else:
        g = np.log(np.maximum(time, np.finfo(np.float64).tiny)) if transform == "log" else time
    return np.asarray(g - (g @ events) / events.sum(), dtype=np.float64)


def proportionality_test(
    x: Floats, risk: Floats, found: Denominators, blocks: Blocks, matrix: Floats, g: Floats
) -> Proportionality:
    """Test at the fit whether coefficients move with g(t).

    Parameters
    ----------
    x, risk, found, blocks
        The rows and sums of the fit.
    matrix
        Its information.
    g
        g(t) of each block.
    """
    from scipy.special import chdtrc

    orders = first_orders(x, risk, blocks)
    whole, leaving = orders
    mean = found.hazard[:, None] * whole - found.tied_hazard[:, None] * leaving
    own = blocks.last[blocks.happened]
    score = g[own] @ x[blocks.happened] - g @ mean
    cross, square = (
        information(x, risk * exposure_to_hazard(terms, blocks), orders, terms)
        for terms in (weighted(found, g), weighted(found, g**2))
    )
    rest = square - cross.T @ np.linalg.pinv(matrix, hermitian=True, rcond=1e-14) @ cross
    size = np.diag(rest)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(size > 1e-12 * np.diag(square), score**2 / size, np.nan)
    df = int(np.linalg.matrix_rank(rest, tol=1e-10 * float(np.abs(rest).max(initial=0.0)))) if score.size else 0
    overall = float(score @ np.linalg.pinv(rest, hermitian=True, rcond=1e-10) @ score) if df else float("nan")
    return Proportionality(
        statistic, np.asarray(chdtrc(1, statistic)), overall, df, float(chdtrc(df, overall)) if df else float("nan")
    )
