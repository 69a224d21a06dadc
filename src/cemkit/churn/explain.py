"""One leaver's hazard at exit, split over the experiences then in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.exposure_log import LogColumns, as_days, exposure_log
from cemkit.churn.ledger import Explanation, Ledger
from cemkit.churn.ledger_tables import MONTH
from cemkit.errors import CemkitError
from cemkit.results import Assumption
from cemkit.statistics.shapley import shapley
from cemkit.tables import keep
from cemkit.tables.binding import bind
from cemkit.tables.spell import Spell
from cemkit.tables.spells import Spells, spell_table
from cemkit.typing import Frame

__all__ = ["explain"]

Floats = npt.NDArray[np.float64]


def explain(ledger: Ledger, customers: Frame, experiences: Frame, *, customer: Any) -> Explanation:
    """Split one leaver's hazard at the moment of leaving over the experiences then in force.

    Parameters
    ----------
    ledger : Ledger
        From :func:`cemkit.churn.attribute`; its hazard and its columns are used.
    customers, experiences : frame
        The tables it was made of; only the rows of this customer are collected.
    customer : key
        Who left.

    Returns
    -------
    Explanation
        A row per touchpoint with an experience in force, and the background; shares sum to 1.

    Raises
    ------
    CemkitError
        If the customer is not in the table, has not left, left for a reason that is no churn, or at a tenure that the
        ledger does not cover.

    Notes
    -----
    The hazard h at exit is that of the ledger's fit; the share of a touchpoint is its Shapley value in
    :math:`v(S) = 1 - h_S / h`. Summed over all leavers, these are the ledger with ``estimand="hazard-share"``. It is an
    accounting of one moment, without an interval: what this customer would have done otherwise, nobody knows.

    Examples
    --------
    >>> from cemkit.churn.attribute import attribute
    >>> from cemkit.churn.explain import explain
    >>> from cemkit.simulate import telecom
    >>> store, _ = telecom(customers=2000, seed=1)
    >>> found = attribute(store.customers, store.experiences, exclude="cancellation", horizon="360d")
    >>> left = store.customers[store.customers["left_at"].notna() & (store.customers["acquired_at"] >= "2023-06-01")]
    >>> someone = left["customer_id"].iloc[0]
    >>> float(explain(found, store.customers, store.experiences, customer=someone).to_frame()["share"].sum())
    1.0
    """
    given = ledger.settings
    spell = Spell(**given["spell"])
    bound = bind(customers, what="customers")
    key = bound.require(given["customer"], "customer")
    own = bind(keep(customers, column=key, values=[customer]))
    wanted = tuple(dict.fromkeys((*given["confounders"], *ledger.by)))
    until = pd.Timestamp(given["until"], unit="D").ceil("us") + pd.Timedelta(microseconds=1)  # the last leaver included
    until = until if spell.until is None else spell.until
    one = Spell(spell.entered, spell.left, spell.reason, None, until, spell.spell_id)
    if not _rows(own.frame):
        msg = f"customer={customer!r} is not in the table of customers ({key!r}): check the key, and whether it is text"
        raise CemkitError(msg)
    spells = spell_table(own, one, columns=wanted, customer=key)
    place = _leaver(spells, spell, customer)
    tenure = float(spells.left[place] - spells.entered[place])
    model = _model(ledger, [_one(spells.columns[name], place) for name in ledger.by])
    if not model.get("start", 0.0) <= tenure <= model.get("horizon", -1.0) + 1e-9:
        msg = (
            f"{customer!r} left after {tenure:.0f} days; the ledger covers {model.get('start', 0):.0f} to {model.get('horizon', 0):.0f} "
            "days of tenure: make one with a longer horizon="
        )
        raise CemkitError(msg)
    rows, coefficient = _in_force(ledger, model, spells, place, experiences, own)
    base = _background(model, spells, place, tenure) @ coefficient[: model["background"]]
    return _answer(model, rows, coefficient, float(base), spells, place, customer)


def _rows(frame: Any) -> int:
    from cemkit.tables import row_count

    return row_count(frame)


def _one(column: Any, place: int) -> Any:
    value = column[place]
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value != value else value


def _leaver(spells: Spells, spell: Spell, customer: Any) -> int:
    """Return the place of the last spell that ended in churn."""
    gone = np.flatnonzero(spells.cause > 0)
    if not gone.size:
        msg = f"{customer!r} has not left by the end of observation: there is no exit to explain"
        raise CemkitError(msg)
    if spell.causes is not None:
        counted = [i for i in gone if spells.causes[spells.cause[i] - 1] in spell.causes]
        if not counted:
            found = spells.causes[spells.cause[gone[-1]] - 1]
            msg = f"{customer!r} left for {found!r}, which is not among the causes of this ledger ({', '.join(map(repr, spell.causes))})"
            raise CemkitError(msg)
        return int(counted[-1])
    return int(gone[-1])


def _model(ledger: Ledger, key: list[Any]) -> Mapping[str, Any]:
    for model in ledger.model:
        if list(model["group"]) == key:
            return model
    msg = f"the ledger has no group {key!r}"
    raise CemkitError(msg)


def _in_force(
    ledger: Ledger, model: Mapping[str, Any], spells: Spells, place: int, experiences: Frame, own: Any
) -> tuple[list[dict[str, Any]], Floats]:
    """Return the exposures in force at exit, with their last experience, and all coefficients."""
    given = ledger.settings
    window, lag = as_days(given["window"], "window", ever=True), as_days(given["lag"], "lag", zero=True)
    columns = LogColumns(
        given["touchpoint"], given["valence"], tuple(given["exposure"]), given["customer"], given["at"], 1
    )
    coefficient = np.asarray(model["coefficient"], dtype=np.float64)
    mine = bind(keep(experiences, column=given["customer"], values=[spells.ids[int(spells.customer[place])]]))
    if not _rows(mine.frame):
        return [], coefficient
    log = exposure_log(mine, spells, own, columns, since="1900-01-01", lenient=True)
    left = spells.left[place]
    rows = []
    names = (*given["touchpoints"], *given["controls"])
    for e, (touchpoint, known, player) in enumerate(model["exposures"]):
        at = [
            last
            for name, is_known, first, last in zip(
                (log.names[i] for i in log.touchpoint), log.known, log.first, log.last, strict=True
            )
            if name == names[touchpoint] and bool(is_known) == known and first + lag < left <= last + lag + window
        ]
        if at:
            last = max(min(value, left) for value in at)
            rows.append(
                {"exposure": e, "touchpoint": names[touchpoint], "known": known, "player": player, "last": last}
            )
    return rows, coefficient


def _background(model: Mapping[str, Any], spells: Spells, place: int, tenure: float) -> Floats:
    """Return the background's columns of one spell at exit."""
    found = np.zeros(model["background"])
    bands = np.asarray(model["bands"])
    band = min(int((max(tenure - 1e-9, 0.0) - model["start"]) // model["width"]), int(bands[:, 0].max()))
    near = int(np.argmin(np.abs(bands[:, 0] - band)))
    found[int(bands[near, 1])] = 1.0
    at = model["band_columns"]
    for confounder in model["confounders"]:
        value, levels = _one(spells.columns[confounder["name"]], place), confounder["levels"]
        if confounder["kind"] == "spline":
            number = pd.Timestamp(value).tz_localize(None) if hasattr(value, "isoformat") else value
            if isinstance(number, pd.Timestamp):
                number = (number - pd.Timestamp(0)) / pd.Timedelta(days=1)
            ends = [v for v in levels if v is not None]
            code = len(levels) - 1 if number is None else min(int(np.searchsorted(ends, number)), len(ends) - 1)
        else:
            code = levels.index(value)
        columns = np.asarray(confounder["columns"], dtype=np.float64)
        found[at : at + columns.shape[1]] = columns[code]
        at += columns.shape[1]
    return found


def _answer(
    model: Mapping[str, Any],
    rows: list[dict[str, Any]],
    coefficient: Floats,
    base: float,
    spells: Spells,
    place: int,
    customer: Any,
) -> Explanation:
    players = sorted({row["player"] for row in rows if row["player"] >= 0})
    place_of = {row["exposure"]: row["player"] for row in rows}
    q, size = model["background"], len(model["exposures"])

    def hazard(removed: npt.NDArray[np.bool_]) -> float:
        gone = {p for p, out in zip(players, removed, strict=True) if out}
        kept = {e for e, player in place_of.items() if player not in gone}
        eta = base + sum(coefficient[q + e] for e in kept)
        eta += sum(coefficient[q + size + k] for k, (i, j) in enumerate(model["pairs"]) if i in kept and j in kept)
        return float(np.exp(min(eta, 500.0)) if model["kind"] == "multiplicative" else max(eta, 0.0))

    whole = max(hazard(np.zeros(len(players), dtype=np.bool_)), 1e-300)
    split = shapley(lambda s: np.array([1 - hazard(row) / whole for row in s]), len(players), seed=0)
    left = spells.left[place]
    table = [
        {
            "touchpoint": row["touchpoint"],
            "valence": "exposed" if row["known"] else "unknown",
            "last": _moment(row["last"]),
            "days": left - row["last"],
            "hazard": MONTH * whole * float(split.value[players.index(row["player"])]),
            "share": float(split.value[players.index(row["player"])]),
        }
        for row in rows
        if row["player"] >= 0
    ]
    rest = 1 - sum(row["share"] for row in table)
    table.append(
        {
            "touchpoint": "background", "valence": None, "last": pd.NaT, "days": float("nan"),
            "hazard": MONTH * whole * rest, "share": rest,
        }
    )  # fmt: skip
    frame = pd.DataFrame(table)
    frame["last"] = pd.to_datetime(frame["last"]).astype("datetime64[us]")
    for name in ("touchpoint", "valence"):
        frame[name] = frame[name].astype(object)
    return Explanation(
        frame,
        (Assumption("ledger-association"), Assumption("hazard-share-higher")),
        customer=customer,
        left=_moment(left),
        tenure=float(left - spells.entered[place]),
        method=f"hazard-share: {model['hazard']} hazard",
    )


def _moment(day: float) -> pd.Timestamp:
    return pd.Timestamp(round(day * 86_400), unit="s")
