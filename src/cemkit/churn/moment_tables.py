"""The rows of moments of truth: what customers did next, differences, and the asymmetry of loss and gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.statistics._arguments import critical_value
from cemkit.statistics.multiplicity import adjust
from cemkit.statistics.proportions import logit_interval, proportion_interval
from cemkit.statistics.standardised_difference import Cells, Standardised, share_of, standardised_difference
from cemkit.tables.aftermath import Aftermath, Counts
from cemkit.tables.aftermath_inputs import SIGNS
from cemkit.tables.factor import factor
from cemkit.tables.groups import group_rows

__all__ = [
    "ASYMMETRY_COLUMNS",
    "DIFFERENCE_COLUMNS",
    "MOMENT_COLUMNS",
    "Moments",
    "asymmetry_rows",
    "difference_rows",
    "moments_of",
    "outcome_rows",
    "status_rows",
]

OUTCOMES = ("more", "same", "less", "left")
VALENCES = ("negative", "neutral", "positive", "none", "unknown")
PAIRS = (
    ("negative", "neutral"),
    ("negative", "none"),
    ("positive", "neutral"),
    ("positive", "none"),
    ("neutral", "none"),
)
MOMENT_COLUMNS = (
    "touchpoint",
    "valence",
    "outcome",
    "estimate",
    "std_error",
    "low",
    "high",
    "level",
    "method",
    "n",
    "customers",
    "unit",
)
DIFFERENCE_COLUMNS = (
    "touchpoint", "valence", "reference", "outcome", "difference", "std_error", "low", "high", "level", "method", "unadjusted",
    "statistic", "p_value", "p_adjusted", "n", "n_reference", "covered", "unit",
)  # fmt: skip
ASYMMETRY_COLUMNS = (
    "touchpoint", "loss", "loss_low", "loss_high", "gain", "gain_low", "gain_high", "estimate", "std_error", "low", "high", "level",
    "method", "statistic", "p_value", "p_adjusted", "ratio", "n_negative", "n_positive", "n_neutral", "unit",
)  # fmt: skip
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Moments:
    """Counts by touchpoint and valence, units and strata as numbers."""

    touchpoints: tuple[Any, ...]
    cells: Mapping[tuple[int, str], tuple[Codes, Codes, npt.NDArray[np.float64]]]
    """(unit, stratum, counts of the four outcomes) per touchpoint and valence."""
    units: int
    strata: int

    def of(self, touchpoint: int, valence: str, outcomes: Sequence[str]) -> Cells:
        """Return the rows of a valence, the outcome being any of these."""
        unit, stratum, counts = self.cells.get((touchpoint, valence), _NOTHING)
        return Cells(unit, stratum, counts.sum(axis=1), counts[:, [OUTCOMES.index(o) for o in outcomes]].sum(axis=1))


_NOTHING = (np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros((0, 4)))


def moments_of(found: Aftermath, strata: int) -> Moments:
    """Return the counts as arrays; 'none' is all moments less those before which the touchpoint was met."""
    parts = (found.events, found.moments, found.met)
    sizes = np.cumsum([0, *(len(p.number) for p in parts)])

    def common(name: str) -> tuple[list[Codes], int]:
        codes, levels = factor([v for p in parts for v in p.keys[name]])
        return [codes[a:b].astype(np.intp) for a, b in pairwise(sizes.tolist())], len(levels)

    unit, units = common("_unit")
    stratum, count = [np.zeros(len(p.number), dtype=np.intp) for p in parts], 1
    for i in range(strata):
        more, size = common(f"_s{i}")
        stratum, count = [a * size + b for a, b in zip(stratum, more, strict=True)], count * size
    names = list(found.status["_p"])
    groups, _ = group_rows({"touchpoint": names}, ["touchpoint"])
    touchpoints = tuple(key[0] for key in groups.keys)
    cells = {}
    event_touch = (
        groups.codes({"touchpoint": found.events.keys["_p"]}) if len(found.events.number) else np.zeros(0, np.intp)
    )
    met_touch = groups.codes({"touchpoint": found.met.keys["_p"]}) if len(found.met.number) else np.zeros(0, np.intp)
    sign = np.asarray(found.events.keys["_r"], dtype=np.int64)
    for k in range(len(touchpoints)):
        for code, valence in SIGNS.items():
            rows = (event_touch == k) & (sign == code)
            if rows.any():
                cells[k, valence] = _kept(unit[0], stratum[0], found.events, rows)
        rows = met_touch == k
        key = np.r_[unit[1] * count + stratum[1], unit[2][rows] * count + stratum[2][rows]]
        both = np.r_[found.moments.number, -found.met.number[rows]].astype(np.float64)
        different, place = np.unique(key, return_inverse=True)
        left = np.zeros((different.size, 4))
        np.add.at(left, place, both)
        some = left.sum(axis=1) > 0
        if some.any():
            who, where = np.divmod(different[some], count)
            cells[k, "none"] = (who.astype(np.intp), where.astype(np.intp), left[some])
    return Moments(touchpoints, cells, units, count)


def _kept(
    unit: Codes, stratum: Codes, counts: Counts, rows: npt.NDArray[np.bool_]
) -> tuple[Codes, Codes, npt.NDArray[np.float64]]:
    return unit[rows], stratum[rows], counts.number[rows].astype(np.float64)


def outcome_rows(moments: Moments, *, level: float, leavers: bool) -> pd.DataFrame:
    """Return what customers did next, per touchpoint, valence and outcome."""
    rows = []
    for k, touchpoint in enumerate(moments.touchpoints):
        for valence in VALENCES:
            cells = moments.of(k, valence, ("more",))
            if valence == "unknown" and not cells.n.sum():
                continue
            customers = int(np.unique(cells.unit[cells.n > 0]).size)
            for outcome in OUTCOMES:
                found = share_of(moments.of(k, valence, (outcome,)), units=moments.units)
                known = leavers or outcome != "left"
                rows.append(
                    {
                        "touchpoint": touchpoint,
                        "valence": valence,
                        "outcome": outcome,
                        **(_share(found, customers, level) if known else _unknown(level, "leaving-unknown")),
                        "n": int(found.n),
                        "customers": customers,
                        "unit": "share",
                    }
                )
    return _framed(rows, MOMENT_COLUMNS)


def _framed(rows: Any, columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.assign(touchpoint=pd.Index(frame["touchpoint"].tolist(), dtype=object))


def _unknown(level: float, why: str) -> dict[str, Any]:
    return {"estimate": np.nan, "std_error": np.nan, "low": np.nan, "high": np.nan, "level": level, "method": why}


def _share(found: Standardised, customers: int, level: float) -> dict[str, Any]:
    if not found.n:
        return _unknown(level, "no-experiences")
    error = found.std_error
    if 0 < found.estimate < 1 and error > 0:
        low, high = logit_interval(found.estimate, error, level=level)
        how = "clustered-logit"
    else:
        # all alike: as many answers as customers
        low, high = proportion_interval(found.estimate * customers, customers, level=level)
        error, how = (0.0 if found.estimate in (0, 1) else error), "wilson"
    return {
        "estimate": found.estimate,
        "std_error": error,
        "low": float(low),
        "high": float(high),
        "level": level,
        "method": how,
    }


def difference_rows(moments: Moments, *, level: float, leavers: bool, adjusted: bool) -> pd.DataFrame:
    """Return differences of shares between valences, standardised to the first, with false-discovery control."""
    rows = []
    plain = Moments(
        moments.touchpoints, {k: (u, np.zeros_like(s), c) for k, (u, s, c) in moments.cells.items()}, moments.units, 1
    )
    for k, touchpoint in enumerate(moments.touchpoints):
        for valence, reference in PAIRS:
            for outcome in OUTCOMES:
                if outcome == "left" and not leavers:
                    continue
                found, raw = (
                    standardised_difference(
                        m.of(k, valence, (outcome,)), m.of(k, reference, (outcome,)), units=m.units, strata=m.strata
                    )
                    for m in (moments, plain)
                )
                how = "no-experiences" if not raw.n else "no-overlap" if not found.n else "clustered"
                rows.append(
                    {
                        "touchpoint": touchpoint,
                        "valence": valence,
                        "reference": reference,
                        "outcome": outcome,
                        **_tested(found.estimate, found.std_error, level, "difference"),
                        "level": level,
                        "method": f"{how}-standardised" if adjusted and how == "clustered" else how,
                        "unadjusted": raw.estimate,
                        "n": int(found.n),
                        "n_reference": int(found.reference),
                        "covered": found.covered,
                        "unit": "share",
                    }
                )
    table = pd.DataFrame(rows)
    if len(table):
        family = table.groupby(["valence", "reference", "outcome"], sort=False)["p_value"]
        table["p_adjusted"] = family.transform(lambda p: adjust(p.to_numpy(), method="bh"))
    return _framed(table, DIFFERENCE_COLUMNS)


def _tested(value: float, error: float, level: float, name: str) -> dict[str, float]:
    from scipy.special import ndtr

    half = float(critical_value(level)) * error
    z = value / error if error > 0 else np.nan
    return {
        name: value,
        "std_error": error,
        "low": max(value - half, -1.0) if error > 0 else np.nan,
        "high": min(value + half, 1.0) if error > 0 else np.nan,
        "statistic": z,
        "p_value": float(2 * ndtr(-abs(z))),
    }


def asymmetry_rows(moments: Moments, *, level: float) -> pd.DataFrame:
    """Return how much more negative experiences lose than positive ones gain, against neutral ones."""
    rows = []
    critical = float(critical_value(level))
    for k, touchpoint in enumerate(moments.touchpoints):
        loss, gain = (
            standardised_difference(
                moments.of(k, valence, outcomes),
                moments.of(k, "neutral", outcomes),
                units=moments.units,
                strata=moments.strata,
            )
            for valence, outcomes in (("negative", ("less", "left")), ("positive", ("more",)))
        )
        both = Standardised(loss.estimate - gain.estimate, loss.influence - gain.influence, 0, 0, 0)
        known = loss.n > 0 and gain.n > 0
        sides = {
            f"{name}{end}": x.estimate + sign * critical * x.std_error
            for name, x in (("loss", loss), ("gain", gain))
            for end, sign in (("_low", -1), ("_high", 1))
        }
        tested = _tested(both.estimate, both.std_error if known else np.nan, level, "estimate")
        # an asymmetry lies between -2 and 2
        half = critical * tested["std_error"]
        rows.append(
            {
                "touchpoint": touchpoint,
                "loss": loss.estimate,
                "gain": gain.estimate,
                **sides,
                **tested,
                "low": tested["estimate"] - half,
                "high": tested["estimate"] + half,
                "level": level,
                "method": "clustered" if known else "no-experiences",
                "ratio": loss.estimate / gain.estimate if known and gain.estimate > 0 else np.nan,
                "n_negative": int(loss.n),
                "n_positive": int(gain.n),
                "n_neutral": int(moments.of(k, "neutral", ("more",)).n.sum()),
                "unit": "share",
            }
        )
    table = pd.DataFrame(rows)
    if len(table):
        table["p_adjusted"] = adjust(table["p_value"].to_numpy(), method="bh")
    return _framed(table, ASYMMETRY_COLUMNS)


def status_rows(found: Aftermath, touchpoints: Sequence[Any]) -> pd.DataFrame:
    """Return how many experiences were used, and why others were not."""
    table = pd.DataFrame(found.status)
    place = {name: i for i, name in enumerate(touchpoints)}
    table = table.assign(_place=[place[name] for name in table["_p"]], valence=[SIGNS[int(r)] for r in table["_r"]])
    table = table.assign(_sign=[VALENCES.index(v) for v in table["valence"]]).sort_values(
        ["_place", "_sign"], ignore_index=True
    )
    named = table.rename(
        columns={"_p": "touchpoint", "events": "experiences", "short": "short_history", "open": "censored"}
    )
    kept = ["touchpoint", "valence", "experiences", "used", "censored", "short_history", "outside"]
    return named[kept].assign(touchpoint=pd.Index(named["touchpoint"].tolist(), dtype=object))
