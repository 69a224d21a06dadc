"""Labels from the journey map: the stage, channel and aspect of every experience."""

from __future__ import annotations

from typing import Any, Literal

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.model import JourneyMap
from cemkit.tables.binding import bind
from cemkit.tables.lookups import with_lookups
from cemkit.tables.rows import count_by
from cemkit.typing import Frame

__all__ = ["as_journey_map", "label", "require_known"]


def label(
    experiences: Frame,
    journey_map: JourneyMap,
    *,
    unknown: Literal["error", "keep"] = "error",
    touchpoint: str = "touchpoint_id",
) -> Any:
    """Add the stage, its order, the channel and the aspect of every experience's touchpoint.

    Parameters
    ----------
    experiences : frame
        A row per experience, any engine.
    journey_map : JourneyMap
        The company's map.
    unknown : {"error", "keep"}
        What to do with a touchpoint that is null or not on the map: raise and count them, or keep the row with null labels.
        ``"keep"`` runs no query, so that a lazy frame stays wholly lazy.
    touchpoint : str
        Column of the touchpoint's key.

    Returns
    -------
    frame
        The table as it was, of the same kind, with ``stage, order, channel, aspect``. A ``channel`` column that is already
        there says where the experience happened, and is left alone; without one it is the touchpoint's usual channel.

    Raises
    ------
    CemkitError
        If the touchpoint column is absent, a touchpoint is unknown, or the table already has ``stage``, ``order`` or ``aspect``.

    Notes
    -----
    Every row is labelled by its own touchpoint alone, so labels do not depend on the order of the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> from cemkit.model import JourneyMap, Touchpoint
    >>> shop = Touchpoint(touchpoint_id="shop", name="Shop visit", stage="visit", channel="store")
    >>> rows = pd.DataFrame({"customer_id": ["a"], "touchpoint_id": ["shop"]})
    >>> stages.label(rows, JourneyMap(name="retail", touchpoints=[shop]))[["stage", "order", "channel"]].values.tolist()
    [['visit', 2, 'store']]
    """
    places = as_journey_map(journey_map)
    if unknown not in ("error", "keep"):
        msg = f"unknown must be 'error' or 'keep', got {unknown!r}"
        raise CemkitError(msg)
    bound = bind(experiences, what="experiences")
    key = bound.require_key(touchpoint, "touchpoint")
    there = [name for name in ("stage", "order", "aspect") if name in bound.schema]
    if there:
        msg = (
            f"experiences already has the column{'s' if len(there) > 1 else ''} {', '.join(map(repr, there))}, which label() "
            "adds: drop or rename it first"
        )
        raise ColumnError(msg)
    if unknown == "error":
        require_known(count_by(bound, [key]), places, key)
    order = {stage.name: stage.order for stage in places.stages}
    points = places.touchpoints
    lookups: dict[str, dict[str, str | int | None]] = {
        "stage": {p.touchpoint_id: p.stage for p in points},
        "order": {p.touchpoint_id: order[p.stage] for p in points},
        "channel": {p.touchpoint_id: p.channel for p in points},
        "aspect": {p.touchpoint_id: p.aspect for p in points},
    }
    if "channel" in bound.schema:
        del lookups["channel"]
    return with_lookups(experiences, key, lookups)


def as_journey_map(journey_map: object) -> JourneyMap:
    """Return the map, or raise where something else was given or it has no touchpoint."""
    if not isinstance(journey_map, JourneyMap):
        msg = (
            f"journey_map must be a cemkit.model.JourneyMap, got {type(journey_map).__name__}: build one from its stages and "
            "touchpoints, or take store.journey_map"
        )
        raise CemkitError(msg)
    if not journey_map.touchpoints:
        msg = f"the journey map {journey_map.name!r} has no touchpoints, so nothing can be labelled: add them first"
        raise CemkitError(msg)
    return journey_map


def require_known(counts: Any, places: JourneyMap, key: str) -> None:
    """Raise with counts and first values where a touchpoint is null or not on the map."""
    known = {point.touchpoint_id for point in places.touchpoints}
    strange = {value: n for (value,), n in counts.items() if value is None or str(value) not in known}
    if not strange:
        return
    named = {str(value): n for value, n in strange.items() if value is not None}
    shown = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:5]
    parts = []
    if named:
        listed = ", ".join(f"{name!r} ({n:,} rows)" for name, n in shown) + (", ..." if len(named) > len(shown) else "")
        parts.append(f"{sum(named.values()):,} rows name {len(named):,} touchpoint(s) that are not on it: {listed}")
    if None in strange:
        parts.append(
            f"{strange[None]:,} rows have a null (pandas reads the text 'NA' as null unless told keep_default_na=False)"
        )
    msg = (
        f"{key!r} does not agree with the journey map {places.name!r}: {'; '.join(parts)}; complete the map or the rows, or "
        "say unknown='keep' to leave their labels null"
    )
    raise ContractError(msg)
