"""Moments of truth: what customers did after good and bad experiences, beside neutral ones and none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from cemkit.churn.moment_tables import asymmetry_rows, difference_rows, moments_of, outcome_rows, status_rows
from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.tables.aftermath import Windows, aftermath
from cemkit.tables.aftermath_inputs import event_rows, log_rows, sign_kind, spell_rows, unit_rows
from cemkit.tables.asof_last import check_joinable
from cemkit.tables.binding import Bound, bind
from cemkit.tables.periods import parse_days, second_of, time_reach
from cemkit.tables.rows import count_by, require_rows
from cemkit.tables.spell import Spell, as_spell
from cemkit.tables.spells import spell_table
from cemkit.typing import Frame

__all__ = ["MomentsOfTruth", "moments_of_truth"]

MOST_STRATA = 200
_VALENCES = ("negative", "neutral", "positive")


@dataclass(frozen=True, eq=False, repr=False)
class MomentsOfTruth(Result):
    """What customers did after experiences.

    Attributes
    ----------
    table
        A row per ``touchpoint, valence`` (negative, neutral, positive, unknown; none: moments of customers who had not met
        the touchpoint of late) and ``outcome`` (more, same, less, left): ``estimate``, the share of the ``n`` experiences
        (or moments) after which it happened, of so many ``customers``, with ``std_error, low, high, level, method``.
    differences
        ``touchpoint, valence, reference, outcome``: the share after the valence less that after the reference,
        ``difference`` (standardised over ``adjust``) with its limits; ``unadjusted``; ``statistic, p_value``, and
        ``p_adjusted`` over the touchpoints (Benjamini and Hochberg); ``n, n_reference``; ``covered``, the share of the
        experiences whose stratum the reference has.
    asymmetry
        Per touchpoint: ``loss``, by how much more often customers bought less or left after a negative than after a
        neutral experience; ``gain``, by how much more often they bought more after a positive one; ``estimate`` = loss −
        gain with its limits and p-values; ``ratio``.
    experiences
        Per touchpoint and valence: ``experiences``, those ``used``, and those ``censored`` (the window after is not
        whole), with a ``short_history`` (the window before is not whole) or ``outside`` (before entering or after leaving).
    before, after, change, adjusted_for
        The windows in days, the change of spending that counts, and the columns of ``adjust``.
    """

    differences: pd.DataFrame = field(default_factory=pd.DataFrame)
    asymmetry: pd.DataFrame = field(default_factory=pd.DataFrame)
    experiences: pd.DataFrame = field(default_factory=pd.DataFrame)
    before: int = 180
    after: int = 180
    change: float = 0.1
    adjusted_for: tuple[str, ...] = ()

    _title: ClassVar[str] = "Moments of truth"

    def _display(self) -> pd.DataFrame:
        return self.table.drop(columns=["level", "method", "unit"])

    def plot(self) -> Any:
        """Return an Altair chart: what customers did next, by touchpoint and sign of the experience."""
        from cemkit.charts.moments import moments_chart

        return moments_chart(self.table)


def moments_of_truth(
    experiences: Frame,
    transactions: Frame,
    customers: Frame | None = None,
    *,
    touchpoint: str = "touchpoint_id",
    before: str = "180d",
    after: str = "180d",
    change: float = 0.1,
    adjust: str | Sequence[str] = (),
    valence: str = "valence",
    spell: Spell | None = None,
    customer: str = "customer_id",
    at: str = "occurred_at",
    amount: str = "amount",
    until: Any = None,
    level: float = 0.95,
) -> MomentsOfTruth:
    r"""Compare what customers did after negative, neutral and positive experiences, and after none.

    An experience is followed by *left* if the customer left within ``after``; else by *more* or *less* if spending per day
    in the days after is above (1 + change) or below (1 − change) times that in the days before, else by *same*. The day of
    the experience is in neither window.

    Parameters
    ----------
    experiences : frame
        A row per experience.
    transactions : frame
        A row per purchase, of the same engine; negative amounts (refunds) are netted.
    customers : frame, optional
        A row per customer (per spell with ``spell.spell_id``). Without it nobody is known to leave, and who stops buying
        bought less.
    touchpoint, valence : str
        Columns of the experiences. Valences are negative, neutral and positive, or numbers whose sign counts; a null is
        ``unknown``, a level of its own.
    before, after : str
        Lengths of the windows, in days or weeks.
    change : float
        Relative change of spending below which it is the same.
    adjust : str or list of str
        Columns of the customers: differences are standardised over their combinations, to the customers who had the
        experience. Cut numbers into bands first.
    spell : Spell, optional
        The columns of entering and leaving, which reasons count, and until when leaving was observed.
    customer, at, amount : str
        Columns; ``customer`` in all tables, ``at`` of experiences and transactions.
    until : date, optional
        The last day that the transactions cover; the day of the last one unless given.
    level : float
        Level of the intervals.

    Returns
    -------
    MomentsOfTruth
        Shares, ``.differences``, ``.asymmetry``, and what was not used in ``.experiences``.

    Raises
    ------
    CemkitError
        If a column is absent or of the wrong type, a valence is unknown, times have different zones, the log is shorter
        than both windows, or no experience has whole windows.

    Notes
    -----
    Association: customers who have bad experiences can differ in what ``adjust`` does not hold, and who spent much before
    tends to spend less after, whatever happened. *None* stands for moments (at most 12, at least 30 days apart) of every
    customer who was there, less those before which the customer had met the touchpoint within ``before``; what came after
    the moment is not looked at to choose it. Experiences whose window after is not whole are censored and counted, never
    'left', whatever is known of them, since leavers would be known sooner than stayers. Errors are clustered by
    customer; shares have limits symmetric on the logit scale (Wilson's for the number of customers at 0 and 1).

    References
    ----------
    Beaujean, M., Davidson, J. and Madge, S. (2006), The 'moment of truth' in customer service, *McKinsey Quarterly*.
    Benjamini, Y. and Hochberg, Y. (1995), *Journal of the Royal Statistical Society B* 57, 289-300.

    Examples
    --------
    >>> from cemkit import churn
    >>> from cemkit.simulate import telecom
    >>> store, _ = telecom(customers=400, months=18)
    >>> found = churn.moments_of_truth(store.experiences, store.transactions, store.customers, before="90d", after="90d")
    >>> rows = found.to_frame().query("touchpoint == 'support' and valence == 'negative'")
    >>> rows["outcome"].tolist(), round(float(rows["estimate"].sum()), 6)
    (['more', 'same', 'less', 'left'], 1.0)
    """
    check_level(level)
    days = parse_days(before, "before"), parse_days(after, "after")
    if isinstance(change, bool) or not isinstance(change, int | float | np.number) or not 0 <= change < 1:
        raise CemkitError(f"change must be a share from 0 to below 1 (0.1 is 10 %), got {change!r}")
    names = (adjust,) if isinstance(adjust, str) else tuple(adjust)
    met, bought = bind(experiences, what="experiences"), bind(transactions, what="transactions")
    _check(met, bought, touchpoint=touchpoint, valence=valence, customer=customer, at=at, amount=amount)
    spell = as_spell(Spell() if spell is None else spell)
    there, notes, last = _customers(customers, met, bought, spell, names, customer=customer, at=at)
    windows = _windows(bought, at, days, float(change), until, last)
    log, nameless, odd = log_rows(bought, unit=customer, at=at, value=amount, last=windows.last)
    if odd:
        raise ContractError(
            f"{amount!r} is null or infinite in {odd:,} rows of the transactions: repair them, or leave these rows out"
        )
    if nameless:
        notes.append(Assumption("purchases-incomplete", {"rows": nameless}))
    rows, incomplete = event_rows(met, unit=customer, at=at, kind=touchpoint, sign=valence)
    if there is None:
        units = unit_rows(log)
    else:
        units = spell_rows(
            there,
            unit=customer,
            entered=spell.entered,
            left=spell.left,
            reason=spell.reason,
            causes=spell.causes,
            last=windows.last,
            strata=names,
        )
    found = _counted(rows, log, units, windows, len(names))
    moments = moments_of(found, len(names))
    if moments.strata > MOST_STRATA:
        raise CemkitError(
            f"adjust={list(names)!r} makes {moments.strata:,} combinations, more than {MOST_STRATA}: cut numbers into bands, or name "
            "fewer columns"
        )
    used = int(np.sum(found.status["used"]))
    if not used:
        counts = {name: int(np.sum(found.status[name])) for name in ("events", "outside", "short", "open")}
        raise CemkitError(
            f"no experience can be used: of {counts['events']:,} of known customers {counts['outside']:,} lie outside their time as "
            f"customers, {counts['short']:,} have less than {days[0]} days before them and {counts['open']:,} less than {days[1]} days "
            "after them; take shorter windows"
        )
    notes += _notes(found, windows, names, incomplete)
    leavers = customers is not None
    return MomentsOfTruth(
        outcome_rows(moments, level=level, leavers=leavers),
        tuple(notes),
        differences=difference_rows(moments, level=level, leavers=leavers, adjusted=bool(names)),
        asymmetry=asymmetry_rows(moments, level=level),
        experiences=status_rows(found, moments.touchpoints),
        before=days[0],
        after=days[1],
        change=float(change),
        adjusted_for=names,
    )


def _counted(rows: Bound, log: Bound, units: Bound, windows: Windows, strata: int) -> Any:
    try:
        return aftermath(rows, log, units, windows=windows, strata=strata)
    except Exception as error:
        if "different connections" in str(error):
            raise CemkitError(
                "the tables come from different DuckDB connections: make all relations on one connection"
            ) from None
        raise


def _check(met: Bound, bought: Bound, *, touchpoint: str, valence: str, customer: str, at: str, amount: str) -> None:
    for bound in (met, bought):
        bound.require_key(customer, "customer")
        bound.require_time(at, "at")
    met.require_key(touchpoint, "touchpoint")
    met.require_key(valence, "valence")
    bought.require_number(amount, "amount")
    check_joinable(met, bought, names=("experiences", "transactions"), unit=customer, times=(at, at))
    require_rows(met, "experiences")
    require_rows(bought, "transactions")
    if not sign_kind(met, valence):
        for (found,) in count_by(met, [valence]):
            if found is not None and found not in _VALENCES:
                raise ContractError(
                    f"{valence!r} holds {found!r}: valences are 'negative', 'neutral' and 'positive', or numbers whose sign counts."
                    f"{did_you_mean(str(found), _VALENCES)}"
                )


def _customers(
    customers: Frame | None, met: Bound, bought: Bound, spell: Spell, names: Sequence[str], *, customer: str, at: str
) -> tuple[Bound | None, list[Assumption], float | None]:
    """Bind and check the table of customers; also the day until which leaving was observed, where it was said."""
    if customers is None:
        if names:
            raise ColumnError(f"adjust={list(names)!r} names columns of the customers: give the table of customers")
        return None, [Assumption("leaving-unknown")], None
    there = bind(customers, what="customers")
    for name in names:
        there.require_key(name, "adjust")
    spells = spell_table(there, spell, customer=customer)
    for other, label in ((met, "experiences"), (bought, "transactions")):
        check_joinable(there, other, names=("customers", label), unit=customer, times=(spell.entered, at))
    said = None if spell.until is None else spells.until
    return there, [a for a in spells.assumptions if a.code != "observed-until"], said


def _windows(
    bought: Bound, at: str, days: tuple[int, int], change: float, until: Any, observed: float | None
) -> Windows:
    reach = time_reach(bought, at)
    if reach.first_day is None or reach.last_second is None:
        raise ContractError(
            f"{at!r} of the transactions is null in every row: nothing can be said about what came before or after"
        )
    last = reach.last_second // 86_400 if until is None else second_of(until, "until") // 86_400
    if observed is not None:
        last = min(last, int(np.floor(observed)))
    if last - reach.first_day < sum(days):
        raise CemkitError(
            f"the transactions cover {last - reach.first_day + 1:,} days, less than both windows together ({days[0]} + {days[1]}): take "
            "shorter ones with before= and after="
        )
    return Windows(days[0], days[1], reach.first_day, last, change)


def _notes(found: Any, windows: Windows, names: Sequence[str], incomplete: int) -> list[Assumption]:
    total = {name: int(np.sum(found.status[name])) for name in ("events", "outside", "short", "open")}
    notes = [Assumption("observed-spending", {"until": str(np.datetime64(windows.last, "D"))})]
    for code, number in (
        ("experiences-incomplete", incomplete),
        ("experiences-of-strangers", found.strangers),
        ("experiences-outside", total["outside"]),
        ("experiences-short", total["short"]),
        ("experiences-censored", total["open"]),
    ):
        if number:
            notes.append(Assumption(code, {"rows": number}))
    if names:
        notes.append(Assumption("moments-standardised", {"columns": ", ".join(names)}))
    else:
        notes.append(Assumption("moments-unadjusted"))
    if not windows.moments:
        notes.append(Assumption("no-baseline-moments"))
    return notes
