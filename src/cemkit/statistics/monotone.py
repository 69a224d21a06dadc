"""Curves that never fall: isotonic means and monotone splines; and a line with one bend.

All are fitted to means of an outcome at the points of a rating, weighted by what stands behind each, which is the same as fitting
them to the rows.

Barlow, R. E. et al. (1972), *Statistical Inference under Order Restrictions*. Ramsay, J. O. (1988), Monotone regression splines in
action, *Statistical Science* 3, 425-461. Muggeo, V. M. R. (2003), *Statistics in Medicine* 22, 3055-3071.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["Bend", "MonotoneSpline", "PointMeans", "bend", "isotonic_means", "monotone_spline", "point_means"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
_DEGREE = 2
_INNER = 3
_CANDIDATES = 61


@dataclass(frozen=True)
class PointMeans:
    """Means of an outcome at points, shape (points,), and their covariance.

    Attributes
    ----------
    x, mean, weight, n
        The point, the mean, Σw and the rows; points with few rows were taken together with their neighbours.
    covariance
        That of the means.
    within
        Σw(y − mean)² over all rows.
    df
        Degrees of freedom: clusters less strata (rows less one).
    merged
        Points that were taken together with others.
    """

    x: Floats
    mean: Floats
    weight: Floats
    n: Floats
    covariance: Floats
    within: float
    df: float
    merged: int


def point_means(
    x: Floats,
    y: Floats,
    *,
    weights: Floats | None = None,
    cluster: Integers | None = None,
    stratum: Integers | None = None,
    population: Floats | None = None,
    least: int = 5,
    most: int = 30,
) -> PointMeans:
    """Return the means of y at the points of x, with the linearised covariance over clusters within strata.

    Parameters
    ----------
    x, y : ndarray
        Rating and outcome (n,); complete.
    weights, cluster, stratum, population
        As :func:`cemkit.statistics.regression.least_squares` takes them.
    least
        Fewer rows than this share a point with the next ones.
    most
        More points than this are joined to as many of nearly equal size.
    """
    w = np.ones(x.size) if weights is None else weights
    levels, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    if levels.size > most:
        least = max(least, int(np.ceil(x.size / most)))
    home, inside, number = np.zeros(levels.size, dtype=np.intp), 0, 0
    for i, count in enumerate(counts.tolist()):
        home[i] = number
        inside += count
        if inside >= least:
            inside, number = 0, number + 1
    if inside and number:  # too few at the top: with those below
        home[home == number] = number - 1
    group = home[place.reshape(-1)]
    size = int(home.max()) + 1
    n = np.bincount(group, minlength=size).astype(np.float64)
    total: Floats = np.bincount(group, weights=w, minlength=size).astype(np.float64)
    middle = np.bincount(group, weights=w * x, minlength=size) / total
    mean = np.bincount(group, weights=w * y, minlength=size) / total
    rest = y - mean[group]
    within = float(w @ rest**2)
    owner = np.arange(x.size) if cluster is None else np.asarray(cluster)
    layer = np.zeros(x.size, dtype=np.intp) if stratum is None else np.asarray(stratum)
    covariance, df = _covariance(group, w * rest / total[group], owner, layer, population, size)
    # a point whose rows all agree is not known without error: one more row with everybody's spread
    spread = within / w.sum()
    floor = spread / n**2
    covariance[np.diag_indices(size)] = np.maximum(np.diagonal(covariance), floor)
    return PointMeans(middle, mean, total, n, covariance, within, df, int(levels.size - size))


def _covariance(
    group: Integers, influence: Floats, owner: Integers, layer: Integers, population: Floats | None, size: int
) -> tuple[Floats, float]:
    """Return the covariance of sums of influences over clusters within strata, and clusters less strata."""
    _, first, unit = np.unique(owner, return_index=True, return_inverse=True)
    unit = unit.reshape(-1)
    home = layer[first]
    clusters = np.bincount(home).astype(np.float64)
    universe = np.full(clusters.size, np.inf) if population is None else population
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(clusters > 1, clusters / (clusters - 1), 0.0) * (1.0 - np.clip(clusters / universe, 0.0, 1.0))
    key, back = np.unique(unit * size + group, return_inverse=True)
    value = np.bincount(back.reshape(-1), weights=influence)
    who, where = key // size, key % size
    covariance = np.zeros((size, size))
    if who.size == first.size:  # a cluster is at one point only: nothing beside the diagonal but the strata's means
        np.add.at(covariance, (where, where), value**2 * factor[home[who]])
    else:
        starts = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
        ends = np.r_[starts[1:], who.size]
        longest = int((ends - starts).max())
        for step in range(longest):
            pairs = np.flatnonzero(np.arange(who.size) + step < np.repeat(ends, ends - starts))
            product = value[pairs] * value[pairs + step] * factor[home[who[pairs]]]
            np.add.at(covariance, (where[pairs], where[pairs + step]), product)
            if step:
                np.add.at(covariance, (where[pairs + step], where[pairs]), product)
    sums = np.zeros((clusters.size, size))
    np.add.at(sums, (home[who], where), value)
    covariance -= np.einsum("hi,hj,h->ij", sums, sums, factor / np.maximum(clusters, 1.0))
    return covariance, float(first.size - clusters.size)


def isotonic_means(mean: Floats, weight: Floats) -> Floats:
    """Return the means nearest to the given ones (weighted least squares) that never fall: pool adjacent violators.

    Examples
    --------
    >>> import numpy as np
    >>> isotonic_means(np.array([1.0, 3.0, 2.0, 4.0]), np.ones(4)).tolist()
    [1.0, 2.5, 2.5, 4.0]
    """
    blocks: list[list[float]] = []
    for value, w in zip(mean.tolist(), weight.tolist(), strict=True):
        blocks.append([value, w, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            v, u, k = blocks.pop()
            last = blocks[-1]
            last[:] = [(last[0] * last[1] + v * u) / (last[1] + u), last[1] + u, last[2] + k]
    return np.concatenate([np.full(int(k), v) for v, _, k in blocks])


@dataclass(frozen=True)
class MonotoneSpline:
    """A quadratic spline that never falls: its knots, and per row of `coefficients` (fits, basis + 1) a fit."""

    knots: Floats
    coefficients: Floats

    def at(self, x: npt.ArrayLike) -> Floats:
        """Return the fits at x, (fits, x); level beyond the outer knots."""
        return np.asarray(self.coefficients @ _basis(np.asarray(x, dtype=np.float64), self.knots).T)


def monotone_spline(x: Floats, means: Floats, weight: Floats) -> MonotoneSpline:
    """Fit a monotone spline to each row of means (fits, points) by least squares with coefficients that are not negative.

    The basis is a constant (free) and I-splines of degree two, with up to three inner knots at quantiles of the points. With two
    points it is a straight line.
    """
    from scipy.optimize import nnls

    inner = max(min(_INNER, x.size - 3), 0)
    inside = np.quantile(x, np.arange(1, inner + 1) / (inner + 1)) if inner else np.zeros(0)
    knots = np.unique(np.r_[x[0], inside, x[-1]])
    root = np.sqrt(weight / weight.sum())
    basis = _basis(x, knots)
    design = np.column_stack([-basis[:, :1], basis]) * root[:, None]
    fits = np.empty((means.shape[0], basis.shape[1]))
    for row, values in enumerate(means):
        found = nnls(design, values * root)[0]
        fits[row] = np.r_[found[1] - found[0], found[2:]]
    return MonotoneSpline(knots, fits)


def _basis(x: Floats, knots: Floats) -> Floats:
    """Return a constant and the I-splines at x: sums of B-splines from each one on."""
    from scipy.interpolate import BSpline

    if knots.size < 2:
        message = "a curve needs at least two different points."
        raise CemkitError(message)
    degree = _DEGREE if knots.size > 2 else 1
    full = np.r_[[knots[0]] * degree, knots, [knots[-1]] * degree]
    each = BSpline.design_matrix(np.clip(x, knots[0], knots[-1]), full, degree).toarray()
    return np.asarray(np.flip(np.cumsum(np.flip(each, axis=1), axis=1), axis=1))


@dataclass(frozen=True)
class Bend:
    """Lines with one bend, per row of means: where it is, and the slopes below and above; NaN with fewer than five points."""

    at: Floats
    below: Floats
    above: Floats


def bend(x: Floats, means: Floats, weight: Floats) -> Bend:
    """Fit mean = a + b·x + c·max(x − at, 0), the bend wherever least squares has it, two points or more on either side."""
    rows = means.shape[0]
    if x.size < 5:
        nothing = np.full(rows, np.nan)
        return Bend(nothing, nothing, nothing)
    root = np.sqrt(weight / weight.sum())
    places = np.union1d(np.linspace(x[1], x[-2], _CANDIDATES), x[1:-1])
    best = np.full(rows, np.inf)
    at, below, change = (np.zeros(rows) for _ in range(3))
    target = (means * root).T
    for place in places.tolist():
        design = np.column_stack([np.ones(x.size), x, np.maximum(x - place, 0.0)]) * root[:, None]
        inverse = np.linalg.pinv(design)
        found = inverse @ target
        miss = ((target - design @ found) ** 2).sum(axis=0)
        better = miss < best - 1e-15
        best = np.where(better, miss, best)
        at, below, change = (
            np.where(better, new, old) for new, old in ((place, at), (found[1], below), (found[2], change))
        )
    return Bend(at, below, below + change)
