"""Which columns stand against each other, and the columns that are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cemkit.csi.quantities import bounds_of, column_list, item_values
from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.tables.binding import Bound
from cemkit.tables.row_means import with_differences, with_flags, with_numbers, with_partners, with_row_means
from cemkit.tables.widen import widen

__all__ = ["RESPONDENT", "Block", "Plan", "matched", "plan_gap", "wide_answers"]

RESPONDENT = "customer_id"


@dataclass(frozen=True)
class Block:
    """Items taken together: an item by itself, a dimension, or all; ``key`` names its columns."""

    key: str
    name: Any
    places: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """The table with its new columns.

    Per item i: ``_gap_e{i}, _gap_p{i}`` answers, ``_gap_d{i}`` perceived − expected. Per block: ``{key}_d, {key}_e,
    {key}_p`` means over the items answered on both sides, ``{key}_f`` whether the gap is worse than zero, ``{key}_s``
    the mean of what was perceived, ``{key}_w`` the gap weighted by importance.
    """

    bound: Bound
    names: tuple[Any, ...]
    expected: tuple[str, ...]
    perceived: tuple[str, ...]
    items: tuple[Block, ...]
    dimensions: tuple[Block, ...]
    overall: Block
    low: float
    high: float
    weighted: bool
    importance: tuple[Any, ...] | None
    notes: tuple[Assumption, ...] = field(default=())

    def dimension_of(self, place: int) -> Any:
        """Return the dimension of an item, None without one."""
        return next((block.name for block in self.dimensions if place in block.places), None)

    def differences(self, block: Block) -> list[str]:
        """Return the columns of differences of a block."""
        return [f"_gap_d{i}" for i in block.places]


def matched(
    expected: Any, perceived: Any, names: Sequence[Any] | None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Any, ...]]:
    """Return the two lists of columns and the names of the items, or raise where they do not match."""
    left, right = column_list(expected, "expected"), column_list(perceived, "perceived")
    if len(left) != len(right):
        msg = f"expected names {len(left)} columns and perceived {len(right)}: they must match one to one, in the same order"
        raise CemkitError(msg)
    items = right if names is None else tuple(names)
    if len(items) != len(right) or len(set(items)) < len(items):
        msg = f"names must give each of the {len(right)} items a name of its own, got {len(set(items))} different of {len(items)}"
        raise CemkitError(msg)
    return left, right, items


def wide_answers(
    bound: Bound, expected: Any, perceived: Any, item: str, *, others: Sequence[str], importance: Any
) -> tuple[Bound, tuple[str, ...], tuple[str, ...], tuple[Any, ...], Any]:
    """Return a long table as a wide one: table, columns expected, columns perceived, items, importance."""
    if not isinstance(expected, str) or not isinstance(perceived, str):
        msg = "with item=, expected and perceived are the names of one column each"
        raise ColumnError(msg)
    bound.require(item, "item")
    if RESPONDENT not in bound.schema:
        msg = f"a table with a row per item needs the column {RESPONDENT!r}, which tells whose rows belong together"
        raise ColumnError(msg)
    columns = list(dict.fromkeys([expected, perceived]))
    by_row = isinstance(importance, str)
    if by_row:
        bound.require_number(importance, "importance")
        columns.append(importance)
    for argument, name in (("expected", expected), ("perceived", perceived)):
        bound.require_number(name, argument)
    found = widen(bound, keys=list(dict.fromkeys([RESPONDENT, *others])), item=item, values=columns)
    weights = found.columns[importance] if by_row else importance
    return found.bound, found.columns[expected], found.columns[perceived], found.items, weights


def plan_gap(
    bound: Bound,
    expected: Sequence[str],
    perceived: Sequence[str],
    names: Sequence[Any],
    *,
    dimensions: Mapping[Any, Sequence[Any]] | None,
    importance: Any,
    scale: Scale | None,
) -> Plan:
    """Check the columns and make those that the gaps are estimated of."""
    for argument, columns in (("expected", expected), ("perceived", perceived)):
        for name in columns:
            bound.require_number(name, argument)
    size = len(names)
    codes = scale.missing_codes if scale is not None else ()
    answers = {
        f"_gap_{kind}{i}": c for kind, columns in (("e", expected), ("p", perceived)) for i, c in enumerate(columns)
    }
    made = with_numbers(bound, answers, missing_codes=codes)
    low, high, notes = bounds_of(made, answers, scale)
    made = with_differences(made, {f"_gap_d{i}": (f"_gap_e{i}", f"_gap_p{i}") for i in range(size)})
    items = tuple(Block(f"_gap_item{i}", name, (i,)) for i, name in enumerate(names))
    blocks = _blocks(dimensions, names)
    overall = Block("_gap_all", "overall", tuple(range(size)))
    weights: list[Any] | None = None
    if importance is not None:
        weights = item_values(importance, names, "importance")
        made, weights = _importance(made, weights)
    means, among, weighing = {}, {}, {}
    for block in (*blocks, overall):
        differences = [f"_gap_d{i}" for i in block.places]
        for kind in "epd":
            means[f"{block.key}_{kind}"] = [f"_gap_{kind}{i}" for i in block.places]
            among[f"{block.key}_{kind}"] = differences
        means[f"{block.key}_s"] = [f"_gap_p{i}" for i in block.places]
        if weights is not None:
            means[f"{block.key}_w"] = differences
            weighing[f"{block.key}_w"] = [weights[i] for i in block.places]
    made = with_row_means(made, means, among=among, weights=weighing)
    worse = "negative" if scale is None or scale.direction == "higher-is-better" else "positive"
    partners = {f"{b.key}_{kind}": (f"_gap_{kind}{i}", f"_gap_d{i}") for b in items for i in b.places for kind in "epd"}
    made = with_partners(made, partners)
    made = with_partners(made, {f"{b.key}_s": (f"_gap_p{i}", f"_gap_p{i}") for b in items for i in b.places})
    flags = {f"{b.key}_f": f"{b.key}_d" for b in (*items, *blocks, overall)}
    made = with_flags(made, flags, sign=worse)  # type: ignore[arg-type]
    return Plan(
        made, tuple(names), tuple(expected), tuple(perceived), items, blocks, overall, low, high, weights is not None,
        None if weights is None else tuple(weights), tuple(notes),
    )  # fmt: skip


def _importance(bound: Bound, weights: list[Any]) -> tuple[Bound, list[Any]]:
    """Return importances as numbers, or as columns that are null where none was stated."""
    if not any(isinstance(w, str) for w in weights):
        bad = [w for w in weights if not isinstance(w, int | float) or isinstance(w, bool) or not 0 <= w < float("inf")]
        if bad or not sum(weights):
            msg = f"importance must be numbers of at least zero, and not all zero, got {bad[0] if bad else weights!r}"
            raise CemkitError(msg)
        return bound, [float(w) for w in weights]
    if not all(isinstance(w, str) for w in weights):
        msg = "importance must be one number per item or one column per item, not a mixture"
        raise CemkitError(msg)
    for name in weights:
        bound.require_number(name, "importance")
    columns = {f"_gap_i{i}": name for i, name in enumerate(weights)}
    made = with_numbers(bound, columns)
    low, _, _ = bounds_of(made, columns, None)
    if low < 0:
        msg = f"importance must be at least zero, found {low:g} in the columns of importance"
        raise CemkitError(msg)
    return made, list(columns)


def _blocks(dimensions: Mapping[Any, Sequence[Any]] | None, names: Sequence[Any]) -> tuple[Block, ...]:
    if dimensions is None:
        return ()
    if not isinstance(dimensions, Mapping):
        msg = f"dimensions must be {{name: [items]}}, got {type(dimensions).__name__}"
        raise CemkitError(msg)
    home: dict[Any, Any] = {}
    blocks = []
    for k, (dimension, members) in enumerate(dimensions.items()):
        listed = [members] if isinstance(members, str) else list(members)
        if not listed:
            msg = f"the dimension {dimension!r} has no items"
            raise CemkitError(msg)
        for member in listed:
            if member not in names:
                msg = f"the dimension {dimension!r} names {member!r}, which is no item.{did_you_mean(member, names)}"
                raise CemkitError(msg)
            if member in home:
                msg = f"the item {member!r} is in two dimensions ({home[member]!r}, {dimension!r}): put it in one"
                raise CemkitError(msg)
            home[member] = dimension
        blocks.append(Block(f"_gap_dim{k}", dimension, tuple(names.index(m) for m in listed)))
    return tuple(blocks)
