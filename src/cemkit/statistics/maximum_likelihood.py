"""The highest point of a smooth mean log likelihood inside a box, by Newton's method on exact gradients.

Everything is on the *mean* log likelihood, so that tolerances mean the same for eighty customers and a million.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cemkit.statistics._arguments import FloatArray

__all__ = ["Objective", "Optimum", "Status", "ascend", "climb", "concave", "hessian_of", "limit", "status_of"]

Status: TypeAlias = Literal["converged", "degenerate limit", "unidentified"]
Objective: TypeAlias = Callable[[FloatArray], tuple[float, FloatArray]]

_STEP = 1e-4  # of the central differences
_HALF_STEP = 1e-5  # of the one-sided ones, which only steer
_ARRIVED = 1e-13  # the predicted gain in the mean log likelihood at which the climb ends
_FLAT = 1e-9
_CURVED = 1e-7
_AS_HIGH = 1e-6  # of the total log likelihood: a limit that is as high as the interior is the answer
_EDGE = 0.5
_STEPS = 60
_LONGEST = 2.0
_SAME = 1e-10


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
        return not self.at_edge.any() and self.gain < _FLAT and concave(self.hessian)

    def sharp(self, n: float) -> bool:
        """Whether n customers place every coordinate with a standard error below one: then there is no other top."""
        return self.clean and bool(np.diag(np.linalg.inv(-self.hessian * n)).max() < 1.0)


def concave(hessian: FloatArray) -> bool:
    """Return whether a Hessian is negative definite beyond the noise of its differences."""
    if not np.isfinite(hessian).all():
        return False
    return hessian.size == 0 or bool(np.linalg.eigvalsh(hessian).max() < -_CURVED)


def hessian_of(objective: Objective, point: FloatArray) -> FloatArray:
    """Return the Hessian by central differences of the exact gradient."""
    found = np.empty((point.size, point.size))
    for axis, step in enumerate(np.eye(point.size) * _STEP):
        found[axis] = (objective(point + step)[1] - objective(point - step)[1]) / (2.0 * _STEP)
    return (found + found.T) / 2.0


def _steering(objective: Objective, point: FloatArray, gradient: FloatArray, free: NDArray[np.bool_]) -> FloatArray:
    """Return the Hessian of the free coordinates by one-sided differences (the others are zero)."""
    found = np.zeros((point.size, point.size))
    for axis in np.flatnonzero(free):
        step = np.zeros(point.size)
        step[axis] = _HALF_STEP
        found[axis] = (objective(point + step)[1] - gradient) / _HALF_STEP
    return (found + found.T) / 2.0


def _newton(curvature: FloatArray, gradient: FloatArray, free: NDArray[np.bool_]) -> tuple[FloatArray, bool]:
    """Return an ascending Newton step, curvature turned downwards where it is not, and whether it was so everywhere."""
    values, vectors = np.linalg.eigh(-curvature[np.ix_(free, free)])
    size = np.maximum(np.abs(values), max(1e-7 * float(np.abs(values).max()), 1e-12))
    step = np.zeros(gradient.size)
    step[free] = vectors @ ((vectors.T @ gradient[free]) / size)
    return step, bool(values.min() > 0)


def _updated(curvature: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray | None:
    """Return the curvature after a step by the rule of BFGS, or None where the gradient's change speaks against it."""
    bent = curvature @ step
    across, along = float(step @ bent), float(step @ change)
    if along >= 0 or across >= 0:
        return None
    return np.asarray(curvature - np.outer(bent, bent) / across + np.outer(change, change) / along, dtype=np.float64)


def ascend(objective: Objective, point: FloatArray, box: FloatArray, *, hessian: FloatArray | None = None) -> Optimum:
    """Return the optimum that Newton's method reaches from a point, inside a box (its lowest and highest corner).

    Curvature is carried from step to step while it serves, and computed anew where it does not; a `hessian` that is given
    (that of a sample of the data) is the first.
    """
    point = np.clip(np.asarray(point, dtype=np.float64), box[0], box[1])
    height, gradient = objective(point)
    curvature, gain = hessian, np.inf
    for _ in range(_STEPS):
        free = ~(((point <= box[0]) & (gradient <= 0)) | ((point >= box[1]) & (gradient >= 0)))
        if not free.any():
            gain = 0.0
            break
        fresh = curvature is None
        if curvature is None:
            curvature = _steering(objective, point, gradient, free)
        step, downwards = _newton(curvature, gradient, free)
        now = float(gradient @ step) / 2.0
        if not fresh and now > gain / 2.0:
            curvature = None
            continue
        gain = now
        moved = _move(objective, point, step, height, box)
        if moved is None:
            if fresh or gain < _ARRIVED:
                break
            curvature = None
            continue
        before, slope = point, gradient
        point, height, gradient = moved
        if gain < _ARRIVED:
            break
        whole = downwards and bool(np.abs(point - before - step).max() < 1e-12)
        curvature = _updated(curvature, point - before, gradient - slope) if whole else None
    return Optimum(point, height, hessian_of(objective, point), gain, point <= box[0] + _EDGE, point >= box[1] - _EDGE)


def _move(
    objective: Objective, point: FloatArray, step: FloatArray, height: float, box: FloatArray
) -> tuple[FloatArray, float, FloatArray] | None:
    """Return the point after a step that is short enough to lead upwards, or None."""
    if not step.any():
        return None
    step = step * min(1.0, _LONGEST / float(np.abs(step).max()))
    for _ in range(12):
        trial = np.clip(point + step, box[0], box[1])
        if (trial == point).all():
            return None
        new_height, gradient = objective(trial)
        if new_height >= height - 1e-15 * abs(height) and np.isfinite(gradient).all():
            return trial, new_height, gradient
        step = step / 4.0
    return None


def climb(objective: Objective, starts: Sequence[FloatArray], box: FloatArray, *, n: float) -> Optimum:
    """Return the best optimum from the starts; the later ones are tried only if the first does not end cleanly and sharply."""
    best = ascend(objective, starts[0], box)
    if best.sharp(n):
        return best
    for start in starts[1:]:
        found = ascend(objective, start, box)
        better = found.height > best.height + _SAME
        if better or (found.clean and not best.clean and found.height > best.height - _SAME):
            best = found
    return best


def limit(objective: Objective, best: Optimum, box: FloatArray, *, faces: int, n: float) -> Optimum:
    """Return the highest limit if it is as high as the best point inside, else that point.

    Every limit is a face of the box (of the first `faces` coordinates), on which the other coordinates are fitted anew; `n`
    turns the mean log likelihood into the total one.
    """
    chosen = best
    for axis in range(faces):
        for side in (0, 1):
            edge = box[side, axis]
            kept = [index for index in range(best.point.size) if index != axis]

            def on_face(
                point: FloatArray, axis: int = axis, edge: float = edge, kept: list[int] = kept
            ) -> tuple[float, FloatArray]:
                height, gradient = objective(np.insert(point, axis, edge))
                return height, gradient[kept]

            found = climb(on_face, [best.point[kept]], box[:, kept], n=n)
            if found.height * n >= chosen.height * n - (_AS_HIGH if chosen is best else -_AS_HIGH):
                full = np.full((best.point.size,) * 2, np.nan)
                full[np.ix_(kept, kept)] = found.hessian
                at_low, at_high = np.insert(found.at_low, axis, side == 0), np.insert(found.at_high, axis, side == 1)
                chosen = Optimum(np.insert(found.point, axis, edge), found.height, full, found.gain, at_low, at_high)
    return chosen


def status_of(optimum: Optimum, faces: Sequence[tuple[str, str]]) -> tuple[Status, str]:
    """Return the status of an optimum, and what is to be said of it: `faces` names the low and high limit of coordinates."""
    if optimum.clean:
        return "converged", ""
    sides = ((0, optimum.at_low), (1, optimum.at_high))
    limits = [names[side] for axis, names in enumerate(faces) for side, at in sides if at[axis]]
    if limits:
        return "degenerate limit", "; ".join(limits)
    if not concave(optimum.hessian):
        return "unidentified", "the likelihood is flat along a ridge of parameters"
    return (
        "unidentified",
        f"the climb stopped before the top (the next step would gain {optimum.gain:.1e} per customer)",
    )
