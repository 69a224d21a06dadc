"""Frames of any engine: binding, designs, counting, contracts, the store. The only importer of narwhals."""

from cemkit.tables.checks import check_table
from cemkit.tables.contracts import Contract, contract_of
from cemkit.tables.guess import guess_mapping
from cemkit.tables.readers import open_store
from cemkit.tables.store import ExperienceStore
from cemkit.tables.violations import Violation

__all__ = ["Contract", "ExperienceStore", "Violation", "check_table", "contract_of", "guess_mapping", "open_store"]
