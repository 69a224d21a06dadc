"""One group's ledger: solved at the lag asked for and at those that stand beside, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.churn.confounders import Confounder, Strata
from cemkit.churn.exposure_log import ExposureLog
from cemkit.churn.ledger import LEDGER_COLUMNS
from cemkit.churn.ledger_notes import group_notes
from cemkit.churn.ledger_tables import Asked, control_rows, hazard_rows, ledger_rows, risk_rows, total_row
from cemkit.churn.solve import Settings, Solved, solve
from cemkit.errors import CemkitError
from cemkit.results import Assumption
from cemkit.tables.spells import Spells

__all__ = ["LAGS", "GroupLedger", "Study", "solve_group"]

LAGS = (0, 7, 30)
"""Days of the lags that always stand beside."""
Floats = npt.NDArray[np.float64]


class Study(NamedTuple):
    """What does not change from group to group."""

    spells: Spells
    log: ExposureLog
    strata: Strata
    confounders: tuple[Confounder, ...]
    settings: Settings
    value: Floats | None
    asked: Asked


class GroupLedger(NamedTuple):
    """The tables of one group."""

    rows: pd.DataFrame
    total: pd.DataFrame
    risks: pd.DataFrame
    lags: pd.DataFrame
    controls: pd.DataFrame
    hazards: pd.DataFrame
    model: dict[str, Any]
    notes: tuple[Assumption, ...]


def solve_group(study: Study, chosen: npt.NDArray[np.intp], *, single: bool) -> GroupLedger:
    """Solve one group at the lag asked for and at those that stand beside."""
    asked, settings = study.asked, study.settings
    try:
        solved = solve(study.spells, chosen, study.log, study.strata, settings, value=study.value)
    except CemkitError:
        if single:
            raise
        return _refused(study)
    if not solved.shares.total > 0:
        if single:
            msg = (
                f"none of {solved.risk.spell.size:,} customers at risk left within {solved.risk.horizon:.0f} days of tenure for a "
                "reason that counts: take a longer horizon, or another window"
            )
            raise CemkitError(msg)
        return _refused(study)
    risks = risk_rows(solved, asked)
    lags = _lags(study, chosen, solved)
    controls = control_rows(risks, asked)
    shown = risks[~risks["touchpoint"].isin(list(study.log.controls))].reset_index(drop=True)
    return GroupLedger(
        ledger_rows(solved, asked),
        total_row(solved, asked),
        shown,
        lags,
        controls,
        hazard_rows(solved),
        _model(solved),
        group_notes(solved, settings, shown, controls, lags),
    )


def _lags(study: Study, chosen: npt.NDArray[np.intp], solved: Solved) -> pd.DataFrame:
    """Return the shares at lags of 0, 7 and 30 days, and at the one asked for, with the same hazard and horizon."""
    parts = []
    for lag in sorted({*LAGS, study.settings.lag}):
        settings = replace(study.settings, lag=lag)
        try:
            found = (
                solved
                if lag == study.settings.lag
                else solve(study.spells, chosen, study.log, study.strata, settings, hazard=solved.chosen)
            )
        except CemkitError:
            continue
        rows = ledger_rows(found, study.asked)[
            ["touchpoint", "customers", "share", "std_error", "low", "high", "n", "status"]
        ]
        risks = risk_rows(found, study.asked)
        ratio = risks[risks["valence"] == "exposed"].set_index("touchpoint")["hazard_ratio"]
        rows.insert(0, "lag", lag)
        parts.append(
            rows.assign(hazard_ratio=rows["touchpoint"].map(ratio).astype(np.float64), level=study.asked.level)
        )
    return pd.concat(parts, ignore_index=True)


def _refused(study: Study) -> GroupLedger:
    """Return the rows of a group that has no leavers."""
    names = [*study.log.touchpoints, "background"]
    rows = pd.DataFrame({name: np.full(len(names), np.nan) for name in LEDGER_COLUMNS})
    rows["touchpoint"], rows["customers"], rows["n"] = pd.Index(names, dtype=object), 0.0, 0
    rows["method"] = pd.Index([f"{study.asked.estimand}: refused"] * len(names), dtype=object)
    rows["status"], rows["level"] = pd.Index(["no-leavers"] * len(names), dtype=object), study.asked.level
    nothing = pd.DataFrame()
    return GroupLedger(rows, nothing, nothing, nothing, nothing, nothing, {}, ())


def _model(solved: Solved) -> dict[str, Any]:
    """Return what is needed to tell the hazard of one more customer: plain arrays."""
    fit, cells = solved.fit, solved.cells
    tenure = np.unique(
        np.column_stack([cells.band, fit.design.baseline[:, : solved.band_columns].argmax(axis=1)]), axis=0
    )
    return {
        "hazard": solved.chosen,
        "kind": fit.kind,
        "coefficient": fit.coefficient,
        "start": solved.risk.start,
        "horizon": solved.risk.horizon,
        "width": solved.risk.width,
        "bands": tenure,
        "band_columns": solved.band_columns,
        "background": fit.design.baseline.shape[1],
        "exposures": tuple(
            (cells.columns[i].touchpoint, cells.columns[i].known, int(player))
            for i, player in zip(cells.used, fit.design.player, strict=True)
        ),
        "pairs": fit.design.pairs,
    }
