"""How the answers were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cemkit.errors import DesignError
from cemkit.tables.binding import Bound, column_names

__all__ = ["Calibration", "Design", "Variance"]

Variance = Literal["linearised", "jackknife", "bootstrap"]


@dataclass(frozen=True)
class Calibration:
    """What a raked weight rests on (made by :func:`cemkit.rake`).

    Parameters
    ----------
    columns
        The margin columns.
    base_weights
        The weights before raking; None stands for equal ones.
    rows
        How many rows were raked: a standard error needs them all.
    """

    columns: tuple[str, ...]
    base_weights: str | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Design:
    """The columns that say how the answers were drawn. One argument, everywhere.

    Parameters
    ----------
    weights
        Sampling weights, at least zero, in any unit (percent, population counts, mean one).
    strata
        Strata of the sample.
    cluster
        First-stage clusters; they are nested in strata.
    population
        Number of clusters (rows, without ``cluster``) of the stratum in the population: a finite-population correction.
    variance
        ``"linearised"`` (Taylor series), ``"jackknife"`` (delete one cluster) or ``"bootstrap"`` (Rao & Wu, rescaled).
    replicates
        Columns of replicate weights. Variance is the mean squared deviation of the replicate estimates from the
        estimate (bootstrap, BRR), times R - 1 with ``variance="jackknife"``.
    calibration
        Set by :func:`cemkit.rake`: the variance then uses the residuals from the margins.

    Notes
    -----
    No design means independent, equally weighted answers, except that where the table's own ``customer_id`` repeats,
    customers are the clusters, and the result says so; :meth:`independent` opts out. ``Design()`` without any column
    is a simple random sample in the survey sense: variance over n - 1 and t intervals.

    Examples
    --------
    >>> from cemkit.tables import Design
    >>> Design(weights="w", strata="region", cluster="branch").columns
    ('w', 'region', 'branch')
    """

    weights: str | None = None
    strata: str | None = None
    cluster: str | None = None
    population: str | None = None
    variance: Variance = "linearised"
    replicates: tuple[str, ...] | None = None
    calibration: Calibration | None = None
    assume_independent: bool = False

    def __post_init__(self) -> None:
        if self.variance not in ("linearised", "jackknife", "bootstrap"):
            msg = f"variance must be 'linearised', 'jackknife' or 'bootstrap', got {self.variance!r}"
            raise DesignError(msg)
        for name in ("weights", "strata", "cluster", "population"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                msg = f"{name} of a design is the name of a column, got {type(value).__name__}"
                raise DesignError(msg)
        if self.replicates is not None:
            names = column_names(self.replicates, argument="replicates")
            if len(names) < 2:
                msg = "replicates must name at least two columns of replicate weights"
                raise DesignError(msg)
            object.__setattr__(self, "replicates", names)
        if self.assume_independent and self.cluster is not None:
            msg = "a design cannot have a cluster and take its answers as independent: drop one of them"
            raise DesignError(msg)

    @classmethod
    def independent(cls, *, weights: str | None = None, strata: str | None = None) -> Design:
        """Take every answer as independent, even where the table's own ``customer_id`` repeats."""
        return cls(weights=weights, strata=strata, assume_independent=True)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the design reads."""
        raked = self.calibration
        margins = (*raked.columns, raked.base_weights) if raked is not None else ()
        named = (self.weights, self.strata, self.cluster, self.population, *(self.replicates or ()), *margins)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def plain(self) -> bool:
        """Whether answers are independent and equally weighted, as without a design."""
        return self.assume_independent and not self.columns

    def check(self, bound: Bound) -> None:
        """Raise where a column is absent or of the wrong type."""
        base = None if self.calibration is None else self.calibration.base_weights
        numbers = {"weights": self.weights, "population": self.population, "calibration.base_weights": base}
        for argument, name in numbers.items():
            if name is not None:
                bound.require_number(name, argument)
        for name in self.replicates or ():
            bound.require_number(name, "replicates")
        for argument, name in (("strata", self.strata), ("cluster", self.cluster)):
            if name is not None:
                bound.require_key(name, argument)
        for name in self.calibration.columns if self.calibration is not None else ():
            bound.require(name, "calibration")


def as_design(design: Design | None) -> Design | None:
    """Return the design, or raise a typed error where something else was given."""
    if design is None or isinstance(design, Design):
        return design
    hint = f" Write Design(weights={design!r})." if isinstance(design, str) else ""
    if isinstance(design, Sequence | dict) and not isinstance(design, str):
        hint = " Write Design(weights='...', strata='...', cluster='...')."
    msg = f"design must be a cemkit.Design or None, got {type(design).__name__}.{hint}"
    raise DesignError(msg)
