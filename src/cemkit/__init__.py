"""Customer experience metrics: scores, gaps, churn, loyalty and stages, on frames of any engine.

Everything is loaded when it is first used, so that ``import cemkit`` stays light.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

from cemkit._version import __version__

_NAMES = {
    "CemkitError": "cemkit.errors",
    "ContractError": "cemkit.errors",
    "ColumnError": "cemkit.errors",
    "DesignError": "cemkit.errors",
    "MissingExtraError": "cemkit.errors",
    "Scale": "cemkit.scales",
    "NPS_SCALE": "cemkit.scales",
    "CSAT_5": "cemkit.scales",
    "CSAT_7": "cemkit.scales",
    "CES_7": "cemkit.scales",
    "LIKERT_5": "cemkit.scales",
    "LIKERT_7": "cemkit.scales",
    "PERCENT": "cemkit.scales",
    "Assumption": "cemkit.results",
    "Comparison": "cemkit.results",
    "Estimate": "cemkit.results",
    "Estimates": "cemkit.results",
    "Interval": "cemkit.results",
    "Result": "cemkit.results",
    "Design": "cemkit.tables",
    "ExperienceStore": "cemkit.tables",
    "Spell": "cemkit.tables",
    "WideSurvey": "cemkit.tables",
    "open_store": "cemkit.tables",
    "ScoreMetric": "cemkit.scores",
    "ces": "cemkit.scores",
    "csat": "cemkit.scores",
    "nps": "cemkit.scores",
    "rake": "cemkit.scores",
    "response_rate": "cemkit.scores",
}
_MODULES = ("churn", "csi", "loyalty", "model", "report", "scales", "scores", "simulate", "stages", "tables")

__all__ = [
    "CES_7",
    "CSAT_5",
    "CSAT_7",
    "LIKERT_5",
    "LIKERT_7",
    "NPS_SCALE",
    "PERCENT",
    "Assumption",
    "CemkitError",
    "ColumnError",
    "Comparison",
    "ContractError",
    "Design",
    "DesignError",
    "Estimate",
    "Estimates",
    "ExperienceStore",
    "Interval",
    "MissingExtraError",
    "Result",
    "Scale",
    "ScoreMetric",
    "Spell",
    "WideSurvey",
    "__version__",
    "ces",
    "churn",
    "csat",
    "csi",
    "loyalty",
    "model",
    "nps",
    "open_store",
    "rake",
    "report",
    "response_rate",
    "scales",
    "scores",
    "simulate",
    "stages",
    "tables",
]

logging.getLogger("cemkit").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"cemkit.{name}")
    msg = f"module 'cemkit' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
