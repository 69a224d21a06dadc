"""The highest point of a smooth mean log likelihood inside a box: L-BFGS to come near, Newton to arrive.

Everything is on the *mean* log likelihood, so that tolerances mean the same for eighty customers and a million.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["Objective", "Optimum", "climb", "hessian_of", "polish"]

Objective: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]

_STEP = 1e-4
_ARRIVED = 1e-13  # Newton's predicted gain in the mean log likelihood
_NEAR_EDGE = 0.5
_NEWTON_STEPS = 25
_LONGEST = 2.0


@dataclass(frozen=True)
class Optimum:
    """Where the climb ended: the point, its height and curvature, and which coordinates stand at the edge."""

    point: FloatArray
    height: float
    hessian: FloatArray
    gain: float
    at_low: NDArray[np.bool_]
    at_high: NDArray[np.bool_]

    @property
    def at_edge(self) -> NDArray[np.bool_]:
        """Which coordinates stand at the edge of the box."""
        return self.at_low | self.at_high

    @property
    def clean(self) -> bool:
        """Whether it is a maximum inside the box: flat, and curved downwards in every direction."""
        return not self.at_edge.any() and self.gain < 1e-9 and concave(self.hessian)


def concave(hessian: FloatArray) -> bool:
    """Return whether a Hessian is negative definite beyond the noise of its differences."""
    if not np.isfinite(hessian).all():
        return False
    return hessian.size == 0 or bool(np.linalg.eigvalsh(hessian).max() < -1e-9)


def hessian_of(objective: Objective, point: FloatArray) -> FloatArray:
    """Return the Hessian by central differences of the exact gradient."""
    rows = []
    for axis in range(point.size):
        step = np.zeros(point.size)
        step[axis] = _STEP
        rows.append((objective(point + step)[1] - objective(point - step)[1]) / (2.0 * _STEP))
    found = np.asarray(rows, dtype=np.float64)
    return (found + found.T) / 2.0


def _inside(point: FloatArray, box: FloatArray) -> FloatArray:
    """Return the point, moved into the box."""
    return np.clip(point, box[0], box[1])


def polish(objective: Objective, point: FloatArray, box: FloatArray, hessian: FloatArray | None = None) -> Optimum:
    """Return the optimum near a point by Newton's method, in the coordinates that are not at the edge.

    A Hessian that is given (that of a sample of the data) is used for as long as it serves.
    """
    point = _inside(point, box)
    height, gradient = objective(point)
    borrowed = hessian is not None
    curvature = hessian_of(objective, point) if hessian is None else hessian
    gain = np.inf
    for _ in range(_NEWTON_STEPS):
        low, high = point <= box[0] + _NEAR_EDGE, point >= box[1] - _NEAR_EDGE
        free = ~((low & (gradient <= 0)) | (high & (gradient >= 0)))
        inner = curvature[np.ix_(free, free)]
        if not free.any():
            gain = 0.0
            break
        if not concave(inner):
            if not borrowed:
                break
            curvature, borrowed = hessian_of(objective, point), False
            continue
        step = np.zeros(point.size)
        step[free] = -np.linalg.solve(inner, gradient[free])
        now = float(gradient @ step) / 2.0
        if now < _ARRIVED and not borrowed:
            gain = now
            break
        if borrowed and (now < _ARRIVED * 10 or now > gain / 4.0):
            curvature, borrowed, gain = hessian_of(objective, point), False, np.inf
            continue
        gain = now
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        moved = False
        for _ in range(12):
            trial = _inside(point + step, box)
            new_height, new_gradient = objective(trial)
            if new_height >= height - 1e-14 * abs(height):
                moved = True
                break
            step /= 4.0
        if not moved or (trial == point).all():
            break
        far = not borrowed and gain > _ARRIVED * 100
        point, height, gradient = trial, new_height, new_gradient
        if far:
            curvature = hessian_of(objective, point)
    return Optimum(point, height, curvature, gain, point <= box[0] + _NEAR_EDGE, point >= box[1] - _NEAR_EDGE)


def climb(objective: Objective, starts: Sequence[FloatArray], box: FloatArray) -> Optimum:
    """Return the best optimum from the starts; the later ones are tried only while the first is not clean."""
    from scipy.optimize import Bounds, minimize

    def depth(point: FloatArray) -> tuple[float, FloatArray]:
        height, gradient = objective(point)
        return -height, -gradient

    best: Optimum | None = None
    for start in starts:
        found = minimize(
            depth,
            _inside(np.asarray(start, dtype=np.float64), box),
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(box[0], box[1]),
            options={"ftol": 1e-12, "gtol": 1e-6, "maxiter": 400},
        )
        optimum = polish(objective, np.asarray(found.x, dtype=np.float64), box)
        if best is None or optimum.height > best.height + 1e-10 or (optimum.clean and not best.clean
                                                                    and optimum.height > best.height - 1e-10):
            best = optimum
        if best.clean and start is starts[0]:
            break
    if best is None:
        message = "no start was given"
        raise ValueError(message)
    return best
