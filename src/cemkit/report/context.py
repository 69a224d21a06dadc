"""What every section is given: the study, its metrics, the words, and what is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from cemkit.errors import CemkitError, ColumnError
from cemkit.report.reading import Reading, reading_of
from cemkit.report.texts import Texts
from cemkit.results import Estimates
from cemkit.scales import Scale
from cemkit.scores import ScoreMetric, ces, csat, nps
from cemkit.tables import Design, ExperienceStore, columns_of, keep, levels_of, time_span
from cemkit.typing import Frame

__all__ = ["SMALL_BASE", "Asked", "Context", "fitted"]

SMALL_BASE = 30
"""Bases (n, or n over the design effect) under this are marked."""
_READY = (nps, csat, ces)


@dataclass(frozen=True)
class Asked:
    """A metric that the study's answers hold.

    Attributes
    ----------
    metric
        On the scale of the study.
    code
        The metric as Python code.
    title, short
        Its name as shown, and a short one for headings and axes.
    reading
        How its numbers are shown.
    """

    metric: ScoreMetric
    code: str
    title: str
    short: str
    reading: Reading

    @property
    def question(self) -> str:
        """The question it looks for."""
        return self.metric.question or self.metric.name

    @property
    def least(self) -> float:
        """The smallest difference that the summary tells: 5 points, 5 percentage points, or 5 % of the scale."""
        if self.reading.kind == "scale":
            return 0.05 * (self.metric.scale.high - self.metric.scale.low)
        return 5.0 / self.reading.factor


@dataclass(frozen=True)
class Context:
    """The study as the sections see it.

    Attributes
    ----------
    store
        The study.
    asked
        The metrics whose question is answered.
    answers
        The responses with the grouping columns, or None where the study has none.
    setup
        The Python line that makes ``answers``.
    by
        The grouping columns.
    level
        Level of all intervals.
    texts
        The words.
    """

    store: ExperienceStore
    asked: tuple[Asked, ...]
    answers: Frame | None
    setup: str
    by: tuple[str, ...]
    level: float
    texts: Texts

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of the answers."""
        return () if self.answers is None else columns_of(self.answers)

    @property
    def design(self) -> Design | None:
        """How the answers were drawn."""
        return self.store.design

    @property
    def level_shown(self) -> str:
        """The level as percent."""
        return f"{100 * self.level:g}%"

    @cached_property
    def headline(self) -> dict[str, Estimates]:
        """The estimate of each metric over all answers."""
        return {
            a.metric.name: a.metric.score(self.answers, design=self.design, level=self.level, invalid="count")
            for a in self.asked
        }

    @cached_property
    def waves(self) -> tuple[Any, ...]:
        """The waves in which anything was answered, in order."""
        if self.answers is None or "wave" not in self.columns:
            return ()
        return tuple(levels_of(self.answers, column="wave", answered="score"))

    def rows_of(self, asked: Asked) -> Frame:
        """Return the answers to the question of one metric."""
        if "question" not in self.columns:
            return self.answers
        return keep(self.answers, column="question", values=[asked.question])

    def waves_of(self, asked: Asked) -> tuple[Any, ...]:
        """Return the waves in which a metric's question was answered."""
        return tuple(levels_of(self.rows_of(asked), column="wave", answered="score")) if self.waves else ()

    def groups_of(self, asked: Asked, column: str) -> dict[Any, int]:
        """Return the groups that answered a metric's question, with their answers."""
        return levels_of(self.rows_of(asked), column=column, answered="score")

    def span(self, data: Frame, column: str) -> tuple[datetime, datetime] | None:
        """Return the first and last time of a column, or None where there are no times."""
        if column not in columns_of(data):
            return None
        try:
            return time_span(data, column=column)
        except ColumnError:
            return None

    def arguments(self, *, design: bool = True, invalid: bool = False) -> str:
        """Return the arguments that calls share, as Python code."""
        given = [", design=store.design"] if design and self.design is not None else []
        given += [f", level={self.level:g}"] if self.level != 0.95 else []
        given += [', invalid="count"'] if invalid else []
        return "".join(given)

    def column(self, name: str) -> str:
        """Return the heading of a column of the data."""
        return self.texts.name("column", name)

    def group(self, value: Any) -> str:
        """Return a group's name as shown; a null is 'not known'."""
        if value is None or value != value:
            return self.texts("group.null")
        # Whole numbers beside a null become floats on some engines.
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def fitted(metric: ScoreMetric, store: ExperienceStore, texts: Texts) -> Asked:
    """Return a metric on the study's scale of its question, where the scale can carry its statistic."""
    question = metric.question or metric.name
    code = f"cem.{metric.name}" if metric in _READY else metric.name
    scale = store.scales.get(question)
    if scale is not None and scale != metric.scale and _carries(scale, metric):
        metric = replace(metric, scale=scale)
        code = f"{code}.with_scale(store.scales[{question!r}])"
    title = texts.name("metric", metric.name)
    return Asked(metric, code, title, texts.name("short", metric.name), reading_of(metric, texts))


def _carries(scale: Scale, metric: ScoreMetric) -> bool:
    return metric.statistic == "mean" or len(scale.bands or ()) >= 2


def require_metrics(metrics: Sequence[ScoreMetric]) -> tuple[ScoreMetric, ...]:
    """Return the metrics, or raise where something else was given or two have one name."""
    given = (metrics,) if isinstance(metrics, ScoreMetric) else tuple(metrics)
    for metric in given:
        if not isinstance(metric, ScoreMetric):
            msg = f"metrics must be ScoreMetrics such as (cem.nps, cem.csat), got {type(metric).__name__}"
            raise CemkitError(msg)
    names = [metric.name for metric in given]
    if not names or len(set(names)) < len(names):
        msg = f"metrics must name each metric once, got {names}"
        raise CemkitError(msg)
    return given
