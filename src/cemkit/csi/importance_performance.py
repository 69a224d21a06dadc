"""Importance and performance: what to fix first, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.bounded import AnyScale, as_scale, on_scale
from cemkit.csi.complete import check_replicates, collect_rows, count_base, item_sample, require_regular, used_seed
from cemkit.csi.path_fit import with_limits
from cemkit.errors import CemkitError, ColumnError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.scales import Scale
from cemkit.statistics.importance import ImportanceMethod
from cemkit.statistics.importance import importance as divide
from cemkit.statistics.moments import Moments, correlate
from cemkit.tables.binding import column_names
from cemkit.tables.design import Design
from cemkit.typing import Frame

__all__ = ["QUADRANTS", "Cuts", "ImportancePerformance", "importance_performance"]

Floats = npt.NDArray[np.float64]
Cuts = Literal["fixed", "mean", "median"]
_CUTS: tuple[Cuts, ...] = ("fixed", "mean", "median")
QUADRANTS = ("fix_first", "keep_up", "low_priority", "overdone")
"""Important and weak, important and strong, neither, strong without being important."""


@dataclass(frozen=True, eq=False, repr=False)
class ImportancePerformance(Result):
    """The map of importance and performance; ``to_frame()`` has a row per basis of importance and item.

    ``basis`` is ``stated`` (asked for) or ``derived`` (the item's share of what drives the outcome). ``importance`` and
    ``performance`` have ``_std_error``, ``_low`` and ``_high``; ``quadrant`` is where the item lies, and ``fix_first,
    keep_up, low_priority, overdone`` are the probabilities of each quadrant under resampling. ``gap`` is performance less
    stated importance, with limits: below zero the item lies above the gap line.

    Attributes
    ----------
    cuts
        The lines as data: ``basis, axis, rule, estimate, std_error, low, high``.
    """

    cuts: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Importance and performance"

    def plot(self) -> Any:
        """Return an Altair chart: the map with its lines and how sure each place is (extra ``report``)."""
        from cemkit.charts.importance_performance import importance_performance_chart

        return importance_performance_chart(self.table, self.cuts)

    def _display(self) -> pd.DataFrame:
        return self.table[["basis", "item", "importance", "performance", "quadrant", *QUADRANTS, "n"]]


def importance_performance(
    data: Frame,
    *,
    items: Sequence[str],
    outcome: str | None = None,
    importance: Sequence[str] | None = None,
    scale: AnyScale | None = None,
    cuts: Cuts = "fixed",
    target: float | None = None,
    importance_target: float | None = None,
    method: ImportanceMethod = "lmg",
    min_complete: float = 0.7,
    design: Design | None = None,
    bootstrap: int = 1000,
    level: float = 0.95,
    seed: int | None = None,
) -> ImportancePerformance:
    r"""Return each item's importance and performance, its quadrant, and the probability of every quadrant.

    Parameters
    ----------
    data
        A row per respondent.
    items
        Columns of performance (satisfaction with each item).
    outcome
        Overall satisfaction: gives derived importance, each item's share of the explained variance.
    importance
        Columns of stated importance, matching ``items``.
    scale
        The scale of items and stated importance; answers outside it are an error.
    cuts
        The lines of the map. ``fixed``: the targets, else the scale's midpoint; for derived importance the equal share
        1/p. ``mean`` or ``median`` of the items, recomputed in every resample: they always find something to fix first.
    target, importance_target
        The lines of performance and of (stated or derived) importance under ``fixed``.
    method
        How derived importance divides, as in :func:`drivers`.
    min_complete, design, bootstrap, level, seed
        As in :func:`drivers`; the resamples are what the probabilities are made of.

    Returns
    -------
    ImportancePerformance

    Raises
    ------
    CemkitError
        If neither outcome nor importance is given, lists do not match, there is no line for ``fixed`` cuts, answers lie
        outside the scale, and as :func:`drivers`.

    Notes
    -----
    Martilla & James (1977), *Journal of Marketing* 41; the probabilities keep anybody from acting on a coin toss.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.importance_performance import importance_performance
    >>> answers = pd.DataFrame({
    ...     "staff": [2, 3, 2, 4, 3, 2] * 9, "price": [8, 9, 7, 8, 9, 8] * 9, "overall": [3, 5, 3, 7, 6, 3] * 9,
    ... })
    >>> found = importance_performance(answers, items=["staff", "price"], outcome="overall", scale=(1, 10), seed=1)
    >>> found.to_frame()[["item", "quadrant"]].to_numpy().tolist()
    [['staff', 'fix_first'], ['price', 'overdone']]
    """
    check_level(level)
    check_replicates(bootstrap)
    names, stated = _names(items, importance, outcome)
    bounds = None if scale is None else as_scale(scale)
    rule = _Rule(_checked(cuts), target, importance_target, bounds, len(names))
    rule.require(derived=outcome is not None, stated=bool(stated))
    columns = [*names, *stated, *([] if outcome is None else [outcome])]
    asked = {"items": names, "importance": stated, "outcome": [] if outcome is None else [outcome]}
    sample = item_sample(data, items=asked, by=None, design=design, reserved=())
    if bounds is not None:
        sample = on_scale(sample, columns, [bounds] * (len(names) + len(stated)) + [None] * (outcome is not None))
    base, notes = count_base(sample, columns, min_complete=min_complete)
    require_regular(base, least=len(columns) + 1)
    start = used_seed(seed)
    places = _Places(len(names), len(stated), outcome is not None, method, start)
    whole = places.of(base.moments)
    again: dict[str, Floats] = {}
    if bootstrap:
        rows, note = collect_rows(sample, base, method="bootstrap")
        again = _usable(places.of(rows.resampled(0, replicates=bootstrap, seed=start)))
        notes += [note, Assumption("bootstrap-percentile", {"replicates": bootstrap, "seed": str(start)})]
    else:
        notes.append(Assumption("no-resamples"))
    if cuts != "fixed":
        notes.append(Assumption("relative-cuts", {"rule": cuts}))
    if outcome is not None:
        notes.append(Assumption("association-not-effect"))
    how = {"n": int(base.n[0]), "level": level, "method": "bootstrap-percentile" if bootstrap else "none"}
    tables = [
        _map(basis, names, whole, again, rule, level)
        for basis, wanted in (("stated", bool(stated)), ("derived", outcome is not None))
        if wanted
    ]
    table = pd.concat([pd.DataFrame({**part, **how}) for part, _ in tables], ignore_index=True)
    lines = pd.concat([pd.DataFrame(part) for _, part in tables], ignore_index=True)
    return ImportancePerformance(table, tuple(dict.fromkeys(notes)), cuts=lines)


def _names(
    items: Sequence[str], importance: Sequence[str] | None, outcome: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = column_names(items, argument="items")
    stated = column_names(importance, argument="importance")
    if not names:
        msg = "items must name at least one column of performance"
        raise CemkitError(msg)
    if outcome is None and not stated:
        msg = "importance comes from outcome= (derived) or importance= (stated columns): give one of them, or both"
        raise CemkitError(msg)
    if stated and len(stated) != len(names):
        msg = f"importance must match items one to one: {len(stated)} columns of importance, {len(names)} items"
        raise CemkitError(msg)
    twice = next((name for name in (*stated, *([outcome] if outcome else [])) if name in names), None)
    if twice is not None or outcome in stated:
        msg = f"{twice or outcome!r} is named twice: items, importance and outcome are different columns"
        raise ColumnError(msg)
    return names, stated


def _checked(cuts: Cuts) -> Cuts:
    if cuts not in _CUTS:
        msg = f"cuts must be one of {', '.join(map(repr, _CUTS))}, got {cuts!r}.{did_you_mean(cuts, _CUTS)}"
        raise CemkitError(msg)
    return cuts


class _Rule(NamedTuple):
    """Where the lines are drawn."""

    cuts: Cuts
    target: float | None
    importance_target: float | None
    scale: Scale | None
    items: int

    def require(self, *, derived: bool, stated: bool) -> None:
        """Raise where a fixed line is not known."""
        if self.cuts != "fixed" or self.scale is not None:
            return
        missing = [
            name
            for name, wanted in (
                ("target", self.target is None),
                ("importance_target", stated and self.importance_target is None),
            )
            if wanted
        ]
        if missing:
            what = "stated and derived importance" if derived and stated else "the map"
            msg = f"fixed lines of {what} need scale= (its midpoint) or {' and '.join(f'{name}=' for name in missing)}"
            raise CemkitError(msg)

    def line(self, values: Floats, *, axis: str, basis: str) -> Floats:
        """Return the line (..., 1) of positions (..., items)."""
        if self.cuts != "fixed":
            reduced = np.mean if self.cuts == "mean" else np.median
            return np.asarray(reduced(values, axis=-1, keepdims=True), dtype=np.float64)
        given = self.target if axis == "performance" else self.importance_target
        if given is None and axis == "importance" and basis == "derived":
            given = 1 / self.items
        if given is None and self.scale is not None:
            given = self.scale.midpoint
        return np.full((*values.shape[:-1], 1), np.nan if given is None else float(given))


class _Places(NamedTuple):
    """How positions on the map follow from moments."""

    items: int
    stated: int
    derived: bool
    method: ImportanceMethod
    seed: int

    def of(self, moments: Moments) -> dict[str, Floats]:
        """Return performance, stated and derived importance of a batch, (B, items) each."""
        p = self.items
        found = {"performance": moments.mean[:, :p]}
        if self.stated:
            found["stated"] = moments.mean[:, p : 2 * p]
        if self.derived:
            used = [*range(p), moments.mean.shape[1] - 1]
            matrix = correlate(moments.covariance[:, used][:, :, used])
            single = matrix[0] if len(matrix) == 1 else matrix
            shares = divide(single, method=self.method, rng=np.random.default_rng(self.seed)).share
            found["derived"] = shares[None] if len(matrix) == 1 else shares
        return found


def _usable(again: dict[str, Floats]) -> dict[str, Floats]:
    kept = np.all([np.isfinite(values).all(axis=1) for values in again.values()], axis=0)
    if kept.mean() < 0.5 or kept.sum() < 20:
        msg = f"{int((~kept).sum()):,} of {len(kept):,} resamples are singular, too many for probabilities: use fewer items or more answers"
        raise CemkitError(msg)
    return {name: values[kept] for name, values in again.items()}


def _quadrant(found: dict[str, Floats], rule: _Rule, basis: str) -> npt.NDArray[np.intp]:
    """Return the number of the quadrant of every item; on a line counts as above it."""
    important = found[basis] >= rule.line(found[basis], axis="importance", basis=basis)
    strong = found["performance"] >= rule.line(found["performance"], axis="performance", basis=basis)
    return np.where(important, np.where(strong, 1, 0), np.where(strong, 3, 2))


def _map(
    basis: str, names: Sequence[str], whole: dict[str, Floats], again: dict[str, Floats], rule: _Rule, level: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    count = len(names)
    here = _quadrant(whole, rule, basis)[0]
    table: dict[str, Any] = {"basis": [basis] * count, "item": list(names)}
    for name, part in (("importance", basis), ("performance", "performance")):
        table |= with_limits(whole[part][0], again.get(part), level=level, name=name)
    table["quadrant"] = [QUADRANTS[q] for q in here]
    drawn = _quadrant(again, rule, basis) if again else None
    for number, name in enumerate(QUADRANTS):
        table[name] = np.full(count, np.nan) if drawn is None else (drawn == number).mean(axis=0)
    gap = whole["performance"][0] - whole[basis][0] if basis == "stated" else np.full(count, np.nan)
    gaps = again["performance"] - again[basis] if again and basis == "stated" else None
    table |= with_limits(gap, gaps, level=level, name="gap")
    lines = []
    for axis, part in (("importance", basis), ("performance", "performance")):
        repeated = rule.line(again[part], axis=axis, basis=basis)[:, 0] if again else None
        value = rule.line(whole[part], axis=axis, basis=basis)[:, 0]
        limits = with_limits(value, None if repeated is None else repeated[:, None], level=level)
        columns = {"basis": basis, "axis": axis, "rule": rule.cuts}
        lines.append({**columns, **{name: float(np.ravel(x)[0]) for name, x in limits.items()}})
    return table, lines
