"""What every section is given: the study, its metrics, the words, and what is computed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from cemkit.errors import CemkitError, ColumnError
from cemkit.report.reading import Reading, reading_of
from cemkit.report.texts import Texts
from cemkit.report.waves import answered_waves, compared_in, scored_in
from cemkit.results import Comparison, Estimates
from cemkit.scales import Scale
from cemkit.scores import ScoreMetric, ces, csat, nps
from cemkit.tables import Design, ExperienceStore, columns_of, keep, levels_of, time_span
from cemkit.typing import Frame

__all__ = ["LEAST", "SMALL_BASE", "Asked", "Context", "fitted"]

SMALL_BASE = 30
"""Bases (n, or n over the design effect) under this are marked."""
LEAST = 0.05
"""Part of a scale, or share, under which no difference is told in the summary."""
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
            return LEAST * (self.metric.scale.high - self.metric.scale.low)
        return 100 * LEAST / self.reading.factor


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

    @cached_property
    def touchpoint_names(self) -> dict[Any, str]:
        """The names of the touchpoints on the journey map; empty where the study has none."""
        try:
            return {point.touchpoint_id: point.name for point in self.store.journey_map.touchpoints}
        except CemkitError:
            return {}

    @property
    def experience_design(self) -> Design | None:
        """How the experiences were drawn: the study's design where they have its columns."""
        design = self.design
        return design if design is None or set(design.columns) <= set(columns_of(self.store.experiences)) else None

    def has_ratings(self, *needed: str) -> bool:
        """Return whether there are experiences with these columns, and ratings of what was perceived at touchpoints."""
        if not self.store.has("experiences"):
            return False
        data = self.store.experiences
        if not {"touchpoint_id", "perceived", *needed} <= set(columns_of(data)):
            return False
        return bool(levels_of(data, column="touchpoint_id", answered="perceived"))

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return what several sections need, computed when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = compute()
        return self._kept[name]

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    @property
    def level_shown(self) -> str:
        """The level as percent."""
        return f"{100 * self.level:g}%"

    @cached_property
    def headline(self) -> dict[str, Estimates]:
        """The estimate of each metric over all answers of its last wave."""
        return {a.metric.name: self.score(a) for a in self.asked}

    @cached_property
    def by_wave(self) -> dict[str, Estimates]:
        """The estimates of each metric by wave; empty where the answers have no waves."""
        if "wave" not in self.columns:
            return {}
        options: dict[str, Any] = {"design": self.design, "level": self.level, "invalid": "count"}
        return {a.metric.name: a.metric.score(self.answers, by="wave", **options) for a in self.asked}

    @cached_property
    def waves(self) -> tuple[Any, ...]:
        """The waves in which anything was answered, in order."""
        if self.answers is None or "wave" not in self.columns:
            return ()
        return tuple(levels_of(self.answers, column="wave", answered="score"))

    def rows_of(self, asked: Asked, *, waves: Sequence[Any] | None = None) -> Frame:
        """Return the answers to the question of one metric, in these waves or in all."""
        rows = self.answers
        if "question" in self.columns:
            rows = keep(rows, column="question", values=[asked.question])
        return rows if waves is None else keep(rows, column="wave", values=waves)

    def rows_now(self, asked: Asked) -> Frame:
        """Return the answers that the headline is made of: those of the last wave."""
        wave = self.wave_of(asked)
        return self.rows_of(asked, waves=None if wave is None else [wave])

    def waves_of(self, asked: Asked) -> tuple[Any, ...]:
        """Return the waves in which a metric's question was answered."""
        return answered_waves(self.by_wave[asked.metric.name]) if self.waves else ()

    def wave_of(self, asked: Asked) -> Any:
        """Return the last wave in which a metric's question was answered; None where the study has no two waves."""
        waves = self.waves_of(asked) if len(self.waves) > 1 else ()
        return waves[-1] if waves else None

    def score(self, asked: Asked, *, by: str | None = None) -> Estimates:
        """Return the estimates of the last wave, computed among all waves, so that the design keeps all its clusters."""
        wave = self.wave_of(asked)
        if by is None and wave is not None:
            return scored_in(wave, self.by_wave[asked.metric.name])
        names = [name for name in ("wave" if wave is not None else None, by) if name] or None
        options: dict[str, Any] = {"design": self.design, "level": self.level, "invalid": "count"}
        result = asked.metric.score(self.answers, by=names, **options)
        return result if wave is None else scored_in(wave, result)

    def against_rest(self, asked: Asked, column: str) -> Comparison:
        """Return each group of the last wave against the rest of that wave."""
        wave = self.wave_of(asked)
        options: dict[str, Any] = {"design": self.design, "level": self.level, "invalid": "count"}
        within = None if wave is None else "wave"
        result = asked.metric.compare(self.answers, over=column, by=within, against="rest", **options)
        return result if wave is None else compared_in(wave, result)

    def has_invalid(self, asked: Asked) -> bool:
        """Return whether any answer to a metric's question is outside its scale."""
        results = self.by_wave or self.headline
        return bool(results[asked.metric.name].table["invalid"].sum())

    def by_code(self, asked: Asked, column: str | None = None) -> str:
        """Return the argument ``by`` of a call whose rows of the last wave are shown, as Python code."""
        names = [name for name in ("wave" if self.wave_of(asked) is not None else None, column) if name]
        return f", by={_code(names)}" if names else ""

    def within(self, wave: Any, what: str) -> str:
        """Return the name of something with the wave that it is of, if it is of one."""
        return what if wave is None else self.texts("in-wave", what=what, wave=self.group(wave))

    def named(self, asked: Asked, what: str) -> str:
        """Return the name of something with the metric's last wave, if the study has several."""
        return self.within(self.wave_of(asked), what)

    def groups_of(self, asked: Asked, column: str, *, waves: Sequence[Any] | None = None) -> dict[Any, int]:
        """Return the groups that answered a metric's question, with their answers, in these waves or in all."""
        return levels_of(self.rows_of(asked, waves=waves), column=column, answered="score")

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

    def touchpoint(self, value: Any) -> str:
        """Return a touchpoint's name as shown: that of the journey map, where it has one."""
        return self.touchpoint_names.get(value, self.group(value))

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


def _code(names: Sequence[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"


def _carries(scale: Scale, metric: ScoreMetric) -> bool:
    return metric.statistic == "mean" or len(scale.bands or ()) >= 2
