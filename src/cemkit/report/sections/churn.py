"""Which experiences go with leaving: the ledger of churn."""

from __future__ import annotations

from typing import Any

from cemkit.churn import Ledger, attribute
from cemkit.errors import CemkitError
from cemkit.report.context import Context
from cemkit.report.drawing import picture
from cemkit.report.reading import count, percent, percent_interval
from cemkit.report.section import Block, Call, Column, Picture, Row, Section, Table
from cemkit.tables import columns_of

__all__ = ["build"]

_NEEDED = {
    "customers": {"customer_id", "acquired_at", "left_at"},
    "experiences": {"touchpoint_id", "occurred_at", "valence"},
}
_LEAVING_STAGES = ("cancel", "leave", "churn")
_BAR = 26


def build(context: Context) -> Section | None:
    """Build the section, where it is known when customers entered and left, and what they lived through."""
    store, t = context.store, context.texts
    for name, needed in _NEEDED.items():
        if not store.has(name) or not needed <= set(columns_of(getattr(store, name))):
            return None
    names, leaving = _touchpoints(context)
    exclude = leaving
    ledger = _ledger(context, exclude)
    found = [str(a.values["touchpoint"]) for a in ledger.assumptions if a.code == "cancellation-like"]
    if found:
        exclude = (*exclude, *[f for f in dict.fromkeys(found) if f not in exclude])
        ledger = _ledger(context, exclude)
    total = ledger.total.iloc[0]
    sentence = t(
        "churn.sentence",
        share=percent(total["share"]),
        level=context.level_shown,
        interval=percent_interval(t, total["low"], total["high"]),
        customers=count(round(total["customers"])),
        leavers=count(total["leavers"]),
        horizon=count(round(total["horizon"])),
    )
    arguments = f", exclude={list(exclude)!r}" if exclude else ""
    arguments += f", level={context.level:g}" if context.level != 0.95 else ""
    call = Call(
        t("churn.caption"),
        f"cem.churn.attribute(store.customers, store.experiences{arguments})",
        str(ledger.table["method"].iloc[-1]),
        ledger.assumptions,
    )
    lines = [t("churn.adjusted")]
    if exclude:
        lines.append(t("churn.excluded", touchpoints=t.items([names.get(e, str(e)) for e in exclude])))
    largest = _largest(ledger)
    if largest is not None:
        lines.append(
            t(
                "churn.largest",
                touchpoint=names.get(largest["touchpoint"], str(largest["touchpoint"])),
                share=percent(largest["share"]),
                interval=percent_interval(t, largest["low"], largest["high"]),
            )
        )
    block = Block(
        t("churn.subtitle"),
        " ".join(lines),
        _picture(context, ledger, names, sentence),
        (_table(context, ledger, names), _lags(context, ledger, names)),
    )
    return Section("churn", t("churn.title"), sentence, (block,), (call,))


def _ledger(context: Context, exclude: tuple[Any, ...]) -> Ledger:
    return attribute(context.store.customers, context.store.experiences, exclude=exclude, level=context.level)


def _touchpoints(context: Context) -> tuple[dict[Any, str], tuple[Any, ...]]:
    """Return the touchpoints' names, and those in a stage of leaving that the log holds."""
    from cemkit.tables import levels_of

    try:
        points = context.store.journey_map.touchpoints
    except CemkitError:
        return {}, ()
    seen = levels_of(context.store.experiences, column="touchpoint_id")
    leaving = tuple(p.touchpoint_id for p in points if p.stage in _LEAVING_STAGES and p.touchpoint_id in seen)
    return {p.touchpoint_id: p.name for p in points}, leaving if len(leaving) < len(seen) else ()


def _largest(ledger: Ledger) -> Any:
    rows = ledger.table[(ledger.table["touchpoint"] != "background") & (ledger.table["low"] > 0)]
    return None if rows.empty else rows.iloc[int(rows["share"].to_numpy().argmax())]


def _picture(context: Context, ledger: Ledger, names: dict[Any, str], label: str) -> Picture:
    t = context.texts
    words = {
        **{str(key): name for key, name in names.items()},
        "background": t("churn.background"),
        "total": t("churn.observed"),
        "customers": t("churn.leavers"),
        "share": t("head.share"),
    }

    def draw(width: int) -> Any:
        from cemkit.charts.waterfall import waterfall_layers

        chart, steps = waterfall_layers(ledger.table, labels=words)
        return chart.properties(width=width, height=_BAR * steps)

    return picture(draw, label)


def _name(context: Context, names: dict[Any, str], key: Any) -> str:
    return context.texts("churn.background") if key == "background" else names.get(key, context.group(key))


def _table(context: Context, ledger: Ledger, names: dict[Any, str]) -> Table:
    t = context.texts
    columns = (
        Column(t("column.touchpoint_id"), number=False),
        Column(t("churn.leavers")),
        Column(t("head.share")),
        Column(t("head.interval", level=context.level_shown)),
        Column(t("churn.ratio")),
        Column(t("churn.exposed")),
        Column(t("churn.while-exposed")),
    )
    risks = ledger.relative_risks
    risks = risks[risks["valence"] == "exposed"].set_index("touchpoint")
    rows = []
    last = ledger.table["touchpoint"] == "background"
    for row in [*_sorted(ledger.table[~last]), *_sorted(ledger.table[last])]:
        key = row["touchpoint"]
        risk = risks.loc[key] if key in risks.index else None
        refused = row["status"] in ("no-overlap", "too-few")
        rows.append(
            Row(
                (
                    _name(context, names, key),
                    t("churn.refused") if refused else count(round(row["customers"])).replace("-", "\N{MINUS SIGN}"),
                    percent(row["share"]),
                    percent_interval(t, row["low"], row["high"]),
                    ""
                    if risk is None or risk["hazard_ratio"] != risk["hazard_ratio"]
                    else f"{risk['hazard_ratio']:.2f}",
                    "" if risk is None else count(risk["exposed"]),
                    "" if risk is None else count(risk["leavers"]),
                )
            )
        )
    total = ledger.total.iloc[0]
    rows.append(Row((t("churn.observed"), count(total["leavers"]), percent(1.0), "", "", count(total["at_risk"]), "")))
    return Table(t("churn.caption"), columns, tuple(rows), t("churn.note"))


def _sorted(rows: Any) -> list[Any]:
    return [row for _, row in rows.sort_values("share", ascending=False, kind="stable").iterrows()]


def _lags(context: Context, ledger: Ledger, names: dict[Any, str]) -> Table:
    """Return the shares at other lags: what is part of leaving falls away at once."""
    t = context.texts
    wide = ledger.sensitivity.pivot_table(index="touchpoint", columns="lag", values="share", sort=False, dropna=False)
    columns = [
        Column(t("column.touchpoint_id"), number=False),
        *(Column(t("churn.lag", days=count(lag))) for lag in wide.columns),
    ]
    order = [row["touchpoint"] for row in _sorted(ledger.table[ledger.table["touchpoint"] != "background"])]
    rows = [
        Row((_name(context, names, key), *(percent(v) for v in wide.loc[key].tolist())))
        for key in [*order, "background"]
        if key in wide.index
    ]
    return Table(t("churn.lags"), tuple(columns), tuple(rows), t("churn.lags-note"))
