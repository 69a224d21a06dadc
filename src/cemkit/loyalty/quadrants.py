"""Attitude held against behaviour: shares of four kinds of customers, at explicit cuts and around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation import Measure, estimate
from cemkit.results import Assumption, Estimates
from cemkit.scales import Scale
from cemkit.statistics._arguments import is_one_of
from cemkit.tables.binding import Bound, bind
from cemkit.tables.derive import with_cut_cells, with_membership
from cemkit.tables.design import Design
from cemkit.tables.weight_sums import weight_sums
from cemkit.typing import Frame

__all__ = ["Quadrants", "quadrants"]

_CELL, _FLAG = "_cell", "_in"
_SCALE = Scale(0, 1, bands={"out": (0, 0), "in": (1, 1)})
# Attitude high and behaviour high, only attitude high, only behaviour high, neither.
_NAMES = {
    "apostle": ("apostle", "mercenary", "hostage", "defector"),
    "dick-basu": ("loyalty", "latent_loyalty", "spurious_loyalty", "no_loyalty"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Quadrants(Estimates):
    """Shares of the four quadrants as :class:`~cemkit.results.Estimates`, a row each.

    Attributes
    ----------
    sensitivity
        ``metric, attitude_cut, behaviour_cut, estimate``: the shares with each cut at its low, its own and its high place.
    """

    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)


def quadrants(
    data: Frame,
    *,
    attitude: str,
    behaviour: str,
    cuts: Mapping[str, float | tuple[float, float, float]],
    kind: Literal["apostle", "dick-basu"] = "apostle",
    design: Design | None = None,
    level: float = 0.95,
) -> Quadrants:
    """Estimate the shares of customers by attitude and behaviour, each high (at or above its cut) or low.

    Parameters
    ----------
    data : frame
        A row per customer.
    attitude, behaviour : str
        Columns of numbers: satisfaction and loyalty, or relative attitude and repeat patronage.
    cuts : dict
        Per column its cut, or (low, cut, high) to say how far it may reasonably move. Without: by 1 for whole numbers, else
        by a tenth of the cut.
    kind : str
        ``"apostle"``: apostle, mercenary (attitude high, behaviour low), hostage (the reverse), defector. ``"dick-basu"``: loyalty,
        latent_loyalty, spurious_loyalty, no_loyalty.
    design : Design, optional
        How the customers were drawn.
    level : float
        Level of the intervals.

    Returns
    -------
    Quadrants
        Shares from 0 to 1 with Wilson intervals (logit under a design), each by itself; ``.sensitivity`` moves the cuts.

    Raises
    ------
    CemkitError
        If a cut is missing or out of order, or a column is absent or no number.

    Notes
    -----
    The four shares sum to 1. They depend on the cuts more than on the sample: read them with ``.sensitivity``. Rows without
    attitude or behaviour count as missing.

    References
    ----------
    Jones, T. O. and Sasser, W. E. (1995), Why satisfied customers defect, *Harvard Business Review* 73(6), 88-99. Dick, A. S. and
    Basu, K. (1994), Customer loyalty, *Journal of the Academy of Marketing Science* 22, 99-113.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> people = pd.DataFrame({"csat": [9, 9, 3, 2], "visits": [5, 1, 6, 0]})
    >>> found = loyalty.quadrants(people, attitude="csat", behaviour="visits", cuts={"csat": 8, "visits": 3})
    >>> found.to_frame()["estimate"].tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    if not is_one_of(kind, _NAMES):
        msg = f"kind must be 'apostle' or 'dick-basu', got {kind!r}"
        raise CemkitError(msg)
    bound = bind(data)
    columns = (bound.require_number(attitude, "attitude"), bound.require_number(behaviour, "behaviour"))
    points = [_points(bound, name, cuts) for name in columns]
    celled = with_cut_cells(bound, _CELL, of=columns, cuts=points)
    parts = []
    for q, name in enumerate(_NAMES[kind]):
        flagged = with_membership(celled, _FLAG, of=_CELL, values=_cells(q, 2, 2))
        parts.append(
            estimate(flagged, Measure(name, _SCALE, "top", unit="share"), score=_FLAG, design=design, level=level)
        )
    weight = None if design is None else design.weights
    sums = weight_sums(celled, keys=(_CELL,), weights=(weight,))
    cell = np.array([np.nan if v is None else float(v) for v in sums.keys[_CELL]])
    rows = [
        (name, points[0][i - 1], points[1][j - 1], sums.w[np.isin(cell, _cells(q, i, j)), 0].sum())
        for i in (1, 2, 3)
        for j in (1, 2, 3)
        for q, name in enumerate(_NAMES[kind])
    ]
    moved = pd.DataFrame(rows, columns=["metric", "attitude_cut", "behaviour_cut", "estimate"]).astype(
        {"metric": object}
    )
    moved["estimate"] /= sums.w[~np.isnan(cell), 0].sum()
    note = Assumption("cuts-given", {"attitude": points[0][1], "behaviour": points[1][1]})
    table = pd.concat([part.table for part in parts], ignore_index=True)
    return Quadrants(table, (*parts[0].assumptions, note), sensitivity=moved)


def _cells(quadrant: int, attitude: int, behaviour: int) -> list[int]:
    """Return the cells of a quadrant where a column is high from the cut of this number (1 to 3) on."""
    high_a, high_b = quadrant in (0, 1), quadrant in (0, 2)
    return [10 * a + b for a in range(4) for b in range(4) if (a >= attitude) == high_a and (b >= behaviour) == high_b]


def _points(bound: Bound, name: str, cuts: Mapping[str, float | tuple[float, float, float]]) -> tuple[float, ...]:
    given = cuts.get(name) if isinstance(cuts, Mapping) else None
    if isinstance(given, int | float) and not isinstance(given, bool):
        step = 1.0 if bound.schema[name].is_integer() else abs(given) / 10
        return (given - step, float(given), given + step)
    if isinstance(given, tuple | list) and len(given) == 3 and given[0] <= given[1] <= given[2]:
        return tuple(map(float, given))
    msg = f"cuts must give {name!r} a number or (low, cut, high) in this order, got {given!r}"
    raise CemkitError(msg)
