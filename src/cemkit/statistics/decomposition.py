"""Rate and mix: which segments a change of a total comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RateMix", "rate_mix"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class RateMix(NamedTuple):
    """The change of a total, after − before, by segment; arrays are (S,)."""

    rate: Floats
    """Because the segment's mean changed."""
    rate_std_error: Floats
    mix: Floats
    """Because the segment's share changed, measured against the total."""
    mix_std_error: Floats
    contribution: Floats
    """Rate + mix."""
    contribution_std_error: Floats
    appeared: Flags
    """No mean before: the segment counts as mix alone."""
    vanished: Flags
    """No mean after: the segment counts as mix alone."""
    rate_total: float
    rate_total_std_error: float
    mix_total: float
    mix_total_std_error: float
    total_before: float
    total_before_std_error: float
    total_after: float
    total_after_std_error: float
    change: float
    """Total after − total before, which rate_total + mix_total equals."""
    change_std_error: float


class _Moments(NamedTuple):
    """Means and shares with a missing mean filled from the other period."""

    mean_before: Floats
    share_before: Floats
    mean_after: Floats
    share_after: Floats


class _Jacobians(NamedTuple):
    rate: Floats
    mix: Floats
    before: Floats
    after: Floats


def rate_mix(
    mean_before: npt.ArrayLike,
    share_before: npt.ArrayLike,
    mean_after: npt.ArrayLike,
    share_after: npt.ArrayLike,
    *,
    covariance: npt.ArrayLike,
    labels: Sequence[object] | None = None,
) -> RateMix:
    r"""Split the change of a total into rate and mix of each segment, at midpoints.

    With means r, shares m and the total :math:`R = \sum m r` in each period, bars for midpoints of the two periods and
    :math:`\Delta` for after − before,

    .. math:: \text{rate}_s = \bar m_s \Delta r_s, \qquad \text{mix}_s = (\bar r_s - \bar R) \Delta m_s,

    which sum to :math:`\Delta R` with no remainder. A segment without a mean in one period (appeared or vanished) is
    given the other period's mean, so that all of it counts as mix.

    Parameters
    ----------
    mean_before, share_before, mean_after, share_after : (S,) arrays
        A mean may be NaN only where the share of that period is 0. Shares sum to 1 in each period.
    covariance : (4S, 4S) array
        Of (mean_before, share_before, mean_after, share_after), in that order. Shares that are known, such as those of
        a customer base, have zero covariance; waves that share respondents have covariance between before and after.
        Rows and columns of a missing mean are ignored.
    labels : list, optional
        The segments' names, for messages.

    Returns
    -------
    RateMix
        Standard errors by the delta method.

    Raises
    ------
    CemkitError
        If shares are negative or do not sum to 1, or a segment with a share has no mean.

    Notes
    -----
    The delta method is of first order. Where a segment's share hardly changes *and* its mean is that of the total, its
    mix is a product of two small uncertain numbers and the standard error is somewhat too large.

    References
    ----------
    Kitagawa (1955), Components of a difference between two rates, JASA 50.

    Examples
    --------
    >>> found = rate_mix([20.0, 40.0], [0.5, 0.5], [30.0, 40.0], [0.25, 0.75], covariance=np.zeros((8, 8)))
    >>> found.rate.tolist(), found.mix.tolist(), found.change
    ([3.75, 0.0], [2.1875, 1.5625], 7.5)
    """
    given = [np.asarray(v, dtype=np.float64) for v in (mean_before, share_before, mean_after, share_after)]
    size = given[0].size
    if size == 0 or any(v.shape != (size,) for v in given):
        shapes = [v.shape for v in given]
        msg = f"a decomposition needs a mean and a share per segment and period: found shapes {shapes}"
        raise CemkitError(msg)
    sigma = np.asarray(covariance, dtype=np.float64)
    if sigma.shape != (4 * size, 4 * size):
        msg = f"the covariance of {size} segments has shape {(4 * size, 4 * size)}, and got {sigma.shape}"
        raise CemkitError(msg)
    names: list[object] = list(labels if labels is not None else range(size))
    for mean, share, period in ((given[0], given[1], "before"), (given[2], given[3], "after")):
        _check_period(mean, share, period, names)
    no_before, no_after = np.isnan(given[0]), np.isnan(given[2])
    moments = _filled(given, no_before, no_after)
    jacobian = _jacobians(moments, no_before, no_after)
    never = np.zeros(size, dtype=np.bool_)
    sigma = _without(sigma, np.flatnonzero(np.concatenate([no_before, never, no_after, never])))

    before = float(moments.share_before @ moments.mean_before)
    after = float(moments.share_after @ moments.mean_after)
    rate = (moments.share_before + moments.share_after) / 2 * (moments.mean_after - moments.mean_before)
    middle = (moments.mean_before + moments.mean_after) / 2 - (before + after) / 2
    mix = middle * (moments.share_after - moments.share_before)
    return RateMix(
        rate=rate,
        rate_std_error=_std_error(jacobian.rate, sigma),
        mix=mix,
        mix_std_error=_std_error(jacobian.mix, sigma),
        contribution=rate + mix,
        contribution_std_error=_std_error(jacobian.rate + jacobian.mix, sigma),
        appeared=no_before & ~no_after,
        vanished=no_after & ~no_before,
        rate_total=float(rate.sum()),
        rate_total_std_error=float(_std_error(jacobian.rate.sum(axis=0), sigma)),
        mix_total=float(mix.sum()),
        mix_total_std_error=float(_std_error(jacobian.mix.sum(axis=0), sigma)),
        total_before=before,
        total_before_std_error=float(_std_error(jacobian.before, sigma)),
        total_after=after,
        total_after_std_error=float(_std_error(jacobian.after, sigma)),
        change=after - before,
        change_std_error=float(_std_error(jacobian.after - jacobian.before, sigma)),
    )


def _check_period(mean: Floats, share: Floats, period: str, names: list[object]) -> None:
    if not np.all(share >= 0) or not abs(share.sum() - 1) <= 1e-9:
        msg = f"the segments' shares {period} must not be negative and must sum to 1: they sum to {share.sum():.10g}"
        raise CemkitError(msg)
    homeless = np.flatnonzero(np.isnan(mean) & (share > 0))
    if homeless.size:
        first = homeless[0]
        msg = (
            f"segment {names[first]!r} has a share of {share[first]:.4g} {period} and no mean"
            f"{f', and so have {homeless.size - 1} more' if homeless.size > 1 else ''}: merge it with another segment"
        )
        raise CemkitError(msg)


def _filled(given: list[Floats], no_before: Flags, no_after: Flags) -> _Moments:
    """Give a missing mean the other period's; a segment missing in both has no share, and any mean will do."""
    neither = no_before & no_after
    before = np.where(neither, 0.0, np.where(no_before, given[2], given[0]))
    after = np.where(neither, 0.0, np.where(no_after, given[0], given[2]))
    return _Moments(before, given[1], after, given[3])


def _jacobians(moments: _Moments, no_before: Flags, no_after: Flags) -> _Jacobians:
    """Differentiate rate, mix (S, 4S) and both totals (4S,) by (mean_before, share_before, mean_after, share_after)."""
    r0, m0, r1, m1 = moments
    nothing = np.zeros((r0.size, r0.size))
    middle_share, mean_change, share_change = (m0 + m1) / 2, r1 - r0, m1 - m0
    middle_mean = (r0 + r1) / 2 - (m0 @ r0 + m1 @ r1) / 2
    rate = np.hstack(
        [np.diag(-middle_share), np.diag(mean_change / 2), np.diag(middle_share), np.diag(mean_change / 2)]
    )
    own = np.hstack([np.diag(share_change / 2), np.diag(-middle_mean), np.diag(share_change / 2), np.diag(middle_mean)])
    mix = own - np.outer(share_change, np.concatenate([m0, r0, m1, r1]) / 2)
    before = np.concatenate([m0, r0, nothing[0], nothing[0]])
    after = np.concatenate([nothing[0], nothing[0], m1, r1])
    fill = _fill_matrix(no_before, no_after)
    return _Jacobians(rate @ fill, mix @ fill, before @ fill, after @ fill)


def _fill_matrix(no_before: Flags, no_after: Flags) -> Floats:
    """Differentiate the filled moments by those given: a missing mean moves with the other period's."""
    size = no_before.size
    fill = np.eye(4 * size)
    before, after = np.arange(size), 2 * size + np.arange(size)
    fill[before[no_before], before[no_before]] = 0
    fill[after[no_after], after[no_after]] = 0
    fill[before[no_before], after[no_before]] = 1
    fill[after[no_after], before[no_after]] = 1
    return fill


def _without(sigma: Floats, missing: npt.NDArray[np.intp]) -> Floats:
    found = sigma.copy()
    found[missing, :] = 0
    found[:, missing] = 0
    if not np.all(np.isfinite(found)):
        msg = "the covariance of the segments' means and shares has entries that are not finite"
        raise CemkitError(msg)
    return found


def _std_error(jacobian: Floats, sigma: Floats) -> Floats:
    variance = np.sum((jacobian @ sigma) * jacobian, axis=-1)
    return np.asarray(np.sqrt(np.maximum(variance, 0)), dtype=np.float64)
