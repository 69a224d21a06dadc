"""A score from the counts of its bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cemkit.errors import CemkitError, did_you_mean
from cemkit.estimation.counted import Counted
from cemkit.estimation.intervals import independent, require_method
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import check_level
from cemkit.results import Estimate
from cemkit.tables.groups import Groups

__all__ = ["from_counts"]

_MOST = 10**12
"""More than anybody counts; far below where floats lose single answers."""


def from_counts(
    measure: Measure, counts: Sequence[float] | Mapping[str, float], *, level: float = 0.95, method: str | None = None
) -> Estimate:
    """Estimate a net score or a share from the counts of its bands, worst first.

    A share may be given as two counts, (others, best band).
    """
    check_level(level)
    if measure.statistic == "mean":
        msg = f"{measure.name!r} is a mean, which the counts of bands do not give: use score() on the answers"
        raise CemkitError(msg)
    values = _by_band(measure, counts)
    chosen = require_method(measure, method, with_design=False)
    if chosen == "bootstrap":
        msg = "from_counts has no seed for 'bootstrap': choose another method, or use score() on the answers"
        raise CemkitError(msg)
    n = np.array([values.sum()])
    row = values[None, :]
    zero = np.zeros(1)
    place = np.zeros(1, dtype=np.intp)
    products = np.diag(values)[None, :, :]
    counted = Counted(Groups((), ((),)), n, zero, zero, n, row, place, place, n, row, products, None)
    found = independent(counted, measure, level=level, method=chosen, seed=None)
    return Estimate(
        metric=measure.name,
        estimate=float(found.estimate[0]),
        std_error=float(found.std_error[0]),
        low=float(found.low[0]),
        high=float(found.high[0]),
        level=level,
        method=chosen,
        unit=measure.unit,
        n=int(n[0]),
        missing=0,
        invalid=0,
        n_eff=float(found.n_eff[0]),
        df=float(found.df[0]),
        suppressed=False,
        assumptions=found.assumptions,
    )


def _by_band(measure: Measure, counts: Sequence[float] | Mapping[str, float]) -> np.ndarray:
    names = measure.scale.band_names
    if isinstance(counts, Mapping):
        unknown = [name for name in counts if name not in names]
        if unknown:
            msg = f"counts name {unknown[0]!r}, which is no band of {measure.name!r} ({', '.join(names)}).{did_you_mean(unknown[0], names)}"
            raise CemkitError(msg)
        counts = [counts.get(name, 0) for name in names]
    if isinstance(counts, str | bytes | set | frozenset) or not hasattr(counts, "__len__"):
        msg = f"counts of {measure.name!r} are {len(names)} numbers ({', '.join(names)}), got {counts!r}"
        raise CemkitError(msg)
    if len(counts) == 2 and measure.statistic == "top" and len(names) > 2:
        counts = [counts[0], *([0] * (len(names) - 2)), counts[1]]
    if len(counts) != len(names):
        msg = f"counts of {measure.name!r} are {len(names)} numbers ({', '.join(names)}), got {len(counts)}"
        raise CemkitError(msg)
    try:
        values = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        msg = f"counts must be whole numbers, got {list(counts)!r}"
        raise CemkitError(msg) from None
    if values.ndim != 1:
        msg = f"counts of {measure.name!r} are {len(names)} numbers ({', '.join(names)}), got a table of {values.ndim} dimensions"
        raise CemkitError(msg)
    if not np.isfinite(values).all() or (values < 0).any() or (values != np.rint(values)).any():
        msg = f"counts must be whole numbers of at least zero, got {list(counts)!r}: weighted counts need score(design=...)"
        raise CemkitError(msg)
    if values.max() > _MOST:
        msg = f"counts of {measure.name!r} must be at most {_MOST:,}, got {values.max():g}: is it a number of people?"
        raise CemkitError(msg)
    if values.sum() == 0:
        msg = f"all counts of {measure.name!r} are zero: there is nothing to estimate"
        raise CemkitError(msg)
    return values
