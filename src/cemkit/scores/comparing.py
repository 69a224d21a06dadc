"""Differences of a metric: between levels of a column, and where a change comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from cemkit.estimation import compare
from cemkit.scores.measured import Measured

if TYPE_CHECKING:
    from cemkit.estimation.sample import Invalid
    from cemkit.results import Comparison
    from cemkit.scores.decompose import Decomposition
    from cemkit.tables.design import Design
    from cemkit.typing import Frame

__all__ = ["Comparing"]

Adjust = Literal["holm", "bh", "none"]


class Comparing:
    """The methods of a metric that hold answers against other answers."""

    def compare(
        self: Measured,
        data: Frame,
        *,
        over: str,
        by: str | Sequence[str] | None = None,
        against: Any = "each-other",
        adjust: Adjust = "holm",
        score: str = "score",
        question: str | None = None,
        design: Design | None = None,
        level: float = 0.95,
        method: str | None = None,
        invalid: Invalid = "raise",
        min_base: int | None = None,
        levels: Any = None,
        seed: int | None = None,
    ) -> Comparison:
        """Compare the levels of ``over``, within every group of ``by``.

        Parameters
        ----------
        data : frame
            A row per answer.
        over : str
            Column whose levels are compared; the later level is ``group``, the earlier ``reference``, so that a
            positive difference is a rise.
        by : str or list of str, optional
            Grouping columns.
        against : str
            ``"each-other"`` (all pairs), ``"rest"``, ``"total"``, or one level of ``over``.
        adjust : {"holm", "bh", "none"}
            Adjustment of the p-values for all comparisons made.
        score, question, design, level, method, invalid, min_base, levels, seed
            As in ``score``. ``method`` for independent answers: ``adjusted-wald`` (net scores) or ``wald``.

        Returns
        -------
        Comparison
            Signed differences; p-values agree with their interval. Waves that share respondents, and a part against
            its whole, use the covariance. ``.omnibus`` has the Wald test that no level differs.

        Raises
        ------
        CemkitError
            If ``over`` has a single level with answers, ``against`` is no level of it, or for anything that ``score``
            raises for.

        Examples
        --------
        >>> import pandas as pd
        >>> from cemkit.scores import nps
        >>> waves = pd.DataFrame({"score": [10] * 50 + [5] * 50 + [10] * 70 + [5] * 30, "wave": ["1"] * 100 + ["2"] * 100})
        >>> nps.compare(waves, over="wave").only["difference"]
        40.0
        """
        return compare(
            data,
            self.measure(),
            over=over,
            by=by,
            against=against,
            adjust=adjust,
            score=score,
            question=self._question(question),
            design=design,
            level=level,
            method=method,
            invalid=invalid,
            min_base=min_base,
            levels=levels,
            seed=seed,
        )

    def decompose(
        self: Measured,
        data: Frame,
        *,
        over: str,
        by: str | Sequence[str],
        between: tuple[Any, Any] | None = None,
        population: Mapping[Any, Any] | None = None,
        score: str = "score",
        question: str | None = None,
        design: Design | None = None,
        level: float = 0.95,
        invalid: Invalid = "raise",
        min_base: int | None = None,
        levels: Any = None,
        seed: int | None = None,
    ) -> Decomposition:
        r"""Split the change between two levels of ``over``, after − before, by segment.

        .. math:: \text{rate}_s = \bar m_s \Delta r_s, \qquad \text{mix}_s = (\bar r_s - \bar R) \Delta m_s

        with a segment's score :math:`r`, its share :math:`m`, the total :math:`R`, and bars for midpoints (Kitagawa, 1955).

        Parameters
        ----------
        data
            A row per answer.
        over
            Column of periods or waves.
        by
            Columns of segments.
        between
            ``(before, after)`` where ``over`` has more than two levels.
        population
            The customer base's shares: ``{segment: share}`` for both periods, or ``{level of over: {segment: share}}``.
            Without it, shares are those of the answers, and the mix part is a change in who answered.
        score, question, design, level, invalid, min_base, levels, seed
            As in :meth:`cemkit.scores.ScoreMetric.score`.

        Returns
        -------
        Decomposition
            Standard errors by the delta method on the linearised (or replicated) covariance of scores and shares, so that
            waves which share respondents are treated as they should.

        Raises
        ------
        CemkitError
            If ``over`` has not two levels (say ``between=``), or the population's shares do not match the segments.

        Notes
        -----
        Segments under ``min_base`` are hidden, and the total with them where it would have too small a base itself.

        Examples
        --------
        >>> import pandas as pd
        >>> from cemkit.scores import nps
        >>> waves = pd.DataFrame({
        ...     "wave": ["1"] * 100 + ["2"] * 100,
        ...     "plan": ["a"] * 50 + ["b"] * 50 + ["a"] * 20 + ["b"] * 80,
        ...     "score": [10] * 50 + [5] * 50 + [10] * 20 + [5] * 80,
        ... })
        >>> change = nps.decompose(waves, over="wave", by="plan")
        >>> change.to_frame()[["rate", "mix"]].round(6).to_numpy().tolist()
        [[0.0, -39.0], [0.0, -21.0]]
        """
        from cemkit.scores.decompose import decompose

        return decompose(
            data,
            self.measure(),
            over=over,
            by=by,
            between=between,
            population=population,
            score=score,
            question=self._question(question),
            design=design,
            level=level,
            invalid=invalid,
            min_base=min_base,
            levels=levels,
            seed=seed,
        )
