"""Frames of any engine: binding, designs, counting, contracts, the store. The only importer of narwhals."""

from cemkit.tables.binding import Bound, bind
from cemkit.tables.design import Calibration, Design
from cemkit.tables.tally import RatingTally, rating_tally

__all__ = ["Bound", "Calibration", "Design", "RatingTally", "bind", "rating_tally"]
