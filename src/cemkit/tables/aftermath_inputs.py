"""The three tables that `aftermath` counts, from those of the caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw

from cemkit.tables.aftermath import NEVER
from cemkit.tables.binding import Bound, bind, collect, is_null_or_nan, key_expressions
from cemkit.tables.periods import days_expression

__all__ = ["SIGNS", "event_rows", "log_rows", "sign_kind", "spell_rows", "unit_rows"]

SIGNS = {-1: "negative", 0: "neutral", 1: "positive", 9: "unknown"}
_LARGE = 1e300
_WORDS = {"negative": -1, "neutral": 0, "positive": 1}


def _text(bound: Bound, name: str) -> nw.Expr:
    column = nw.col(name)
    return column.cast(nw.String) if isinstance(bound.schema[name], nw.Categorical | nw.Enum) else column


def sign_kind(bound: Bound, name: str) -> bool:
    """Return whether signs are numbers (their sign counts) rather than words."""
    return bool(bound.schema[name].is_numeric())


def event_rows(bound: Bound, *, unit: str, at: str, kind: str, sign: str) -> tuple[Bound, int]:
    """Return events as ``_unit, _day, _p, _r``, and how many lack a unit, a time or a kind."""
    known = ~(is_null_or_nan(bound, unit) | nw.col(at).is_null() | is_null_or_nan(bound, kind))
    made = {"_unit": _text(bound, unit), "_day": days_expression(at).cast(nw.Int64), "_p": _text(bound, kind)}
    if sign_kind(bound, sign):
        value = nw.when(~is_null_or_nan(bound, sign)).then(nw.col(sign).cast(nw.Float64))
        codes = {"_r": nw.lit(9)}
        frame = bound.frame.filter(known).select(**made, _v=value)
        frame = frame.with_columns(**codes)
        for code, holds in ((-1, nw.col("_v") < 0), (0, nw.col("_v") == 0), (1, nw.col("_v") > 0)):
            frame = frame.with_columns(_r=nw.when(holds).then(nw.lit(code)).otherwise(nw.col("_r")))
    else:
        frame = bound.frame.filter(known).select(**made, _v=_text(bound, sign)).with_columns(_r=nw.lit(9))
        for word, code in _WORDS.items():
            frame = frame.with_columns(_r=nw.when(nw.col("_v") == word).then(nw.lit(code)).otherwise(nw.col("_r")))
    kept = frame.select("_unit", "_day", "_p", nw.col("_r").cast(nw.Int64))
    counts = collect(
        bound.frame.select(_known=known.cast(nw.Int64)).select(nw.len().alias("_n"), nw.col("_known").sum())
    )
    return bind(kept), int(counts["_n"][0]) - int(counts["_known"][0] or 0)


def log_rows(bound: Bound, *, unit: str, at: str, value: str, last: int) -> tuple[Bound, int, int]:
    """Return the log as ``_unit, _day, _value`` until its last day, and its rows without a unit, a time or a finite value.

    Of those the second number has no finite value.
    """
    lacking = is_null_or_nan(bound, unit) | nw.col(at).is_null()
    made = {
        "_unit": _text(bound, unit),
        "_day": days_expression(at).cast(nw.Int64),
        "_value": nw.col(value).cast(nw.Float64),
    }
    known = nw.when(lacking).then(nw.lit(0)).otherwise(nw.lit(1))
    frame = bound.frame.select(**made, _k=known, _m=is_null_or_nan(bound, value).cast(nw.Int64))
    good = (nw.col("_m") == 0) & (nw.col("_value") < _LARGE) & (nw.col("_value") > -_LARGE)
    frame = frame.with_columns(_g=nw.when(good).then(nw.lit(1)).otherwise(nw.lit(0)))
    counts = collect(frame.select(nw.len().alias("_n"), nw.col("_k").sum(), nw.col("_g").sum()))
    rows, complete, finite = (int(counts[name][0] or 0) for name in ("_n", "_k", "_g"))
    frame = frame.filter((nw.col("_k") == 1) & (nw.col("_g") == 1) & (nw.col("_day") <= last))
    return bind(frame.select("_unit", "_day", "_value")), rows - complete, rows - finite


def spell_rows(
    bound: Bound,
    *,
    unit: str,
    entered: str,
    left: str,
    reason: str | None,
    causes: Sequence[Any] | None,
    last: int,
    strata: Sequence[str],
) -> Bound:
    """Return spells as ``_unit, _first, _last, _k, _s0`` …; who leaves after the last day stays."""
    timed = isinstance(bound.schema[left], nw.Datetime | nw.Date)
    gone = days_expression(left).cast(nw.Int64) if timed else nw.lit(NEVER).cast(nw.Int64)
    counts = (
        nw.lit(1)
        if reason is None or causes is None
        else nw.when(nw.col(reason).is_in(list(causes))).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    frame = bound.frame.select(
        _unit=_text(bound, unit),
        _first=days_expression(entered).cast(nw.Int64),
        _last=gone,
        _e=nw.col(left).is_null().cast(nw.Int64),
        _k=counts,
        **{f"_s{i}": expression for i, expression in enumerate(key_expressions(bound, strata))},
    )
    stays = (nw.col("_e") == 1) | (nw.col("_last") > last)
    frame = frame.with_columns(_last=nw.when(stays).then(nw.lit(NEVER).cast(nw.Int64)).otherwise(nw.col("_last")))
    return bind(frame.select("_unit", "_first", "_last", "_k", *(f"_s{i}" for i in range(len(strata)))))


def unit_rows(log: Bound) -> Bound:
    """Return the units of a log as spells that begin on their first day and do not end."""
    first = log.frame.select("_unit", "_day").group_by("_unit").agg(nw.col("_day").min())
    return bind(first.select("_unit", _first=nw.col("_day"), _last=nw.lit(NEVER).cast(nw.Int64), _k=nw.lit(1)))
