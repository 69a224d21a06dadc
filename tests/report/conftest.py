"""Small studies to report on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit.simulate import telecom
from cemkit.tables import ExperienceStore

EVIL = "<script>alert('x')</script>\"&"


@pytest.fixture(scope="package")
def simulated():
    store, _ = telecom(customers=600, months=9, seed=3)
    return store


@pytest.fixture(scope="package")
def waves():
    """Two waves of answers, in which the segment with the evil name rises."""
    draw = np.random.default_rng(7)
    size = 400
    wave = np.repeat(["2024", "2025"], size // 2)
    segment = np.where(draw.random(size) < 0.4, EVIL, "calm")
    lift = 2 * ((wave == "2025") & (segment == EVIL))
    score = np.clip(np.round(7 + lift + draw.normal(0, 2, size)), 0, 10)
    frame = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(size)], "score": score, "wave": wave, "segment": segment}
    )
    return ExperienceStore(responses=frame)


@pytest.fixture
def plain():
    return ExperienceStore(responses=pd.DataFrame({"score": [10.0, 9.0, 9.0, 7.0, 3.0, None]}))
