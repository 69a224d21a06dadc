"""The wide survey as the report reads it: the rows of its last wave, their design, the names of its items, its map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cemkit.csi import ImportancePerformance, importance_performance
from cemkit.report.context import Context
from cemkit.report.reading import Reading
from cemkit.statistics.importance import ImportanceMethod
from cemkit.tables import Design, WideSurvey, columns_of, keep, levels_of, row_count
from cemkit.typing import Frame

__all__ = ["SEED", "AskedSurvey", "asked_survey", "importance_map"]

SEED = 1
"""Of all resamples of the report, so that the same study gives the same report."""
_MOST_LMG = 12  # beyond, all subsets in every resample take longer than a report should
_MANY_ROWS = 50_000
_RESAMPLES, _FEWER = 1000, 200  # fewer where the rows are many
_WORDS = (
    "expected", "perceived", "share", "probe", "lowers", "importance", "performance", "fix_first", "keep_up", "low_priority",
    "overdone",
)  # fmt: skip


@dataclass(frozen=True)
class AskedSurvey:
    """The wide survey as it is reported: its rows, their design, how many resamples, how its numbers are shown."""

    context: Context
    survey: WideSurvey
    rows: Frame
    wave: Any
    design: Design | None
    resamples: int

    @property
    def read(self) -> Reading:
        """How answers are shown."""
        scale = self.survey.scale
        wide = scale is not None and scale.high - scale.low > 20
        return Reading("points" if wide else "scale", 1.0, self.context.texts)

    @property
    def words(self) -> dict[str, str]:
        """Words of the charts."""
        return {name: self.context.texts(f"satisfaction.{name}") for name in _WORDS}

    @property
    def names(self) -> dict[str, str]:
        """Names of the items as shown, by column."""
        shown = [self.context.texts.name("item", name) for name in self.survey.names]
        return dict(zip(self.survey.perceived, shown, strict=True))

    @property
    def method(self) -> ImportanceMethod:
        """How importance divides: over all orders of the items, where these are few."""
        return "lmg" if len(self.survey.perceived) <= _MOST_LMG else "relative-weights"

    @property
    def setup(self) -> str:
        """Python lines that make ``rows``."""
        wave = "" if self.wave is None else f'\nrows = cem.tables.keep(rows, column="wave", values=[{self.wave!r}])'
        return f"survey, rows = store.survey, store.answers{wave}"

    def shared(self, *, scale: bool = True) -> str:
        """Return the arguments that calls share, as Python code."""
        given = ", scale=survey.scale" if scale and self.survey.scale is not None else ""
        return given + self.context.arguments(design=self.design is not None)


def asked_survey(context: Context, survey: WideSurvey) -> AskedSurvey:
    """Return the survey's last wave, with the study's design where it has the design's columns."""
    rows = context.store.answers
    own = columns_of(rows)
    waves = list(levels_of(rows, column="wave")) if "wave" in own else []
    wave = waves[-1] if len(waves) > 1 else None
    if wave is not None:
        rows = keep(rows, column="wave", values=[wave])
    design = context.design
    if design is not None and not set(design.columns) <= set(own):
        design = None
    return AskedSurvey(context, survey, rows, wave, design, _RESAMPLES if row_count(rows) <= _MANY_ROWS else _FEWER)


def importance_map(asked: AskedSurvey) -> tuple[ImportancePerformance, str]:
    """Return the map of importance and performance, and the call that gives it; computed once."""
    survey = asked.survey

    def compute() -> ImportancePerformance:
        return importance_performance(
            asked.rows,
            items=survey.perceived,
            outcome=survey.outcome,
            importance=survey.importance or None,
            scale=survey.scale,
            method=asked.method,
            design=asked.design,
            bootstrap=asked.resamples,
            level=asked.context.level,
            seed=SEED,
        )

    stated = ", importance=survey.importance" if survey.importance else ""
    outcome = ", outcome=survey.outcome" if survey.outcome is not None else ""
    given = f'method="{asked.method}", bootstrap={asked.resamples}, seed={SEED}{asked.shared()}'
    code = f"{asked.setup}\ncem.csi.importance_performance(rows, items=survey.perceived{outcome}{stated}, {given})"
    return asked.context.once("importance-map", compute), code
