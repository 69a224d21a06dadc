"""The customer satisfaction index: a respondent's mean over items, from 0 to 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cemkit.csi.quantities import column_list, item_values
from cemkit.errors import CemkitError
from cemkit.estimation import Measure, estimate
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.scales import Scale
from cemkit.tables.binding import bind, column_names
from cemkit.tables.column_moments import column_moments
from cemkit.tables.design import Design
from cemkit.tables.row_means import number_range, require_on_scale, with_numbers, with_row_means
from cemkit.tables.rows import count_by, require_rows
from cemkit.typing import Frame

__all__ = ["index"]

_NAME = "_csi_mean"


def index(
    data: Frame,
    *,
    items: Sequence[str] | str,
    item_weights: Mapping[str, float] | Sequence[float] | None = None,
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    level: float = 0.95,
) -> Estimates:
    """Estimate a satisfaction index from 0 to 100.

    Parameters
    ----------
    data : frame
        A row per respondent.
    items : list of str
        Columns of answers on one scale.
    item_weights : dict or list, optional
        Weight of each item, at least zero; equal without. They need not sum to 1.
    scale : Scale
        The scale of all items. It has to be given: bounds are declared, never guessed. Missing codes are missing, other
        values outside raise, and where lower is better the index is mirrored.
    by : str or list of str, optional
        Grouping columns.
    design : Design, optional
        Weights, strata, clusters.
    level : float
        Level of the intervals.

    Returns
    -------
    Estimates
        A row per group, in points: 0 where everybody gave the worst answers, 100 where all gave the best. ``missing``
        counts the respondents without any answer.

    Raises
    ------
    CemkitError
        If no scale is given, a column is absent or no number, answers lie outside the scale, or the item weights are
        negative, all zero or not one per item.

    Notes
    -----
    100 · (x̄ − low)/(high − low), x̄ the respondent's weighted mean over the items answered. With complete answers that is
    the form of the ACSI, 100 · (Σ wᵢx̄ᵢ − low·Σ wᵢ)/((high − low)·Σ wᵢ) (Fornell et al., 1996). The items' weights are
    taken as known: where they were estimated, use the index of a path model, whose interval knows that.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.index import index
    >>> from cemkit.scales import LIKERT_5
    >>> answers = pd.DataFrame({"overall": [5, 4, 3, 5], "ideal": [4, 4, None, 5]})
    >>> index(answers, items=["overall", "ideal"], scale=LIKERT_5).only.estimate
    78.125
    """
    check_level(level)
    bound, names = bind(data), column_list(items, "items")
    column_names(by, reserved=ESTIMATE_COLUMNS)
    require_rows(bound)
    for name in names:
        bound.require_number(name, "items")
    weights = None if item_weights is None else _weights(item_weights, names)
    answers = {f"_csi_{i}": name for i, name in enumerate(names)}
    made = with_numbers(bound, answers, missing_codes=() if scale is None else scale.missing_codes)
    if scale is None:
        low, high = number_range(made, list(answers))
        msg = (
            f"an index from 0 to 100 needs the bounds of its scale, which are declared and never guessed (the answers run "
            f"from {low:g} to {high:g}): give scale=, for example Scale(1, 10)"
        )
        raise CemkitError(msg)
    require_on_scale(made, answers, scale)
    means = {_NAME: list(answers)}
    made = with_row_means(made, means, weights=None if weights is None else {_NAME: weights})
    lacking = column_moments(made, columns=[_NAME, *answers])
    if not lacking.n[:, 0].sum():
        msg = f"the items {', '.join(map(repr, names[:3]))} have no answer: check the columns and the missing codes"
        raise CemkitError(msg)
    steady = Scale(scale.low, scale.high, step=None, direction=scale.direction)
    found = estimate(
        made, Measure("csi", steady, "mean", unit="points"), score=_NAME, by=by, design=design, level=level
    )
    notes = list(found.assumptions)
    partial = _partial(made, list(answers))
    if partial:
        notes.append(Assumption("items-answered", {"rows": partial}))
    return Estimates(found.table, tuple(notes), by=found.by, bands=found.bands, targets=found.targets)


def _weights(given: Any, names: Sequence[str]) -> list[float]:
    values = item_values(given, names, "item_weights")
    bad = [w for w in values if not isinstance(w, int | float) or isinstance(w, bool) or not 0 <= w < float("inf")]
    if bad or not sum(values):
        msg = f"item_weights must be numbers of at least zero, and not all zero, got {bad[0] if bad else values!r}"
        raise CemkitError(msg)
    return [float(w) for w in values]


def _partial(bound: Any, columns: list[str]) -> int:
    """Count the respondents who answered some items but not all."""
    counted = with_row_means(bound, {"_csi_any": columns})

    sizes = count_by(counted, ["_csi_any_size"])
    return sum(n for (size,), n in sizes.items() if size is not None and 0 < size < len(columns))
