"""Frames of any engine: binding, designs, counting, contracts, the store. The only importer of narwhals."""

from cemkit.tables.binding import Bound, bind
from cemkit.tables.checks import check_table
from cemkit.tables.contracts import Contract, contract_of
from cemkit.tables.design import Calibration, Design
from cemkit.tables.guess import guess_mapping
from cemkit.tables.loading import load
from cemkit.tables.profile import columns_of, keep, levels_of, row_count, text_columns, time_span
from cemkit.tables.readers import open_store
from cemkit.tables.saving import save_store
from cemkit.tables.spell import Spell
from cemkit.tables.store import ExperienceStore
from cemkit.tables.tally import RatingTally, rating_tally
from cemkit.tables.violations import Violation
from cemkit.tables.wide_survey import WideSurvey

__all__ = [
    "Bound",
    "Calibration",
    "Contract",
    "Design",
    "ExperienceStore",
    "RatingTally",
    "Spell",
    "Violation",
    "WideSurvey",
    "bind",
    "check_table",
    "columns_of",
    "contract_of",
    "guess_mapping",
    "keep",
    "levels_of",
    "load",
    "open_store",
    "rating_tally",
    "row_count",
    "save_store",
    "text_columns",
    "time_span",
]
