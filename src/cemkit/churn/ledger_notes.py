"""What a ledger rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.churn.exposure_log import EVER, ExposureLog, after_leaving, window_note
from cemkit.churn.solve import Settings, Solved
from cemkit.results import Assumption
from cemkit.tables.spell import Spell
from cemkit.tables.spells import Spells

__all__ = ["group_notes", "ledger_notes"]

_CANCELLING_RATIO = 4.0


def ledger_notes(
    spells: Spells,
    log: ExposureLog,
    settings: Settings,
    confounders: tuple[str, ...],
    spell: Spell,
    first: Sequence[Assumption],
    of_groups: Sequence[Assumption],
) -> tuple[Assumption, ...]:
    """Return the assumptions of the whole, what matters most first."""
    notes = [Assumption("ledger-association")]
    if confounders:
        shown = ", ".join(confounders)
        notes += [
            Assumption("confounders-declared", {"columns": shown}),
            Assumption("confounders-fixed", {"columns": shown}),
        ]
    else:
        notes.append(Assumption("tenure-only"))
    if settings.estimand == "hazard-share":
        notes.append(Assumption("hazard-share-higher"))
    notes += of_groups
    if log.excluded:
        notes.append(Assumption("touchpoints-excluded", {"touchpoints": ", ".join(map(str, log.excluded))}))
    if spell.causes is not None:
        competing = int(np.count_nonzero((spells.cause > 0) & ~spells.event))
        notes.append(
            Assumption("causes-counted", {"causes": ", ".join(map(str, spell.causes)), "competing": competing})
        )
    notes.append(window_note(settings.window, log))
    late = after_leaving(log, spells)
    if late:
        notes.append(Assumption("after-leaving", {"customers": late}))
    notes += [*log.notes, *first, *spells.assumptions]
    return tuple(dict.fromkeys(notes))


def group_notes(
    solved: Solved,
    settings: Settings,
    risks: pd.DataFrame,
    controls: pd.DataFrame,
    lags: pd.DataFrame,
) -> tuple[Assumption, ...]:
    """Return the assumptions of one group."""
    notes = list(solved.risk.notes)
    notes.append(_hazard(solved))
    known = risks[risks["valence"] == "exposed"]
    notes += _cancelling(known, lags)
    for row in known[known["status"] == "no-overlap"].to_dict("records"):
        notes.append(Assumption("no-overlap", {"touchpoint": str(row["touchpoint"]), "overlap": float(row["overlap"])}))
    few = [str(t) for t in known["touchpoint"][known["status"] == "too-few"]]
    if few:
        notes.append(Assumption("too-few-exposed", {"touchpoints": ", ".join(few)}))
    seen = known[known["status"] == "ok"]
    if len(seen):
        least = seen.iloc[int(seen["overlap"].to_numpy().argmin())]
        notes.append(
            Assumption("overlap-found", {"touchpoint": str(least["touchpoint"]), "overlap": float(least["overlap"])})
        )
        most = seen.iloc[int(seen["hazard_ratio"].to_numpy().argmax())]
        if most["hazard_ratio"] > 1 and np.isfinite(most["e_value"]):
            values: dict[str, Any] = {
                "touchpoint": str(most["touchpoint"]),
                "ratio": float(most["hazard_ratio"]),
                "e_value": float(most["e_value"]),
                "e_value_low": float(most["e_value_low"]),
            }
            notes.append(Assumption("e-value", values))
    failing = controls[~controls["holds"]] if len(controls) else controls
    for row in failing.to_dict("records"):
        values = {
            "touchpoint": str(row["touchpoint"]),
            "ratio": float(row["hazard_ratio"]),
            "low": float(row["hazard_ratio_low"]),
            "high": float(row["hazard_ratio_high"]),
        }
        notes.append(Assumption("control-fails", values))
    holding = [str(t) for t in controls["touchpoint"][controls["holds"]]] if len(controls) else []
    if holding:
        notes.append(Assumption("controls-hold", {"touchpoints": ", ".join(holding)}))
    error = float(solved.shares.error.max())
    if error > 0:
        notes.append(Assumption("random-orders", {"error": error}))
    if settings.window == EVER:
        notes.append(_both_numbers(solved))
    return tuple(notes)


def _hazard(solved: Solved) -> Assumption:
    scores = solved.scores
    others = {name.partition("+")[0] for name in scores} - {solved.fit.kind}
    if not others:
        return Assumption("hazard-given", {"hazard": solved.chosen})
    other = others.pop()
    best = max(score for name, score in scores.items() if name.startswith(other))
    return Assumption(
        "hazard-chosen", {"hazard": solved.chosen, "other": other, "lead": float(scores[solved.chosen] - best)}
    )


def _cancelling(known: pd.DataFrame, lags: pd.DataFrame) -> list[Assumption]:
    """Name touchpoints whose hazard ratio is large, and falls by more than half (of its logarithm) at a lag of 7 or 30 days."""
    at = {lag: rows.set_index("touchpoint")["hazard_ratio"] for lag, rows in lags.groupby("lag")}
    if 0 not in at:
        return []
    found = []
    for name in known["touchpoint"]:
        now = float(at[0].get(name, np.nan))
        for days in (7, 30):
            later = float(at[days].get(name, np.nan)) if days in at else now
            later = 0.0 if np.isnan(later) else later  # nobody stays that long after it
            if now >= _CANCELLING_RATIO and later < np.sqrt(now):
                values = {"touchpoint": str(name), "ratio": now, "later": later, "days": days}
                found.append(Assumption("cancellation-like", values))
                break
    return found


def _both_numbers(solved: Solved) -> Assumption:
    met = solved.cells.ever[:, list(solved.players)].any(axis=1)
    event = solved.risk.event
    naive = float(1 - event[~met].mean() / event.mean()) if not met.all() else float("nan")
    return Assumption("ever-both", {"naive": naive, "share": float(solved.shares.share[-1])})
