"""What every test may ask for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines import LOCAL, Engine, constructor, engine_params, spark_session
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--replicates",
        type=int,
        default=None,
        metavar="N",
        help="replicates of every simulation, instead of each test's own number",
    )
    parser.addoption(
        "--record",
        default=None,
        metavar="FILE",
        help="append the coverage of every simulated world to FILE, a JSON object per line",
    )


@pytest.fixture(scope="session")
def replicates(pytestconfig: pytest.Config) -> Callable[[int], int]:
    """Return a function from a test's own number of replicates to the number to run."""
    given = pytestconfig.getoption("--replicates")
    if given is None and "CEMKIT_REPLICATES" in os.environ:
        given = int(os.environ["CEMKIT_REPLICATES"])

    def number(default: int) -> int:
        return default if given is None else given

    return number


@pytest.fixture(scope="session")
def covers(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Return a check that intervals hold the truth as often as they say, which `--record FILE` writes down.

    ``held`` has a row per replicate and, if several truths were asked for, a column for each: whether the interval held
    it, or the share of like intervals that did. ``slack`` is how far the coverage may lie (below, above) the level:
    without it .02 from 1,000 replicates on, and four standard errors of the simulation with fewer.
    """

    def check(
        held: Any, *, estimator: str, world: str, slack: tuple[float, float] | None = None, level: float = 0.95
    ) -> None:
        runs = len(held)
        share = np.asarray(held, dtype=float).reshape(runs, -1).mean(axis=0)
        if record := pytestconfig.getoption("--record"):
            line = {"estimator": estimator, "world": world, "level": level, "replicates": runs}
            with Path(record).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line | {"coverage": share.round(4).tolist()}) + "\n")
        usual = 0.02 if runs >= 1000 else 4 * np.sqrt(level * (1 - level) / runs)
        below, above = slack or (usual, usual)
        assert share.min() >= level - below, share
        assert share.max() <= level + above, share

    return check


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real surveys, which stands beside the repository and is no part of it."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("CEMKIT_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no shared data: {folder} is not a folder (CEMKIT_SHARED_DATA names another)")
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Return the one Spark session of the run."""
    session = spark_session()
    yield session
    session.stop()


@pytest.fixture(scope="session", params=engine_params())
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return a function from columns to a table, once for every engine (Spark and Dask are marked)."""
    return constructor(request.param, request)


@pytest.fixture(scope="session", params=engine_params(LOCAL))
def local_engine(request: pytest.FixtureRequest) -> Engine:
    """Return a function from columns to a table, once for every engine that needs no session of its own."""
    return constructor(request.param, request)
