"""What the columns of the wide survey are: expected, perceived, their importance, and the outcome they may drive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.scales import Scale
from cemkit.tables.mapping_values import allow, read_names, read_scale, read_text, section

__all__ = ["WideSurvey", "read_wide_survey"]


@dataclass(frozen=True)
class WideSurvey:
    """Which columns of a study's ``answers`` ask about the same items, and what they may drive.

    Parameters
    ----------
    perceived
        Columns of what customers perceived, an item each.
    expected
        Columns of what they expected, matching ``perceived`` one to one; none where it was not asked.
    importance
        Columns of stated importance, matching ``perceived`` one to one; none where it was not asked.
    names
        Names of the items; by default the columns of ``perceived``.
    dimensions
        ``{name: [items]}``, the items by their names.
    outcome
        Column of overall satisfaction, or another number that the items may drive.
    scale
        The scale of all items; the outcome may have another one.

    Raises
    ------
    CemkitError
        If lists do not match, a column is named twice, or an item is unknown or in two dimensions.

    Examples
    --------
    >>> WideSurvey(perceived=["p1", "p2"], expected=["e1", "e2"], names=["speed", "staff"], outcome="overall").label("p2")
    'staff'
    """

    perceived: Sequence[str]
    expected: Sequence[str] = ()
    importance: Sequence[str] = ()
    names: Sequence[str] = ()
    dimensions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outcome: str | None = None
    scale: Scale | None = None

    def __post_init__(self) -> None:
        for part in ("perceived", "expected", "importance", "names"):
            object.__setattr__(self, part, read_names(getattr(self, part), f"{part} of the wide survey"))
        if not self.perceived:
            msg = "perceived of the wide survey must name at least one column of answers"
            raise CemkitError(msg)
        for part in ("expected", "importance", "names"):
            given = getattr(self, part)
            if given and len(given) != len(self.perceived):
                msg = (
                    f"{part} and perceived of the wide survey must match one to one: {len(given)} against "
                    f"{len(self.perceived)}"
                )
                raise CemkitError(msg)
        object.__setattr__(self, "names", self.names or self.perceived)
        columns, names = self.columns, self.names
        twice = next((name for i, name in enumerate(columns) if name in columns[:i]), None)
        if twice is not None:
            msg = f"the wide survey names the column {twice!r} twice: a column is one thing only"
            raise CemkitError(msg)
        again = next((name for i, name in enumerate(names) if name in names[:i]), None)
        if again is not None:
            msg = f"two items of the wide survey have the name {again!r}: give each its own"
            raise CemkitError(msg)
        if self.scale is not None and not isinstance(self.scale, Scale):
            msg = f"scale of the wide survey must be a cemkit.Scale, got {type(self.scale).__name__}"
            raise CemkitError(msg)
        object.__setattr__(self, "dimensions", self._dimensions())

    def _dimensions(self) -> Mapping[str, tuple[str, ...]]:
        if not isinstance(self.dimensions, Mapping):
            msg = f"dimensions of the wide survey must be {{name: [items]}}, got {type(self.dimensions).__name__}"
            raise CemkitError(msg)
        found = {k: read_names(v, f"dimension {k!r} of the wide survey") for k, v in self.dimensions.items()}
        home: dict[str, str] = {}
        for dimension, items in found.items():
            for item in items:
                if item not in self.names:
                    msg = f"dimension {dimension!r} of the wide survey has an unknown item {item!r}.{did_you_mean(item, self.names)}"
                    raise CemkitError(msg)
                if item in home:
                    msg = f"item {item!r} of the wide survey is in the dimensions {home[item]!r} and {dimension!r}: put it in one"
                    raise CemkitError(msg)
                home[item] = dimension
        return MappingProxyType(found)

    # MappingProxyType neither pickles nor hashes.
    def __getstate__(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"dimensions": dict(self.dimensions)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value) if name == "dimensions" else value)

    def __hash__(self) -> int:
        return hash((self.perceived, self.expected, self.importance, self.names, self.outcome))

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it names."""
        outcome = () if self.outcome is None else (self.outcome,)
        return (*self.perceived, *self.expected, *self.importance, *outcome)

    def label(self, column: str) -> str:
        """Return the name of the item that a column of ``perceived`` asks about."""
        return self.names[self.perceived.index(column)]

    def require(self, columns: Iterable[str]) -> None:
        """Raise where a column that it names is not among those of the answers."""
        there = tuple(columns)
        for name in self.columns:
            if name not in there:
                msg = f"the wide survey names the column {name!r}, which answers does not have.{did_you_mean(name, there)}"
                raise ColumnError(msg)


def read_wide_survey(content: Mapping[str, Any], where: str) -> WideSurvey:
    """Return what a section of the mapping says of the wide survey."""
    lists = ("perceived", "expected", "importance", "names")
    allow(content, (*lists, "dimensions", "outcome", "scale"), where)
    if "perceived" not in content:
        msg = f"{where} needs perceived = [...], the columns of what customers perceived"
        raise CemkitError(msg)
    given: dict[str, Any] = {name: read_names(content[name], f"{where} {name}") for name in lists if name in content}
    given["dimensions"] = dict(section(content, "dimensions", where))
    if "outcome" in content:
        given["outcome"] = read_text(content["outcome"], f"{where} outcome")
    if "scale" in content:
        given["scale"] = read_scale(content["scale"], f"{where} scale")[0]
    try:
        return WideSurvey(**given)
    except CemkitError as error:
        msg = f"{where}: {error}"
        raise CemkitError(msg) from None
