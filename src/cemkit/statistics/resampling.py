"""Replicates of clusters: the rescaled bootstrap, and the variance of replicate estimates.

A replicate multiplies every cluster's totals. Clusters must come sorted, so that a seed gives the same bytes on every
engine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["bootstrap_multipliers", "replicate_variance"]

Floats = npt.NDArray[np.float64]


def bootstrap_multipliers(
    stratum: npt.NDArray[np.intp], rng: np.random.Generator, *, replicates: int
) -> npt.NDArray[np.float64]:
    """Return multipliers (replicates, clusters) of the rescaled bootstrap.

    M_h − 1 of M_h clusters are drawn with replacement, times M_h/(M_h − 1) (Rao & Wu 1988; Rao, Wu & Yue 1992).
    """
    multipliers = np.zeros((replicates, len(stratum)))
    for h in range(int(stratum.max()) + 1 if len(stratum) else 0):
        place = np.flatnonzero(stratum == h)
        count = len(place)
        if count < 2:
            multipliers[:, place] = 1.0
            continue
        drawn = rng.multinomial(count - 1, np.full(count, 1 / count), size=replicates)
        multipliers[:, place] = drawn * (count / (count - 1))
    return multipliers


def replicate_variance(replicate: Floats, estimate: Floats, coefficient: Floats | float) -> Floats:
    """Σ_r coefficient_r · (replicate_r − estimate)², replicates along the first axis."""
    deviation = np.asarray(replicate) - np.asarray(estimate)[None, ...]
    scale = np.broadcast_to(np.asarray(coefficient, dtype=np.float64), (len(deviation),))
    return np.asarray(np.einsum("r,r...->...", scale, deviation**2))
