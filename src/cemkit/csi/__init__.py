"""Customer satisfaction: the index, gaps, what drives it, and what to fix first."""

from cemkit.csi.drivers import Drivers, drivers
from cemkit.csi.importance_performance import ImportancePerformance, importance_performance
from cemkit.csi.models import ACSI, ECSI, PathModel
from cemkit.csi.path_fit import PathModelFit
from cemkit.csi.path_model import path_model
from cemkit.csi.reliability import Reliability, reliability

__all__ = [
    "ACSI",
    "ECSI",
    "Drivers",
    "ImportancePerformance",
    "PathModel",
    "PathModelFit",
    "Reliability",
    "drivers",
    "importance_performance",
    "path_model",
    "reliability",
]
