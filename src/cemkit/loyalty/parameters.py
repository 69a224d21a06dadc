"""The table of a model's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.statistics._arguments import critical_value

__all__ = ["parameter_table"]

_LEVEL = 0.95


def parameter_table(
    names: Sequence[str],
    estimate: npt.NDArray[np.float64],
    std_error: npt.NDArray[np.float64],
    *,
    n: float,
    units: Mapping[str, str],
    positive: int,
    given: bool = False,
) -> pd.DataFrame:
    """Return parameters with 95 % intervals: symmetric in the logarithm of the first `positive`, plain for the others."""
    half = float(critical_value(_LEVEL)) * std_error
    log_scale = np.arange(estimate.size) < positive
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.exp(np.where(log_scale, half / estimate, 0.0))
    return pd.DataFrame(
        {
            "parameter": list(names),
            "estimate": estimate,
            "std_error": std_error,
            "low": np.where(log_scale, estimate / ratio, estimate - half),
            "high": np.where(log_scale, estimate * ratio, estimate + half),
            "level": _LEVEL,
            "method": "given" if given else "maximum-likelihood",
            "unit": [units.get(name, "") for name in names],
            "n": n,
        }
    )
