"""Write the report: build the sections, fill the page, and put the file in its place all at once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from cemkit._version import __version__
from cemkit.errors import CemkitError
from cemkit.report.asking import asked_metrics, require_metrics
from cemkit.report.context import SMALL_BASE, Context, fitted
from cemkit.report.drawing import ROLES, require_charts, with_own_names
from cemkit.report.grouping import grouped_answers, grouping_columns
from cemkit.report.methods import describe_method, methods_section
from cemkit.report.section import Section
from cemkit.report.sections import CHAPTERS, SECTIONS
from cemkit.report.summary import summarise
from cemkit.report.texts import texts_for
from cemkit.scores import ScoreMetric, ces, csat, nps
from cemkit.tables import ExperienceStore, load

__all__ = ["Report", "compose", "write"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Report:
    """The parts of a report before it is written.

    Attributes
    ----------
    title
        Of the page.
    sections
        In their order, summary first, methods last.
    left_out
        Title of each section that the study has nothing for, and why.
    context
        What the sections were built from.
    """

    title: str
    sections: tuple[Section, ...]
    left_out: tuple[tuple[str, str], ...]
    context: Context

    @property
    def chapters(self) -> tuple[tuple[str, tuple[Section, ...]], ...]:
        """Title of each chapter (empty for the summary's) and its sections."""
        by_id = {section.id: section for section in self.sections}
        found: list[tuple[str, tuple[Section, ...]]] = [("", (by_id["summary"],))]
        for chapter, names in CHAPTERS:
            held = [by_id[name] for name in names if name in by_id]
            if chapter == CHAPTERS[-1][0]:
                held.append(by_id["methods"])
            if held:
                found.append((self.context.texts(f"chapter.{chapter}"), tuple(held)))
        return tuple(found)

    def to_html(self) -> str:
        """Return the page."""
        from jinja2 import Environment, PackageLoader, StrictUndefined

        pages = Environment(
            loader=PackageLoader("cemkit.report", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        numbers = count(1)
        return pages.get_template("report.html.j2").render(
            report=self,
            t=self.context.texts,
            method=lambda name: describe_method(self.context, name),
            own=lambda svg: with_own_names(svg, f"c{next(numbers)}-"),
            roles=ROLES,
            small_base=SMALL_BASE,
            version=__version__,
        )


def write(
    store: ExperienceStore,
    path: str | Path,
    *,
    metrics: Sequence[ScoreMetric] = (nps, csat, ces),
    language: str = "en",
    title: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
) -> Path:
    """Write the report of a study: one HTML file that opens without a network.

    Parameters
    ----------
    store
        The study.
    path
        The file to write. It appears whole or not at all.
    metrics
        The scores to report; those whose question nobody was asked are left out, but one must be there. A metric
        of one's own is as good as any.
    language
        ``"en"`` or ``"ko"``.
    title
        Title of the page.
    by
        Grouping columns of responses or customers; left out, a sensible few: the customers' segment and region, the design's
        strata, and text columns with few values.
    level
        Level of the intervals.
    progress
        Called with the name of a section, its place and the number of sections before each is built.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    CemkitError
        If an argument is wrong, the scores cannot be computed, or the file cannot be written.
    MissingExtraError
        If the ``report`` extra is not installed.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> from cemkit.tables import ExperienceStore
    >>> answers = pd.DataFrame({"customer_id": ["a", "b", "c"], "score": [10.0, 9.0, 4.0]})
    >>> path = write(ExperienceStore(responses=answers), tempfile.mkdtemp() + "/report.html", title="Three answers")
    >>> "Three answers" in path.read_text(encoding="utf-8")
    True
    """
    target = _target(path)
    report = compose(store, metrics=metrics, language=language, title=title, by=by, level=level, progress=progress)
    return _put(target, report.to_html())


def compose(
    store: ExperienceStore,
    *,
    metrics: Sequence[ScoreMetric] = (nps, csat, ces),
    language: str = "en",
    title: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    progress: Progress | None = None,
) -> Report:
    """Build the parts of the report; the arguments are those of :func:`write`."""
    if not isinstance(store, ExperienceStore):
        msg = f"store must be a cemkit.ExperienceStore (see cemkit.open_store), got {type(store).__name__}"
        raise CemkitError(msg)
    texts = texts_for(language)
    given = require_metrics(metrics)
    if not 0 < level < 1:
        msg = f"level must lie between 0 and 1, such as 0.95, got {level!r}"
        raise CemkitError(msg)
    require_charts()
    store = load(store)
    columns = grouping_columns(store, by)
    answers, setup = grouped_answers(store, columns)
    asked = tuple(fitted(metric, store, texts) for metric in asked_metrics(store, given))
    context = Context(store, asked, answers, setup, columns, level, texts)
    built: list[Section] = []
    left_out: list[tuple[str, str]] = []
    for place, (name, build) in enumerate(SECTIONS):
        if progress is not None:
            progress(texts(f"{name}.title"), place, len(SECTIONS))
        try:
            section = build(context)
        except CemkitError as error:
            if name == "scores":
                raise
            left_out.append((texts(f"{name}.title"), str(error)))
            continue
        if section is None:
            left_out.append((texts(f"{name}.title"), texts(f"without.{name}")))
        else:
            built.append(section)
    places = [name for _, names in CHAPTERS for name in names]
    built.sort(key=lambda section: places.index(section.id))
    sections = (summarise(context, built), *built, methods_section(context, built, left_out))
    return Report(title or texts("title"), sections, tuple(left_out), context)


def _target(path: str | Path) -> Path:
    target = Path(path)
    if target.is_dir():
        msg = f"{target} is a folder: name a file, such as {target / 'report.html'}"
        raise CemkitError(msg)
    if not target.parent.is_dir():
        msg = f"the folder {target.parent} does not exist: make it first, or name another place for {target.name}"
        raise CemkitError(msg)
    return target


def _put(target: Path, page: str) -> Path:
    """Write next to the target, then replace it: nobody sees a partial file."""
    beside: Any = None
    try:
        handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page)
        mask = os.umask(0)
        os.umask(mask)
        Path(beside).chmod(0o666 & ~mask)
        Path(beside).replace(target)
    except OSError as error:
        msg = f"the report cannot be written to {target}: {error.strerror or error}"
        raise CemkitError(msg) from None
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
    return target
