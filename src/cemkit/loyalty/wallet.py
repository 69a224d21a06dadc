"""The wallet: what share of a customer's spending each brand has, and what its rank among the brands would give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError, ColumnError, ContractError
from cemkit.estimation.sample import check_level
from cemkit.loyalty.purchases import require_one_currency
from cemkit.results import Assumption, Result
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.proportions import logit_interval, proportion_interval
from cemkit.tables.binding import bind
from cemkit.tables.groups import group_rows
from cemkit.tables.key_totals import KeyTotals, key_totals
from cemkit.typing import Frame

__all__ = ["Wallet", "wallet"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
_RESERVED = ("brands", "spend", "share_of_wallet", "rank", "wallet_allocation")


@dataclass(frozen=True, eq=False, repr=False)
class Wallet(Result):
    """A row per customer and brand.

    ``to_frame()`` gives the customer and the brand under the data's names, then
    ``brands, spend, share_of_wallet, rank, wallet_allocation``.

    Attributes
    ----------
    brands
        A row per brand and metric: ``brand`` (under the data's name) ``, metric, estimate, std_error, low, high, level, method,
        unit, n``. ``share_of_wallet``: the brand's part of all spending of its own customers; ``share_of_market``: its part of all
        spending; ``wallet_allocation``: the mean of its own customers; ``wallet_allocation_of_all``: the sum over all customers.
    """

    brands: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Wallet"

    def plot(self) -> Any:
        """Return an Altair chart: each brand's shares with their intervals (extra ``report``)."""
        from cemkit.charts.intervals import interval_chart

        wanted = {"share_of_wallet", "wallet_allocation"}
        return interval_chart(self.brands[self.brands["metric"].isin(wanted)], by=self.brands.columns[:1].tolist())


def wallet(
    data: Frame, *, customer: str, brand: str, spend: str | None = None, rank: str | None = None, level: float = 0.95
) -> Wallet:
    """Divide each customer's wallet among the brands they use.

    Parameters
    ----------
    data : frame
        A row per customer and brand used. Without ``rank=`` there may be more (a log of purchases): they are summed.
    customer, brand : str
        Columns.
    spend : str, optional
        The customer's spending on the brand, at least zero.
    rank : str, optional
        The customer's rank of the brand among those they use, 1 the best; ties share the mean of their places.
    level : float
        Level of the intervals in ``.brands``.

    Returns
    -------
    Wallet
        A row per customer and brand in natural order, and ``.brands`` with intervals.

    Raises
    ------
    CemkitError
        If neither ``spend`` nor ``rank`` is given, spending is negative or in several currencies, or a customer ranks a brand twice.

    Notes
    -----
    Share of wallet = spend / Σ spend of the customer (null where they spent nothing). The Wallet Allocation Rule gives a brand
    (1 - rank/(n + 1)) · 2/n of the wallet of a customer who uses n brands; over these it sums to 1. It predicts
    share of wallet from rank alone: hold it against ``spend`` before you believe it. Customers of whom a value is missing are
    left out as a whole, because the rest of their wallet would look larger than it is. Limits in ``.brands`` are
    those of a ratio of sums over independent customers (linearised, logit); a customer's own row has none.

    References
    ----------
    Keiningham, T. L., Aksoy, L., Buoye, A. and Cooil, B. (2011), Customer loyalty isn't enough. Grow your share of wallet,
    *Harvard Business Review* 89(10), 29-31.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> answers = pd.DataFrame({"who": [1, 1, 2], "brand": ["ours", "theirs", "ours"], "rank": [2, 1, 1], "spent": [30, 90, 50]})
    >>> found = loyalty.wallet(answers, customer="who", brand="brand", spend="spent", rank="rank")
    >>> found.to_frame()[["share_of_wallet", "wallet_allocation"]].round(3).to_numpy().tolist()
    [[0.25, 0.333], [0.75, 0.667], [1.0, 1.0]]
    """
    check_level(level)
    if spend is None and rank is None:
        raise CemkitError("a wallet needs spend= (money per brand), rank= (place of the brand), or both")
    bound = bind(data)
    bound.require(customer, "customer")
    bound.require(brand, "brand")
    for name, argument in ((spend, "spend"), (rank, "rank")):
        if name is not None:
            bound.require_number(name, argument)
    named = [name for name in (customer, brand, spend, rank) if name is not None]
    if len(set(named)) < len(named) or {customer, brand} & set(_RESERVED):
        msg = f"customer, brand, spend and rank must be different columns, none of the first two named {', '.join(_RESERVED)}"
        raise ColumnError(msg)
    if spend is not None:
        require_one_currency(bound)
    values = [name for name in (spend, rank) if name is not None]
    totals = key_totals(bound, keys=(customer, brand), values=values)
    table, notes = _checked(totals, customer, brand, spend, rank)
    notes += [Assumption("wallet-limits"), Assumption("customers-alike")]
    rows = _rows(table, customer, brand, spend=spend is not None, rank=rank is not None)
    brands = _brands(rows, customer, brand, float(level), spend=spend is not None, rank=rank is not None)
    return Wallet(rows, tuple(notes), brands=brands)


def _checked(
    totals: KeyTotals, customer: str, brand: str, spend: str | None, rank: str | None
) -> tuple[pd.DataFrame, list[Assumption]]:
    """Return the pairs in their order; only customers of whom everything is known."""
    groups, place = group_rows(totals.keys, (customer, brand), rows=len(totals.rows))
    order = np.empty(len(groups), dtype=np.intp)
    order[place] = np.arange(len(place))
    keys = groups.frame()
    known = keys.notna().all(axis=1).to_numpy()
    unclear = np.zeros(len(keys), dtype=bool)
    for name in (spend, rank):
        if name is not None:
            unclear |= totals.missing[name][order] > 0
    table = keys.assign(
        spend=np.nan if spend is None else totals.sums[spend][order],
        rank=np.nan if rank is None else totals.sums[rank][order],
        _rows=totals.rows[order],
        _unclear=unclear,
    )
    nameless = int(table["_rows"][~known].sum())
    table = table[known]
    if rank is not None and (table["_rows"] > 1).any():
        who, what = table.loc[table["_rows"] > 1, [customer, brand]].iloc[0]
        count = int((table["_rows"] > 1).sum())
        msg = (
            f"{count:,} pairs of {customer!r} and {brand!r} have several rows, such as {who!r} and {what!r}: with rank= a "
            "customer has one row per brand, remove the duplicates"
        )
        raise ContractError(msg)
    if spend is not None and (table["spend"] < 0).any():
        msg = f"{spend!r} is below zero in {int((table['spend'] < 0).sum()):,} wallets: a share needs spending, net refunds first"
        raise ContractError(msg)
    out = table.loc[table["_unclear"], customer].unique()
    table = table[~table[customer].isin(out)].reset_index(drop=True)
    if table.empty:
        msg = f"no customer has a complete wallet: {len(out):,} customers have missing values, {nameless:,} rows no customer or brand"
        raise CemkitError(msg)
    notes = []
    if len(out):
        notes.append(Assumption("wallets-left-out", {"customers": len(out)}))
    if nameless:
        notes.append(Assumption("pairs-left-out", {"rows": nameless}))
    return table, notes


def _rows(table: pd.DataFrame, customer: str, brand: str, *, spend: bool, rank: bool) -> pd.DataFrame:
    per = table.groupby(customer, sort=False, observed=True)
    n = per[brand].transform("size").to_numpy()
    total = per["spend"].transform("sum").to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, table["spend"] / total, np.nan)
    place = per["rank"].rank(method="average").to_numpy(dtype=np.float64)
    allocation = (1 - place / (n + 1)) * 2 / n
    empty = np.full(len(table), np.nan)
    return table[[customer, brand]].assign(
        brands=n,
        spend=table["spend"],
        share_of_wallet=share if spend else empty,
        rank=place if rank else empty,
        wallet_allocation=allocation if rank else empty,
    )


def _brands(rows: pd.DataFrame, customer: str, brand: str, level: float, *, spend: bool, rank: bool) -> pd.DataFrame:
    groups, code = group_rows({brand: rows[brand].tolist()}, (brand,))
    who = pd.factorize(rows[customer])[0]
    people = int(who.max()) + 1
    parts: dict[str, tuple[Floats, ...]] = {}
    count = len(groups)
    one = np.ones(len(rows))
    if spend:
        money = rows["spend"].to_numpy(dtype=np.float64)
        whole = grouped_sum(who, money, groups=people)
        parts["share_of_wallet"] = _ratio(code, money, whole[who], count)
        parts["share_of_market"] = _ratio(code, money, whole[who], count, all_x=whole)
    if rank:
        given = rows["wallet_allocation"].to_numpy(dtype=np.float64)
        parts["wallet_allocation"] = _ratio(code, given, one, count)
        parts["wallet_allocation_of_all"] = _ratio(code, given, one, count, all_x=np.ones(people))
    tables = []
    for metric, (estimate, error, n) in parts.items():
        low, high = logit_interval(estimate, error, np.maximum(n - 1, 1), level=level)
        low, high = np.where(n > 1, low, np.nan), np.where(n > 1, high, np.nan)
        edge_low, edge_high = proportion_interval(estimate * n, n, level=level, method="wilson")
        edge = ~np.isfinite(low) | (error == 0)
        columns: dict[str, Any] = {
            **groups.columns(),
            "metric": pd.Index([metric] * count, dtype=object),
            "estimate": estimate,
            "std_error": error,
            "low": np.where(edge, edge_low, low),
            "high": np.where(edge, edge_high, high),
            "level": np.full(count, level),
            "method": pd.Index(np.where(edge, "wilson", "linearised-logit"), dtype=object),
            "unit": pd.Index(["share"] * count, dtype=object),
            "n": n.astype(np.int64),
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _ratio(code: Integers, y: Floats, x: Floats, count: int, *, all_x: Floats | None = None) -> tuple[Floats, ...]:
    """Return Σy/Σx per group, its linearised error over customers, and their number; with ``all_x`` over everybody."""

    def total(values: Floats) -> Floats:
        return grouped_sum(code, values, groups=count)

    n, base, squares = total(np.ones(len(y))), total(x), total(x * x)
    if all_x is not None:
        n, base, squares = (np.full(count, float(v)) for v in (len(all_x), all_x.sum(), (all_x**2).sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = total(y) / base
        rest = total(y * y) - 2 * ratio * total(x * y) + ratio**2 * squares
        error = np.sqrt(np.maximum(rest, 0.0) * n / (n - 1)) / base
    return ratio, np.where(n > 1, error, np.nan), n
