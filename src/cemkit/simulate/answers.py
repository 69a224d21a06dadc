"""Part 'answers': the wide relationship survey among the respondents of the last wave, and its truth.

Six dimensions, each with what is expected and what is perceived, 1..10. The latent item is

    mean + demand(segment) [expected only] + loading · F + sqrt(sd² - loading²) · e

with one factor F per respondent, F and e standard normal; the item is rounded and cut to 1..10. F is independent of
everything else in the world, so that non-response, which depends on satisfaction, does not select on the items; the
weight brings the segments back to their shares of the base at the wave.
Overall satisfaction (0..100) is *exactly* linear in the recorded items,

    overall = 20 + sum of coefficient · perceived + 10 · (sum of three uniform numbers - 1.5),

with residual variance 25, and no value outside 5..95. The truth is the expectation of what is recorded: means from
the normal distribution function, covariances by Gauss-Hermite quadrature over F (100 nodes; no simulation), segments
mixed by their shares of the base. LMG shares come from the exact covariance, by all 2⁶ subsets.
"""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.simulate.company import SEGMENTS
from cemkit.simulate.customers import Base
from cemkit.simulate.frames import texts
from cemkit.simulate.responses import Wave, normal_cdf
from cemkit.simulate.streams import stream

__all__ = ["COEFFICIENTS", "DIMENSIONS", "RESIDUAL_VARIANCE", "answers_frame", "driver_truth", "gap_truth", "lmg"]

DIMENSIONS: dict[str, str] = {
    "price": "rational",
    "network": "rational",
    "billing": "rational",
    "staff": "emotional",
    "trust": "emotional",
    "warmth": "emotional",
}
"""The dimensions and their aspects."""
COEFFICIENTS = np.array([1.2, 1.6, 0.5, 1.3, 1.0, 0.4])
"""Effect of one point perceived on overall satisfaction, by dimension."""
RESIDUAL_VARIANCE = 25.0
"""Variance of overall satisfaction given the items."""
_INTERCEPT = 20.0
_EXPECTED = np.array([7.6, 8.4, 8.0, 7.4, 7.8, 6.5])
_PERCEIVED = np.array([6.2, 7.7, 7.4, 7.6, 6.6, 6.5])
_SD = np.concatenate([np.full(6, 1.3), np.full(6, 1.8)])
_LOADING = np.concatenate([np.full(6, 0.6), np.array([0.9, 0.7, 0.8, 1.3, 1.4, 1.2])])
_LOW, _HIGH = 1, 10
_D = len(DIMENSIONS)

Floats = npt.NDArray[np.float64]


def _means(segment: int) -> Floats:
    return np.concatenate([_EXPECTED + SEGMENTS[segment].demand, _PERCEIVED])


def answers_frame(base: Base, wave: Wave, responses: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a row per respondent of the wave; those answer it who answered the wave's own question."""
    own = responses.loc[(responses["question"] == "nps") & (responses["wave"] == wave.name)]
    answered_at = own["answered_at"].to_numpy()
    there = ~np.isnat(answered_at)
    respondents = wave.invited[there]
    segment = base.segment[respondents]
    size = len(respondents)
    factor = stream(seed, "answers.factor").standard_normal(base.n)[respondents]
    own_part = stream(seed, "answers.items").standard_normal((base.n, 2 * _D))[respondents]
    level = np.stack([_means(s) for s in range(len(SEGMENTS))])[segment]
    latent = level + _LOADING * factor[:, None] + np.sqrt(_SD**2 - _LOADING**2) * own_part
    items = np.clip(np.rint(latent), _LOW, _HIGH)
    noise = stream(seed, "answers.overall").random((base.n, 3))[respondents].sum(axis=1) - 1.5
    active = np.bincount(base.segment[wave.active], minlength=len(SEGMENTS))
    answered = np.bincount(segment, minlength=len(SEGMENTS))
    columns = {
        "customer_id": texts(base.ids.tolist(), respondents),
        "answered_at": answered_at[there],
        "wave": texts([wave.name], np.zeros(size, dtype=np.int8)),
        "stratum": texts([s.name for s in SEGMENTS], segment),
        "weight": active[segment] / np.maximum(answered, 1)[segment],
        **{f"expected_{name}": items[:, i] for i, name in enumerate(DIMENSIONS)},
        **{f"perceived_{name}": items[:, _D + i] for i, name in enumerate(DIMENSIONS)},
        "overall": _INTERCEPT + items[:, _D:] @ COEFFICIENTS + 10 * noise,
    }
    return pd.DataFrame(columns)


def _moments(segment: int) -> tuple[Floats, Floats]:
    """Return mean and covariance of the recorded items in a segment."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    weights = weights / weights.sum()
    own = np.sqrt(_SD**2 - _LOADING**2)
    centre = _means(segment) + _LOADING * nodes[:, None]
    steps = np.arange(_LOW + 1, _HIGH + 1)
    reach = normal_cdf((centre[:, :, None] - (steps - 0.5)) / own[:, None])
    given = _LOW + reach.sum(axis=2)
    square = _LOW**2 + (reach * (2 * steps - 1)).sum(axis=2)
    mean = weights @ given
    covariance = (given - mean).T @ (weights[:, None] * (given - mean))
    covariance += np.diag(weights @ (square - given**2))
    return mean, covariance


def _mixture(shares: Floats) -> tuple[Floats, Floats]:
    parts = [_moments(s) for s in range(len(SEGMENTS))]
    mean = sum((p * m for p, (m, _) in zip(shares, parts, strict=True)), np.zeros(2 * _D))
    covariance = np.zeros((2 * _D, 2 * _D))
    for p, (m, c) in zip(shares, parts, strict=True):
        covariance += p * (c + np.outer(m - mean, m - mean))
    return mean, covariance


def _shares(base: Base, wave: Wave) -> Floats:
    return np.bincount(base.segment[wave.active], minlength=len(SEGMENTS)) / max(len(wave.active), 1)


def gap_truth(base: Base, wave: Wave) -> pd.DataFrame:
    """Return the true gaps by segment and dimension; a null segment is the whole base, a null dimension their mean."""
    each = np.eye(len(SEGMENTS))
    rows = []
    for name, shares in [*((s.name, each[i]) for i, s in enumerate(SEGMENTS)), (None, _shares(base, wave))]:
        mean, covariance = _mixture(shares)
        for i, dimension in enumerate(DIMENSIONS):
            spread = covariance[i, i] + covariance[_D + i, _D + i] - 2 * covariance[i, _D + i]
            rows.append(_gap_row(name, dimension, mean[i], mean[_D + i], spread))
        signs = np.repeat([-1 / _D, 1 / _D], _D)
        rows.append(_gap_row(name, None, mean[:_D].mean(), mean[_D:].mean(), signs @ covariance @ signs))
    return pd.DataFrame(rows)


def _gap_row(
    segment: str | None, dimension: str | None, expected: float, perceived: float, spread: float
) -> dict[str, object]:
    aspect = DIMENSIONS[dimension] if dimension else None
    row = {"segment": segment, "dimension": dimension, "aspect": aspect, "expected": expected, "perceived": perceived}
    return {**row, "gap": perceived - expected, "sd": spread**0.5}


def lmg(covariance: Floats, coefficients: Floats, residual_variance: float) -> Floats:
    """Return each predictor's part of R², averaged over all orders (Lindeman, Merenda and Gold, 1980)."""
    with_outcome = covariance @ coefficients
    variance = coefficients @ with_outcome + residual_variance
    p = len(coefficients)
    explained: dict[tuple[int, ...], float] = {}
    for chosen in (c for size in range(p + 1) for c in combinations(range(p), size)):
        part = with_outcome[list(chosen)]
        explained[chosen] = float(part @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], part)) if chosen else 0.0
    parts = np.zeros(p)
    for chosen, value in explained.items():
        weight = factorial(len(chosen)) * factorial(p - len(chosen) - 1) / factorial(p) if len(chosen) < p else 0.0
        for i in set(range(p)) - set(chosen):
            parts[i] += weight * (explained[tuple(sorted((*chosen, i)))] - value)
    return parts / variance


def driver_truth(base: Base, wave: Wave) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the drivers of overall satisfaction, and the covariance of the perceived items, in the whole base."""
    mean, covariance = _mixture(_shares(base, wave))
    items = covariance[_D:, _D:]
    parts = lmg(items, COEFFICIENTS, RESIDUAL_VARIANCE)
    names = [f"perceived_{name}" for name in DIMENSIONS]
    drivers = pd.DataFrame(
        {
            "item": names,
            "aspect": list(DIMENSIONS.values()),
            "mean": mean[_D:],
            "coefficient": COEFFICIENTS,
            "lmg": parts,
            "share": parts / parts.sum(),
        }
    )
    return drivers, pd.DataFrame(items, index=pd.Index(names, name="item"), columns=names)
