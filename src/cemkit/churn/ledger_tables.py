"""The tables of a ledger from what was solved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.exposure_log import ExposureLog
from cemkit.churn.ledger import LEDGER_COLUMNS
from cemkit.churn.solve import Solved

__all__ = [
    "MONTH",
    "REFUSED",
    "Asked",
    "control_rows",
    "hazard_rows",
    "ledger_rows",
    "overall_rows",
    "risk_rows",
    "total_row",
]

REFUSED = ("no-overlap", "too-few")
"""Statuses of rows without a share: it is in the background."""
MONTH = 30.0
"""Days per unit of a shown hazard."""
Floats = npt.NDArray[np.float64]


class Asked(NamedTuple):
    """What every table needs."""

    log: ExposureLog
    estimand: str
    level: float

    @property
    def reach(self) -> float:
        """Half the width of an interval, in standard errors."""
        from scipy.special import ndtri

        return float(ndtri((1 + self.level) / 2))


def ledger_rows(solved: Solved, asked: Asked) -> pd.DataFrame:
    """Return the rows of one group: touchpoints, then the background, which makes them sum to the leavers observed."""
    touchpoints = asked.log.touchpoints
    status = [solved.cells.columns[i].status for i in range(len(touchpoints))]
    share, error = (
        _spread(solved, solved.shares.share, len(touchpoints)),
        _spread(solved, solved.shares.std_error, len(touchpoints)),
    )
    refused = np.array([s in REFUSED for s in status])
    share[refused], error[refused] = np.nan, np.nan
    joint, joint_error = solved.shares.share[-1], solved.shares.std_error[-1]
    share, error = np.append(share, 1 - joint), np.append(error, joint_error)
    leavers = solved.shares.total
    customers = share * leavers
    customers[-1] = leavers - np.nansum(customers[:-1])
    low, high = share - asked.reach * error, share + asked.reach * error
    method = np.where([*refused, False], f"{asked.estimand}: refused", f"{asked.estimand}: {solved.chosen} hazard")
    worth = _worth(solved, len(touchpoints), refused, asked.reach)
    columns: dict[str, Any] = {
        "touchpoint": pd.Index([*touchpoints, "background"], dtype=object),
        "customers": customers,
        "share": share,
        "std_error": error,
        "low": low,
        "high": high,
        "value": worth[0],
        "method": pd.Index(method, dtype=object),
        "level": asked.level,
        "n": int(leavers),
        "customers_low": low * leavers,
        "customers_high": high * leavers,
        "value_low": worth[1],
        "value_high": worth[2],
        "status": pd.Index([*status, "ok"], dtype=object),
    }
    return pd.DataFrame({name: columns[name] for name in LEDGER_COLUMNS})


def _spread(solved: Solved, values: Floats, size: int) -> Floats:
    """Return per touchpoint its value; 0 for one that nobody met."""
    found = np.zeros(size)
    for k, column in enumerate(solved.players):
        found[solved.cells.columns[column].touchpoint] = values[k]
    return found


def _worth(solved: Solved, size: int, refused: npt.NDArray[np.bool_], reach: float) -> tuple[Floats, Floats, Floats]:
    worth = solved.worth
    if worth is None:
        nothing = np.full(size + 1, np.nan)
        return nothing, nothing, nothing
    share, error = _spread(solved, worth.share, size), _spread(solved, worth.std_error, size)
    share[refused], error[refused] = np.nan, np.nan
    share, error = np.append(share, 1 - worth.share[-1]), np.append(error, worth.std_error[-1])
    return share * worth.total, (share - reach * error) * worth.total, (share + reach * error) * worth.total


def total_row(solved: Solved, asked: Asked) -> pd.DataFrame:
    """Return one row: all touchpoints together."""
    shares, risk = solved.shares, solved.risk
    share, error = float(shares.share[-1]), float(shares.std_error[-1])
    low, high = share - asked.reach * error, share + asked.reach * error
    row = {
        "at_risk": int(risk.spell.size),
        "leavers": int(shares.total),
        "customers": share * shares.total,
        "share": share,
        "std_error": error,
        "low": low,
        "high": high,
        "value": np.nan if solved.worth is None else solved.worth.share[-1] * solved.worth.total,
        "incidence": shares.incidence,
        "incidence_without": shares.incidence_without,
        "start": risk.start,
        "horizon": risk.horizon,
        "method": f"{asked.estimand}: {solved.chosen} hazard",
        "level": asked.level,
        "n": int(shares.total),
    }
    return pd.DataFrame([row])


def overall_rows(parts: Sequence[pd.DataFrame], asked: Asked) -> pd.DataFrame:
    """Return the sum of the ledgers of disjoint groups, whose customers are independent."""
    whole = pd.concat(parts, ignore_index=True)
    leavers = float(sum(part["n"].iloc[0] for part in parts))
    whole["_square"] = (whole["std_error"] * whole["n"]) ** 2
    order = list(dict.fromkeys(whole["touchpoint"]))
    sums = whole.groupby("touchpoint", sort=False)[["customers", "value", "_square"]].sum(min_count=1).loc[order]
    share, error = sums["customers"] / leavers, np.sqrt(sums["_square"]) / leavers
    return pd.DataFrame(
        {
            "touchpoint": pd.Index(order, dtype=object),
            "customers": sums["customers"].to_numpy(),
            "share": share.to_numpy(),
            "std_error": error.to_numpy(),
            "low": (share - asked.reach * error).to_numpy(),
            "high": (share + asked.reach * error).to_numpy(),
            "value": sums["value"].to_numpy(),
            "method": pd.Index([f"{asked.estimand}: sum of groups"] * len(order), dtype=object),
            "level": asked.level,
            "n": int(leavers),
        }
    )


def risk_rows(solved: Solved, asked: Asked) -> pd.DataFrame:
    """Return hazard ratio, hazard difference and E-value of every exposure."""
    cells, rows = solved.cells, []
    position = {column: place for place, column in enumerate(cells.used)}
    ratio, difference = (solved.fits.get(kind) for kind in ("multiplicative", "additive"))
    for i, column in enumerate(cells.columns):
        place = position.get(i)
        row: dict[str, Any] = {
            "touchpoint": asked.log.names[column.touchpoint],
            "valence": "exposed" if column.known else "unknown",
            "exposed": column.customers,
            "exposed_days": column.days,
            "exposed_share": column.days / cells.total_days,
            "leavers": column.leavers,
        }
        for name, fit, scale in (("hazard_ratio", ratio, 1.0), ("hazard_difference", difference, MONTH)):
            value = error = np.nan
            if fit is not None and place is not None:
                value = float(fit.effect[place])
                q = fit.design.baseline.shape[1] + place
                error = float(np.sqrt(max(fit.covariance[q, q], 0.0)))
            low, high = value - asked.reach * error, value + asked.reach * error
            turn = np.exp if name == "hazard_ratio" else _per(scale)
            row |= {name: turn(value), f"{name}_low": turn(low), f"{name}_high": turn(high)}
        limit = row["hazard_ratio_low"] if row["hazard_ratio"] >= 1 else row["hazard_ratio_high"]
        crosses = (limit - 1) * (row["hazard_ratio"] - 1) <= 0
        row["e_value"] = e_value(row["hazard_ratio"])
        row["e_value_low"] = 1.0 if crosses else e_value(limit)
        row["overlap"], row["ever_exposed"] = column.overlap, _ever(solved, i)
        row["status"], row["level"] = column.status, asked.level
        rows.append(row)
    return pd.DataFrame(rows)


def _per(scale: float) -> Any:
    return lambda value: value * scale


def e_value(ratio: float) -> float:
    """Return how strong something undeclared would have to be with both sides to explain a risk ratio away.

    RR + √(RR (RR − 1)) (VanderWeele & Ding 2017); of a ratio below 1, that of its inverse.
    """
    if not np.isfinite(ratio) or ratio <= 0:
        return float("nan")
    away = max(ratio, 1 / ratio)
    return float(away + np.sqrt(away * (away - 1)))


def _ever(solved: Solved, column: int) -> float:
    """Return 1 − (share of leavers among those never exposed) / (share among all): what immortal time makes of it."""
    event, met = solved.risk.event, solved.cells.ever[:, column]
    if met.all() or not event.any():
        return float("nan")
    return float(1 - event[~met].mean() / event.mean())


def control_rows(risks: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return the negative controls: their hazard ratio, and whether 1 is compatible with it."""
    from scipy.special import ndtr

    rows = risks[risks["touchpoint"].isin(list(asked.log.controls)) & (risks["valence"] == "exposed")]
    kept = rows[["touchpoint", "exposed", "leavers", "hazard_ratio", "hazard_ratio_low", "hazard_ratio_high", "level"]]
    error = (np.log(kept["hazard_ratio_high"]) - np.log(kept["hazard_ratio_low"])) / (2 * asked.reach)
    p_value = 2 * ndtr(-np.abs(np.log(kept["hazard_ratio"]) / error).to_numpy(dtype=np.float64))
    holds = (kept["hazard_ratio_low"] <= 1) & (kept["hazard_ratio_high"] >= 1)
    return kept.assign(p_value=p_value, holds=holds).reset_index(drop=True)


def hazard_rows(solved: Solved) -> pd.DataFrame:
    """Return the hazards that were tried."""
    names = list(solved.scores) or [solved.chosen]
    return pd.DataFrame(
        {
            "hazard": pd.Index(names, dtype=object),
            "held_out": [solved.scores.get(name, np.nan) for name in names],
            "chosen": [name == solved.chosen for name in names],
        }
    )
