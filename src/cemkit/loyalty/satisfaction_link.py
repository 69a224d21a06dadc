"""The link from satisfaction to what follows it: how steep it is, where it bends, and what one point is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation import sample
from cemkit.estimation.sample import check_level
from cemkit.loyalty.link_tables import LINK_COLUMNS, Link, fitted_link, model_rows, point_rows, turn_row, value_rows
from cemkit.results import Assumption, Result
from cemkit.scales import Scale
from cemkit.statistics.monotone import point_means
from cemkit.tables.binding import Bound, bind
from cemkit.tables.design import Design
from cemkit.tables.design_rows import DesignRows, design_rows
from cemkit.tables.row_means import with_numbers
from cemkit.typing import Frame

__all__ = ["SatisfactionLink", "satisfaction_link"]

Floats = npt.NDArray[np.float64]
_X, _Y = "_link_x", "_link_y"
_MOST_STEPS = 200


@dataclass(frozen=True, eq=False, repr=False)
class SatisfactionLink(Result):
    """Outcomes along satisfaction, a row per outcome and point.

    ``to_frame()`` gives ``outcome, satisfaction``, the mean that was ``observed`` there with ``observed_low, observed_high``, the
    monotone spline as ``estimate`` with ``std_error, low, high, level, method, unit``, the ``isotonic`` and ``linear`` fits, and ``n``.

    Attributes
    ----------
    models
        Per outcome and model (``linear``, ``spline``, ``isotonic``): ``r_squared`` over rows, ``r_squared_means`` over the points'
        means, and for the line ``p_value`` that the means lie on it.
    turns
        Per outcome: where the slope changes most (``at`` with limits), ``slope_below`` and ``slope_above`` with limits,
        ``estimate``, the change of slope, with its limits; the ``p_value`` that there is no bend, from the curvature alone and not
        from the place found; and the ``shape``: ``diminishing`` or ``increasing`` returns, or ``straight`` where that is not ruled out.
    value
        Per outcome what one point more goes with: from each point on ``satisfaction`` to ``to``, and (satisfaction null) for all
        customers as they are; ``estimate, std_error, low, high, level, method, unit, n``; in money where ``value`` was given.
    """

    models: pd.DataFrame = field(default_factory=pd.DataFrame)
    turns: pd.DataFrame = field(default_factory=pd.DataFrame)
    value: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Satisfaction and what follows"

    def plot(self) -> Any:
        """Return an Altair chart: per outcome the means, the monotone spline and the straight line (extra ``report``)."""
        from cemkit.charts.line_bands import lines_chart

        table = self.table.assign(x=self.table["satisfaction"], panel=self.table["outcome"])
        spline = table.assign(series="spline", point=table["observed"])
        line = table.assign(series="linear", estimate=table["linear"], low=np.nan, high=np.nan, point=np.nan)
        return lines_chart(pd.concat([spline, line], ignore_index=True), x="satisfaction", y="outcome")


def satisfaction_link(
    data: Frame,
    *,
    satisfaction: str,
    outcome: str | Sequence[str] | Mapping[str, str],
    design: Design | None = None,
    level: float = 0.95,
    value: float | Mapping[str, float] | None = None,
    step: float | None = None,
    direction: Literal["rising", "falling"] = "rising",
    draws: int = 1000,
    seed: int = 0,
) -> SatisfactionLink:
    """Follow an outcome along satisfaction, without taking it for a straight line.

    Parameters
    ----------
    data : frame
        A row per customer (or per answer; customers that repeat are clusters).
    satisfaction : str
        A column of numbers.
    outcome : str, list of str, or dict
        Columns of numbers or of true and false; several are fitted apart, such as ``{"intent": "would_renew", "behaviour":
        "renewed"}``, which seldom have the same shape.
    design : Design, optional
        How the customers were drawn.
    level : float
        Level of the intervals.
    value : float or dict, optional
        Money per unit of the outcome (per customer kept, for a share), for each outcome; without it ``.value`` is in the outcome's
        own unit.
    step : float, optional
        How long "one point" is; 1, or a tenth of the range where that is shorter than 1.
    direction : str
        ``"rising"``: more satisfaction never goes with less of the outcome; ``"falling"``: the reverse, as for leaving.
    draws, seed : int
        Number of draws for the intervals of the spline, and their seed.

    Returns
    -------
    SatisfactionLink
        The monotone spline with intervals, beside the isotonic and the linear fit; where returns fall off; the value of a point.

    Raises
    ------
    ColumnError
        If a column is absent or holds no numbers.
    CemkitError
        If satisfaction does not vary, or an argument does not fit.

    Notes
    -----
    At each point of satisfaction the mean of the outcome is taken (points with fewer than five answers with their neighbours, more
    than thirty points as thirty groups), with the covariance of all means over clusters within strata. Everything is a function of
    these means: the spline is the best fitting sum of quadratic I-splines with weights of at least zero; its intervals are
    percentiles of the fits to draws from the means' normal distribution, as are those of the bend, whose place is searched anew in
    each draw. They are for the average customer at that point. Whether there is a bend at all is tested by the quadratic
    contrast of the means, which searches nothing. All of this is association: who is more satisfied differs in other ways, too.

    References
    ----------
    Mittal, V. and Kamakura, W. A. (2001), Satisfaction, repurchase intent, and repurchase behavior, *Journal of Marketing
    Research* 38, 131-142 (intent: diminishing returns; behaviour: increasing ones). Ramsay, J. O. (1988), Monotone regression splines
    in action, *Statistical Science* 3, 425-461. Anderson, E. W. and Mittal, V. (2000), Strengthening the satisfaction-profit chain.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> asked = pd.DataFrame({"csat": [1, 2, 3, 4, 5] * 20, "renewed": [0, 0, 1, 1, 1] * 10 + [0, 1, 1, 1, 1] * 10})
    >>> found = loyalty.satisfaction_link(asked, satisfaction="csat", outcome="renewed", value=120.0)
    >>> found.turns["shape"].tolist()
    ['diminishing']
    """
    check_level(level)
    named = _outcomes(outcome)
    if direction not in ("rising", "falling"):
        msg = f"direction must be 'rising' or 'falling', got {direction!r}"
        raise CemkitError(msg)
    if not isinstance(draws, int) or draws < 100:
        msg = f"draws must be a whole number of at least 100, got {draws!r}"
        raise CemkitError(msg)
    worth = _worth(value, named)
    bound = bind(data)
    bound.require_number(satisfaction, "satisfaction")
    for column in named.values():
        if column == satisfaction:
            msg = f"outcome={column!r} is also the satisfaction: they must be two columns"
            raise ColumnError(msg)
        bound.require(column, "outcome")
        if not bound.is_true_false(column):
            bound.require_number(column, "outcome")
    notes = [Assumption("association-only")]
    tables: dict[str, list[pd.DataFrame]] = {"table": [], "models": [], "turns": [], "value": []}
    for name, column in named.items():
        link, rows = _link(bound, satisfaction, name, column, design, notes)
        fit = fitted_link(link, sign=1.0 if direction == "rising" else -1.0, draws=draws, seed=seed)
        _say(notes, link, rows)
        length = _step(step, link)
        tables["table"].append(point_rows(fit, float(level)))
        tables["models"].append(model_rows(fit))
        tables["turns"].append(turn_row(fit, float(level)))
        tables["value"].append(value_rows(fit, float(level), worth.get(name), length))
    joined = {part: pd.concat(found, ignore_index=True) for part, found in tables.items()}
    return SatisfactionLink(
        joined["table"][list(LINK_COLUMNS)],
        tuple(dict.fromkeys(notes)),
        models=joined["models"],
        turns=joined["turns"],
        value=joined["value"],
    )


def _outcomes(outcome: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(outcome, str):
        return {outcome: outcome}
    named = dict(outcome) if isinstance(outcome, Mapping) else {name: name for name in outcome}
    if not named or not all(isinstance(name, str) for pair in named.items() for name in pair):
        msg = f"outcome must be a column, a list of columns, or {{name: column}}, got {outcome!r}"
        raise CemkitError(msg)
    return named


def _worth(value: float | Mapping[str, float] | None, named: Mapping[str, str]) -> dict[str, float]:
    given = dict(value) if isinstance(value, Mapping) else {} if value is None else dict.fromkeys(named, value)
    for name, money in given.items():
        number = isinstance(money, int | float | np.number) and not isinstance(money, bool) and np.isfinite(money)
        if name not in named or not number:
            msg = f"value must be a number, or give each of the outcomes {', '.join(map(repr, named))} one, got {name!r}: {money!r}"
            raise CemkitError(msg)
    return {name: float(money) for name, money in given.items()}


def _link(
    bound: Bound, satisfaction: str, name: str, column: str, design: Design | None, notes: list[Assumption]
) -> tuple[Link, DesignRows]:
    """Collect the two columns and the design's, and take means."""
    numbers = with_numbers(bound, {_X: satisfaction, _Y: column})
    taken = sample(numbers, score=_X, scale=Scale(0, 1, step=None), design=design, extra=[_Y])
    notes += taken.assumptions
    rows = design_rows(taken.bound, (_X, _Y), design=taken.design)
    x, y = rows.values.T if len(rows.values) else (np.zeros(0), np.zeros(0))
    if x.size < 2 or np.ptp(x) == 0:
        msg = (
            f"satisfaction={satisfaction!r} has {np.unique(x).size} different values in the {x.size:,} rows (of {rows.total:,}) that "
            f"also have {column!r}: a link needs two or more"
        )
        raise CemkitError(msg)
    means = point_means(
        x, y, weights=rows.weights, cluster=rows.cluster, stratum=rows.stratum, population=rows.population
    )
    if means.x.size < 2 or not means.df > 0:
        msg = (
            f"{x.size:,} rows with {satisfaction!r} and {column!r} (of {rows.total:,}) make {means.x.size} points with five or more "
            "answers: a link needs two, and more than one cluster"
        )
        raise CemkitError(msg)
    share = bool(np.isin(np.unique(y), (0.0, 1.0)).all())
    return Link(name, means, unit="share" if share else "outcome", low=float(x.min()), high=float(x.max())), rows


def _say(notes: list[Assumption], link: Link, rows: DesignRows) -> None:
    left = rows.total - len(rows.values)
    if left:
        notes.append(Assumption("incomplete-left-out", {"rows": left, "outcome": link.outcome}))
    if link.means.merged:
        notes.append(Assumption("points-joined", {"points": link.means.merged, "outcome": link.outcome}))
    notes.append(Assumption("collected-rows", {"method": "curve", "columns": len(rows.columns), "rows": rows.total}))


def _step(step: float | None, link: Link) -> float:
    reach = link.high - link.low
    if step is None:
        return 1.0 if reach >= 1 else reach / 10
    number = isinstance(step, int | float | np.number) and not isinstance(step, bool)
    if not number or not reach / _MOST_STEPS <= step <= reach:
        msg = f"step must be a part of the range {link.low:g} to {link.high:g}, not under {reach / _MOST_STEPS:g}, got {step!r}"
        raise CemkitError(msg)
    return float(step)
