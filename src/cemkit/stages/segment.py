"""Customers divided by what they do: segments, how many, how sure, and what is true of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.stages.segment_fit import (
    METHODS,
    Candidate,
    Points,
    SegmentMethod,
    candidates,
    one_thread,
    require_k,
    stability,
)
from cemkit.stages.segment_points import points_of
from cemkit.stages.segment_tables import SEGMENT, profile_rows, segment_rows, stability_rows, target_rows
from cemkit.statistics._arguments import check_method, check_seed, is_one_of
from cemkit.tables.binding import bind, column_names
from cemkit.tables.design import Design, as_design
from cemkit.tables.nearest import CategoryScores, DistanceScores, Scores, with_highest
from cemkit.typing import Frame

__all__ = ["Segmentation", "segment"]

_UNSTABLE = 0.6


@dataclass(frozen=True, eq=False, repr=False)
class Segmentation(Result):
    """Segments, numbered from the largest, and the model that assigns them.

    Attributes
    ----------
    table
        A row per segment: ``segment``, ``estimate`` (its share) with ``std_error, low, high, level, method, unit, n``; ``certainty``
        (its members' mean probability of it; nan for k-means); ``jaccard`` (its stability).
    profiles
        A row per segment and feature (and category): ``segment, feature, category, estimate`` with ``std_error, low, high, level,
        method, unit, n``; ``overall`` (over all segments) and ``distance`` from it (in standard deviations; for categories in shares).
    selection
        All candidates: ``k, model, log_likelihood, parameters, bic, gap, gap_std_error, within, usable, chosen``.
    stability
        ``measure`` (``adjusted_rand``, ``jaccard``), ``segment``, ``estimate`` (mean over resamples) with ``std_error`` (their standard
        deviation) and percentiles ``low, high``.
    targets
        With ``need`` and ``value``: ``segment, estimate`` (share × need × value) with limits, the three factors, and the
        limits of its rank.
    method, features, k, entropy, model
        How the segments were made, of which columns, how many, how far from doubt (1 is none), and the parameters.
    """

    profiles: pd.DataFrame = field(default_factory=pd.DataFrame)
    selection: pd.DataFrame = field(default_factory=pd.DataFrame)
    stability: pd.DataFrame = field(default_factory=pd.DataFrame)
    targets: pd.DataFrame = field(default_factory=pd.DataFrame)
    method: str = "mixture"
    features: tuple[str, ...] = ()
    k: int = 1
    entropy: float = np.nan
    model: Mapping[str, Any] = field(default_factory=dict)

    _title: ClassVar[str] = "Segmentation"

    @property
    def scores(self) -> Scores:
        """The model as scores of rows: the highest is the segment."""
        parts = self.model
        if "probability" in parts:
            return CategoryScores(self.features, parts["categories"], parts["share"], parts["probability"])
        named = (parts[name] for name in ("centre", "scale", "offset", "mean", "root"))
        return DistanceScores(self.features, *named)

    def assign(self, data: Frame, *, name: str = "segment", probability: str = "segment_probability") -> Frame:
        """Return the same kind of table with each row's segment and its probability (a lazy one stays lazy).

        Null where a feature is null, infinite, or a category the model does not know. k-means has no probabilities, and makes no
        such column.
        """
        bound = bind(data)
        for column in self.features:
            known = bound.require_key if "probability" in self.model else bound.require_number
            known(column, "features")
        made = {"name": name} if self.method == "kmeans" else {"name": name, "probability": probability}
        for argument, column in made.items():
            if column in bound.schema:
                msg = f"the table has a column {column!r} already: choose another with {argument}="
                raise ColumnError(msg)
        sure: str | None = None if self.method == "kmeans" else probability
        return with_highest(bound, self.scores, name=name, probability=sure).native

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["level", "method", "unit"])

    def plot(self, what: Literal["profiles", "stability"] = "profiles") -> Any:
        """Return an Altair chart: the segments' profiles, or how stable they are (extra ``report``)."""
        from cemkit.charts.segments import profile_chart, stability_chart

        if not is_one_of(what, ("profiles", "stability")):
            msg = f"what must be 'profiles' or 'stability', got {what!r}"
            raise CemkitError(msg)
        return stability_chart(self.stability) if what == "stability" else profile_chart(self.profiles, self.table)


def segment(
    data: Frame,
    *,
    features: str | Sequence[str],
    k: int | Literal["auto"] = "auto",
    method: SegmentMethod = "mixture",
    most: int = 8,
    need: str | None = None,
    value: str | None = None,
    design: Design | None = None,
    resamples: int = 30,
    level: float = 0.95,
    seed: int | None = None,
) -> Segmentation:
    r"""Divide customers by what they do, and say whether there is anything to divide.

    Parameters
    ----------
    data : frame
        A row per customer, in any supported engine; the features' columns are collected.
    features : list of str
        Number columns; for ``"latent-class"`` columns of at most 30 categories.
    k : int or "auto"
        How many segments; ``"auto"`` chooses among 1 to ``most``, and 1 is an answer.
    method : {"mixture", "kmeans", "latent-class"}
        Gaussian mixture or k-means of standardised features (extra ``segment``), or latent classes of categorical answers.
    most : int
        The largest number that is tried.
    need, value : str, optional
        Number columns for target scoring: how much more was expected than perceived, and what the customer is worth.
    design : Design, optional
        For shares, profiles and targets; the model itself counts rows equally. Customers who repeat are clusters.
    resamples : int
        How often the model is fitted to resampled rows, for its stability; 0 for never.
    level : float
        Level of the intervals.
    seed : int, optional
        Seed of starts and resamples: the same seed gives the same bytes. None is 0.

    Returns
    -------
    Segmentation
        Segments, with ``.profiles``, ``.selection``, ``.stability``, ``.targets`` and ``.assign()``.

    Raises
    ------
    CemkitError
        If a feature is absent, constant, or follows from the others, or there are too few complete rows.
    MissingExtraError
        If scikit-learn is not installed and the method is not ``"latent-class"``.

    Notes
    -----
    k by BIC (mixture: covariances free or diagonal; latent class), k-means by the gap statistic. Candidates with a component on nearly one
    point or of fewer rows than it has dimensions are not usable. McLachlan and Peel (2000); Tibshirani, Walther and Hastie (2001);
    Hennig (2007) for the stability; Goodman (1974) for latent classes.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from cemkit.stages import segment
    >>> rng = np.random.default_rng(1)
    >>> centre = np.repeat([[1.0, 10.0], [6.0, 20.0]], [60, 40], axis=0)
    >>> visits, spend = (centre + rng.normal(size=(100, 2))).T
    >>> found = segment(pd.DataFrame({"visits": visits, "spend": spend}), features=["visits", "spend"], resamples=10)
    >>> found.to_frame()[["segment", "estimate", "n"]].values.tolist()
    [[1.0, 0.6, 60.0], [2.0, 0.4, 40.0]]
    >>> found.assign(pd.DataFrame({"visits": [5.5, None], "spend": [19.0, 12.0]}))["segment"].tolist()
    [2, <NA>]
    """
    check_level(level)
    check_method(method, METHODS)
    size = require_k(k, most)
    if isinstance(resamples, bool) or not isinstance(resamples, int) or resamples < 0:
        msg = f"resamples must be a whole number of at least 0, got {resamples!r}"
        raise CemkitError(msg)
    names = column_names(features, argument="features")
    if not names:
        msg = "features must name at least one column"
        raise CemkitError(msg)
    if (need is None) != (value is None):
        msg = "target scoring needs both need= and value=: give the other one, too"
        raise CemkitError(msg)
    bound, design = bind(data), as_design(design)
    for argument, column in (("need", need), ("value", value)):
        if column is not None:
            bound.require_number(column, argument)
    if design is not None:
        design.check(bound)
    number = check_seed(seed)
    points, notes = points_of(bound, names, method=method, k=size)
    with one_thread():
        chosen, selection, fit = candidates(points, method=method, k=size, most=most, seed=number)
        chosen, scores = _numbered(chosen, points)
        rand, jaccard = stability(points, chosen, fit, resamples=resamples, seed=number)
    marked = with_highest(bound, scores, name=SEGMENT, probability=None)
    table, entropy, said = segment_rows(marked, chosen, points, jaccard, method=method, design=design, level=level)
    profiles = profile_rows(marked, points, chosen.k, design=design, level=level)
    targets = pd.DataFrame()
    if need is not None and value is not None:
        targets, more = target_rows(marked, chosen.k, need=need, value=value, design=design, level=level, seed=number)
        said += more
    notes += said
    if chosen.k == 1:
        notes.append(Assumption("one-segment", {"chosen": "found" if size is None else "asked"}))
    else:
        notes.append(Assumption("profiles-given-assignment"))
    weak = [j + 1 for j, mean in enumerate(jaccard.mean(axis=0))] if resamples and chosen.k > 1 else []
    weak = [j for j in weak if np.nanmean(jaccard[:, j - 1]) < _UNSTABLE]
    if weak:
        notes.append(Assumption("unstable-segments", {"segments": ", ".join(map(str, weak)), "limit": _UNSTABLE}))
    return Segmentation(
        table, tuple(dict.fromkeys(notes)), profiles=profiles, selection=selection,
        stability=stability_rows(rand, jaccard, level=level), targets=targets, method=method, features=names, k=chosen.k,
        entropy=entropy, model=_parts(scores),
    )  # fmt: skip


def _numbered(chosen: Candidate, points: Points) -> tuple[Candidate, Scores]:
    """Return the segments numbered from the largest, with the scores in the features' own units."""
    size = np.bincount(chosen.of(points.data).argmax(axis=1), minlength=chosen.k)
    order = np.lexsort((np.arange(chosen.k), -size))
    scores = chosen.scores
    if isinstance(scores, CategoryScores):
        turned: Scores = CategoryScores(
            points.columns, points.categories, scores.share[order], tuple(p[order] for p in scores.probability)
        )
        return replace(chosen, scores=turned), turned
    inner = replace(scores, offset=scores.offset[order], mean=scores.mean[order], root=scores.root[order])
    return replace(chosen, scores=inner), replace(
        inner, columns=points.columns, centre=points.centre, scale=points.scale
    )


def _parts(scores: Scores) -> dict[str, Any]:
    if isinstance(scores, CategoryScores):
        return {"categories": scores.categories, "share": scores.share, "probability": scores.probability}
    return {name: getattr(scores, name) for name in ("centre", "scale", "offset", "mean", "root")}
