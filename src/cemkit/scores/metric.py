"""A scale plus a statistic: NPS, CSAT and CES are three instances of one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cemkit.errors import CemkitError
from cemkit.estimation import Measure, estimate
from cemkit.scales import CES_7, CSAT_5, NPS_SCALE, Scale
from cemkit.scores import counts as _counts
from cemkit.scores.comparing import Comparing
from cemkit.scores.following import Following
from cemkit.scores.planning import Planned

if TYPE_CHECKING:
    from cemkit.estimation.measure import Statistic, Unit
    from cemkit.estimation.sample import Invalid
    from cemkit.results import Estimate, Estimates
    from cemkit.tables.design import Design
    from cemkit.typing import Frame

__all__ = ["ScoreMetric", "ces", "csat", "nps"]


@dataclass(frozen=True)
class ScoreMetric(Comparing, Following, Planned):
    """A metric of rated answers: a scale and a statistic.

    Parameters
    ----------
    name
        What results call it; also the question it looks for where the data have a ``question`` column.
    scale
        The scale of the answers, with bands for ``"net"`` and ``"top"``.
    statistic
        ``"net"``: share of the best band less share of the worst, ``"top"``: share of the best band, ``"mean"``.
    unit
        ``"points"`` (shares times 100; a mean rescaled to 0..100), ``"share"`` or ``"scale"`` (a mean as answered).
    question
        The question it looks for, where that is not its name.

    Notes
    -----
    Without a design, answers are taken as independent and equally weighted; but where the table's own ``customer_id``
    repeats, customers are the clusters, and the result says so.

    Examples
    --------
    >>> from cemkit.scales import Scale
    >>> from cemkit.scores import ScoreMetric
    >>> stars = ScoreMetric("stars", Scale(1, 5, bands={"low": (1, 3), "top": (4, 5)}), "top")
    >>> str(stars.from_counts([2, 8]))
    'stars 80.0, 49.0 to 94.3 (95%, wilson), n 10'
    """

    name: str
    scale: Scale
    statistic: Statistic
    unit: Unit = "points"
    question: str | None = None

    def __post_init__(self) -> None:
        self.measure()

    def measure(self, scale: Scale | None = None) -> Measure:
        """Return what is estimated, on the metric's scale or another, for modules that estimate it themselves."""
        return Measure(self.name, self.scale if scale is None else scale, self.statistic, self.unit)

    def with_scale(self, scale: Scale) -> ScoreMetric:
        """Return the same metric on another scale (other codes, other bands).

        Parameters
        ----------
        scale : Scale
            The scale of the answers, with the bands that the statistic needs.

        Returns
        -------
        ScoreMetric
            A new metric; this one is as it was.

        Raises
        ------
        CemkitError
            If the scale has not the bands that the statistic needs.

        Examples
        --------
        >>> from cemkit.scales import CSAT_7
        >>> from cemkit.scores import csat
        >>> csat.with_scale(CSAT_7).scale.high
        7
        """
        return replace(self, scale=scale)

    def score(
        self,
        data: Frame,
        *,
        score: str = "score",
        question: str | None = None,
        by: str | Sequence[str] | None = None,
        design: Design | None = None,
        level: float = 0.95,
        method: str | None = None,
        invalid: Invalid = "raise",
        min_base: int | None = None,
        target: float | None = None,
        levels: Any = None,
        seed: int | None = None,
    ) -> Estimates:
        """Estimate the metric, in every group of ``by``.

        Parameters
        ----------
        data : frame
            A row per answer, in any supported engine; lazy frames are counted in their own engine.
        score : str
            Column of answers.
        question : str, optional
            Rows to use where the data have a ``question`` column; by default the metric's own question.
        by : str or list of str, optional
            Grouping columns; a null is a group of its own.
        design : Design, optional
            Weights, strata, clusters and the like.
        level : float
            Level of the intervals.
        method : str, optional
            Net scores: ``adjusted-wald`` (default), ``score``, ``wald``, ``t``, ``bootstrap``, ``bayes``. Shares:
            ``wilson`` (default), ``beta``, ``jeffreys``, ``agresti-coull``, ``wald``. Means: ``t`` (default),
            ``wald``. Under a design: ``t`` or ``wald``, for shares ``logit`` (default).
        invalid : {"raise", "count"}
            What to do with answers outside the scale.
        min_base : int, optional
            Hide groups with fewer distinct customers, and neighbours from which they could be had by subtraction.
        target : float, optional
            Give the probability that the true score is at least this, in ``.targets``.
        levels : list or dict, optional
            Order of the groups.
        seed : int, optional
            Seed of ``bootstrap``.

        Returns
        -------
        Estimates
            One row per group. ``estimate`` is the plain (weighted) sample value in ``unit``; the interval would hold
            the true value in ``level`` of repeated samples. ``.bands`` has the share of every band.

        Raises
        ------
        CemkitError
            For missing columns, text instead of numbers, answers outside the scale, bad weights, a lonely cluster.

        Notes
        -----
        A net score is p − d with variance p + d − (p − d)² over n (Rocks, 2016). Under a design it is a ratio, linearised
        (Woodruff, 1971).

        Examples
        --------
        >>> import pandas as pd
        >>> from cemkit.scores import nps
        >>> answers = pd.DataFrame({"score": [10, 9, 9, 7, 3], "city": ["a", "a", "b", "b", "b"]})
        >>> nps.score(answers).only.estimate
        40.0
        >>> nps.score(answers, by="city").to_frame()["n"].tolist()
        [2, 3]
        """
        return estimate(
            data,
            self.measure(),
            score=score,
            question=self._question(question),
            by=by,
            design=design,
            level=level,
            method=method,
            invalid=invalid,
            min_base=min_base,
            target=target,
            levels=levels,
            seed=seed,
        )

    def from_counts(
        self, counts: Sequence[float] | Mapping[str, float], *, level: float = 0.95, method: str | None = None
    ) -> Estimate:
        """Estimate the metric from the counts of the bands, worst first: (detractors, passives, promoters).

        Parameters
        ----------
        counts : sequence or dict
            One count per band, from the worst to the best, or by name.
        level : float
            Level of the interval.
        method : str, optional
            Interval method, as in ``score`` (not ``bootstrap``, which would need a seed).

        Returns
        -------
        Estimate
            With its interval; the base is the sum of the counts.

        Raises
        ------
        CemkitError
            If the counts are not one per band, negative, not whole, or all zero; or the statistic is a mean.

        Examples
        --------
        >>> from cemkit.scores import nps
        >>> result = nps.from_counts((54, 108, 162))
        >>> round(result.estimate, 1), round(result.low, 1), round(result.high, 1)
        (33.3, 24.9, 41.1)
        """
        return _counts.from_counts(self.measure(), counts, level=level, method=method)

    def _question(self, question: str | None) -> str:
        if question is not None and not isinstance(question, str):
            msg = f"question is the name of a question, got {type(question).__name__}"
            raise CemkitError(msg)
        return question or self.question or self.name


nps = ScoreMetric("nps", NPS_SCALE, "net")
"""Net Promoter Score: promoters (9, 10) less detractors (0 to 6) of 0..10, in points from -100 to 100."""
csat = ScoreMetric("csat", CSAT_5, "top")
"""Customer satisfaction: share of the top two of five points, in points from 0 to 100."""
ces = ScoreMetric("ces", CES_7, "mean", unit="scale")
"""Customer effort score 2.0: mean agreement, 1..7, that the company made it easy."""
