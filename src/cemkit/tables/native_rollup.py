"""Rows to days to units in the words of Polars and of DuckDB, for logs of plain days.

The amount of a unit's first day is an ``arg_min``, for which :mod:`cemkit.tables.unit_rollup` needs a window over every row; these
two engines have it, and both queries are what one would write by hand. They are held to the same oracle.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from cemkit.tables.binding import Bound

__all__ = ["has_native_rollup", "native_check", "native_rollup"]


def has_native_rollup(bound: Bound, unit: str, at: str, amount: str | None) -> bool:
    """Whether the engine has the words: times without a zone, numbers without decimals of their own, plain keys."""
    time, key = bound.schema[at], bound.schema[unit]
    plain = isinstance(time, nw.Date) or (isinstance(time, nw.Datetime) and time.time_zone is None)
    number = amount is None or bound.schema[amount].is_integer() or bound.schema[amount].is_float()
    named = isinstance(key, nw.String) or key.is_integer()
    return bound.engine in ("polars", "duckdb") and plain and number and named


def native_check(bound: Bound, unit: str, at: str, amount: str | None) -> dict[str, Any]:
    """Count rows, rows without unit or time, bad and negative amounts, and find the first and the last time."""
    if bound.engine == "polars":
        import polars as pl

        found = [
            pl.len().alias("rows"),
            pl.col(unit).null_count().alias("null_units"),
            pl.col(at).null_count().alias("null_times"),
            pl.col(at).min().alias("first"),
            pl.col(at).max().alias("last"),
        ]
        if amount is not None:
            paid = pl.col(amount).cast(pl.Float64)
            found += [(~paid.is_finite()).fill_null(value=True).sum().alias("bad"), (paid < 0).sum().alias("negative")]
        return dict(bound.native.select(found).collect().to_dicts()[0])
    u, t = _quoted(unit), _quoted(at)
    money = ""
    if amount is not None:
        a = f"CAST({_quoted(amount)} AS DOUBLE)"
        money = f", count(*) - count(CASE WHEN isfinite({a}) THEN 1 END) AS bad, count(CASE WHEN {a} < 0 THEN 1 END) AS negative"
    relation = bound.native.aggregate(
        f"count(*) AS rows, count(*) - count({u}) AS null_units, count(*) - count({t}) AS null_times, min({t}) AS first, "
        f"max({t}) AS last{money}"
    )
    return dict(zip(relation.columns, relation.fetchall()[0], strict=True))


def native_rollup(
    bound: Bound, unit: str, at: str, amount: str | None, *, until: int, refunds: bool, intervals: bool
) -> dict[str, Any]:
    """Return ``unit, days, first, last, amount, first_amount, gaps, alike`` as arrays, in the order of units.

    Days are numbered from 1970-01-01. With `refunds` negative amounts are summed with their day, which counts where it has another
    amount; those of later days that do not count are added. Without, negative amounts are left out.
    """
    names = (unit, at, amount)
    if bound.engine == "polars":
        return _polars_rollup(bound, *names, until, refunds=refunds and amount is not None, intervals=intervals)
    return _duckdb_rollup(bound, *names, until, refunds=refunds and amount is not None, intervals=intervals)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _polars_rollup(
    bound: Bound, unit: str, at: str, amount: str | None, until: int, *, refunds: bool, intervals: bool
) -> dict[str, Any]:
    import polars as pl

    last = np.datetime64(until, "D").item()
    day = pl.col(at).dt.date() if isinstance(bound.schema[at], nw.Datetime) else pl.col(at)
    kept = pl.col(unit).is_not_null() & pl.col(at).is_not_null() & (day <= last)
    if amount is not None and not refunds:
        kept = kept & (pl.col(amount) >= 0)
    paid = [] if amount is None else [pl.col(amount).cast(pl.Float64).alias("a")]
    rows = bound.native.filter(kept).select(pl.col(unit).alias("u"), day.cast(pl.Int32).alias("d"), *paid)
    sums = [pl.len().alias("n")]
    if paid:
        sums += [pl.col("a").sum(), pl.col("a").min().alias("low"), pl.col("a").max().alias("high")]
    days = rows.group_by("u", "d").agg(sums)
    same = (pl.col("low") == pl.col("high")) if paid else pl.lit(value=True)
    days = days.with_columns(alike=pl.when(same).then(pl.col("n") - 1).otherwise(0))
    counts = (pl.col("high") >= 0) if refunds else None

    def of(name: str) -> Any:
        return pl.col(name) if counts is None else pl.col(name).filter(counts)

    made = [of("d").len().alias("days"), of("d").min().alias("first"), of("d").max().alias("last"), of("alike").sum()]
    if paid:
        total = pl.col("a") if counts is None else pl.col("a").filter(pl.col("d") >= of("d").min())
        made += [total.sum().alias("amount"), of("a").get(of("d").arg_min(), null_on_oob=True).alias("first_amount")]
    if intervals:
        made.append(of("d").sort().diff().cast(pl.Float64).log().sum().alias("gaps"))
    table = days.group_by("u").agg(made).filter(pl.col("days") > 0).sort("u").collect()
    return {"unit" if name == "u" else name: table[name].to_numpy() for name in table.columns}


def _duckdb_rollup(
    bound: Bound, unit: str, at: str, amount: str | None, until: int, *, refunds: bool, intervals: bool
) -> dict[str, Any]:
    u, t = _quoted(unit), _quoted(at)
    a = "" if amount is None else f"CAST({_quoted(amount)} AS DOUBLE)"
    kept = f"{u} IS NOT NULL AND CAST({t} AS DATE) <= DATE '{np.datetime64(until, 'D')}'"
    kept += f" AND {a} >= 0" if a and not refunds else ""
    paid = f", sum({a}) AS a, min({a}) AS low, max({a}) AS high" if a else ""
    bought = "SELECT * FROM days WHERE high >= 0" if refunds else "SELECT * FROM days"
    lag = (
        "SELECT *, lag(d) OVER (PARTITION BY u ORDER BY d) AS before FROM bought"
        if intervals
        else "SELECT * FROM bought"
    )
    gaps = ", coalesce(sum(ln(d - before)), 0) AS gaps" if intervals else ""
    money = ", sum(a) AS amount, arg_min(a, d) AS first_amount" if a else ""
    alike = "sum(CASE WHEN low = high THEN n - 1 ELSE 0 END)" if a else "sum(n - 1)"
    held = "AS MATERIALIZED" if refunds else "AS"
    whole = "SELECT * FROM per ORDER BY unit"
    if refunds:
        whole = """
        SELECT per.* REPLACE (amount + coalesce(back, 0) AS amount) FROM per LEFT JOIN (
            SELECT u, sum(a) AS back FROM days JOIN per AS own ON u = own.unit WHERE high < 0 AND d > own.first GROUP BY u
        ) ON unit = u ORDER BY unit
        """
    found = bound.native.query(
        "rows_of_the_log",
        f"""
        WITH days {held} (
            SELECT {u} AS u, CAST({t} AS DATE) - DATE '1970-01-01' AS d, count(*) AS n{paid}
            FROM rows_of_the_log WHERE {kept} GROUP BY ALL
        ), bought AS ({bought}), ordered AS ({lag}), per {held} (
            SELECT u AS unit, count(*) AS days, min(d) AS first, max(d) AS last, CAST({alike} AS BIGINT) AS alike{money}{gaps}
            FROM ordered GROUP BY u
        ) {whole}
        """,  # noqa: S608 (names are quoted, all else is written here)
    )
    table = found.to_arrow_table() if hasattr(found, "to_arrow_table") else found.fetch_arrow_table()
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
