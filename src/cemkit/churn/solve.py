"""One ledger's numbers: cells, the hazard that predicts best, and the shares by one of the two estimands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cemkit.churn.at_risk import AtRisk, at_risk
from cemkit.churn.cells import Cells, make_cells
from cemkit.churn.confounders import Strata
from cemkit.churn.exposure_log import ExposureLog
from cemkit.statistics.discrete_hazard import (
    HazardDesign,
    HazardFit,
    fit_hazard,
    hazard_design,
    held_out_log_likelihood,
)
from cemkit.statistics.exit_shares import ExitShares, exit_shares
from cemkit.statistics.grouped import grouped_sum
from cemkit.statistics.preventable import Preventable, preventable
from cemkit.statistics.shapley import EXACT_PLAYERS, exact_game, permutation_game
from cemkit.tables.spells import Spells

__all__ = ["HAZARDS", "Estimand", "Hazard", "Settings", "Shares", "Solved", "solve"]

Estimand = Literal["preventable", "hazard-share"]
Hazard = Literal["auto", "additive", "multiplicative"]
HAZARDS = ("auto", "additive", "multiplicative")
_FOLDS, _MANY_CELLS = 5, 3_000
_LEAST_LEAD = 2.0
_PAIR_LEAVERS, _MOST_PAIRS = 20, 15
_BAND_LEAVERS = 10
_PERMUTATIONS = 50

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Settings:
    """What was asked; lengths in days."""

    estimand: Estimand
    hazard: Hazard
    period: int
    window: int
    lag: int
    horizon: int | None
    calendar: int | None
    seed: int | None


class Shares(NamedTuple):
    """Shares of one weighting; the last of each is all touchpoints together."""

    share: Floats
    std_error: Floats
    error: Floats
    """Of the random orders."""
    total: float
    """Leavers, or what they are worth."""
    incidence: float
    incidence_without: float


@dataclass(frozen=True, eq=False)
class Solved:
    """The numbers of one group at one lag.

    Attributes
    ----------
    risk, cells, strata
        Who is at risk, the person-time, and the strata.
    fits
        Both kinds of hazard, by name.
    chosen
        The name of the kind that the shares use.
    scores
        Held-out log likelihoods by name; a name ends in '+pairs' where exposures interact.
    players
        Place of each player's column among ``cells.columns``.
    shares, worth
        Of the leavers, and of what they are worth (None without a value).
    band_columns
        How many of the background's columns are bands of tenure.
    """

    risk: AtRisk
    cells: Cells
    strata: Strata
    fits: dict[str, HazardFit]
    chosen: str
    scores: dict[str, float]
    players: tuple[int, ...]
    shares: Shares
    worth: Shares | None
    band_columns: int

    @property
    def fit(self) -> HazardFit:
        """The hazard that the shares use."""
        return self.fits[self.chosen]


def solve(
    spells: Spells,
    chosen: Codes,
    log: ExposureLog,
    strata: Strata,
    settings: Settings,
    *,
    value: Floats | None = None,
    hazard: str | None = None,
) -> Solved:
    """Return the numbers of the spells ``chosen``; ``hazard`` names the one to use, as another lag has chosen it."""
    risk = at_risk(
        spells, chosen, log, window=settings.window, lag=settings.lag, width=settings.period, horizon=settings.horizon
    )
    cells = make_cells(spells, risk, log, strata, window=settings.window, lag=settings.lag, calendar=settings.calendar)
    mine = [
        i
        for i, c in enumerate(cells.used)
        if cells.columns[c].known and cells.columns[c].touchpoint < len(log.touchpoints)
    ]
    player = np.full(len(cells.used), -1)
    player[mine] = np.arange(len(mine))
    fits, name, scores = _fits(spells, risk, cells, strata, player, settings, hazard)
    clusters = spells.customer[risk.spell]
    shares = _shares(risk, cells, fits[name], len(mine), settings, clusters, None)
    worth = None
    if value is not None and float(value[risk.spell][risk.event].sum()) > 0:
        worth = _shares(risk, cells, fits[name], len(mine), settings, clusters, value[risk.spell])
    bands = int(_band_group(cells, risk).max()) + 1
    return Solved(risk, cells, strata, fits, name, scores, tuple(cells.used[i] for i in mine), shares, worth, bands)


def _band_group(cells: Cells, risk: AtRisk) -> Codes:
    rows = cells.rows
    left = grouped_sum(cells.band[rows.cell], rows.event, groups=risk.widths.size)
    return band_groups(left)


def band_groups(events: Floats) -> Codes:
    """Return the group of each band: bands in a row are one until they have ten leavers."""
    group, running, number = np.zeros(events.size, dtype=np.intp), 0.0, 0
    for i, n in enumerate(events):
        group[i] = number
        running += n
        if running >= _BAND_LEAVERS and events[i + 1 :].sum() >= _BAND_LEAVERS:
            running, number = 0.0, number + 1
    return group


def _fits(
    spells: Spells,
    risk: AtRisk,
    cells: Cells,
    strata: Strata,
    player: Codes,
    settings: Settings,
    hazard: str | None,
) -> tuple[dict[str, HazardFit], str, dict[str, float]]:
    rows, size = cells.rows, len(cells.band)
    folds = _FOLDS if size <= _MANY_CELLS else 2
    # customers come in the order of their names, the same on every engine
    owner = np.repeat(spells.customer[risk.spell] % folds, np.diff(rows.offsets))
    place = rows.cell + owner * size
    events = grouped_sum(place, rows.event, groups=folds * size).reshape(folds, size)
    time = grouped_sum(place, rows.duration, groups=folds * size).reshape(folds, size)
    d, t = events.sum(axis=0), time.sum(axis=0)
    group = _band_group(cells, risk)
    baseline = [np.eye(int(group.max()) + 1)[group[cells.band]], strata.columns[cells.stratum]]
    if settings.calendar is not None:
        calendar = band_groups(grouped_sum(cells.calendar, d, groups=int(cells.calendar.max()) + 1))
        baseline.append(np.eye(int(calendar.max()) + 1)[calendar[cells.calendar]][:, 1:])
    background = np.column_stack(baseline)
    plain = hazard_design(cells.pattern, background, player=player)
    designs: dict[str, HazardDesign] = {"": plain}
    pairs = _pairs(cells, d, player)
    if pairs:
        designs["+pairs"] = plain._replace(pairs=pairs)
    kinds = ("additive", "multiplicative") if settings.hazard == "auto" else (settings.hazard,)
    asked = {f"{kind}{suffix}": (design, kind) for kind in kinds for suffix, design in designs.items()}
    if hazard is not None:
        kind, _, rest = hazard.partition("+")
        design = designs.get(f"+{rest}" if rest else "", plain)
        found = {"multiplicative": fit_hazard(d, t, plain, kind="multiplicative")}
        return {**found, hazard: fit_hazard(d, t, design, kind=kind)}, hazard, {}
    name, scores = _choose(events, time, asked)
    both = dict.fromkeys(("additive", "multiplicative", name))
    made = {each: asked.get(each, (plain, each)) for each in both}
    return {each: fit_hazard(d, t, design, kind=kind) for each, (design, kind) in made.items()}, name, scores


def _choose(events: Floats, time: Floats, asked: dict[str, tuple[HazardDesign, str]]) -> tuple[str, dict[str, float]]:
    """Return the first hazard that is within one standard error of the best held-out likelihood, and all of these.

    Additive ones come first: their coefficients are mean excess hazards whatever the truth is, so that with few leavers,
    when the data cannot tell, they are the safer choice; and simple ones come before those with pairs.
    """
    parts = {name: held_out_log_likelihood(events, time, design, kind=kind) for name, (design, kind) in asked.items()}
    best = max(parts, key=lambda name: float(parts[name].sum()))

    def as_good(name: str) -> bool:
        lead = parts[best] - parts[name]
        return float(lead.sum()) <= max(_LEAST_LEAD, float(np.sqrt(lead.size) * lead.std(ddof=1)))

    return next(filter(as_good, parts)), {each: float(part.sum()) for each, part in parts.items()}


def _pairs(cells: Cells, events: Floats, player: Codes) -> tuple[tuple[int, int], ...]:
    """Return the pairs of touchpoints with most leavers while both are in force."""
    mine = np.flatnonzero(player >= 0)
    found = []
    for a, i in enumerate(mine):
        for j in mine[a + 1 :]:
            leavers = float(events[cells.pattern[:, i] & cells.pattern[:, j]].sum())
            if leavers >= _PAIR_LEAVERS:
                found.append((-leavers, int(i), int(j)))
    return tuple(sorted((i, j) for _, i, j in sorted(found)[:_MOST_PAIRS]))


def _shares(
    risk: AtRisk,
    cells: Cells,
    fit: HazardFit,
    players: int,
    settings: Settings,
    clusters: Codes,
    weight: Floats | None,
) -> Shares:
    total = float(risk.event.sum() if weight is None else weight[risk.event].sum())
    if not players:
        nothing = np.zeros(1)
        return Shares(nothing, nothing, nothing, total, np.nan, np.nan)
    exact = players <= EXACT_PLAYERS
    game = exact_game(players) if exact else permutation_game(players, permutations=_PERMUTATIONS, seed=settings.seed)
    found: Preventable | ExitShares
    incidence = without = np.nan
    if settings.estimand == "preventable":
        found = preventable(cells.rows, fit, cells.band, risk.widths, players, game=game, weight=weight)
        incidence, without = float(found.incidence[0]), float(found.incidence[-1])
    else:
        found = exit_shares(cells.rows, fit, game, weight=weight)
    return Shares(found.share, _clustered(found.influence, clusters), found.error, total, incidence, without)


def _clustered(influence: Floats, clusters: Codes) -> Floats:
    """Return standard errors with customers as clusters."""
    size = int(clusters.max()) + 1
    sums = np.stack([np.bincount(clusters, weights=column, minlength=size) for column in influence.T])
    number = np.unique(clusters).size
    return np.asarray(np.sqrt((sums**2).sum(axis=1) * number / max(number - 1, 1)))
