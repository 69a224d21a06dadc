"""A ledger's shares without the tables around them, for simulations."""

from __future__ import annotations

import numpy as np
from timed_worlds import World

from cemkit.churn.confounders import read_confounder, strata_of
from cemkit.churn.exposure_log import LogColumns, exposure_log
from cemkit.churn.solve import Settings, Solved, solve
from cemkit.tables.binding import bind
from cemkit.tables.spell import Spell
from cemkit.tables.spells import spell_table

COLUMNS = LogColumns("touchpoint_id", "valence", ("negative",), "customer_id", "occurred_at", 90)


def solved(
    world: World, *, confounders: bool = False, exclude: tuple[str, ...] = (), estimand: str = "preventable"
) -> Solved:
    """Solve a world of `timed_worlds` over its whole horizon."""
    bound = bind(world.customers)
    spells = spell_table(bound, Spell(), columns=["strain"])
    log = exposure_log(world.experiences, spells, bound, COLUMNS, exclude=exclude)
    read = [read_confounder("strain", spells.columns["strain"], spells.event, 1)] if confounders else []
    settings = Settings(estimand, "auto", 30, 90, 0, world.horizon, None, 0)
    return solve(spells, np.arange(len(spells)), log, strata_of(read, len(spells)), settings)
