"""Write a study to a folder: a Parquet file for each table, and the mapping with design, map, scales and survey."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cemkit.errors import CemkitError, MissingExtraError
from cemkit.scales import Scale
from cemkit.tables.binding import bind
from cemkit.tables.store import ExperienceStore
from cemkit.tables.wide_survey import WideSurvey

__all__ = ["save_store"]


def save_store(store: ExperienceStore, folder: str | Path) -> Path:
    """Write the tables of a study as Parquet, and what else is known of it as ``cemkit.toml``; ``open_store`` reads it back.

    Parameters
    ----------
    store
        The study.
    folder
        Where to; it is made where it does not exist, and files of the same names are replaced.

    Raises
    ------
    CemkitError
        If the folder cannot be written, or is a file.
    MissingExtraError
        If DuckDB is not installed.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> from cemkit.tables import ExperienceStore, open_store
    >>> study = ExperienceStore(responses=pd.DataFrame({"customer_id": ["a", "b"], "score": [9.0, 3.0]}))
    >>> open_store(save_store(study, tempfile.mkdtemp())).tables
    ('responses',)
    """
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError("duckdb", "duckdb", "writing a study as Parquet") from None
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name in store.tables:
            target = place / f"{name}.parquet"
            frame = store.table(name)
            if bind(frame).engine == "duckdb":
                frame.write_parquet(str(target))
            else:
                with duckdb.connect() as connection:
                    connection.register("study_table", _plain(frame))
                    connection.table("study_table").write_parquet(str(target))
        (place / "cemkit.toml").write_text(_mapping(store), encoding="utf-8")
    except (OSError, duckdb.Error) as error:
        msg = f"the study cannot be written to {place}: {str(error).splitlines()[0]}"
        raise CemkitError(msg) from None
    return place


def _plain(frame: Any) -> Any:
    """Return an Arrow table where the engine has one, else the frame itself, which DuckDB reads (pandas)."""
    bound = bind(frame)
    if bound.engine == "pandas":
        return bound.native
    eager = bound.frame.collect() if hasattr(bound.frame, "collect") else bound.frame
    return eager.to_arrow()


def _mapping(store: ExperienceStore) -> str:
    parts = [f"groups = [{', '.join(map(_quoted, store.groups))}]"] if store.groups else []
    if store.design is not None:
        design = store.design
        named = {
            "weights": design.weights,
            "strata": design.strata,
            "cluster": design.cluster,
            "population": design.population,
        }
        lines = [f"{key} = {_quoted(value)}" for key, value in named.items() if value is not None]
        if lines:
            parts.append("\n".join(["[design]", *lines]))
    if store.has("journey_map"):
        journey_map = store.journey_map
        stages = ", ".join(_quoted(stage.name) for stage in sorted(journey_map.stages, key=lambda s: s.order))
        parts.append(f"[journey_map]\nname = {_quoted(journey_map.name)}\nstages = [{stages}]")
        for point in journey_map.touchpoints:
            known = {"name": point.name, "stage": point.stage, "channel": point.channel, "aspect": point.aspect}
            lines = [f"{key} = {_quoted(value)}" for key, value in known.items() if value is not None]
            parts.append("\n".join([f"[journey_map.touchpoints.{_quoted(point.touchpoint_id)}]", *lines]))
    scales = store.scales
    if "experiences" in scales and "experiences" in store.tables:
        parts.append(_table("experiences", {}) + "\n" + _scale("experiences.scale", scales["experiences"]))
    asked = {question: scale for question, scale in scales.items() if question != "experiences"}
    if asked and "responses" in store.tables:
        sections = [_scale(f"responses.scales.{_quoted(question)}", scale) for question, scale in asked.items()]
        parts.append("\n\n".join([_table("responses", {}), *sections]))
    if store.survey is not None:
        parts.append(_survey(store.survey))
    return "\n\n".join(parts) + "\n" if parts else ""


def _survey(survey: WideSurvey) -> str:
    lists = {name: getattr(survey, name) for name in ("perceived", "expected", "importance", "names")}
    lines = [_table("answers", {}), "", "[answers.survey]"]
    lines += [f"{key} = [{', '.join(map(_quoted, names))}]" for key, names in lists.items() if names]
    if survey.outcome is not None:
        lines.append(f"outcome = {_quoted(survey.outcome)}")
    if survey.dimensions:
        lines += ["", "[answers.survey.dimensions]"]
        lines += [f"{_quoted(k)} = [{', '.join(map(_quoted, items))}]" for k, items in survey.dimensions.items()]
    if survey.scale is not None:
        lines += ["", _scale("answers.survey.scale", survey.scale)]
    return "\n".join(lines)


def _table(name: str, more: Mapping[str, str]) -> str:
    lines = [f"[{name}]", f'file = "{name}.parquet"', *(f"{key} = {value}" for key, value in more.items())]
    return "\n".join(lines)


def _scale(name: str, scale: Scale) -> str:
    lines = [f"[{name}]", f"low = {scale.low:g}", f"high = {scale.high:g}", f"direction = {_quoted(scale.direction)}"]
    if scale.step is not None:
        lines.append(f"step = {scale.step:g}")
    if scale.missing_codes:
        lines.append(f"missing_codes = [{', '.join(f'{code:g}' for code in scale.missing_codes)}]")
    if scale.bands:
        bands = ", ".join(f"{_quoted(band)} = [{low:g}, {high:g}]" for band, (low, high) in scale.bands.items())
        lines.append(f"bands = {{ {bands} }}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are a part of TOML's."""
    return json.dumps(str(text), ensure_ascii=False)
