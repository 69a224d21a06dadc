"""The satisfaction trap: how satisfied leavers were when last asked, beside those like them who stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.churn.last_answers import last_of_leavers, read_answers, satisfied_bands, spell_answers
from cemkit.churn.trap_tables import TRAP_COLUMNS, Trap, age_rows, bound_rows, left_given_answer, satisfied_given_left
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.scales import Scale
from cemkit.tables.binding import bind
from cemkit.tables.periods import parse_days
from cemkit.tables.spell import Spell, as_spell
from cemkit.tables.spells import require_leavers, spell_table
from cemkit.typing import Frame

__all__ = ["SatisfactionTrap", "satisfaction_trap"]

AGES = 6


@dataclass(frozen=True, eq=False, repr=False)
class SatisfactionTrap(Result):
    """Shares of satisfied customers among those who left and those who stayed.

    Attributes
    ----------
    table
        A row per ``quantity``: ``satisfied-given-left`` and ``satisfied-given-stayed`` (of those with an answer within
        the window), their ``satisfied-difference``; ``left-given-satisfied`` and ``left-given-not-satisfied`` (within the
        window after an answer), their ``left-difference``; ``surveyed-given-left`` and ``surveyed-given-stayed`` (the
        shares with an answer within the window). Columns ``estimate, std_error, low, high, level, method, n, unit``;
        ``n`` counts leavers, except that it is the different stayers drawn for ``…-given-stayed``, and answers for
        ``left-given-…``.
    bounds
        ``group`` (left, stayed), ``bound_low, bound_high``: the share satisfied if none or all of those without an answer
        were; ``low, high``, the interval of Imbens and Manski for the share; ``level, method, surveyed, n``.
    ages
        By the age of the answer in days (above ``age_low``, up to ``age_high``): of the leavers, ``estimate`` with
        ``std_error, low, high, level, method, n``; of the stayers matched to them, ``stayed, stayed_low, stayed_high``.
    satisfied
        Which answers count as satisfied.
    window, tenure_band
        Days.
    """

    bounds: pd.DataFrame = field(default_factory=pd.DataFrame)
    ages: pd.DataFrame = field(default_factory=pd.DataFrame)
    satisfied: str = ""
    window: int = 180
    tenure_band: int = 90

    _title: ClassVar[str] = "Satisfaction trap"

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["level", "unit"])

    def plot(self) -> Any:
        """Return an Altair chart: leavers and matched stayers, by the age of their last answer."""
        from cemkit.charts.trap import trap_chart

        return trap_chart(self.table, self.ages)


def satisfaction_trap(
    customers: Frame,
    responses: Frame,
    *,
    window: str = "180d",
    satisfied: float | str | Sequence[str] | None = None,
    scale: Scale | None = None,
    spell: Spell | None = None,
    question: str | None = None,
    tenure_band: str = "90d",
    customer: str = "customer_id",
    at: str = "answered_at",
    score: str = "score",
    level: float = 0.95,
) -> SatisfactionTrap:
    r"""Compare the last answers of those who left with those of customers like them who stayed.

    For every leaver i at time t: the last answer strictly before t, at most ``window`` old. Beside it stand all customers
    who were there at t, did not leave at t, were as long customers (the same band of tenure), and whose own last answer
    before t is at most ``window`` old; :math:`P(\text{satisfied} \mid \text{stayed})` is the mean over the leavers with
    an answer of the share satisfied in their set. No set is sampled: all of it is used.

    Parameters
    ----------
    customers : frame
        A row per customer (per spell with ``spell.spell_id``).
    responses : frame
        A row per answer, of the same engine.
    window : str
        How old an answer may be, in days or weeks.
    satisfied : number, str or list of str, optional
        The least number that counts as satisfied, or bands of the scale; the scale's best band unless given.
    scale : Scale, optional
        The scale of the answers; needed unless ``satisfied`` is a number. Answers off the scale are counted and left out.
    spell : Spell, optional
        The columns of entering and leaving, which reasons count, and until when leaving was observed.
    question : str, optional
        The question, where responses answer several.
    tenure_band : str
        Stayers are as long customers as the leaver within bands of this length.
    customer, at, score : str
        Columns; ``customer`` in both tables, the others of the responses.
    level : float
        Level of the intervals.

    Returns
    -------
    SatisfactionTrap
        Shares with intervals by customer, ``.bounds`` for those who did not answer, and ``.ages``.

    Raises
    ------
    CemkitError
        If a column is absent or of the wrong type, times have different zones, nobody left, no leaver has an answer within
        the window, several questions are answered and none is named, or it is unknown which answers are satisfied.

    Notes
    -----
    An association. A high share of satisfied leavers proves nothing by itself: it is high wherever customers are
    satisfied. The share of leavers has Wilson's interval; that of stayers one on the logit scale from the influence
    of every customer, leavers (who choose the sets) and stayers (who stand in many of them) alike; their difference adds
    the same influences. ``left-given-…`` counts answers whose whole window lies before the end of observation. Limits
    of bounds: Imbens and Manski.

    References
    ----------
    Reichheld, F. (1996), Learning from customer defections, *Harvard Business Review* 74(2). Manski, C. (1989), Anatomy of
    the selection problem, *Journal of Human Resources* 24, 343-360. Imbens, G. and Manski, C. (2004), Confidence intervals
    for partially identified parameters, *Econometrica* 72, 1845-1857.

    Examples
    --------
    >>> from cemkit import CSAT_5, churn
    >>> import pandas as pd
    >>> there = pd.DataFrame({"customer_id": [1, 2, 3], "acquired_at": pd.to_datetime(["2024-01-01"] * 3)})
    >>> there["left_at"] = pd.to_datetime(["2024-03-01", None, None])
    >>> said = pd.DataFrame({"customer_id": [1, 2, 3], "score": [4, 5, 2], "answered_at": pd.to_datetime(["2024-02-01"] * 3)})
    >>> found = churn.satisfaction_trap(there, said, scale=CSAT_5).to_frame()
    >>> found[["quantity", "estimate", "n"]].head(2).values.tolist()
    [['satisfied-given-left', 1.0, 1], ['satisfied-given-stayed', 0.5, 2]]
    """
    check_level(level)
    days, band = parse_days(window), parse_days(tenure_band, "tenure_band")
    spell = as_spell(Spell() if spell is None else spell)
    bands, name = satisfied_bands(satisfied, scale)
    there, said = bind(customers, what="customers"), bind(responses, what="responses")
    spells = spell_table(there, spell, customer=customer)
    require_leavers(spells, spell)
    events, notes = read_answers(
        said, there, spell, customer=customer, at=at, score=score, question=question, bands=bands, scale=scale
    )
    answers, more = spell_answers(events, spells)
    leavers = last_of_leavers(there, spell, events, spells, customer=customer, window=days)
    if np.isnan(leavers.value).all():
        raise CemkitError(
            f"none of {leavers.spell.size:,} leavers has an answer within {days} days before leaving, of {events.rows:,} answers: "
            "take a longer window, or check that the two tables speak of the same customers and times"
        )
    trap = Trap(spells, answers, leavers, days, band, level)
    first, unmatched = satisfied_given_left(trap)
    second, censored = left_given_answer(trap)
    bounds, surveyed = bound_rows(trap)
    notes = [*spells.assumptions, *notes, *more, Assumption("stayers-matched", {"band": band, "window": days})]
    if unmatched:
        notes.append(
            Assumption("leavers-unmatched", {"leavers": unmatched, "total": int((~np.isnan(leavers.value)).sum())})
        )
    if censored:
        notes.append(Assumption("answers-not-followed", {"answers": censored, "window": days}))
    silent = int(np.isnan(leavers.value).sum())
    if silent:
        notes.append(
            Assumption("leavers-not-surveyed", {"leavers": silent, "total": leavers.spell.size, "window": days})
        )
    return SatisfactionTrap(
        pd.DataFrame([*first, *second, *surveyed])[list(TRAP_COLUMNS)],
        tuple(notes),
        bounds=bounds,
        ages=age_rows(trap, AGES),
        satisfied=name,
        window=days,
        tenure_band=band,
    )
