"""Pain points: touchpoints by how many customers they hurt, how often and how badly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ContractError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.scales import CSAT_5, Scale
from cemkit.stages.complaints import complaint_table
from cemkit.stages.ledger import PREVENTABLE, RANKS, put_ledger, put_ranks
from cemkit.statistics.losses import losses
from cemkit.statistics.tallied_ranks import tallied_ranks
from cemkit.tables.binding import Bound, bind
from cemkit.tables.cluster_moments import cluster_moments
from cemkit.tables.derive import count_nulls
from cemkit.tables.groups import group_rows, known_order
from cemkit.tables.key_totals import key_totals
from cemkit.tables.row_means import require_on_scale, with_numbers, with_shortfall
from cemkit.tables.rows import require_rows
from cemkit.tables.terms import Term
from cemkit.tables.unit_profiles import UnitProfiles, unit_profiles
from cemkit.typing import Frame

__all__ = ["PAIN_COLUMNS", "PainPoints", "pain_points"]

_FACTORS = ("reach", "episodes", "severity")
PAIN_COLUMNS = (
    "touchpoint_id",
    *(f"{name}{end}" for name in _FACTORS for end in ("", "_low", "_high")),
    "metric", "estimate", "std_error", "low", "high", "level", "method", "unit", "n", "missing", "customers", "affected",
    *RANKS, *PREVENTABLE,
)  # fmt: skip
_SCORE, _LOST = "_stages_score", "_stages_lost"


@dataclass(frozen=True, eq=False, repr=False)
class PainPoints(Result):
    """Touchpoints by pain, the most painful first.

    Attributes
    ----------
    table
        A row per touchpoint: ``touchpoint_id``; ``reach`` (share of customers with a bad experience there),
        ``episodes`` (bad experiences per customer affected), ``severity`` (scale points below the midpoint per bad
        experience), each with ``_low`` and ``_high``; ``metric, estimate, std_error, low, high, level, method, unit``:
        their product, scale points lost per customer; ``n, missing`` (ratings), ``customers`` (who rated anything),
        ``affected``; ``rank, rank_low, rank_high`` (1 hurts most); ``preventable`` (share of churn, where a ledger was
        given) with limits and its own rank, else null.
    complaints
        Where the table has ``complaint`` and ``resolved_at``: a row per touchpoint and, with a null touchpoint, for all of them together:
        ``touchpoint_id, complaints, customers, resolved`` with limits, ``median_days`` with limits, and ``change`` with limits.
    """

    complaints: pd.DataFrame = field(default_factory=pd.DataFrame)
    replicates: int = 0
    seed: int | None = None

    _title: ClassVar[str] = "Pain points"

    def _display(self) -> pd.DataFrame:
        return self.table[["touchpoint_id", *_FACTORS, "estimate", "low", "high", *RANKS, "preventable"]]

    def plot(self) -> Any:
        """Return an Altair chart: pain with its interval and the rank's, the most painful on top (extra ``report``)."""
        from cemkit.charts.pain import pain_chart

        return pain_chart(self.table)


def pain_points(
    experiences: Frame,
    *,
    outcome: Any = None,
    level: float = 0.95,
    score: str = "perceived",
    scale: Scale = CSAT_5,
    touchpoint: str = "touchpoint_id",
    unit: str = "customer_id",
    at: str = "occurred_at",
    replicates: int = 1000,
    seed: int | None = None,
) -> PainPoints:
    """Rank touchpoints by reach x episodes per customer affected x severity.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    outcome : frame or result, optional
        A ledger of churn: a small table with ``touchpoint`` (or ``touchpoint_id``), ``share``, ``low``, ``high`` (or a
        result whose ``to_frame()`` has them), for a second ranking.
    level : float
        Level of all intervals.
    score : str
        Column of ratings. An experience is bad where it lies on the bad side of the scale's midpoint.
    scale : Scale
        The scale of the score; 1 to 5 unless given.
    touchpoint, unit, at : str
        Columns of the touchpoint, the customer and (for complaints) the time.
    replicates : int
        How often customers are drawn again for the intervals of ranks.
    seed : int, optional
        Seed of those draws.

    Returns
    -------
    PainPoints

    Raises
    ------
    CemkitError
        If a column is absent, a touchpoint or customer is null, a rating lies outside the scale, or the ledger does not fit.

    Notes
    -----
    reach A/N (Wilson), episodes Σb/A and severity Σs/Σb (ratios linearised over customers). Their product is Σs/N, a mean
    over customers, with variance s²/N and limits symmetric in the logarithm; where nobody is affected the upper limit is the worst loss
    times that of the reach. Factors without any variation between customers have no limits. Ranks: customers' vectors
    of losses are tallied and drawn again.

    References
    ----------
    Efron, B. and Tibshirani, R. (1993), *An Introduction to the Bootstrap*, Chapman & Hall. Goldstein, H. and Spiegelhalter, D. J. (1996),
    *JRSS A* 159, 385-443.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> rows = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a", "b", "b", "c"],
    ...         "touchpoint_id": ["bill", "bill", "shop", "bill", "shop", "shop"],
    ...         "perceived": [1, 2, 5, 2, 2, 4],
    ...     }
    ... )
    >>> found = stages.pain_points(rows, seed=1).to_frame()
    >>> found[["touchpoint_id", "episodes", "severity"]].values.tolist()
    [['bill', 1.5, 1.3333333333333333], ['shop', 1.0, 1.0]]
    >>> found["estimate"].round(3).tolist()
    [1.333, 0.333]
    """
    check_level(level)
    if not isinstance(replicates, int) or isinstance(replicates, bool) or not 100 <= replicates <= 100_000:
        msg = f"replicates must be a whole number from 100 to 100,000, got {replicates!r}"
        raise CemkitError(msg)
    bound = bind(experiences, what="experiences")
    for name, argument in ((touchpoint, "touchpoint"), (unit, "unit")):
        bound.require_key(name, argument)
    bound.require_number(score, "score")
    require_rows(bound, "experiences")
    bound = with_numbers(bound, {_SCORE: score}, missing_codes=scale.missing_codes)
    require_on_scale(bound, {_SCORE: score}, scale)
    sign = 1.0 if scale.direction == "higher-is-better" else -1.0
    bound = with_shortfall(bound, _LOST, of=_SCORE, below=scale.midpoint, sign=sign)
    _require_named(bound, touchpoint, unit)
    counts = key_totals(bound, keys=[touchpoint], values=[_SCORE])
    groups, place = group_rows(counts.keys, [touchpoint], orders=known_order(bound, [touchpoint]))
    items = [key[0] for key in groups.keys]
    rows, missing = np.zeros(len(items), dtype=np.int64), np.zeros(len(items), dtype=np.int64)
    rows[place], missing[place] = counts.rows, counts.missing[_SCORE]
    if not (rows - missing).sum():
        msg = f"{score!r} has no rating: all {rows.sum():,} values are missing; check the column and the missing codes"
        raise ContractError(msg)
    profiles = unit_profiles(bound, unit=unit, item=touchpoint, items=items, value=_LOST)
    table = _table(bound, touchpoint, unit, items, profiles, scale, float(level))
    table["n"], table["missing"] = rows - missing, missing
    rng = np.random.default_rng(seed)
    ranks = tallied_ranks(profiles.totals, profiles.units, rng, replicates=replicates, level=level)
    put_ranks(table, RANKS, ranks)
    notes = [
        Assumption("customers-drawn-again", {"customers": int(profiles.units.sum()), "replicates": replicates}),
        Assumption("bad-below-midpoint", {"midpoint": float(scale.midpoint)}),
    ]
    if missing.sum():
        notes.append(Assumption("missing-at-random", {"rows": int(missing.sum())}))
    put_ledger(table, outcome, notes)
    complaints, more = complaint_table(bound, touchpoint=touchpoint, unit=unit, at=at, score=_SCORE, level=float(level))
    table = table.sort_values(
        ["estimate", "touchpoint_id"], ascending=[False, True], kind="stable", ignore_index=True, key=_sortable
    )
    return PainPoints(
        table[list(PAIN_COLUMNS)], (*notes, *more), complaints=complaints, replicates=replicates, seed=seed
    )


def _sortable(column: pd.Series) -> pd.Series:
    return column if column.dtype.kind == "f" else column.astype(str)


def _table(
    bound: Bound, touchpoint: str, unit: str, items: list[Any], profiles: UnitProfiles, scale: Scale, level: float
) -> pd.DataFrame:
    units = int(profiles.units.sum())
    affected = (profiles.units[:, None] * (profiles.totals > 0)).sum(axis=0).astype(np.float64)
    loss_scale = Scale(0.0, scale.half_width, step=None)
    terms = (Term("band", 0.0, scale.half_width, open=True), Term("distance", 0.0))
    sums = cluster_moments(bound, keys=[touchpoint], cluster=unit, value=_LOST, scale=loss_scale, terms=terms)
    order = {item: i for i, item in enumerate(items)}
    place = np.array([order[key] for key in sums.keys[touchpoint]], dtype=np.intp)
    total, product = np.zeros((len(items), 2)), np.zeros((len(items), 2, 2))
    total[place], product[place] = sums.sums, sums.products
    found = losses(
        float(units),
        affected,
        total[:, 0],
        product[:, 0, 0],
        total[:, 1],
        product[:, 1, 1],
        product[:, 0, 1],
        most=scale.half_width,
        level=level,
    )
    columns: dict[str, Any] = {"touchpoint_id": pd.Index(items, dtype=object)}
    for name in _FACTORS:
        part = getattr(found, name)
        columns |= {name: part.estimate, f"{name}_low": part.low, f"{name}_high": part.high}
    pain = found.pain
    size = len(items)
    return pd.DataFrame(
        {
            **columns,
            "metric": pd.Index(["pain"] * size, dtype=object),
            "estimate": pain.estimate,
            "std_error": pain.std_error,
            "low": pain.low,
            "high": pain.high,
            "level": level,
            "method": pd.Index(["log-linearised"] * size, dtype=object),
            "unit": pd.Index(["scale"] * size, dtype=object),
            "customers": units,
            "affected": affected.astype(np.int64),
        }
    )


def _require_named(bound: Bound, touchpoint: str, unit: str) -> None:
    for name, found in count_nulls(bound, [touchpoint, unit]).items():
        if found:
            msg = (
                f"{name!r} is null in {found:,} rows, which would belong to nobody and nowhere: name them or leave them out (pandas reads "
                "the text 'NA' as null unless told keep_default_na=False)"
            )
            raise ContractError(msg)
