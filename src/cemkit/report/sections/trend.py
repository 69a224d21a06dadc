"""How the scores move from period to period: control limits, signals, slope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from cemkit.report.context import SMALL_BASE, Asked, Context
from cemkit.report.drawing import trend_picture
from cemkit.report.reading import count, p_value
from cemkit.report.section import Block, Call, Column, Row, Section, Table, lead
from cemkit.report.sections.groups import small
from cemkit.scores.trend import Trend

__all__ = ["build"]

_DAYS = {"1w": 7.0, "1mo": 365.25 / 12, "1q": 365.25 / 4}
_FEWEST = 2
_LONGEST = 60


def build(context: Context) -> Section | None:
    """Build the section, where the answers of any metric span at least two periods."""
    blocks: list[Block] = []
    calls: list[Call] = []
    for asked in context.asked:
        span = context.span(context.rows_of(asked), "answered_at") if "answered_at" in context.columns else None
        if span is None:
            continue
        result = _trend(context, asked, span)
        if result is not None:
            block = _block(context, asked, result)
            blocks.append(block)
            calls += block.calls
    if not blocks:
        return None
    t = context.texts
    sentence, about = lead(blocks, t("trend.sentence"))
    return Section("trend", t("trend.title"), blocks=tuple(blocks), calls=tuple(calls), sentence=sentence, about=about)


def _trend(context: Context, asked: Asked, span: tuple[datetime, datetime]) -> Trend | None:
    """Return the trend over months; over weeks where these are few, over quarters where months are thin or many."""
    days = (span[1] - span[0]).total_seconds() / 86_400
    order = ("1w",) if days < 2 * _DAYS["1mo"] else ("1mo", "1q") if days / _DAYS["1mo"] <= _LONGEST else ("1q",)
    result: Trend | None = None
    for every in order:
        if days < _DAYS[every] * (_FEWEST - 1):
            break
        result = asked.metric.trend(
            context.answers, every=every, design=context.design, level=context.level, invalid="count"
        )
        n = result.table["n"].to_numpy(dtype=float, na_value=0.0)
        if float(np.mean(n >= SMALL_BASE)) > 2 / 3:
            break
    if result is None or int((result.table["n"].to_numpy(dtype=float, na_value=0.0) > 0).sum()) < _FEWEST:
        return None
    return result


def _block(context: Context, asked: Asked, result: Trend) -> Block:
    t, read = context.texts, asked.reading
    table = result.table
    sentence = _sentence(context, asked, result)
    numbers = {name: table[name].to_numpy(dtype=float) * read.factor for name in ("estimate", "low", "high", "centre")}
    rows = pd.DataFrame(
        {
            "at": pd.to_datetime(table["period"]).dt.strftime("%Y-%m-%dT00:00:00"),
            **numbers,
            "lower_limit": table["control_low"].to_numpy(dtype=float) * read.factor,
            "upper_limit": table["control_high"].to_numpy(dtype=float) * read.factor,
            "signal": table["signal"].astype(str).ne("").to_numpy(),
            "part": table["stretch"].astype(str).to_numpy(),
        }
    ).dropna(subset=["estimate"])
    picture = trend_picture(rows, axis=f"{asked.short}, {read.unit}", label=sentence, suffix=read.suffix)
    shared = context.arguments(invalid=bool(table["invalid"].sum()))
    title = t("trend.block", metric=asked.title, every=t(f"every.{result.every}"))
    call = Call(
        title,
        f'{asked.code}.trend(answers, every="{result.every}"{shared})',
        _first(table["method"]),
        result.assumptions,
    )
    return Block(title, sentence, picture, (_table(context, asked, result, title),), calls=(call,))


def _first(values: pd.Series[Any]) -> str:
    return str(next(iter(values.dropna()), ""))


def _sentence(context: Context, asked: Asked, result: Trend) -> str:
    t, read = context.texts, asked.reading
    every = t(f"per.{result.every}")
    parts = []
    usable = result.test[np.isfinite(result.test["slope"].to_numpy(dtype=float))]
    if len(usable):
        last = usable.iloc[-1]
        parts.append(
            t(
                "trend.slope",
                metric=asked.short,
                every=every,
                slope=read.full_difference(last["slope"]),
                level=context.level_shown,
                interval=read.difference_interval(last["low"], last["high"]),
                p=p_value(last["p_value"]),
            )
        )
    else:
        parts.append(t("trend.no-slope", metric=asked.short, periods=count(len(result.table))))
    if result.table["control_low"].notna().any():
        signals = int(result.table["signal"].astype(str).ne("").sum())
        parts.append(t("trend.signals", signals=count(signals)) if signals else t("trend.no-signals"))
    else:
        parts.append(t("trend.no-limits"))
    return " ".join(parts)


def _table(context: Context, asked: Asked, result: Trend, title: str) -> Table:
    t, read = context.texts, asked.reading
    limits = bool(result.table["control_low"].notna().any())
    rows = []
    for _, row in result.table.iterrows():
        words = [t.name("signal", word.strip()) for word in str(row["signal"]).split(",") if word.strip()]
        if not bool(row["complete"]):
            words.append(t("signal.incomplete"))
        rows.append(
            Row(
                (
                    _period(row["period"], result.every),
                    read.value(row["estimate"]),
                    read.interval(row["low"], row["high"]),
                    count(row["n"]),
                    *([read.interval(row["control_low"], row["control_high"])] if limits else []),
                    t.items(words),
                ),
                small(context, row["n"], row["n_eff"]),
            )
        )
    columns = (
        Column(t("head.period"), number=False),
        Column(f"{asked.short}, {read.unit}"),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("head.n")),
        *([Column(t("head.limits"))] if limits else []),
        Column(t("head.signal"), number=False),
    )
    return Table(title, columns, tuple(rows))


def _period(start: Any, every: str) -> str:
    day = pd.Timestamp(start)
    if every == "1q":
        return f"{day.year} Q{day.quarter}"
    return f"{day:%Y-%m}" if every == "1mo" else f"{day:%Y-%m-%d}"
