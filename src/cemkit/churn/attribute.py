"""Which experiences make customers leave: a ledger that adds up to the churn observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.confounders import Confounder, read_confounder, strata_of
from cemkit.churn.exposure_log import LogColumns, as_days, exposure_log, touchpoint_names
from cemkit.churn.ledger import LEDGER_COLUMNS, Ledger
from cemkit.churn.ledger_group import Study, solve_group
from cemkit.churn.ledger_notes import ledger_notes
from cemkit.churn.ledger_tables import Asked, overall_rows
from cemkit.churn.solve import HAZARDS, Estimand, Hazard, Settings
from cemkit.errors import CemkitError, ContractError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.groups import group_rows, known_order
from cemkit.tables.spell import Spell
from cemkit.tables.spells import Spells, require_leavers, spell_table
from cemkit.typing import Frame

__all__ = ["attribute"]

ESTIMANDS = ("preventable", "hazard-share")
Floats = npt.NDArray[np.float64]


def attribute(
    customers: Frame,
    experiences: Frame,
    *,
    spell: Spell | None = None,
    estimand: Estimand = "preventable",
    touchpoint: str = "touchpoint_id",
    valence: str | None = "valence",
    exposure: str | Sequence[str] = "negative",
    period: str = "30d",
    window: str = "90d",
    lag: str = "0d",
    horizon: str | None = None,
    confounders: str | Sequence[str] = (),
    exclude: Any = (),
    negative_controls: Any = (),
    value: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
    seed: int | None = None,
    hazard: Hazard = "auto",
    calendar: str | None = None,
    since: object = None,
    customer: str = "customer_id",
    at: str = "occurred_at",
) -> Ledger:
    r"""Split churn over the touchpoints whose bad experiences go with it, and a background.

    Parameters
    ----------
    customers : frame
        A row per customer (or spell): when they entered and left.
    experiences : frame
        A row per experience: who, where, when, and how it felt.
    spell : Spell, optional
        The columns of entering and leaving; which reasons count as churn.
    estimand : {"preventable", "hazard-share"}
        ``"preventable"``: the share of churn up to the horizon that would not have happened had the bad experiences not
        happened, :math:`AF(t) = 1 - F^{no\,bad}(t) / F(t)`. ``"hazard-share"``: each leaver's hazard at exit, split over what was
        then in force. The second runs higher: a customer who is saved once can still leave later.
    touchpoint, valence : str
        Columns of the experiences; ``valence=None`` takes every experience as an exposure.
    exposure : str or list of str
        Values of ``valence`` that are an exposure. A null is a level of its own, never 'unexposed'.
    period : str
        Length of a band of tenure, within which the background is constant.
    window : str
        How long an experience is in force; ``"ever"`` for one that never ends, counted from when it happens.
    lag : str
        How long after it happened an experience comes in force.
    horizon : str, optional
        Tenure up to which churn is counted; the longest with enough customers at risk unless given.
    confounders : str or list of str
        Columns of customers that may drive both contact and leaving: numbers and times as splines, all else as levels.
    exclude : touchpoint or list
        Touchpoints that are part of leaving: they have no row, and are no exposure.
    negative_controls : touchpoint or list
        Touchpoints that cannot make anybody leave: they have no row, and test the adjustment.
    value : str, optional
        Column of customers: what each is worth.
    by : str or list of str, optional
        Columns of customers; each group has its own hazard and its own ledger.
    level : float
        Level of the intervals.
    seed : int, optional
        For the random orders of more than twelve touchpoints.
    hazard : {"auto", "additive", "multiplicative"}
        How exposures act on the hazard; ``"auto"`` takes what predicts customers it has not seen best.
    calendar : str, optional
        Length of periods of calendar time that the background may differ in, such as ``"91d"``.
    since : date, optional
        The first day that the log covers; the day of its first row unless given.
    customer, at : str
        Columns of the customer (in both tables) and of the time of an experience.

    Returns
    -------
    Ledger
        Rows sum to the leavers observed within the horizon.

    Raises
    ------
    ColumnError
        If a column is absent, holds no times, or its times are in another zone than the others.
    ContractError
        If customers repeat, leave before they enter, or have a negative value.
    CemkitError
        If nobody left, nobody is at risk, a touchpoint or level is not in the log, or no experience has a time.

    Notes
    -----
    A discrete-time hazard over tenure is fitted to person-time that is split at the moment an exposure starts or ends, and
    collapsed to cells (what is in force × stratum × band). Its g-formula gives churn without every coalition of
    touchpoints; Shapley's rule makes of these the rows, exactly up to twelve touchpoints. Intervals count the drawing of
    customers and the fit by influence functions, with customers as clusters. Customers' rows are collected (the weights need
    each one's own history); of the experiences, only the first and last time per customer, touchpoint and stretch of days.

    References
    ----------
    Chen, L., Lin, D. Y. and Zeng, D. (2010), *Biometrika* 97, 713-726. Eide, G. E. and Gefeller, O. (1995), *Journal of Clinical
    Epidemiology* 48, 645-655. Robins, J. (1986), *Mathematical Modelling* 7, 1393-1512. Sjölander, A. and Vansteelandt, S. (2014),
    *Statistical Methods in Medical Research* 26, 948-969.

    Examples
    --------
    >>> from cemkit.churn.attribute import attribute
    >>> from cemkit.simulate import telecom
    >>> store, truth = telecom(customers=2000, seed=1)
    >>> found = attribute(store.customers, store.experiences, exclude="cancellation", horizon="360d")
    >>> table = found.to_frame()
    >>> bool(abs(table["customers"].sum() - found.total["leavers"].sum()) < 1e-9)
    True
    """
    check_level(level)
    by_names = column_names(by, reserved=(*LEDGER_COLUMNS, "lag", "hazard"))
    settings = _settings(estimand, hazard, period, window, lag, horizon, calendar, seed)
    names = column_names(confounders, argument="confounders")
    asked_spell = spell if spell is not None else Spell()
    bound = bind(customers, what="customers")
    wanted = list(dict.fromkeys((*names, *by_names, *([value] if value is not None else []))))
    _check_customers(bound, by_names, value)
    spells = _in_order(spell_table(bound, asked_spell, columns=wanted, customer=customer))
    require_leavers(spells, asked_spell)
    columns = LogColumns(
        touchpoint,
        valence,
        (exposure,) if isinstance(exposure, str) else tuple(exposure),
        customer,
        at,
        settings.window,
    )
    log = exposure_log(
        experiences, spells, bound, columns, exclude=touchpoint_names(exclude, "exclude"),
        controls=touchpoint_names(negative_controls, "negative_controls"), since=since,
    )  # fmt: skip
    read = _confounders(names, spells)
    worth, notes = _worth(spells, value)
    study = Study(spells, log, strata_of(read, len(spells)), read, settings, worth, Asked(log, estimand, float(level)))
    keys = {name: spells.columns[name] for name in by_names}
    groups, code = group_rows(keys, by_names, orders=known_order(bound, by_names), rows=len(spells))
    parts = [solve_group(study, np.flatnonzero(code == g), single=len(groups) == 1) for g in range(len(groups))]
    frame = groups.frame()

    def stack(field: str) -> pd.DataFrame:
        tables = [getattr(part, field) for part in parts]
        keyed = [_keyed(frame.iloc[[g]], table) for g, table in enumerate(tables) if len(table)]
        return pd.concat(keyed, ignore_index=True) if keyed else _keyed(frame.iloc[:0], tables[0])

    given = {
        "spell": _spell_record(asked_spell), "touchpoint": touchpoint, "valence": valence, "exposure": columns.exposure,
        "customer": customer, "at": at, "window": window, "lag": lag, "period": period, "calendar": calendar,
        "confounders": names, "exclude": log.excluded, "touchpoints": log.touchpoints, "controls": log.controls,
        "since": since if since is None else str(since), "value": value, "level": float(level),
        "until": spells.until, "begin": log.begin,
    }  # fmt: skip
    answered = [part.rows for part in parts if part.rows["status"].iloc[-1] == "ok"]
    overall = overall_rows(answered, study.asked) if by_names and answered else pd.DataFrame()
    every = ledger_notes(study.spells, log, settings, names, asked_spell, notes, [n for p in parts for n in p.notes])
    return Ledger(
        stack("rows"),
        every,
        total=stack("total"),
        overall=overall,
        relative_risks=stack("risks"),
        sensitivity=stack("lags"),
        negative_controls=stack("controls"),
        hazards=stack("hazards"),
        by=by_names,
        estimand=estimand,
        settings=given,
        model=tuple(
            {**part.model, "group": key, "confounders": tuple(c.record() for c in read)}
            for part, key in zip(parts, groups.keys, strict=True)
        ),
    )


def _settings(
    estimand: Any, hazard: Any, period: Any, window: Any, lag: Any, horizon: Any, calendar: Any, seed: Any
) -> Settings:
    for argument, given, known in (("estimand", estimand, ESTIMANDS), ("hazard", hazard, HAZARDS)):
        if given not in known:
            msg = f"{argument} must be one of {', '.join(map(repr, known))}, got {given!r}.{did_you_mean(given, known)}"
            raise CemkitError(msg)
    return Settings(
        estimand,
        hazard,
        as_days(period, "period"),
        as_days(window, "window", ever=True),
        as_days(lag, "lag", zero=True),
        None if horizon is None else as_days(horizon, "horizon"),
        None if calendar is None else as_days(calendar, "calendar"),
        seed,
    )


def _check_customers(bound: Bound, by: tuple[str, ...], value: str | None) -> None:
    for name in by:
        bound.require_key(name, "by")
    if value is not None:
        bound.require_number(value, "value")


def _in_order(spells: Spells) -> Spells:
    """Return the spells in the order of their customers' names: engines give rows in any order, sums depend on it."""
    names = np.array([str(i) for i in spells.ids], dtype=object)
    rank = np.empty(len(names), dtype=np.int64)
    by_name = np.argsort(names, kind="stable")
    rank[by_name] = np.arange(len(names))
    customer = rank[spells.customer]
    order = np.lexsort((spells.entered, customer))
    columns = {
        name: column[order] if isinstance(column, np.ndarray) else [column[i] for i in order.tolist()]
        for name, column in spells.columns.items()
    }
    return replace(
        spells,
        ids=[spells.ids[i] for i in by_name.tolist()],
        customer=customer[order],
        entered=spells.entered[order],
        left=spells.left[order],
        event=spells.event[order],
        cause=spells.cause[order],
        columns=columns,
    )


def _confounders(names: tuple[str, ...], spells: Spells) -> tuple[Confounder, ...]:
    few = 8

    def continuous(values: Any) -> bool:
        return isinstance(values, np.ndarray) and np.unique(values[np.isfinite(values)]).size > few

    number = sum(continuous(spells.columns[name]) for name in names)
    return tuple(read_confounder(name, spells.columns[name], spells.event, number) for name in names)


def _worth(spells: Spells, value: str | None) -> tuple[Floats | None, tuple[Assumption, ...]]:
    if value is None:
        return None, ()
    worth = np.array([np.nan if v is None else float(v) for v in spells.columns[value]], dtype=np.float64)
    bad = int(np.count_nonzero((worth < 0) | np.isinf(worth)))
    if bad:
        msg = f"value={value!r} is negative or infinite in {bad:,} of {worth.size:,} rows: what a customer is worth is at least 0"
        raise ContractError(msg)
    missing = int(np.isnan(worth).sum())
    notes = (Assumption("value-missing", {"rows": missing}),) if missing else ()
    return np.nan_to_num(worth), notes


def _keyed(key: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    if not len(key.columns):
        return table
    repeated = key.loc[key.index.repeat(len(table))].reset_index(drop=True)
    return pd.concat([repeated, table.reset_index(drop=True)], axis=1)


def _spell_record(spell: Spell) -> dict[str, Any]:
    until = None if spell.until is None else str(spell.until)
    return {
        "entered": spell.entered, "left": spell.left, "reason": spell.reason, "causes": spell.causes, "until": until,
        "spell_id": spell.spell_id,
    }  # fmt: skip
