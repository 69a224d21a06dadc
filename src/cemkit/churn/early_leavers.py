"""Tables that hold only those who were still customers when they began: nobody could be seen leaving before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cemkit.results import Assumption
from cemkit.tables.spells import date_of

__all__ = ["early_leavers"]

_ENOUGH = 10.0  # expected and not seen: by chance once in 22,000 tables (Poisson)


def early_leavers(
    entered: npt.NDArray[np.float64], left: npt.NDArray[np.float64], gone: npt.NDArray[np.bool_]
) -> list[Assumption]:
    """Say so where nobody left for long, though at the rate of the time after the first leaver many would have.

    Parameters
    ----------
    entered, left
        Days of entering, and of leaving or of the end of observation.
    gone
        Who left, for whatever reason.
    """
    if not gone.any():
        return []
    first = float(left[gone].min())
    before = float(np.clip(first - entered, 0.0, None).sum())
    after = float((left - np.maximum(entered, first)).sum())
    if after <= 0 or before * gone.sum() < _ENOUGH * after:
        return []
    values = {
        "since": date_of(np.floor(first)),
        "rows": int(np.count_nonzero(entered < first)),
        "expected": round(before * float(gone.sum()) / after),
    }
    return [Assumption("early-leavers", values)]
