"""RFM: customers scored by how recently, how often and for how much they bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.loyalty.history import PurchaseHistory
from cemkit.results import Assumption, Result
from cemkit.statistics.tied_bins import settled, tied_bins

__all__ = ["RFM", "rfm", "rfm_segments"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_MOST = 20
_SCORES = ("recency_score", "frequency_score", "monetary_score")
_LIMITS = tuple(f"{score.removesuffix('_score')}_{end}" for score in _SCORES for end in ("low", "high"))
_OTHER = "other"
# On five bins; the first that holds counts.
_SEGMENTS = (
    ("champions", 5, 5, 4, 5),
    ("loyal customers", 3, 4, 4, 5),
    ("cannot lose them", 1, 2, 5, 5),
    ("at risk", 1, 2, 3, 4),
    ("potential loyalists", 4, 5, 2, 3),
    ("new customers", 5, 5, 1, 1),
    ("promising", 4, 4, 1, 1),
    ("need attention", 3, 3, 3, 3),
    ("about to sleep", 3, 3, 1, 2),
    ("hibernating", 1, 2, 1, 2),
)


@dataclass(frozen=True, eq=False, repr=False)
class RFM(Result):
    """Scores and segments, a row per customer.

    ``to_frame()`` gives the customer's column (where rows are named) and

    - ``since_last``: time since the last purchase, in ``unit``; ``purchases``: days with a purchase, the first included;
      ``money``: the amounts of all purchases, NaN without amounts;
    - ``recency_score, frequency_score, monetary_score``: from 1 to ``scale``, the highest the best; null where not known;
    - ``rfm``: the three scores as text, ``"543"``;
    - ``segment``, and ``count``: the customers that the row stands for.

    Attributes
    ----------
    segments
        A row per segment: ``segment``, its limits ``recency_low .. monetary_high`` in scores, ``customers, share`` (of all
        customers), ``money, money_share`` (of all money), ``purchases`` (mean).
    bins
        A row per bin that exists: ``dimension, score, low, high`` (smallest and largest value), ``customers, share``.
    scale
        The highest score.
    unit
        The unit of ``since_last``.
    """

    segments: pd.DataFrame = field(default_factory=pd.DataFrame)
    bins: pd.DataFrame = field(default_factory=pd.DataFrame)
    scale: int = 5
    unit: str = "week"

    _title: ClassVar[str] = "RFM"

    def _display(self) -> pd.DataFrame:
        return self.segments.drop(columns=list(_LIMITS))

    def plot(self) -> Any:
        """Return an Altair chart: each segment's share of customers and of money (extra ``report``)."""
        from cemkit.charts.bars import bars_chart

        shares = {"share": "customers", "money_share": "money"}
        long = self.segments.melt("segment", list(shares), var_name="part", value_name="value")
        long = long.assign(part=long["part"].map(shares), unit="share").rename(columns={"segment": "row"})
        return bars_chart(long[long["value"].notna()], title="share")


def rfm_segments(bins: int = 5) -> pd.DataFrame:
    """Return the usual ten segments as data: ``segment`` and the scores that they reach from and to.

    They are cells of recency and frequency on five bins; for other numbers of bins each score takes the place that its middle
    has among five. Change the table and give it to ``rfm(..., segments=)``.

    Parameters
    ----------
    bins : int
        Number of bins of each score.

    Returns
    -------
    DataFrame
        A row per segment; the first that fits a customer is theirs.

    Raises
    ------
    CemkitError
        If ``bins`` is no whole number from 2 on.

    Examples
    --------
    >>> from cemkit import loyalty
    >>> loyalty.rfm_segments().to_numpy()[0, :5].tolist()
    ['champions', 5, 5, 4, 5]
    """
    _check_bins(bins)
    of_five = np.ceil(5 * (np.arange(1, bins + 1) - 0.5) / bins).astype(int)
    rows = []
    for name, *limits in _SEGMENTS:
        ends: list[int] = []
        for low, high in zip(limits[::2], limits[1::2], strict=True):
            scores = np.flatnonzero((of_five >= low) & (of_five <= high)) + 1
            ends += [int(scores[0]), int(scores[-1])] if scores.size else [0, 0]
        if 0 not in ends:
            rows.append((name, *ends, 1, bins))
    return pd.DataFrame(rows, columns=["segment", *_LIMITS]).astype({"segment": object})


def rfm(history: PurchaseHistory, *, bins: int = 5, segments: pd.DataFrame | None = None) -> RFM:
    """Score customers by recency, frequency and money, and name their segments.

    Parameters
    ----------
    history : PurchaseHistory
        From :func:`history`. Histories read with ``from_summary`` have no amount of the first purchase, so that their ``money``
        is that of repeat purchases.
    bins : int
        The highest score, 2 to 20.
    segments : DataFrame, optional
        ``segment, recency_low, recency_high, frequency_low, frequency_high`` and perhaps ``monetary_low, monetary_high``, in
        scores, both ends included; the first row that holds names the customer, ``"other"`` where none does.
        :func:`rfm_segments` by default.

    Returns
    -------
    RFM
        Customers with equal values have equal scores, whatever the order of rows.

    Raises
    ------
    CemkitError
        If ``history`` is no PurchaseHistory, ``bins`` is out of range, or a segment's limits are no scores.

    Notes
    -----
    Bins hold as equal numbers of customers as ties allow: values in order are divided into bins of n/bins customers; a value that
    more customers share has its bin to itself, and the rest is divided anew. If there are fewer different values than bins, the
    scores that exist lie evenly from 1 to ``bins``. Scores compare the customers of this history with each other: they are no
    estimate, and have no interval. Whether a customer is still one, and what to expect, a purchase model says.

    References
    ----------
    Hughes, A. M. (1994), *Strategic Database Marketing*. Fader, Hardie and Lee (2005), RFM and CLV, *Journal of Marketing
    Research* 42, 415-430.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "b", "c"],
    ...         "occurred_at": pd.to_datetime(["2025-01-01", "2025-03-01", "2025-01-15", "2025-02-08"]),
    ...         "amount": [20.0, 25.0, 12.0, 9.0],
    ...     }
    ... )
    >>> loyalty.rfm(loyalty.history(log), bins=3).to_frame()["rfm"].tolist()
    ['333', '112', '211']
    """
    if not isinstance(history, PurchaseHistory):
        msg = f"history must be a PurchaseHistory (loyalty.history counts one from transactions), got {type(history).__name__}"
        raise CemkitError(msg)
    _check_bins(bins)
    named = _checked_segments(segments, bins)
    known = history.table
    count = known["count"].to_numpy(dtype=np.float64)
    values = {
        "recency": -_since_last(known),
        "frequency": known["frequency"].to_numpy(dtype=np.float64) + 1,
        "monetary": settled(_money(known)),
    }
    scores, tables = {}, []
    for dimension, value in values.items():
        scores[dimension], table = _scored(dimension, value, count, bins)
        tables.append(table)
    keys = {history.customer: known[history.customer]} if history.customer else {}
    made = pd.DataFrame(
        {
            **keys,
            "since_last": 0.0 - values["recency"],
            "purchases": values["frequency"].astype(np.int64),
            "money": values["monetary"],
            **{f"{name}_score": found for name, found in scores.items()},
        }
    )
    made["rfm"] = _codes(made, bins)
    made["segment"] = _named(made, named)
    made["count"] = count
    notes = [note for note in history.assumptions if note.code != "first-purchase-apart"]
    notes.append(Assumption("scores-compare"))
    missing = [name for name, value in values.items() if not np.isfinite(value).any()]
    if missing:
        notes.append(Assumption("rfm-without-money"))
    few = [name for name, table in zip(values, tables, strict=True) if name not in missing and len(table) < bins]
    notes += [Assumption("fewer-bins", {"dimension": name, "bins": bins}) for name in few]
    return RFM(
        made,
        tuple(notes),
        segments=_sums(made, named),
        bins=pd.concat(tables, ignore_index=True),
        scale=bins,
        unit=history.unit,
    )


def _check_bins(bins: object) -> None:
    if not isinstance(bins, int | np.integer) or isinstance(bins, bool) or not 2 <= bins <= _MOST:
        msg = f"bins must be a whole number from 2 to {_MOST}, got {bins!r}"
        raise CemkitError(msg)


def _since_last(known: pd.DataFrame) -> Floats:
    """Return the time since the last purchase; rounded, because it is a difference of times that were scaled."""
    return np.maximum(np.round((known["age"] - known["recency"]).to_numpy(dtype=np.float64), 9), 0.0)


def _money(known: pd.DataFrame) -> Floats:
    total = known["total"].to_numpy(dtype=np.float64)
    return np.where(np.isnan(total), (known["spend"] * known["frequency"]).to_numpy(dtype=np.float64), total)


def _scored(dimension: str, value: Floats, count: Floats, bins: int) -> tuple[pd.Series, pd.DataFrame]:
    """Return the scores of a dimension, and its bins."""
    there = np.isfinite(value)
    score = np.zeros(value.size, dtype=np.int64)
    rows = []
    if there.any():
        place, lows = tied_bins(value[there], count[there], bins=bins)
        number = len(lows)
        spread = np.round(np.linspace(1, bins, number)) if number > 1 else np.array([(bins + 1) // 2])
        score[there] = spread.astype(np.int64)[place]
        total = count.sum()
        for k in range(number):
            part = value[there][place == k] * (-1.0 if dimension == "recency" else 1.0)
            customers = count[there][place == k].sum()
            rows.append((dimension, int(spread[k]), part.min(), part.max(), customers, customers / total))
    table = pd.DataFrame(rows, columns=["dimension", "score", "low", "high", "customers", "share"])
    return pd.Series(pd.arrays.IntegerArray(score, ~there)), table.astype({"dimension": object})


def _codes(made: pd.DataFrame, bins: int) -> pd.Series:
    between = "" if bins < 10 else "-"
    parts = [made[name].astype(object).map(lambda v: "?" if v is pd.NA else str(v)) for name in _SCORES]
    return (parts[0] + between + parts[1] + between + parts[2]).astype(object)


def _checked_segments(segments: pd.DataFrame | None, bins: int) -> pd.DataFrame:
    if segments is None:
        return rfm_segments(bins)
    if not isinstance(segments, pd.DataFrame):
        msg = f"segments must be a pandas table such as loyalty.rfm_segments(), got {type(segments).__name__}"
        raise CemkitError(msg)
    absent = [name for name in ("segment", *_LIMITS[:4]) if name not in segments]
    if absent:
        msg = f"segments must have the columns segment, {', '.join(_LIMITS)}: {absent[0]} is absent"
        raise ColumnError(msg)
    given = segments.reset_index(drop=True)
    for name in _LIMITS[4:]:
        given = given if name in given else given.assign(**{name: 1 if name.endswith("low") else bins})
    for low, high in zip(_LIMITS[::2], _LIMITS[1::2], strict=True):
        ends = given[[low, high]].apply(pd.to_numeric, errors="coerce")
        bad = ~((ends[low] >= 1) & (ends[high] <= bins) & (ends[low] <= ends[high]))
        if bad.any():
            row = given.loc[bad].iloc[0]
            msg = (
                f"segments: {low} to {high} of {row['segment']!r} are {row[low]!r} to {row[high]!r}, and must be scores in order, "
                f"from 1 to {bins}"
            )
            raise CemkitError(msg)
        given = given.assign(**{low: ends[low].astype(np.int64), high: ends[high].astype(np.int64)})
    return given[["segment", *_LIMITS]].astype({"segment": object})


def _named(made: pd.DataFrame, named: pd.DataFrame) -> pd.Series:
    """Return the first segment that holds; a score that is not known holds in any."""
    found = np.full(len(made), _OTHER, dtype=object)
    scores = [made[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in _SCORES]
    for row in named.iloc[::-1].itertuples(index=False):
        holds = np.ones(len(made), dtype=bool)
        for axis, score in enumerate(scores):
            holds &= np.isnan(score) | ((score >= row[1 + 2 * axis]) & (score <= row[2 + 2 * axis]))
        found[holds] = row[0]
    return pd.Series(found, dtype=object)


def _sums(made: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    weight = made["count"]
    parts = pd.DataFrame(
        {
            "segment": made["segment"],
            "customers": weight,
            "money": made["money"] * weight,
            "purchases": made["purchases"] * weight,
        }
    )
    sums = parts.groupby("segment").sum()
    order = list(dict.fromkeys(named["segment"]))
    order += [_OTHER] if _OTHER in sums.index and _OTHER not in order else []
    sums = sums.reindex(order, fill_value=0.0).reset_index()
    once = named.drop_duplicates("segment")
    table = sums[["segment"]].merge(once, on="segment", how="left")
    paid = made["money"].notna().any()
    table["customers"] = sums["customers"]
    table["share"] = sums["customers"] / sums["customers"].sum()
    table["money"] = sums["money"] if paid else np.nan
    table["money_share"] = sums["money"] / sums["money"].sum() if paid and sums["money"].sum() > 0 else np.nan
    table["purchases"] = (sums["purchases"] / sums["customers"].where(sums["customers"] > 0)).to_numpy(dtype=np.float64)
    return table.astype({"segment": object})
