"""Single values of a mapping: names, codes, scales and designs, each checked with the place it stands in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from cemkit.errors import CemkitError, did_you_mean
from cemkit.scales import CES_7, CSAT_5, CSAT_7, LIKERT_5, LIKERT_7, NPS_SCALE, PERCENT, Scale
from cemkit.tables.design import Design

__all__ = [
    "Code",
    "allow",
    "read_codes",
    "read_design",
    "read_names",
    "read_scale",
    "read_text",
    "section",
    "with_codes",
]

Code: TypeAlias = int | float | str
"""A code that means 'no answer': a number, or the text that stands for it."""

_READY: Mapping[str, Scale] = MappingProxyType(
    {
        "nps": NPS_SCALE,
        "csat": CSAT_5,
        "csat5": CSAT_5,
        "csat7": CSAT_7,
        "ces": CES_7,
        "likert5": LIKERT_5,
        "likert7": LIKERT_7,
        "percent": PERCENT,
    }
)


def allow(content: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raise at a key that the place does not have."""
    names = tuple(known)
    for key in content:
        if key not in names:
            msg = f"{where} has an unknown key {key!r}.{did_you_mean(key, names)} It may have: {', '.join(names)}"
            raise CemkitError(msg)


def section(content: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    """Return a nested section, empty where it is absent."""
    found = content.get(key, {})
    if not isinstance(found, Mapping):
        msg = f"{where}: {key} must be a section of its own, got {type(found).__name__} {found!r}"
        raise CemkitError(msg)
    return found


def read_text(value: Any, where: str) -> str:
    """Return a non-empty text."""
    if not isinstance(value, str) or not value:
        msg = f"{where} must be a text in quotes, got {value!r}"
        raise CemkitError(msg)
    return value


def read_names(value: Any, where: str) -> tuple[str, ...]:
    """Return a list of names."""
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) and v for v in value):
        msg = f"{where} must be a list of names, got {value!r}"
        raise CemkitError(msg)
    return tuple(value)


def read_codes(value: Any, where: str) -> tuple[Code, ...]:
    """Return a list of codes."""
    codes = value if isinstance(value, list | tuple) else [value]
    for code in codes:
        if isinstance(code, bool) or not isinstance(code, int | float | str):
            msg = f"{where} must be a list of numbers or texts, got {value!r}"
            raise CemkitError(msg)
    return tuple(codes)


def read_design(content: Mapping[str, Any], where: str) -> Design:
    """Return the design that a section names."""
    allow(content, ("weights", "strata", "cluster", "population", "variance", "replicates"), where)
    values = dict(content)
    if "replicates" in values:
        values["replicates"] = read_names(values["replicates"], f"{where} replicates")
    try:
        return Design(**values)
    except CemkitError as error:
        msg = f"{where}: {error}"
        raise CemkitError(msg) from None


def read_scale(
    value: Any, where: str, *, question: str | None = None, optional: bool = False
) -> tuple[Scale | None, tuple[Code, ...]]:
    """Return a scale and its missing codes (numbers and texts).

    ``value`` is the name of a ready scale, or a section; a section without name, low and high takes the ready scale of
    its question. With ``optional`` a question without a ready scale has none.
    """
    content: Mapping[str, Any] = {"name": value} if isinstance(value, str) else value
    if not isinstance(content, Mapping):
        msg = f"{where} must be the name of a scale or a section, got {value!r}"
        raise CemkitError(msg)
    allow(content, ("name", "low", "high", "bands", "direction", "step", "missing_codes"), where)
    codes = read_codes(content["missing_codes"], f"{where} missing_codes") if "missing_codes" in content else ()
    own: dict[str, Any] = {k: v for k, v in content.items() if k in ("low", "high", "bands", "direction", "step")}
    name = content.get("name")
    if name is None and question is not None and question in _READY:
        ready = _READY[question]
        if (own.get("low", ready.low), own.get("high", ready.high)) == (ready.low, ready.high):
            name = question
    if name is not None:
        if name not in _READY:
            msg = f"{where}: no scale is called {name!r}.{did_you_mean(name, _READY)} There are {', '.join(_READY)}"
            raise CemkitError(msg)
        base = {f.name: getattr(_READY[name], f.name) for f in dataclasses.fields(Scale)}
        ends = (own.get("low", base["low"]), own.get("high", base["high"]))
        if ends != (base["low"], base["high"]) and "bands" not in own:
            base["bands"] = None
        own = {**base, **own}
    elif "low" not in own or "high" not in own:
        if optional:
            return None, codes
        msg = f"{where} needs a name ({', '.join(_READY)}), or low and high"
        raise CemkitError(msg)
    if own.get("step") == 0:
        own["step"] = None
    try:
        scale = Scale(**own)
    except (CemkitError, TypeError, ValueError) as error:
        msg = f"{where}: {error}"
        raise CemkitError(msg) from None
    return with_codes(scale, codes, where), codes


def with_codes(scale: Scale, codes: Iterable[Code], where: str) -> Scale:
    """Return the scale with the codes that are numbers as its missing codes."""
    try:
        return dataclasses.replace(scale, missing_codes=tuple(c for c in codes if not isinstance(c, str)))
    except CemkitError as error:
        msg = f"{where}: {error}"
        raise CemkitError(msg) from None
