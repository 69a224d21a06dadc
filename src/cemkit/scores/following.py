"""A metric over time, and over many small groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cemkit.scores.measured import Measured

if TYPE_CHECKING:
    from cemkit.estimation.sample import Invalid
    from cemkit.scores.shrink import Shrinkage
    from cemkit.scores.trend import Trend
    from cemkit.tables.design import Design
    from cemkit.typing import Frame

__all__ = ["Following"]


class Following:
    """The methods of a metric that follow many periods or groups at once."""

    def trend(
        self: Measured,
        data: Frame,
        *,
        at: str = "answered_at",
        every: str = "1mo",
        window: str | None = None,
        by: str | Sequence[str] | None = None,
        score: str = "score",
        question: str | None = None,
        design: Design | None = None,
        level: float = 0.95,
        method: str | None = None,
        invalid: Invalid = "raise",
        min_base: int | None = None,
        levels: Any = None,
        seed: int | None = None,
        mode: str | None = None,
        until: Any = None,
    ) -> Trend:
        r"""Estimate a measure per calendar period and look for what is more than chance.

        Limits are :math:`\bar x \pm 3 \sigma_z s_t`: the precision-weighted mean of the baseline (the first 20 complete
        periods, frozen), the period's own standard error (so that limits follow n and the design), and Laney's
        :math:`\sigma_z \ge 1` for variation beyond sampling. The slope is weighted least squares over the periods; change
        points split the line into levels. All of them rest on complete periods only.

        Parameters
        ----------
        data : frame
            A row per answer, in any supported engine; lazy frames are counted in their own engine.
        at : str
            Column of dates or times; times with a zone count with their own local date.
        every : str
            Length of a period: ``"1d"``, ``"1w"`` (from Monday), ``"1mo"``, ``"1q"``, ``"1y"``, or a multiple (``"2w"``).
        window : str, optional
            Look back so many days or weeks from each period's end (``"28d"``), instead of on the period alone. Overlapping
            windows share answers, so they get no limits, signals or tests. One pass over the data per period.
        by : str or list of str, optional
            Grouping columns: a line each.
        score, question, design, level, method, invalid, min_base, levels, seed
            As in :meth:`cemkit.scores.ScoreMetric.score`; ``seed`` also of the change points.
        mode : str, optional
            Column of survey mode; by default the column ``mode`` if there is one. Where the mode of most answers changes
            for good (and its share rises by a fifth or more), the line breaks: limits and tests start anew.
        until : date, time or str, optional
            The day until which answers were collected, itself included; by default that of the last answer. The last period
            is complete if that is its last day. Where periods are single days and the last time is not midnight, the last
            day is taken as not over.

        Returns
        -------
        Trend
            A row per line and period, and ``.signals``, ``.test``, ``.changes``, ``.limits``.

        Raises
        ------
        CemkitError
            If ``at`` holds no times, ``every`` or ``window`` cannot be read, ``until`` lies before the last answer, or for
            anything that ``score`` raises for.

        Notes
        -----
        Periods are taken as independent: where customers (clusters) have answers in several of them, that covariance is in
        each period's standard error's design but not between periods, and the result says so. A stable process breaks rule
        1 in about 0.3 % of its periods, and one of the four rules in about 1 %.

        References
        ----------
        Laney (2002), Improved control charts for attributes; Nelson (1984), The Shewhart control chart.

        Examples
        --------
        >>> import pandas as pd
        >>> from cemkit.scores import nps
        >>> days = pd.date_range("2024-01-01", "2024-03-31", freq="12h")
        >>> answers = pd.DataFrame({"answered_at": days, "score": [10, 9, 4] * 60 + [9]})
        >>> months = nps.trend(answers)
        >>> table = months.to_frame()
        >>> table["period"].dt.strftime("%Y-%m-%d").tolist(), table["n"].tolist(), table["estimate"].round(1).tolist()
        (['2024-01-01', '2024-02-01', '2024-03-01'], [62, 58, 61], [35.5, 31.0, 34.4])
        >>> months.test["p_value"].round(2).tolist(), len(months.signals)
        ([0.96], 0)
        """
        from cemkit.scores.trend import trend

        return trend(
            data,
            self.measure(),
            at=at,
            every=every,
            window=window,
            by=by,
            score=score,
            question=self._question(question),
            design=design,
            level=level,
            method=method,
            invalid=invalid,
            min_base=min_base,
            levels=levels,
            seed=seed,
            mode=mode,
            until=until,
        )

    def shrink(
        self: Measured,
        data: Frame,
        *,
        by: str | Sequence[str],
        best: int = 1,
        score: str = "score",
        question: str | None = None,
        design: Design | None = None,
        level: float = 0.95,
        invalid: Invalid = "raise",
        min_base: int | None = None,
        levels: Any = None,
        seed: int | None = 0,
    ) -> Shrinkage:
        r"""Estimate many small groups by drawing each towards the common mean.

        A group's shares are taken as drawn from a Dirichlet distribution :math:`A m` common to all groups, so that its
        estimate is about :math:`(n x + A \bar m) / (n + A)`: little of its own where it has few answers or the groups
        hardly differ. The uncertainty of A and m is in the intervals (empirical Bayes with draws of the hyperparameters).

        Parameters
        ----------
        data : frame
            A row per answer, in any supported engine.
        by : str or list of str
            The groups.
        best : int
            How many groups count as the best, or as the worst.
        score, question, design, invalid, min_base, levels
            As in :meth:`cemkit.scores.ScoreMetric.score`. Under a design, counts are effective size times weighted shares.
        level : float
            Level of credibility of intervals and ranks.
        seed : int, optional
            Seed of the draws: the same seed, the same answer.

        Returns
        -------
        Shrinkage
            A row per group; suppressed groups take part in the model but are not shown.

        Raises
        ------
        CemkitError
            If ``by`` names no column, ``best`` is no whole number of at least 1, the scale of a mean is continuous, or for
            anything that ``score`` raises for.

        Notes
        -----
        The effective size of a small group is itself estimated from few clusters; it is taken as at most the group's
        answers, and as its number of clusters where it has no variance. Ranks are those of the true values, so ties of
        estimates show as wide rank intervals.

        References
        ----------
        Leonard (1977), Bayesian simultaneous estimation for several multinomial distributions; Goldstein and Spiegelhalter
        (1996), League tables and their limitations.

        Examples
        --------
        >>> import pandas as pd
        >>> from cemkit.scores import nps
        >>> answers = pd.DataFrame({"shop": ["a"] * 3 + ["b"] * 60 + ["c"] * 60, "score": [10] * 3 + [10, 9, 3] * 20 + [9, 7, 2] * 20})
        >>> shops = nps.shrink(answers, by="shop").to_frame()
        >>> shops["raw_estimate"].round(1).tolist()
        [100.0, 33.3, 0.0]
        >>> (shops["estimate"] < shops["raw_estimate"]).tolist()
        [True, True, False]
        """
        from cemkit.scores.shrink import shrink

        return shrink(
            data,
            self.measure(),
            by=by,
            best=best,
            score=score,
            question=self._question(question),
            design=design,
            level=level,
            invalid=invalid,
            min_base=min_base,
            levels=levels,
            seed=seed,
        )
