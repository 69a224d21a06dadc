"""What customers do: who buys again, which kinds of customers there are, and what is to be expected of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cemkit import loyalty
from cemkit.charts.bars import bars_chart
from cemkit.charts.heat_map import heat_chart
from cemkit.errors import CemkitError
from cemkit.report.context import Context
from cemkit.report.drawing import picture
from cemkit.report.reading import count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Row, Section, Table
from cemkit.tables import columns_of, keep, levels_of
from cemkit.typing import Frame

__all__ = ["build"]

_BILL = "bill"
_WITHIN = "90d"
_WEEKS = 52.0
_COHORTS, _PERIODS = 12, 7


def build(context: Context) -> Section | None:
    """Build the section, where the study has transactions."""
    store, t = context.store, context.texts
    if not store.has("transactions"):
        return None
    log, setup, left = _purchases(store.transactions)
    amount = "amount" if "amount" in columns_of(log) else None
    history = loyalty.history(log, amount=amount, intervals=False)
    given = "" if amount else ", amount=None"
    found = loyalty.rfm(history)
    frequency, customers = history.table["frequency"].to_numpy(), len(history)
    sentence = t(
        "loyalty.sentence",
        customers=count(customers),
        again=percent(float((frequency > 0).mean())),
        until=history.until,
    )
    calls = [
        Call(
            t("loyalty.segments"),
            f"{setup}history = cem.loyalty.history(purchases{given})\ncem.loyalty.rfm(history)",
            t("method.rfm"),
            found.assumptions,
        )
    ]
    blocks = [_segments(context, found, bills=left)]
    parts: dict[str, Callable[[], tuple[Block, Call]]] = {
        "loyalty.again": lambda: _again(context, log, amount),
        "loyalty.model": lambda: _model(context, history),
    }
    for title, part in parts.items():
        try:
            block, call = part()
        except CemkitError as error:
            blocks.append(Block(t(title), str(error)))
            continue
        blocks.append(block)
        calls.append(call)
    return Section("loyalty", t("loyalty.title"), sentence, tuple(blocks), tuple(calls))


def _purchases(transactions: Frame) -> tuple[Frame, str, int]:
    """Return the transactions without bills, the code that makes them, and the bills: nobody decides to be billed."""
    if "category" in columns_of(transactions):
        levels = levels_of(transactions, column="category")
        others = [value for value in levels if value not in (None, _BILL)]
        if _BILL in levels and others:
            code = 'purchases = store.transactions  # without the rows of category "bill"\n'
            return keep(transactions, column="category", values=others), code, levels[_BILL]
    return transactions, "purchases = store.transactions\n", 0


def _segments(context: Context, found: loyalty.RFM, *, bills: int) -> Block:
    t = context.texts
    table = found.segments
    names = {name: t.name("rfm", str(name)) for name in table["segment"]}
    paid = table["money_share"].notna().any()
    rows = tuple(
        Row(
            (
                names[row["segment"]],
                count(row["customers"]),
                percent(row["share"]),
                percent(row["money_share"]),
                t("loyalty.number", value=f"{row['purchases']:.1f}")
                if row["purchases"] == row["purchases"]
                else t("loyalty.none"),
            )
        )
        for _, row in table.iterrows()
    )
    columns = (
        Column(t("loyalty.segment"), number=False),
        Column(t("loyalty.customers")),
        Column(t("loyalty.share")),
        Column(t("loyalty.money-share")),
        Column(t("loyalty.purchases")),
    )
    largest = table.iloc[int(np.nanargmax(table["money_share" if paid else "share"].to_numpy()))]
    values = {"segment": names[largest["segment"]], "share": percent(largest["share"])}
    if paid:
        sentence = t("loyalty.segments-money", money=percent(largest["money_share"]), **values)
    else:
        sentence = t("loyalty.segments-share", **values)
    note = t("loyalty.bills", rows=count(bills)) if bills else ""
    shares = {"share": t("loyalty.customers"), "money_share": t("loyalty.money")}
    long = table.melt("segment", [c for c in shares if c == "share" or paid], var_name="part", value_name="value")
    long = long.assign(row=long["segment"].map(names), part=long["part"].map(shares), unit="share")

    def draw(width: int) -> Any:
        return bars_chart(long, title=t("loyalty.share")).properties(width=width)

    return Block(
        t("loyalty.segments"),
        f"{sentence} {note}".strip(),
        picture(draw, sentence),
        (Table(t("loyalty.segments"), columns, rows, t("loyalty.rfm-note")),),
    )


def _again(context: Context, log: Frame, amount: str | None) -> tuple[Block, Call]:
    """Return who bought again after how long, and the call."""
    t = context.texts
    cohorts = loyalty.cohorts(log, level=context.level, amount=amount)
    rate = loyalty.repurchase_rate(log, within=_WITHIN, level=context.level, amount=amount).only
    shares = cohorts.triangle().iloc[-_COHORTS:, : _PERIODS + 1]
    sizes = cohorts.triangle("customers").iloc[-_COHORTS:, 0]
    months = [f"{start:%Y-%m}" for start in shares.index]
    columns = (
        Column(t("loyalty.cohort"), number=False),
        Column(t("loyalty.customers")),
        *(Column(str(period)) for period in shares.columns[1:]),
    )
    rows = tuple(
        Row((month, count(n), *(percent(v) if v == v else "" for v in values[1:])))
        for month, n, values in zip(months, sizes, shares.to_numpy(dtype=np.float64), strict=True)
    )
    shown = cohorts.table[cohorts.table["cohort"].isin(shares.index) & (cohorts.table["period"] <= _PERIODS)]
    shown = shown.assign(row=shown["cohort"].dt.strftime("%Y-%m"), column=shown["period"], value=shown["estimate"])
    later = shown.loc[shown["period"] > 0, "estimate"].max()
    sentence = t(
        "loyalty.again-sentence",
        days=_WITHIN.removesuffix("d"),
        rate=percent(rate.estimate),
        level=context.level_shown,
        interval=percent_interval(t, rate.low, rate.high),
        n=count(rate.n),
    )

    def draw(width: int) -> Any:
        words = {"cohort": t("loyalty.cohort"), "period": t("loyalty.months")}
        top = float(later) if later == later else None
        return heat_chart(shown, rows="cohort", columns="period", top=top, labels=words).properties(width=width)

    table = Table(t("loyalty.cohorts"), columns, rows, t("loyalty.cohorts-note"))
    given = "" if amount else ", amount=None"
    code = f'cem.loyalty.cohorts(purchases{given})\ncem.loyalty.repurchase_rate(purchases, within="{_WITHIN}"{given})'
    call = Call(t("loyalty.again"), code, rate.method, tuple(dict.fromkeys((*cohorts.assumptions, *rate.assumptions))))
    return Block(t("loyalty.again"), sentence, picture(draw, sentence), (table,)), call


def _model(context: Context, history: loyalty.PurchaseHistory) -> tuple[Block, Call]:
    """Return what a purchase model expects of the next year, and the call."""
    t = context.texts
    fit = loyalty.fit(history, "mbg/nbd")
    level = context.level if np.isfinite(fit.covariance).any() else None
    total = fit.expected_total(_WEEKS, level=level)
    bought, alive = (total.table.iloc[i] for i in (0, 1))
    customers = len(history)
    sentence = t(
        "loyalty.model-sentence",
        alive=count(round(alive["estimate"])),
        share=percent(alive["estimate"] / customers),
        purchases=count(round(bought["estimate"])),
    )
    names = {"alive": (alive, t("loyalty.alive")), "purchases": (bought, t("loyalty.next-year"))}
    rows = tuple(
        Row((name, count(round(row["estimate"])), _whole(context, row["low"], row["high"])))
        for row, name in names.values()
    )
    columns = (
        Column(t("loyalty.quantity"), number=False),
        Column(t("head.estimate")),
        Column(t("head.interval", level=context.level_shown)),
    )
    table = Table(t("loyalty.expected"), columns, rows, t("loyalty.model-note"))
    code = f'fit = cem.loyalty.fit(history, "mbg/nbd")\nfit.expected_total({_WEEKS:g}, level={context.level:g})'
    call = Call(t("loyalty.model"), code, t("method.maximum-likelihood"), total.assumptions)
    status = "" if fit.status == "converged" else t("loyalty.status", detail=fit.detail)
    return Block(t("loyalty.model"), f"{sentence} {status}".strip(), None, (table,)), call


def _whole(context: Context, low: float, high: float) -> str:
    if low != low or high != high:
        return context.texts("loyalty.none")
    return context.texts("interval", low=count(round(low)), high=count(round(high)))
