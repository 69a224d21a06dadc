"""Every check of the project: `nox` runs the default ones, `nox -s NAME` another, `nox -l` lists them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.4.15"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests", "doctests"]

ROOT = Path(__file__).parent
GROUPS = nox.project.load_toml("pyproject.toml")["dependency-groups"]
ENGINES = "report,polars,duckdb,pyarrow,segment,spss"
BIGGEST_WHEEL = 1_100_000


def install(session: nox.Session, *groups: str, extras: str = "") -> None:
    """Install the package in place, its extras, and the named dependency groups."""
    requirements = [requirement for group in groups for requirement in GROUPS[group]]
    session.install("-e", f".[{extras}]" if extras else ".", *requirements)


def pytest(session: nox.Session, *arguments: str) -> None:
    session.run("python", "-m", "pytest", *arguments, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format, floors and declared dependencies."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache")
    session.run("deptry", "src")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the sources, strictly."""
    install(session, "types", extras="report,polars,duckdb")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on pandas, Polars, DuckDB and PyArrow."""
    install(session, "test", extras=ENGINES)
    pytest(session, "-n", "logical", "-m", "not slow and not spark and not dask")


@nox.session
def doctests(session: nox.Session) -> None:
    """Run the examples of the docstrings."""
    install(session, "test", extras=ENGINES)
    pytest(session, "--doctest-modules", "src")


@nox.session
def slow(session: nox.Session) -> None:
    """Run the simulations; `nox -s slow -- --replicates 200` makes them shorter."""
    install(session, "test", extras=ENGINES)
    pytest(session, "-n", "logical", "--dist", "worksteal", "-m", "slow and not spark and not dask")


@nox.session
def validation(session: nox.Session) -> None:
    """Write docs/validation.md; with `-- --replicates 1000` all worlds are simulated anew, which takes hours."""
    install(session, "test", extras=ENGINES)
    if session.posargs:
        slow = ("-n", "logical", "--dist", "worksteal", "-m", "slow and not spark and not dask")
        pytest(session, *slow, "--record", "tests/validation/coverage.jsonl")
    session.run("python", "docs/make_validation.py")


@nox.session
def peers(session: nox.Session) -> None:
    """Run churn's tests beside the packages that it is compared with, on the pandas that they want."""
    install(session, "test", "peers", extras="report,pyarrow")
    pytest(session, "tests/churn", "-m", "not slow and not spark and not dask")


@nox.session
def engines(session: nox.Session) -> None:
    """Run what is marked for Spark and Dask."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        session.error("Spark needs Java 17 or newer: install it (Debian: apt-get install default-jre-headless)")
    install(session, "test", extras=f"{ENGINES},spark,dask")
    pytest(session, "-n", "logical", "-m", "(spark or dask) and not slow")


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Run the tests on the lowest versions that pyproject.toml promises; `nox -s lowest -- tests/tables` runs some."""
    session.install("-c", "lowest-requirements.txt", "-e", f".[{ENGINES}]", *GROUPS["test"])
    # Old packages deprecate what new ones have dropped: only here are warnings no errors.
    pytest(session, "-n", "logical", "-W", "default", "-m", "not slow and not spark and not dask")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a broken reference is an error."""
    install(session, "docs", extras="report,polars")
    session.run("sphinx-build", "-n", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session
def notebooks(session: nox.Session) -> None:
    """Execute every notebook from its beginning, into a temporary folder."""
    install(session, "notebooks", extras="report,polars")
    found = sorted(str(path) for path in (ROOT / "notebooks").glob("*.ipynb"))
    if not found:
        session.skip("no notebooks")
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["--execute", "--to", "notebook", "--output-dir", folder]
        session.run("jupyter", "nbconvert", *arguments, *(session.posargs or found))


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Print the ratios of the benchmarks; nothing timed decides anything."""
    install(session, extras="polars,duckdb,pyarrow")
    session.install("psutil")
    found = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "benchmarks").glob("bench_*.py"))
    for script in session.posargs or found:
        session.run("python", script)


@nox.session
def build(session: nox.Session) -> None:
    """Build sdist and wheel, look at their size and metadata, and install the wheel where nothing else is."""
    session.install(*GROUPS["build"])
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder)
        session.run("twine", "check", "--strict", *map(str, Path(folder).iterdir()))
        wheel = next(Path(folder).glob("*.whl"))
        size = wheel.stat().st_size
        if size > BIGGEST_WHEEL:
            session.error(f"the wheel has {size:,} bytes, more than {BIGGEST_WHEEL:,}: what got into it?")
        fresh = Path(folder) / "fresh"
        session.run("python", "-m", "venv", str(fresh))
        python = next(
            str(path) for path in (fresh / "bin" / "python", fresh / "Scripts" / "python.exe") if path.exists()
        )
        session.run(python, "-m", "pip", "install", "--quiet", str(wheel), external=True)
        session.run(python, "-m", "pip", "check", external=True)
        session.chdir(folder)  # so that the wheel is imported, not the folder of the sources
        session.run(python, "-c", "import cemkit; print(cemkit.__version__)", external=True)
