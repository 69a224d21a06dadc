"""Replicate weights for clusters: delete-one jackknife and the rescaled bootstrap.

A replicate multiplies every cluster's totals. Clusters must come sorted, so that a seed gives the same bytes on every
engine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["bootstrap_multipliers", "jackknife_groups", "replicate_variance"]

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


def jackknife_groups(totals: Floats, stratum: npt.NDArray[np.intp], factor: Floats) -> tuple[Floats, Floats]:
    """Return the totals of each delete-one replicate of the stratified jackknife (JKn), and its variance coefficient.

    ``totals`` is (clusters, ...); replicate c is Σ totals − t_c + (Σ_h t − t_c)/(M_h − 1) − (Σ_h t − t_c) ...
    written out: the other clusters of its stratum are multiplied by M_h/(M_h − 1). ``factor`` is (1 − M_h/N_h) per
    stratum; the coefficient is factor · (M_h − 1)/M_h.
    """
    strata = int(stratum.max()) + 1 if len(stratum) else 0
    count = np.bincount(stratum, minlength=strata).astype(np.float64)
    flat = totals.reshape(len(totals), -1)
    by_stratum = np.zeros((strata, flat.shape[1]))
    np.add.at(by_stratum, stratum, flat)
    whole = flat.sum(axis=0)
    m = count[stratum][:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        replaced = (by_stratum[stratum] - flat) * m / (m - 1)
    replicate = whole[None, :] - by_stratum[stratum] + np.where(m > 1, replaced, by_stratum[stratum])
    coefficient = factor[stratum] * (m[:, 0] - 1) / m[:, 0]
    return replicate.reshape(totals.shape), coefficient


def replicate_variance(replicate: Floats, estimate: Floats, coefficient: Floats | float) -> Floats:
    """Σ_r coefficient_r · (replicate_r − estimate)², replicates along the first axis."""
    deviation = np.asarray(replicate) - np.asarray(estimate)[None, ...]
    scale = np.broadcast_to(np.asarray(coefficient, dtype=np.float64), (len(deviation),))
    return np.asarray(np.einsum("r,r...->...", scale, deviation**2))
