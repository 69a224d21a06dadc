"""Control limits and run rules for a series of period estimates with standard errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

__all__ = ["SMALLEST_BASELINE", "ControlLimits", "control_limits", "nelson_signals"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SMALLEST_BASELINE = 20
"""Complete periods needed before limits are drawn."""

_MOVING_RANGE = 1.128
"""Mean of the range of two standard normals, 2/sqrt(pi), as printed in the tables of control-chart constants (d2)."""


class ControlLimits(NamedTuple):
    """Centre and limits of a control chart; all NaN where `status` is not 'ok'."""

    centre: float
    """Mean of the baseline, weighted by precision."""
    sigma_z: float
    """How much more the baseline varies than its standard errors say; at least 1."""
    low: Floats
    high: Floats
    """Centre ± 3 · sigma_z · standard error of each period; not clipped to the scale."""
    z: Floats
    """(Estimate − centre) / (sigma_z · standard error): outside the limits beyond ±3; NaN where nothing may signal."""
    baseline: int
    """Complete periods that centre and sigma_z rest on."""
    status: str
    """'ok', or 'short-baseline': fewer than 20 periods asked for, or fewer complete periods than asked for."""


def control_limits(
    estimate: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    baseline: int = SMALLEST_BASELINE,
    incomplete_last: bool = False,
) -> ControlLimits:
    r"""Draw Laney's control limits for estimates whose standard errors differ.

    With :math:`z_t = (x_t - \bar x) / s_t` over the baseline, :math:`\sigma_z` is the mean absolute difference of
    successive z, divided by 1.128, and at least 1; the limits are :math:`\bar x \pm 3 \sigma_z s_t`. They are right for
    any design, because all they take from it is the standard error.

    Parameters
    ----------
    estimate, std_error : (T,) arrays
        One per period, in order. A period whose estimate is NaN or whose standard error is NaN or 0 is a gap: it is not
        in the baseline and has no limits and no z.
    baseline : int
        How many complete periods, from the first, centre and sigma_z rest on. They stay frozen when periods are added.
        Under 20 no limits are drawn.
    incomplete_last : bool
        The last period is not over: it is not in the baseline, and has limits but no z, so that it cannot signal.

    Returns
    -------
    ControlLimits

    Notes
    -----
    Periods are taken as independent. The range is taken between successive complete periods, across gaps too.

    References
    ----------
    Laney (2002), Improved control charts for attributes, Quality Engineering 14.

    Examples
    --------
    >>> found = control_limits([30.0, 34.0] * 12, [4.0] * 24)
    >>> round(found.centre, 6), round(found.sigma_z, 6), round(float(found.high[0]), 6)
    (32.0, 1.0, 44.0)
    """
    x, s = _series(estimate, std_error)
    usable = np.isfinite(x) & np.isfinite(s) & (s > 0)
    complete = usable.copy()
    if incomplete_last and x.size:
        complete[-1] = False
    first = np.flatnonzero(complete)[: max(baseline, 0)]
    if baseline < SMALLEST_BASELINE or first.size < baseline:
        nothing = np.full(x.size, np.nan)
        return ControlLimits(np.nan, np.nan, nothing, nothing.copy(), nothing.copy(), int(first.size), "short-baseline")
    precision = 1 / s[first] ** 2
    centre = float(precision @ x[first] / precision.sum())
    moving_range = np.abs(np.diff((x[first] - centre) / s[first]))
    sigma_z = max(1.0, float(moving_range.mean()) / _MOVING_RANGE)
    margin = np.where(usable, sigma_z * np.where(usable, s, 1.0), np.nan)
    z = np.where(complete, (x - centre) / margin, np.nan)
    return ControlLimits(centre, sigma_z, centre - 3 * margin, centre + 3 * margin, z, int(first.size), "ok")


def nelson_signals(z: npt.ArrayLike) -> Flags:
    """Apply the first four of Nelson's rules to a standardised series.

    1. one period beyond 3 (either side);
    2. nine in a row on one side of the centre;
    3. six in a row, each above (or each below) the one before;
    4. fourteen in a row alternating up and down.

    A period is flagged if a run of the rule's length *ends* there: the last of the nine, six or fourteen, and each
    further one while the run goes on. So a flag never changes when later periods arrive. NaN breaks runs, a z of
    exactly 0 breaks rule 2, and two equal neighbours break rules 3 and 4.

    Parameters
    ----------
    z : (T,) array
        Standardised so that its limits are ±3 (`ControlLimits.z`). As standard errors differ, rules 3 and 4 are about
        z, not about the estimate.

    Returns
    -------
    (T, 4) array of bool
        One column per rule.

    References
    ----------
    Nelson (1984), The Shewhart control chart: tests for special causes, Journal of Quality Technology 16.

    Examples
    --------
    >>> nelson_signals([0.0, 0.5, 1.0, 1.5, 2.0, 3.5])[-1].tolist()
    [True, False, True, False]
    """
    series = np.asarray(z, dtype=np.float64)
    if series.ndim != 1:
        msg = f"run rules need one series of shape (T,), and got shape {series.shape}"
        raise CemkitError(msg)
    filled = np.where(np.isnan(series), 0.0, series)
    known = ~np.isnan(series)
    side = np.where(known, np.sign(filled), 0.0)
    direction = np.zeros(series.size)
    direction[1:] = np.where(known[1:] & known[:-1], np.sign(np.diff(filled)), 0.0)
    turn = np.zeros(series.size)
    turn[1:] = direction[1:] * direction[:-1] < 0
    return np.stack(
        [
            np.abs(filled) > 3,
            (_run_length(side > 0) >= 9) | (_run_length(side < 0) >= 9),
            (_run_length(direction > 0) >= 5) | (_run_length(direction < 0) >= 5),
            _run_length(turn > 0) >= 12,
        ],
        axis=1,
    )


def _run_length(flag: Flags) -> npt.NDArray[np.intp]:
    """Count, at each position, the true values in a row that end there."""
    position = np.arange(1, flag.size + 1)
    return position - np.maximum.accumulate(np.where(flag, 0, position)) if flag.size else position


def _series(estimate: npt.ArrayLike, std_error: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, s = np.asarray(estimate, dtype=np.float64), np.asarray(std_error, dtype=np.float64)
    if x.ndim != 1 or x.shape != s.shape:
        msg = f"a series needs an estimate and a standard error per period: found shapes {x.shape} and {s.shape}"
        raise CemkitError(msg)
    if np.any(s < 0):
        msg = f"standard errors must not be negative: {int(np.sum(s < 0))} of {s.size} are"
        raise CemkitError(msg)
    return x, s
