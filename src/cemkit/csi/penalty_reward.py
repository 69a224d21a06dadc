"""Penalties and rewards: what bad and good answers to an item do to an outcome, against middling ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.csi.quantities import column_list
from cemkit.errors import CemkitError
from cemkit.estimation import sample
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.scales import Scale
from cemkit.statistics.asymmetry import FACTORS
from cemkit.statistics.asymmetry import penalty_reward as infer
from cemkit.tables.binding import bind
from cemkit.tables.design import Design
from cemkit.tables.design_rows import design_rows
from cemkit.tables.rows import require_rows
from cemkit.typing import Frame

__all__ = ["PenaltyReward", "penalty_reward"]

_MARGIN = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class PenaltyReward(Result):
    """Penalties and rewards of items.

    Attributes
    ----------
    table
        A row per item: ``penalty`` and ``reward`` (how far a low, or a high, answer moves the outcome against a middle one),
        each with ``_std_error, _low, _high, _p_value``; ``estimate`` = reward + penalty, which is ``|reward| − |penalty|`` where the
        signs are as expected, with ``std_error, low, high, statistic, p_value``; ``equivalence_p`` (of its size being
        within the margin); ``factor`` (basic, performance, excitement, undetermined); ``n_low, n_middle, n_high``;
        ``level, method``.
    n, df, r_squared, margin
        Rows used, residual degrees of freedom, R² of the regression, margin of equivalence in the outcome's units.
    """

    n: int = 0
    df: float = float("nan")
    r_squared: float = float("nan")
    margin: float = float("nan")

    _title: ClassVar[str] = "Penalty and reward"

    def plot(self) -> Any:
        """Return an Altair chart: penalties and rewards as bars (extra ``report``)."""
        from cemkit.charts.penalty_reward import penalty_reward_chart

        return penalty_reward_chart(self.table)

    def _display(self) -> pd.DataFrame:
        return self.table[
            ["item", "penalty", "reward", "estimate", "low", "high", "p_value", "equivalence_p", "factor"]
        ]


def penalty_reward(
    data: Frame,
    *,
    items: Sequence[str],
    outcome: str,
    low: float,
    high: float,
    design: Design | None = None,
    level: float = 0.95,
    margin: float | None = None,
) -> PenaltyReward:
    """Regress an outcome on low and high answers to all items, and class the items by what is shown.

    Parameters
    ----------
    data : frame
        A row per respondent.
    items : list of str
        Columns of answers.
    outcome : str
        Column of the outcome, such as overall satisfaction.
    low, high : float
        Answers at or below ``low`` are low, at or above ``high`` high, and those between are the middle.
    design : Design, optional
        Weights, strata, clusters, population.
    level : float
        Level of intervals and tests.
    margin : float, optional
        How far the sizes of reward and penalty may lie apart and count as alike, in the outcome's units; by default a tenth of the
        outcome's standard deviation.

    Returns
    -------
    PenaltyReward
        A row per item.

    Raises
    ------
    CemkitError
        If the outcome is an item, an item has no low, middle or high answers, the outcome does not vary, dummies are
        collinear, or there are fewer complete rows than coefficients.

    Notes
    -----
    One regression on two dummies per item, with HC3 errors (linearised under a design). An item is a *basic* factor where
    its penalty is shown to exceed its reward, *excitement* where its reward is shown to exceed its penalty, *performance*
    where the two are shown to be equivalent within the margin and one of them differs from zero; else *undetermined*: a
    difference that is not significant shows nothing (Brandt, 1987; Matzler and Sauerwein, 2002; Schuirmann, 1987).
    P-values are not adjusted for the number of items. Coefficients are associations.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from cemkit.csi.penalty_reward import penalty_reward
    >>> rng = np.random.default_rng(1)
    >>> x = rng.integers(1, 6, 400)
    >>> y = 5 - 2.0 * (x <= 2) + rng.normal(0, 0.5, 400)
    >>> found = penalty_reward(pd.DataFrame({"clean": x, "y": y}), items=["clean"], outcome="y", low=2, high=4)
    >>> found.to_frame()["factor"].tolist()
    ['basic']
    """
    check_level(level)
    bound, names = bind(data), column_list(items, "items")
    require_rows(bound)
    for argument, columns in (("items", names), ("outcome", (outcome,))):
        for name in columns:
            bound.require_number(name, argument)
    if outcome in names:
        msg = f"outcome={outcome!r} is also an item: leave it out of one of the two"
        raise CemkitError(msg)
    if not all(isinstance(v, int | float) for v in (low, high)) or not low < high:
        msg = f"low must lie below high, got low={low!r} and high={high!r}"
        raise CemkitError(msg)
    if margin is not None and not (isinstance(margin, int | float) and margin > 0):
        msg = f"margin must be a positive number in the outcome's units, got {margin!r}"
        raise CemkitError(msg)
    columns = (*names, outcome)
    # Only the design that holds for the rows is wanted here; the scale says nothing.
    taken = sample(bound, score=outcome, scale=Scale(0, 1), design=design, extra=columns)
    rows = design_rows(taken.bound, columns, design=taken.design)
    x, y = rows.values[:, :-1], rows.values[:, -1]
    is_low, is_high = x <= low, x >= high
    _check(names, outcome, y, is_low, is_high, low, high)
    spread = float(np.sqrt(np.cov(y, aweights=rows.weights))) if margin is None else 0.0
    width = _MARGIN * spread if margin is None else float(margin)
    drawn: dict[str, Any] = {"cluster": rows.cluster, "stratum": rows.stratum, "population": rows.population}
    weights = np.ones(len(y)) if rows.weights is None and rows.linearised else rows.weights
    found = infer(is_low, is_high, y, margin=width, level=level, weights=weights, **drawn)
    parts: dict[str, Any] = {"item": pd.Index(list(names), dtype=object)}
    for name, part in (("penalty", found.penalty), ("reward", found.reward)):
        parts |= {name: part.estimate, f"{name}_std_error": part.std_error, f"{name}_low": part.low,
                  f"{name}_high": part.high, f"{name}_p_value": part.p_value}  # fmt: skip
    both = found.difference
    parts |= {
        "estimate": both.estimate,
        "std_error": both.std_error,
        "low": both.low,
        "high": both.high,
        "statistic": both.statistic,
        "p_value": both.p_value,
        "equivalence_p": found.equivalence,
        "factor": pd.Index([FACTORS[i] for i in found.factor], dtype=object),
        "n_low": is_low.sum(axis=0),
        "n_middle": (~is_low & ~is_high).sum(axis=0),
        "n_high": is_high.sum(axis=0),
        "level": float(level),
        "method": "linearised" if rows.linearised else "hc3",
    }
    notes = [
        *taken.assumptions,
        Assumption("collected-rows", {"method": "regression", "columns": len(rows.columns), "rows": rows.total}),
        Assumption("equivalence-margin", {"margin": width}),
        Assumption("linearised" if rows.linearised else "independent"),
    ]
    if len(y) < rows.total:
        notes.append(Assumption("rows-complete", {"used": len(y), "rows": rows.total}))
    return PenaltyReward(
        pd.DataFrame(parts), tuple(notes), n=len(y), df=float(found.fit.df), r_squared=found.fit.r_squared, margin=width
    )


def _check(names: Sequence[str], outcome: str, y: Any, is_low: Any, is_high: Any, low: float, high: float) -> None:
    size = 2 * len(names) + 1
    if len(y) <= size:
        msg = f"{len(y):,} complete rows are too few for {size} coefficients: use fewer items, or items that more people answered"
        raise CemkitError(msg)
    if np.ptp(y) == 0:
        msg = f"outcome={outcome!r} has the same value in all {len(y):,} complete rows, so nothing can explain it"
        raise CemkitError(msg)
    for i, name in enumerate(names):
        kinds = {f"at or below {low:g}": is_low[:, i], f"at or above {high:g}": is_high[:, i]}
        kinds[f"between {low:g} and {high:g}"] = ~is_low[:, i] & ~is_high[:, i]
        empty = next((kind for kind, hit in kinds.items() if not hit.any()), None)
        if empty is not None:
            msg = f"the item {name!r} has no answer {empty}: move low or high, or leave it out"
            raise CemkitError(msg)
