"""Standard errors and limits of what follows from parameters, by the delta method in their logarithms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cemkit.statistics._arguments import FloatArray, check_level, critical_value

__all__ = ["log_parameter_errors", "positive_limits"]

_STEP = 1e-4


def log_parameter_errors(
    prediction: Callable[[FloatArray], FloatArray], params: FloatArray, covariance: FloatArray
) -> FloatArray:
    """Return the standard error of every prediction.

    Parameters
    ----------
    prediction
        A function of the (positive) parameters alone.
    params
        The parameters.
    covariance
        That of their logarithms.
    """
    slopes = []
    for axis in range(params.size):
        sides = []
        for sign in (1.0, -1.0):
            moved = params.copy()
            moved[axis] *= np.exp(sign * _STEP)
            sides.append(prediction(moved))
        slopes.append((sides[0] - sides[1]) / (2.0 * _STEP))
    gradient = np.stack(slopes)
    return np.asarray(np.sqrt(np.maximum(np.einsum("pi,pq,qi->i", gradient, covariance, gradient), 0.0)))


def positive_limits(value: FloatArray, error: FloatArray, *, level: float) -> tuple[FloatArray, FloatArray]:
    """Return limits that are symmetric in the logarithm of a positive value."""
    check_level(level)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.exp(np.where(value > 0, float(critical_value(level)) * error / value, 0.0))
        return value / ratio, value * ratio
