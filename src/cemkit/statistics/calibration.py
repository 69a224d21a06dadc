"""Calibration of weights to known margins, on cells.

A cell is one combination of the levels of the margin columns. Calibrated weights differ from base weights by a factor
that depends on the cell alone, so the sums of the base weights per cell are all that raking needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["RakedCells", "margin_design_matrix", "rake_cells", "regression_coefficients"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]


class RakedCells(NamedTuple):
    """Calibration factors per cell and how they were found."""

    factor: Floats
    """What to multiply the base weights of each cell by; its mean, weighted by the base weights, is 1."""
    iterations: int
    converged: bool
    max_deviation: float
    """Largest difference between a weighted share and its target."""


class _Margins(NamedTuple):
    """Checked margins: level of each cell, target share of each level, and what to call them."""

    levels: list[Integers]
    targets: list[Floats]
    labels: list[list[object]]
    names: list[str]


def rake_cells(
    base: npt.ArrayLike,
    levels: Sequence[npt.ArrayLike],
    targets: Sequence[npt.ArrayLike],
    *,
    labels: Sequence[Sequence[object]] | None = None,
    names: Sequence[str] | None = None,
    bounds: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> RakedCells:
    """Find factors per cell that give every margin its target shares while the sum of the weights stays as it is.

    Without `bounds` this is raking (iterative proportional fitting), which minimises the exponential distance from the
    base weights. With `bounds` it minimises the logit distance (Deville and Särndal 1992, case 6) by damped Newton
    steps: every factor lies strictly inside the bounds and the margins are still met. Nothing is trimmed afterwards.

    Parameters
    ----------
    base : (C,) array
        Sum of the base weights in each cell, not negative.
    levels : list of (C,) integer arrays
        For each margin, the index of each cell's level.
    targets : list of arrays
        For each margin, the target share of each level, summing to 1; NaN says that the targets do not name this level.
    labels : list of lists, optional
        For each margin, its levels' labels, for messages.
    names : list of str, optional
        The margins' names, for messages.
    bounds : (low, high), optional
        Limits of calibrated weight / base weight. The sum of the weights does not change, so the mean of that ratio,
        weighted by the base weights, is 1: limits are relative to the mean, and 0 <= low < 1 < high.
    tolerance : float
        Largest difference allowed between a weighted share and its target.
    max_iterations : int
        Passes over all margins, or Newton steps.

    Returns
    -------
    RakedCells

    Raises
    ------
    CemkitError
        If a level has a target and no weight, or weight and no target; if shares do not sum to 1; if no factors (within
        the bounds) meet all margins; or if they were not found in `max_iterations`.

    References
    ----------
    Deming and Stephan (1940); Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87.

    Examples
    --------
    >>> rake_cells([30.0, 10.0], [[0, 1]], [[0.5, 0.5]]).factor.round(4).tolist()
    [0.6667, 2.0]
    """
    weight = np.asarray(base, dtype=np.float64)
    if weight.ndim != 1 or not np.all(np.isfinite(weight)) or np.any(weight < 0) or not weight.sum() > 0:
        msg = "raking needs base weights that are finite, not negative and not all zero: check the weight column"
        raise CemkitError(msg)
    if not tolerance > 0 or max_iterations < 1:
        msg = f"raking needs tolerance > 0 and max_iterations >= 1, not {tolerance} and {max_iterations}"
        raise CemkitError(msg)
    share = weight / weight.sum()
    margins = _checked_margins(share, levels, targets, labels, names)
    if bounds is None:
        factor, iterations = _proportional_fitting(share, margins, tolerance, max_iterations)
    else:
        low, high = bounds
        if not (0 <= low < 1 < high < np.inf):
            msg = (
                f"bounds limit calibrated weight / base weight, whose mean is 1, so 0 <= low < 1 < high is needed, "
                f"not ({low}, {high})"
            )
            raise CemkitError(msg)
        _check_each_level(share, margins, low, high, tolerance)
        factor, iterations = _logit_newton(share, margins, (low, high), tolerance, max_iterations)
    deviation = max(float(np.max(np.abs(gap))) for gap in _gaps(share * factor, margins))
    if not deviation <= tolerance:
        raise CemkitError(_why_not(share, factor, margins, bounds, max_iterations))
    return RakedCells(factor, iterations, converged=True, max_deviation=deviation)


def margin_design_matrix(levels: Sequence[npt.ArrayLike]) -> Floats:
    """Return the margins' dummies per cell, (C, Q): an intercept, then each margin's present levels but the first.

    Examples
    --------
    >>> margin_design_matrix([[0, 0, 1], [0, 2, 2]]).tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 1.0]]
    """
    if not levels:
        msg = "a calibration needs at least one margin, and none was given"
        raise CemkitError(msg)
    codes = [np.asarray(level) for level in levels]
    columns = [np.ones((codes[0].size, 1))]
    columns += [(code[:, None] == np.unique(code)[None, 1:]).astype(np.float64) for code in codes]
    return np.hstack(columns)


def regression_coefficients(design: npt.ArrayLike, weight_totals: npt.ArrayLike, z_totals: npt.ArrayLike) -> Floats:
    r"""Regress linearised variables on the margins by weighted least squares, from cell totals.

    The coefficients minimise :math:`\sum_i w_i (z_i - x_i'\beta)^2`, where x depends on the cell alone, so that they
    follow from :math:`\sum w` and :math:`\sum w z` per cell. The variance of a calibrated estimate is that of
    :math:`\sum_i w^*_i e_i` with :math:`e_i = z_i - x_i'\beta`, where :math:`w^*` are the calibrated weights and z is
    linearised at the calibrated estimate.

    Which w? Deville and Särndal show that the base weights d and the calibrated weights give the same variance to first
    order. R's ``survey::calibrate`` takes the base weights here; pass base totals to reproduce its standard errors.

    Parameters
    ----------
    design : (C, Q) array
        From `margin_design_matrix`; margins that determine each other are allowed.
    weight_totals : (C,) array
        Sum of w per cell.
    z_totals : (C, P) array
        Sum of w z per cell, for P variables.

    Returns
    -------
    (Q, P) array
        ``design @ coefficients`` is the fitted value of each cell.

    Examples
    --------
    >>> x = margin_design_matrix([[0, 1]])
    >>> regression_coefficients(x, [2.0, 4.0], [[6.0], [4.0]]).round(12).tolist()
    [[3.0], [-2.0]]
    """
    x = np.asarray(design, dtype=np.float64)
    weight = np.asarray(weight_totals, dtype=np.float64)
    totals = np.asarray(z_totals, dtype=np.float64)
    has_weight = weight > 0
    root = np.sqrt(weight[has_weight])[:, None]
    found = np.linalg.lstsq(x[has_weight] * root, totals[has_weight] / root, rcond=None)[0]
    return np.asarray(found, dtype=np.float64)


def _checked_margins(
    share: Floats,
    levels: Sequence[npt.ArrayLike],
    targets: Sequence[npt.ArrayLike],
    labels: Sequence[Sequence[object]] | None,
    names: Sequence[str] | None,
) -> _Margins:
    codes = [np.asarray(level, dtype=np.intp) for level in levels]
    goals = [np.asarray(target, dtype=np.float64) for target in targets]
    if not codes or len(codes) != len(goals):
        msg = f"raking needs one array of targets for each margin: found {len(codes)} margins and {len(goals)} targets"
        raise CemkitError(msg)
    words: list[list[object]] = [list(label) for label in labels or [range(goal.size) for goal in goals]]
    titles = list(names) if names is not None else [str(k + 1) for k in range(len(codes))]
    for code, goal, label, name in zip(codes, goals, words, titles, strict=True):
        _check_margin(share, code, goal, label, name)
    return _Margins(codes, [np.nan_to_num(goal, nan=0.0) for goal in goals], words, titles)


def _check_margin(share: Floats, code: Integers, goal: Floats, label: list[object], name: str) -> None:
    if code.shape != share.shape or code.min() < 0 or code.max() >= goal.size or len(label) != goal.size:
        msg = f"margin {name!r} needs a level for each of {share.size} cells, and a target and a label for each level"
        raise CemkitError(msg)
    named = ~np.isnan(goal)
    if np.any(goal[named] < 0) or not abs(goal[named].sum() - 1) <= 1e-9:
        msg = (
            f"targets of margin {name!r} must be shares that are not negative and sum to 1: "
            f"they sum to {goal[named].sum():.10g}"
        )
        raise CemkitError(msg)
    present = np.bincount(code, weights=share, minlength=goal.size)
    for k in range(goal.size):
        if not named[k] and present[k] > 0:
            msg = (
                f"level {label[k]!r} of margin {name!r} carries {present[k]:.4g} of the weight and has no target: "
                f"add it to the targets, or leave its rows out"
            )
            raise CemkitError(msg)
        if goal[k] == 0 and present[k] > 0:
            msg = (
                f"level {label[k]!r} of margin {name!r} has target 0 and carries {present[k]:.4g} of the weight: "
                f"give it a share, or leave its rows out"
            )
            raise CemkitError(msg)
        if goal[k] > 0 and not present[k] > 0:
            msg = (
                f"level {label[k]!r} of margin {name!r} has target {goal[k]:.4g} and no answers with weight: "
                f"merge it with another level"
            )
            raise CemkitError(msg)


def _gaps(share: Floats, margins: _Margins) -> list[Floats]:
    """Weighted share minus target, per margin and level."""
    return [
        np.bincount(code, weights=share, minlength=goal.size) - goal
        for code, goal in zip(margins.levels, margins.targets, strict=True)
    ]


def _proportional_fitting(
    share: Floats, margins: _Margins, tolerance: float, max_iterations: int
) -> tuple[Floats, int]:
    factor = np.ones_like(share)
    for iteration in range(1, max_iterations + 1):
        for code, goal in zip(margins.levels, margins.targets, strict=True):
            now = np.bincount(code, weights=share * factor, minlength=goal.size)
            factor *= np.divide(goal, now, out=np.ones_like(goal), where=now > 0)[code]
        if all(np.max(np.abs(gap)) <= tolerance for gap in _gaps(share * factor, margins)):
            return factor, iteration
    return factor, max_iterations


def _logit_newton(
    share: Floats, margins: _Margins, bounds: tuple[float, float], tolerance: float, max_iterations: int
) -> tuple[Floats, int]:
    """Minimise the convex dual of the logit distance; its gradient is margins minus targets."""
    from scipy.special import expit

    low, high = bounds
    slope = (high - low) / ((1 - low) * (high - 1))
    shift = np.log((1 - low) / (high - 1))
    design = margin_design_matrix(margins.levels)
    goal = np.concatenate(
        [
            [1.0],
            *(target[np.unique(code)[1:]] for code, target in zip(margins.levels, margins.targets, strict=True)),
        ]
    )

    def dual(multiplier: Floats) -> float:
        u = design @ multiplier
        potential = low * u + (high - low) / slope * (np.logaddexp(0, slope * u + shift) - np.logaddexp(0, shift))
        return float(share @ potential - goal @ multiplier)

    multiplier = np.zeros(design.shape[1])
    factor = np.ones_like(share)
    for iteration in range(1, max_iterations + 1):
        gradient = design.T @ (share * factor) - goal
        if all(np.max(np.abs(gap)) <= tolerance for gap in _gaps(share * factor, margins)):
            return factor, iteration - 1
        inside = (factor - low) * (high - factor) * slope / (high - low)
        step = -np.linalg.lstsq(design.T @ (design * (share * inside)[:, None]), gradient, rcond=None)[0]
        moved = _line_search(dual, multiplier, step, float(gradient @ step))
        if moved is None:
            return factor, iteration
        multiplier = moved
        factor = low + (high - low) * expit(slope * (design @ multiplier) + shift)
    return factor, max_iterations


def _line_search(dual: Callable[[Floats], float], start: Floats, step: Floats, descent: float) -> Floats | None:
    """Halve the step until the dual falls by enough; None where it cannot fall, as at infeasible targets."""
    if not np.all(np.isfinite(step)) or descent >= 0:
        return None
    before = dual(start)
    slack = 1e-13 * max(1.0, abs(before))
    length = 1.0
    while length > 1e-10:
        if dual(start + length * step) <= before + 1e-4 * length * descent + slack:
            return start + length * step
        length /= 2
    return None


def _check_each_level(share: Floats, margins: _Margins, low: float, high: float, tolerance: float) -> None:
    """Check that each level's mean factor, its target over its share, lies between the bounds."""
    for code, goal, label, name in zip(margins.levels, margins.targets, margins.labels, margins.names, strict=True):
        present = np.bincount(code, weights=share, minlength=goal.size)
        for k in np.flatnonzero(present > 0):
            if not low * present[k] - tolerance <= goal[k] <= high * present[k] + tolerance:
                msg = (
                    f"level {label[k]!r} of margin {name!r} needs a mean factor of {goal[k] / present[k]:.4g} "
                    f"(target {goal[k]:.4g}, now {present[k]:.4g}), which bounds ({low}, {high}) do not allow: "
                    f"widen the bounds, or merge the level with another"
                )
                raise CemkitError(msg)


def _why_not(
    share: Floats, factor: Floats, margins: _Margins, bounds: tuple[float, float] | None, max_iterations: int
) -> str:
    """Name the level that cannot be met, by a linear programme for the smallest total deviation."""
    from scipy.optimize import linprog

    design = np.vstack(
        [
            (code[None, :] == np.arange(goal.size)[:, None]) * share[None, :]
            for code, goal in zip(margins.levels, margins.targets, strict=True)
        ]
    )
    goals = np.concatenate(margins.targets)
    where = [(name, x) for name, label in zip(margins.names, margins.labels, strict=True) for x in label]
    size = goals.size
    found = linprog(
        np.concatenate([np.zeros(share.size), np.ones(2 * size)]),
        A_eq=np.hstack([design, np.eye(size), -np.eye(size)]),
        b_eq=goals,
        bounds=[bounds or (0, None)] * share.size + [(0, None)] * (2 * size),
    )
    within = f" within bounds {bounds}" if bounds is not None else ""
    if found.x is not None and found.fun is not None and found.fun > 1e-8:
        slack = found.x[share.size : share.size + size] - found.x[share.size + size :]
        worst = int(np.argmax(np.abs(slack)))
        name, label = where[worst]
        hint = "widen the bounds, or merge levels" if bounds is not None else "merge levels, or rake on fewer margins"
        return (
            f"no weights{within} meet all margins: level {label!r} of margin {name!r} can reach "
            f"{goals[worst] - slack[worst]:.4g} of its target {goals[worst]:.4g} once the others are met, because of "
            f"the combinations of levels that occur: {hint}"
        )
    gap = np.concatenate(_gaps(share * factor, margins))
    worst = int(np.argmax(np.abs(gap)))
    name, label = where[worst]
    hint = "widen the bounds" if bounds is not None else "raise max_iterations or tolerance"
    return (
        f"raking did not converge{within} in {max_iterations} iterations: level {label!r} of margin {name!r} is at "
        f"{goals[worst] + gap[worst]:.10g} instead of {goals[worst]:.10g}: merge levels, or {hint}"
    )
