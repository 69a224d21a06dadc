"""Partial least squares path models of satisfaction, and the index of every construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from cemkit.csi.bounded import AnyScale, as_scale, on_scale
from cemkit.csi.complete import (
    check_replicates,
    collect_rows,
    count_base,
    item_sample,
    require_regular,
    used_seed,
)
from cemkit.csi.models import PathModel
from cemkit.csi.path_estimates import Kind, Replicates, blindfolded, q_squared
from cemkit.csi.path_fit import INDEX_COLUMNS, PathModelFit
from cemkit.csi.path_tables import Tables
from cemkit.errors import CemkitError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.statistics.moments import Moments
from cemkit.statistics.pls import Scheme
from cemkit.tables.design import Design
from cemkit.typing import Frame

__all__ = ["path_model"]

Floats = npt.NDArray[np.float64]


def path_model(
    data: Frame,
    model: PathModel,
    *,
    scale: AnyScale | Mapping[str, AnyScale],
    scheme: Scheme = "path",
    scaled: bool = True,
    consistent: bool = False,
    missing: Literal["drop"] = "drop",
    min_complete: float = 0.7,
    design: Design | None = None,
    bootstrap: int = 0,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    seed: int | None = None,
) -> PathModelFit:
    r"""Fit a path model by partial least squares, and give every construct its index from 0 to 100.

    .. math:: \text{index} = 100\,\frac{\sum_i w_i \bar x_i - \text{low} \sum_i w_i}{(\text{high} - \text{low}) \sum_i w_i},
              \qquad w_i = \frac{\text{standardised weight}_i}{\text{sd}_i}

    Parameters
    ----------
    data
        A row per respondent, a column per item.
    model
        A :class:`PathModel`, or one of the ready ones, :func:`ECSI` and :func:`ACSI`.
    scale
        The declared bounds of the answers, never guessed: a ``Scale``, ``(low, high)``, or one per construct. Answers on
        a scale whose low end is good are turned round (low + high − x).
    scheme
        Inner weights: ``path``, ``factorial`` or ``centroid``.
    scaled
        Standardise the items first.
    consistent
        Free correlations, paths and loadings of attenuation (PLSc, Dijkstra & Henseler 2015); the index stays as it is.
    missing, min_complete
        Rows without an answer to one of the items are dropped; fewer than ``min_complete`` of the rows left is refused.
    design
        Case weights, and the clusters and strata that are resampled.
    bootstrap
        Number of resamples for the intervals: 0 (none) or at least 20; 1000 is usual.
    by
        Groups for the index; the model and its weights are common to all.
    level, seed
        Level of the intervals (percentiles of the resamples); seed of the resamples and of the folds of Q².

    Returns
    -------
    PathModelFit

    Raises
    ------
    CemkitError
        If the model has a cycle or an item in two constructs (when it is made), an item does not vary or is unknown,
        answers lie outside the scale, too few rows are complete, or the iterations do not converge.

    Notes
    -----
    Wold's algorithm in Lohmöller's form, on the covariance matrix: iterated until no standardised weight changes its
    size by 1e-9, at most 300 times. A construct's sign is such that its loadings sum to something positive; a resample's
    such that it goes with the whole sample's loadings. Resamples that do not converge or are improper are left out of the
    limits and counted in ``fit``.

    Fornell, C. et al. (1996), *Journal of Marketing* 60(4). Tenenhaus, M. et al. (2005), *Computational Statistics & Data
    Analysis* 48.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.models import PathModel
    >>> from cemkit.csi.path_model import path_model
    >>> answers = pd.DataFrame({"q1": [2, 4, 5, 7, 9, 8], "q2": [3, 4, 6, 7, 8, 9], "s": [3, 4, 4, 8, 9, 7]})
    >>> model = PathModel({"quality": ["q1", "q2"], "satisfaction": ["s"]}, [("quality", "satisfaction")])
    >>> path_model(answers, model, scale=(1, 10)).index[["construct", "estimate"]].round(1).to_numpy().tolist()
    [['quality', 55.6], ['satisfaction', 53.7]]
    """
    check_level(level)
    check_replicates(bootstrap)
    if not isinstance(model, PathModel):
        msg = f"model must be a PathModel (or ECSI(...), ACSI(...)), got {type(model).__name__}"
        raise CemkitError(msg)
    if missing != "drop":
        msg = f"missing must be 'drop' (rows without one of the answers are left out), got {missing!r}"
        raise CemkitError(msg)
    start = used_seed(seed)
    scales = _scales(model, scale)
    sample = item_sample(data, items={"model": model.items}, by=by, design=design, reserved=INDEX_COLUMNS)
    sample = on_scale(sample, model.items, [scales[j] for j in model.block])
    groups, notes = count_base(sample, model.items, min_complete=min_complete)
    base, _ = count_base(replace(sample, by=()), model.items, min_complete=min_complete)
    require_regular(base, least=3)
    rows, note = collect_rows(sample, groups, method="path model")
    kind = Kind(model, scheme, scaled, consistent)
    moments = Moments._make(part[0] for part in base.moments)
    fitted = kind.fit(moments.covariance)
    if not fitted.converged:
        msg = "the iterations of the path model do not converge in 300 steps: try scheme='factorial', or look for contradicting items"
        raise CemkitError(msg)
    again = Replicates(kind, fitted, rows, len(groups.groups), replicates=bootstrap, seed=start) if bootstrap else None
    tables = Tables(kind, fitted, moments, scales, again, level)
    notes += [note, Assumption("association-not-effect"), *tables.notes(bootstrap, start)]
    return PathModelFit(
        tables.paths(),
        tuple(dict.fromkeys(notes)),
        by=sample.by,
        loadings=tables.items(fitted.loadings, "loadings").assign(communality=fitted.loadings**2),
        weights=tables.items(fitted.weights, "weights").assign(raw=fitted.raw_weights),
        r_squared=tables.r_squared(base, q_squared(kind, rows, start), blindfolded(kind, rows)),
        effects=tables.effects(),
        reliability=tables.reliability(),
        htmt=tables.htmt(),
        index=tables.index(groups),
        scores=tables.scores(groups, rows),
        fit=tables.fit(base),
    )


def _scales(model: PathModel, scale: AnyScale | Mapping[str, AnyScale]) -> list[Scale]:
    """Return the scale of each construct."""
    if isinstance(scale, Mapping):
        odd = next((name for name in scale if name not in model.constructs), None)
        if odd is not None:
            msg = f"scale names {odd!r}, which is no construct of the model.{did_you_mean(odd, model.constructs)}"
            raise CemkitError(msg)
        absent = [name for name in model.names if name not in scale]
        if absent:
            msg = f"scale gives no bounds for {', '.join(map(repr, absent))}: they are declared, never guessed"
            raise CemkitError(msg)
        return [as_scale(scale[name]) for name in model.names]
    return [as_scale(scale)] * len(model.names)
