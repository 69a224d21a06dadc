from cemkit import churn as churn
from cemkit import csi as csi
from cemkit import loyalty as loyalty
from cemkit import model as model
from cemkit import report as report
from cemkit import scales as scales
from cemkit import scores as scores
from cemkit import simulate as simulate
from cemkit import stages as stages
from cemkit import tables as tables
from cemkit._version import __version__ as __version__
from cemkit.errors import CemkitError as CemkitError
from cemkit.errors import ColumnError as ColumnError
from cemkit.errors import ContractError as ContractError
from cemkit.errors import DesignError as DesignError
from cemkit.errors import MissingExtraError as MissingExtraError
from cemkit.results import Assumption as Assumption
from cemkit.results import Comparison as Comparison
from cemkit.results import Estimate as Estimate
from cemkit.results import Estimates as Estimates
from cemkit.results import Interval as Interval
from cemkit.results import Result as Result
from cemkit.scales import CES_7 as CES_7
from cemkit.scales import CSAT_5 as CSAT_5
from cemkit.scales import CSAT_7 as CSAT_7
from cemkit.scales import LIKERT_5 as LIKERT_5
from cemkit.scales import LIKERT_7 as LIKERT_7
from cemkit.scales import NPS_SCALE as NPS_SCALE
from cemkit.scales import PERCENT as PERCENT
from cemkit.scales import Scale as Scale
from cemkit.scores import ScoreMetric as ScoreMetric
from cemkit.scores import ces as ces
from cemkit.scores import csat as csat
from cemkit.scores import nps as nps
from cemkit.scores import rake as rake
from cemkit.scores import response_rate as response_rate
from cemkit.tables import Design as Design
from cemkit.tables import ExperienceStore as ExperienceStore
from cemkit.tables import Spell as Spell
from cemkit.tables import WideSurvey as WideSurvey
from cemkit.tables import open_store as open_store

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
