"""The survey of the oracles on every engine."""

from __future__ import annotations

import pytest
from engines import Engine
from oracles import survey

from cemkit.tables import Bound, bind


@pytest.fixture(scope="session")
def bound(engine: Engine) -> Bound:
    """Return the survey, bound on the engine."""
    return bind(engine(survey()))
