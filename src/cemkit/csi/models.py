"""Path models: which items measure which construct, and which construct leads to which; the two national indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from cemkit.errors import CemkitError
from cemkit.statistics.path_graph import check_model

__all__ = ["ACSI", "ECSI", "PathModel"]


@dataclass(frozen=True)
class PathModel:
    """Constructs with their items, and the paths between them.

    Parameters
    ----------
    constructs
        ``{name: [items]}``.
    paths
        ``[(from, to), ...]``, without cycles.
    modes
        ``"A"`` (each item reflects the construct, the default) or ``"B"`` (the items make it up), by construct.

    Raises
    ------
    CemkitError
        If the paths have a cycle or name an unknown construct, a construct has no items or no path, or an item is in
        two constructs.

    Examples
    --------
    >>> from cemkit.csi import PathModel
    >>> PathModel({"quality": ["q1", "q2"], "satisfaction": ["s1"]}, [("quality", "satisfaction")]).items
    ('q1', 'q2', 's1')
    """

    constructs: Mapping[str, Sequence[str]]
    paths: Sequence[tuple[str, str]]
    modes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.constructs, Mapping) or not isinstance(self.modes, Mapping):
            msg = f"constructs and modes must be {{name: ...}}, got {self.constructs!r} and {self.modes!r}"
            raise CemkitError(msg)
        odd = next((path for path in self.paths if isinstance(path, str) or len(path) != 2), None)
        if odd is not None:
            msg = f"paths must be pairs (from, to), got {odd!r}"
            raise CemkitError(msg)
        check_model(self.constructs, [(start, end) for start, end in self.paths], modes=self.modes)
        constructs = {name: tuple(items) for name, items in self.constructs.items()}
        object.__setattr__(self, "constructs", MappingProxyType(constructs))
        object.__setattr__(self, "paths", tuple((start, end) for start, end in self.paths))
        object.__setattr__(self, "modes", MappingProxyType({name: self.modes.get(name, "A") for name in constructs}))

    # MappingProxyType neither pickles nor hashes.
    def __getstate__(self) -> dict[str, Any]:
        return {"constructs": dict(self.constructs), "paths": self.paths, "modes": dict(self.modes)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, MappingProxyType(value) if isinstance(value, dict) else value)

    def __hash__(self) -> int:
        return hash((tuple(self.constructs.items()), tuple(self.paths), tuple(self.modes.items())))

    @property
    def names(self) -> tuple[str, ...]:
        """The constructs."""
        return tuple(self.constructs)

    @property
    def items(self) -> tuple[str, ...]:
        """The items, construct by construct."""
        return tuple(item for items in self.constructs.values() for item in items)

    @property
    def block(self) -> npt.NDArray[np.intp]:
        """The construct of each item, by number."""
        return np.repeat(np.arange(len(self.constructs)), [len(items) for items in self.constructs.values()])

    @property
    def arrows(self) -> npt.NDArray[np.bool_]:
        """Whether a path leads from the row's construct to the column's."""
        place = {name: j for j, name in enumerate(self.constructs)}
        found = np.zeros((len(place), len(place)), dtype=bool)
        for start, end in self.paths:
            found[place[start], place[end]] = True
        return found


def ECSI(  # noqa: N802
    *,
    image: Sequence[str],
    expectation: Sequence[str],
    quality: Sequence[str],
    value: Sequence[str],
    satisfaction: Sequence[str],
    loyalty: Sequence[str],
    complaints: Sequence[str] | None = None,
) -> PathModel:
    """Return the model of the European index (Tenenhaus et al. 2005) with your items; complaints may be left out.

    Parameters
    ----------
    image, expectation, quality, value, satisfaction, loyalty : list of str
        The columns of each construct's items.
    complaints : list of str, optional
        Those of complaints, between satisfaction and loyalty.

    Returns
    -------
    PathModel
        For :func:`cemkit.csi.path_model`.

    Raises
    ------
    CemkitError
        If a construct has no item, or an item is in two.

    Examples
    --------
    >>> from cemkit.csi import ECSI
    >>> model = ECSI(image=["i"], expectation=["e"], quality=["q"], value=["v"], satisfaction=["s"], loyalty=["l"])
    >>> len(model.paths)
    10
    """
    paths = [("image", "expectation"), ("image", "satisfaction"), ("image", "loyalty"), *_CORE]
    return _ready({"image": image}, expectation, quality, value, satisfaction, complaints, loyalty, paths)


def ACSI(  # noqa: N802
    *,
    expectation: Sequence[str],
    quality: Sequence[str],
    value: Sequence[str],
    satisfaction: Sequence[str],
    loyalty: Sequence[str],
    complaints: Sequence[str] | None = None,
) -> PathModel:
    """Return the model of the American index (Fornell et al. 1996) with your items; complaints may be left out.

    Parameters
    ----------
    expectation, quality, value, satisfaction, loyalty : list of str
        The columns of each construct's items.
    complaints : list of str, optional
        Those of complaints, between satisfaction and loyalty.

    Returns
    -------
    PathModel
        For :func:`cemkit.csi.path_model`.

    Raises
    ------
    CemkitError
        If a construct has no item, or an item is in two.

    Examples
    --------
    >>> from cemkit.csi import ACSI
    >>> ACSI(expectation=["e"], quality=["q"], value=["v"], satisfaction=["s"], loyalty=["l"]).names
    ('expectation', 'quality', 'value', 'satisfaction', 'loyalty')
    """
    return _ready({}, expectation, quality, value, satisfaction, complaints, loyalty, list(_CORE))


_CORE = (
    ("expectation", "quality"),
    ("expectation", "value"),
    ("expectation", "satisfaction"),
    ("quality", "value"),
    ("quality", "satisfaction"),
    ("value", "satisfaction"),
    ("satisfaction", "loyalty"),
)


def _ready(
    first: dict[str, Sequence[str]],
    expectation: Sequence[str],
    quality: Sequence[str],
    value: Sequence[str],
    satisfaction: Sequence[str],
    complaints: Sequence[str] | None,
    loyalty: Sequence[str],
    paths: list[tuple[str, str]],
) -> PathModel:
    constructs = {
        **first,
        "expectation": expectation,
        "quality": quality,
        "value": value,
        "satisfaction": satisfaction,
        **({} if complaints is None else {"complaints": complaints}),
        "loyalty": loyalty,
    }
    if complaints is not None:
        paths = [*paths, ("satisfaction", "complaints"), ("complaints", "loyalty")]
    return PathModel(constructs, paths)
