"""The commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from cemkit._version import __version__
from cemkit.errors import CemkitError
from cemkit.tables import ExperienceStore, guess_mapping, open_store, save_store

__all__ = ["app"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Customer experience metrics with honest uncertainty.",
)
BROKEN = 1


class Language(StrEnum):
    """Languages of the report."""

    en = "en"
    ko = "ko"


StudyPath = Annotated[Path, typer.Argument(help="A folder of Parquet or CSV files, a DuckDB database, or one file.")]
MapFile = Annotated[
    Path | None, typer.Option("--map", help="Mapping file; left out, cemkit.toml in the folder, if there is one.")
]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the report.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"cemkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: FBT002 (how typer declares a flag)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def demo(
    customers: Annotated[int, typer.Option(help="Number of simulated customers.")] = 20_000,
    folder: Annotated[Path, typer.Option(help="Where the study and its report are written.")] = Path("cemkit-demo"),
    lang: Lang = Language.en,
) -> None:
    """Simulate a telecom company, write it as Parquet, and report on it."""
    from cemkit.report.drawing import require_charts
    from cemkit.simulate import telecom

    require_charts()
    with _progress() as progress:
        task = progress.add_task(f"Simulating {customers:,} customers", total=None)
        store, _ = telecom(customers=customers)
        progress.update(task, description=f"Writing the study to {escape(str(folder))}")
        save_store(store, folder)
        progress.remove_task(task)
        path = _report(progress, open_store(folder), folder / "report.html", None, lang, None)
    typer.echo(f"Study: {folder.resolve()}")
    typer.echo(f"Report: {path.resolve()}")


@app.command()
def report(
    path: StudyPath,
    mapping: MapFile = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("cemkit-report.html"),
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    lang: Lang = Language.en,
    by: Annotated[list[str] | None, typer.Option(help="Grouping column; may be given several times.")] = None,
) -> None:
    """Write the report of a study: one HTML file that opens without a network."""
    with _progress() as progress:
        task = progress.add_task("Opening the study", total=None)
        store = open_store(path, mapping)
        progress.remove_task(task)
        written = _report(progress, store, output, title, lang, by)
    typer.echo(f"Report: {written.resolve()}")


@app.command()
def check(path: StudyPath, mapping: MapFile = None) -> None:
    """Check the tables of a study against their contracts; exit 1 where one is broken."""
    with _progress() as progress:
        progress.add_task("Checking the study", total=None)
        found = open_store(path, mapping).check()
    typer.echo(str(found))
    if not found.ok:
        raise typer.Exit(BROKEN)


@app.command()
def init(
    path: StudyPath,
    force: Annotated[bool, typer.Option("--force", help="Replace a cemkit.toml that is there already.")] = False,  # noqa: FBT002 (how typer declares a flag)
) -> None:
    """Guess how foreign files become the tables of a study, write cemkit.toml, and say what was guessed."""
    target = (path if path.is_dir() else path.parent) / "cemkit.toml"
    if target.exists() and not force:
        raise CemkitError(f"{target} is there already: use --force to replace it")
    with _progress() as progress:
        progress.add_task("Looking at the files", total=None)
        guess = guess_mapping(path)
    for note in guess.notes:
        typer.echo(note)
    if not guess.text:
        return
    target.write_text(guess.text, encoding="utf-8")
    typer.echo(f"Written: {target.resolve()} (a guess: read it before you trust it)")


def _report(
    progress: Progress, store: ExperienceStore, path: Path, title: str | None, lang: Language, by: list[str] | None
) -> Path:
    from cemkit.report import write

    task = progress.add_task("Writing the report", total=None)

    def step(name: str, place: int, of: int) -> None:
        progress.update(task, description=escape(name), completed=place, total=of)

    return write(store, path, title=title, language=lang.value, by=by or None, progress=step)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show progress on stderr, on a terminal only, and take it away at the end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield progress
