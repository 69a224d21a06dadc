"""What a value of somebody else's is: the numbers that this library is held against."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Reference:
    """One number of another program, a paper or hand arithmetic, and the call that must give the same."""

    estimator: str
    what: str
    source: str
    value: float
    ours: Callable[[], float]
    tolerance: float = 1e-8
    """Relative to the value; absolute where the value is zero."""
    note: str = ""
    """Why the tolerance is no smaller, or where we differ on purpose."""

    def holds(self, ours: float) -> bool:
        return abs(ours - self.value) <= self.tolerance * (abs(self.value) or 1.0)


def shared_data() -> Path:
    """Return the folder of real data that stands beside the repository; skip where it is absent."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("CEMKIT_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("needs the shared data, which are no part of the repository")
    return folder
