"""Kano's categories: what delights, what satisfies in proportion, what is taken for granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.quantities import Quantities, column_list, mean_measure
from cemkit.errors import CemkitError
from cemkit.estimation import Measure
from cemkit.estimation.counted import Counted, count
from cemkit.estimation.estimate import variance_of
from cemkit.estimation.sample import check_level
from cemkit.estimation.variance import Variance
from cemkit.results import Assumption, Result
from cemkit.scales import Scale
from cemkit.statistics.kano import (
    CATEGORIES,
    DYSFUNCTIONAL_SCORES,
    FUNCTIONAL_SCORES,
    KanoTable,
    continuous_category,
    evaluate,
    top_category,
    top_probability,
)
from cemkit.statistics.proportions import logit_interval, proportion_interval
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.code_cells import with_cells, with_place_values, with_places
from cemkit.tables.column_moments import column_moments
from cemkit.tables.design import Design, as_design
from cemkit.tables.row_means import with_partners
from cemkit.tables.rows import require_rows
from cemkit.typing import Frame

__all__ = ["Kano", "kano"]

Floats = npt.NDArray[np.float64]
_RANGES = ("", "_low", "_high")
_COLUMNS = (
    "item", "category", "second", "n", "missing", "questionable", "better", "better_std_error", "better_low",
    "better_high", "worse", "worse_std_error", "worse_low", "worse_high", "strength", "total_strength",
    "total_strength_low", "total_strength_high", "statistic", "p_value", "different", "probability_top", "functional",
    "functional_low", "functional_high", "dysfunctional", "dysfunctional_low", "dysfunctional_high",
    "continuous_category", "level", "method",
)  # fmt: skip
_SHARES = ("item", "category", "n", "share", "std_error", "low", "high", "probability_top", "level", "method")
_SCALE = Scale(0, 5, bands={name: (i, i) for i, name in enumerate(CATEGORIES)})
_MEASURE = Measure("kano", _SCALE, "top", unit="share")
_A, _O, _M, _I, _R, _Q = np.eye(6)


@dataclass(frozen=True, eq=False, repr=False)
class Kano(Result):
    """Kano's categories of items.

    Attributes
    ----------
    table
        A row per group and item: ``category`` (the most frequent one; where the top two cannot be told apart, the first
        of the two by M > O > A > I) and ``second``; ``n, missing``, ``questionable`` (share of answers that contradict themselves);
        ``better`` (0 to 1) and ``worse`` (−1 to 0) with their limits; ``strength`` (share of the top category less the
        second's), ``total_strength`` (share of A, O and M) with limits; ``statistic, p_value, different`` (are the top two
        beyond chance) and ``probability_top`` (bootstrap probability that ``category`` is the top one);
        ``functional, dysfunctional`` (means of the continuous variant) with limits and ``continuous_category``.
    categories
        A row per group, item and category: ``*by, item, category, n, share, std_error, low, high, probability_top, level,
        method``.
    by
        The grouping columns.
    """

    categories: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()

    _title: ClassVar[str] = "Kano"

    def plot(self) -> Any:
        """Return an Altair chart: the map of Better and Worse (extra ``report``)."""
        from cemkit.charts.kano import kano_chart

        return kano_chart(self.table, by=self.by)

    def _display(self) -> pd.DataFrame:
        shown = [*self.by, "item", "category", "probability_top", "better", "worse", "strength", "total_strength", "n"]
        return self.table[shown]


def kano(
    data: Frame,
    *,
    functional: Sequence[str] | str,
    dysfunctional: Sequence[str] | str,
    names: Sequence[Any] | None = None,
    codes: Sequence[Any] = (1, 2, 3, 4, 5),
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    level: float = 0.95,
    table: KanoTable = "berger",
    method: Literal["z", "fong"] = "z",
    draws: int = 4000,
    seed: int = 0,
) -> Kano:
    """Class items by the answers to 'how would you feel if it were there' and '... if it were not'.

    Parameters
    ----------
    data : frame
        A row per respondent.
    functional, dysfunctional : list of str
        Matching columns of answers.
    names : list, optional
        Names of the items; by default those of the columns of ``functional``.
    codes : sequence
        The five answers in the order like, must-be, neutral, live-with, dislike, as numbers or words of any language.
    by : str or list of str, optional
        Grouping columns.
    design : Design, optional
        Weights, strata, clusters.
    level : float
        Level of intervals and tests.
    table : {"berger", "pouliot"}
        The evaluation table; in Pouliot's two must-be or two live-with answers are questionable, too.
    method : {"z", "fong"}
        How the top two categories are told apart.
    draws, seed
        Resamples of the bootstrap probability, and their seed.

    Returns
    -------
    Kano
        A row per group and item, and ``.categories``.

    Raises
    ------
    CemkitError
        If the lists do not match, there are not five different codes, an answer is none of them, or an item has no pair of answers.

    Notes
    -----
    Better = (A + O)/(A + O + M + I) and Worse = −(O + M)/(A + O + M + I) (Berger et al., 1993), with Wilson intervals (logit
    under a design). The top two counts a, b differ by z = (a − b)/√(a + b); they were chosen for being the top, so read
    ``probability_top``. Fong's rule (1996) has false alarms in 19 % where it means 10 %.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.kano import kano
    >>> answers = pd.DataFrame({"with": [1, 1, 1, 3, 1, 1] * 4, "without": [3, 3, 5, 3, 2, 3] * 4})
    >>> found = kano(answers, functional="with", dysfunctional="without", names=["wifi"]).to_frame()
    >>> found[["category", "better", "worse"]].round(3).values.tolist()
    [['attractive', 0.833, -0.167]]
    """
    check_level(level)
    bound, within = bind(data), column_names(by, reserved=(*_COLUMNS, *_SHARES))
    design = as_design(design)
    left, right = column_list(functional, "functional"), column_list(dysfunctional, "dysfunctional")
    items = left if names is None else tuple(names)
    _check(left, right, items, codes)
    require_rows(bound)
    for argument, columns in (("functional", left), ("dysfunctional", right), ("by", within)):
        for name in columns:
            bound.require(name, argument)
    made = _categorised(bound, left, right, codes, table)
    answered = column_moments(made, columns=[f"_kano_k{i}" for i in range(len(items))]).n.sum(axis=0)
    for i, item in enumerate(items):
        if not answered[i]:
            msg = f"the item {item!r} has no respondent who answered both {left[i]!r} and {right[i]!r}: check the columns, or leave it out"
            raise CemkitError(msg)
    asked = Quantities(within, design, level)
    scores = {f"_kano_{k}{i}": mean_measure(f"_kano_{k}{i}", -2.0, 4.0) for k in "fd" for i in range(len(items))}
    asked.wanted(made, {**{f"_kano_k{i}": _MEASURE for i in range(len(items))}, **scores})
    rng = np.random.default_rng(seed)
    parts = []
    for i, item in enumerate(items):
        rows, moments = asked.found(f"_kano_k{i}")
        counted = count(rows, _MEASURE, moments=moments)
        variance = variance_of(rows, _MEASURE, counted, seed=seed)
        asked.notes += [*rows.assumptions, *counted.assumptions, *(variance.assumptions if variance else ())]
        parts.append(_item(i, item, counted, variance, asked, method, rng, draws))
    table_, shares = (pd.concat(each, ignore_index=True) for each in zip(*parts, strict=True))
    table_, shares = (t.sort_values(["_group", "_item"], kind="stable", ignore_index=True) for t in (table_, shares))
    notes = [note for note in asked.assumptions if note.code != "missing-at-random"]
    lacking = int(table_["missing"].sum())
    if lacking:
        notes.append(Assumption("pairs-missing", {"pairs": lacking}))
    odd = int(shares.loc[shares["category"] == "questionable", "n"].sum())
    if odd:
        notes.append(Assumption("kano-questionable", {"answers": odd}))
    notes.append(Assumption("top-after-the-fact"))
    return Kano(table_[[*within, *_COLUMNS]], tuple(notes), categories=shares[[*within, *_SHARES]], by=within)


def _check(left: Sequence[str], right: Sequence[str], items: Sequence[Any], codes: Sequence[Any]) -> None:
    if len(left) != len(right):
        msg = f"functional names {len(left)} columns and dysfunctional {len(right)}: they must match one to one, in the same order"
        raise CemkitError(msg)
    if len(items) != len(left) or len(set(items)) < len(items):
        msg = f"names must give each of the {len(left)} items a name of its own, got {len(set(items))} different of {len(items)}"
        raise CemkitError(msg)
    different = isinstance(codes, Sequence) and not isinstance(codes, str) and len(codes) == len(set(codes)) == 5
    if not different or len({isinstance(code, str) for code in codes}) > 1:
        msg = f"codes must be five different answers, like to dislike, all numbers or all words, got {codes!r}"
        raise CemkitError(msg)


def _categorised(
    bound: Bound, left: Sequence[str], right: Sequence[str], codes: Sequence[Any], table: KanoTable
) -> Bound:
    """Return the table with ``_kano_k{i}``, the category, and ``_kano_f{i}, _kano_d{i}``, the continuous scores."""
    places = np.arange(5)
    cells = evaluate(places[:, None], places[None, :], table=table).tolist()
    size = range(len(left))
    made = with_places(bound, {f"_kano_a{i}": name for i, name in enumerate(left)}, codes)
    made = with_places(made, {f"_kano_b{i}": name for i, name in enumerate(right)}, codes)
    made = with_cells(made, {f"_kano_k{i}": (f"_kano_a{i}", f"_kano_b{i}") for i in size}, cells)
    made = with_partners(made, {f"_kano_p{k}{i}": (f"_kano_{k}{i}", f"_kano_k{i}") for i in size for k in "ab"})
    made = with_place_values(made, {f"_kano_f{i}": f"_kano_pa{i}" for i in size}, FUNCTIONAL_SCORES)
    return with_place_values(made, {f"_kano_d{i}": f"_kano_pb{i}" for i in size}, DYSFUNCTIONAL_SCORES)


@dataclass(frozen=True, eq=False)
class _Shares:
    """Ratios of sums of categories, per group."""

    counted: Counted
    variance: Variance | None
    level: float

    def ratio(self, top: Floats, base: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return share, standard error and limits: Wilson, or logit under a design."""
        hits, size = self.counted.counts @ top, self.counted.counts @ base
        low, high = proportion_interval(hits, size, level=self.level, method="wilson")
        with np.errstate(divide="ignore", invalid="ignore"):
            share = hits / size
            error = np.sqrt(share * (1 - share) / size)
        if self.variance is None:
            return share, error, low, high
        found = self.variance.ratios(top, base)
        share, error = found.estimate, np.sqrt(found.variance)
        inner = (share > 0) & (share < 1) & (found.df >= 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            logit = logit_interval(share, error, found.df, level=self.level)
        return share, error, np.where(inner, logit[0], low), np.where(inner, logit[1], high)

    def counts(self) -> tuple[Floats, Floats | None]:
        """Return the counts that tests and resamples use, with their covariance; effective ones under a design."""
        if self.variance is None:
            return self.counted.counts, None
        groups = len(self.counted.groups)
        counts, covariance = np.zeros((groups, 6)), np.zeros((groups, 6, 6))
        units = np.eye(6)[:, None, :]
        for g in range(groups):
            if not self.counted.n[g]:
                continue
            share, spread = self.variance.forms(units, np.ones((6, 1, 6)), np.array([g], dtype=np.intp))
            total = np.trace(spread)
            size = min((share * (1 - share)).sum() / total, self.counted.n[g]) if total > 0 else self.counted.n[g]
            counts[g], covariance[g] = share * size, spread * size**2
        return counts, covariance


def _item(
    place: int,
    item: Any,
    counted: Counted,
    variance: Variance | None,
    asked: Quantities,
    method: Literal["z", "fong"],
    rng: np.random.Generator,
    draws: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of one item, and those of its categories."""
    shares, groups = _Shares(counted, variance, asked.level), len(counted.groups)
    counts, covariance = shares.counts()
    top = top_category(counts, method=method, level=asked.level, covariance=covariance)
    probability = top_probability(counts, rng=rng, draws=draws)
    four, every = _A + _O + _M + _I, np.ones(6)
    better, worse = shares.ratio(_A + _O, four), shares.ratio(_O + _M, four)
    total = shares.ratio(_A + _O + _M, every)
    scores = {
        side: asked.estimate(f"_kano_{side[0]}{place}")[["estimate", "low", "high"]].to_numpy(dtype=float)
        for side in ("functional", "dysfunctional")
    }
    name = "wilson" if variance is None else f"{variance.name}-logit"
    labels = np.array([*CATEGORIES, None], dtype=object)
    quadrant = continuous_category(scores["functional"][:, 0], scores["dysfunctional"][:, 0])
    answered = counted.n > 0
    columns: dict[str, Any] = {
        "item": pd.Index([item] * groups, dtype=object),
        "category": pd.Index(labels[top.category], dtype=object),
        "second": pd.Index(labels[top.second], dtype=object),
        "n": counted.n.astype(np.int64),
        "missing": counted.missing.astype(np.int64),
        "questionable": shares.ratio(_Q, every)[0],
        **dict(zip(("better", "better_std_error", "better_low", "better_high"), better, strict=True)),
        "worse": -worse[0],
        "worse_std_error": worse[1],
        "worse_low": -worse[3],
        "worse_high": -worse[2],
        "strength": top.strength,
        "total_strength": total[0],
        "total_strength_low": total[2],
        "total_strength_high": total[3],
        "statistic": top.statistic,
        "p_value": top.p_value,
        "different": top.different,
        "probability_top": np.where(answered, probability[np.arange(groups), top.category], np.nan),
        **{f"{side}{end}": found[:, k] for side, found in scores.items() for k, end in enumerate(_RANGES)},
        "continuous_category": pd.Index(labels[quadrant], dtype=object),
        "level": np.full(groups, float(asked.level)),
        "method": pd.Index([name] * groups, dtype=object),
    }
    each = [shares.ratio(unit, every) for unit in np.eye(6)]
    cells: dict[str, Any] = {
        "item": pd.Index([item] * (6 * groups), dtype=object),
        "category": pd.Index(list(CATEGORIES) * groups, dtype=object),
        "n": np.rint(counted.counts).astype(np.int64).reshape(-1),
        **{
            c: np.column_stack([e[k] for e in each]).reshape(-1)
            for k, c in enumerate(("share", "std_error", "low", "high"))
        },
        "probability_top": probability.reshape(-1),
        "level": np.full(6 * groups, float(asked.level)),
        "method": pd.Index([name] * (6 * groups), dtype=object),
    }
    order = {"_item": place, "_group": np.arange(groups)}
    long_order = {"_item": place, "_group": np.repeat(np.arange(groups), 6)}
    keys = counted.groups
    return pd.DataFrame({**keys.columns(), **columns, **order}), pd.DataFrame(
        {**keys.columns(times=6), **cells, **long_order}
    )
