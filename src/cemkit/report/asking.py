"""Which metrics the report is about: those given whose question is among the responses."""

from __future__ import annotations

from collections.abc import Sequence

from cemkit.errors import CemkitError, did_you_mean
from cemkit.scores import ScoreMetric, nps
from cemkit.tables import ExperienceStore, columns_of, levels_of

__all__ = ["asked_metrics", "require_metrics"]

_SHOWN = 8


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


def asked_metrics(store: ExperienceStore, metrics: Sequence[ScoreMetric]) -> tuple[ScoreMetric, ...]:
    """Return the metrics whose question is among the responses, or raise where there are responses, but to other questions.

    Answers without a question are those of the first metric.
    """
    if not store.has("responses"):
        return ()
    if "question" not in columns_of(store.responses):
        return tuple(m for m in metrics if m.name == nps.name) or tuple(metrics[:1])
    found = {str(question): n for question, n in levels_of(store.responses, column="question").items()}
    asked = tuple(metric for metric in metrics if (metric.question or metric.name) in found)
    if not asked:
        wanted = [metric.question or metric.name for metric in metrics]
        shown = ", ".join(f"{name!r} ({n:,} rows)" for name, n in list(found.items())[:_SHOWN])
        shown += f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        near = next((hint for hint in (did_you_mean(name, found) for name in wanted) if hint), "")
        msg = (
            f"none of the questions looked for ({', '.join(map(repr, wanted))}) is among the responses, which have "
            f"{shown or 'no question'}.{near} Map the column of the answers to the question {_either(wanted)} in "
            "cemkit.toml ([responses.wide]), or pass metrics= with a metric of these questions"
        )
        raise CemkitError(msg)
    return asked


def _either(words: Sequence[str]) -> str:
    quoted = [f'"{word}"' for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
