"""Kinds: typical, critical and unique experiences, by rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.results import Assumption, Result
from cemkit.stages.rules import DEFAULT_RULES, Rule, as_rules
from cemkit.tables.binding import Bound, as_given, bind
from cemkit.tables.first_match import Case, first_match
from cemkit.tables.periods import require_one_zone
from cemkit.tables.rows import count_by, require_some
from cemkit.typing import Frame

__all__ = ["RuleCounts", "classify", "rule_counts"]

_PLACE = "_r_place"


def classify(
    experiences: Frame,
    rules: Sequence[Rule] = DEFAULT_RULES,
    *,
    into: str = "kind",
    unit: str = "customer_id",
    touchpoint: str = "touchpoint_id",
    at: str = "occurred_at",
    joined: str = "acquired_at",
) -> Any:
    """Add the kind of every experience: that of the first rule whose conditions all hold.

    Parameters
    ----------
    experiences : frame
        A row per experience, any engine; with ``stage`` where a rule asks for it (:func:`label` adds it).
    rules : sequence of Rule
        Tried in this order.
    into : str
        Name of the new column; an error where the table has it.
    unit, touchpoint, at : str
        Columns of the customer, the touchpoint and the time; each is needed only if a rule uses it.
    joined : str
        Column of the time of joining, for rules with ``tenure``, unless the table has a column ``tenure`` in days.

    Returns
    -------
    frame
        The table as it was, of the same kind, with one more column; null where no rule holds (:func:`rule_counts` counts them).

    Raises
    ------
    CemkitError
        If a rule asks for what the table does not have, times are no times or mix time zones, or ``into`` is taken.

    Notes
    -----
    The preceding event is the customer's latest moment strictly before the experience, found by an ordered window in the frame's own engine
    (on pandas and PyArrow by a sort, on Dask after bringing every customer's rows together). Experiences in the same second are one
    moment, so labels depend neither on the order of the rows nor on ties. What has no time or customer neither precedes nor follows.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> rows = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "a"],
    ...         "stage": ["use", "use", "renew"],
    ...         "valence": ["negative", "neutral", "positive"],
    ...         "occurred_at": pd.to_datetime(["2025-01-01", "2025-01-03", "2025-02-01"]),
    ...     }
    ... )
    >>> stages.classify(rows)["kind"].fillna("none").tolist()
    ['none', 'critical', 'unique']
    """
    bound = bind(experiences, what="experiences")
    found = _matched(bound, as_rules(rules), into, unit, touchpoint, at, joined, place=None)
    return as_given(experiences, found)


@dataclass(frozen=True, eq=False, repr=False)
class RuleCounts(Result):
    """How many experiences each rule named, in the order of the rules; the last row is those that none did.

    ``to_frame()`` gives ``rule`` (its place from 1; null for none), ``kind``, ``n`` and ``share`` (of all experiences).
    """

    _title: ClassVar[str] = "Rules"

    def plot(self) -> Any:
        """Return an Altair chart: a bar per rule (extra ``report``)."""
        from cemkit.charts.journey import rule_chart

        return rule_chart(self.table)


def rule_counts(
    experiences: Frame,
    rules: Sequence[Rule] = DEFAULT_RULES,
    *,
    unit: str = "customer_id",
    touchpoint: str = "touchpoint_id",
    at: str = "occurred_at",
    joined: str = "acquired_at",
) -> RuleCounts:
    """Count how many experiences each rule names, and how many none does (see :func:`classify`).

    Parameters
    ----------
    experiences, rules, unit, touchpoint, at, joined
        As in :func:`classify`.

    Returns
    -------
    RuleCounts
        A row per rule in their order, and one for what no rule names.

    Raises
    ------
    CemkitError
        For anything that ``classify`` raises for.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> rows = pd.DataFrame({"stage": ["use", "renew", "renew"]})
    >>> stages.rule_counts(rows, [stages.Rule("unique", stage="renew")]).to_frame()["n"].tolist()
    [2, 1]
    """
    found = as_rules(rules)
    bound = bind(experiences, what="experiences")
    into = "kind"
    while into in bound.schema:
        into += "_"
    frame = _matched(bound, found, into, unit, touchpoint, at, joined, place=_PLACE)
    counts = {int(key): n for (key,), n in count_by(bind(frame), [_PLACE]).items()}
    total = sum(counts.values())
    require_some(total, "experiences")
    n = [counts.get(i, 0) for i in (*range(len(found)), -1)]
    table = pd.DataFrame(
        {
            "rule": pd.array([*range(1, len(found) + 1), None], dtype="Int64"),
            "kind": pd.Index([*(rule.kind for rule in found), None], dtype=object),
            "n": n,
            "share": [count / total for count in n],
        }
    )
    notes = (Assumption("unmatched-experiences", {"rows": n[-1]}),) if n[-1] else ()
    return RuleCounts(table, notes)


def _matched(
    bound: Bound,
    rules: tuple[Rule, ...],
    into: str,
    unit: str,
    touchpoint: str,
    at: str,
    joined: str,
    *,
    place: str | None,
) -> Any:
    if not isinstance(into, str) or not into or into in bound.schema:
        msg = f"into={into!r} must be the name of a new column: experiences already has it; drop it first, or give another name"
        raise ColumnError(msg)
    columns = {"stage": "stage", "touchpoint": touchpoint, "valence": "valence"}
    cases = []
    for number, rule in enumerate(rules, start=1):
        own, before = (
            {
                _column(bound, columns[name], number, f"{after}{name}"): getattr(rule, f"{after}{name}")
                for name in columns
                if getattr(rule, f"{after}{name}") is not None
            }
            for after in ("", "after_")
        )
        cases.append(Case(rule.kind, own, rule.tenure, before or None, rule.within))
    options: dict[str, Any] = {}
    if any(rule.follows for rule in rules):
        number = next(i for i, rule in enumerate(rules, start=1) if rule.follows)
        options["unit"] = _column(bound, unit, number, "the preceding event")
        options["at"] = bound.require_time(_column(bound, at, number, "the preceding event"), "at")
    if any(rule.tenure is not None for rule in rules):
        number = next(i for i, rule in enumerate(rules, start=1) if rule.tenure is not None)
        if "tenure" in bound.schema:
            options["days"] = bound.require_number("tenure", "tenure")
        else:
            options["since"] = bound.require_time(_column(bound, joined, number, "tenure"), "joined")
            options["at"] = bound.require_time(_column(bound, at, number, "tenure"), "at")
            require_one_zone(bound, options["at"], options["since"])
    return first_match(bound, cases, name=into, place=place, **options)


_HELP = {
    "stage": "add it with stages.label(experiences, journey_map)",
    "acquired_at": 'add it with store.join("experiences", customers=["acquired_at"]), or give a column tenure in days',
}


def _column(bound: Bound, name: str, number: int, what: str) -> str:
    if name in bound.schema:
        return bound.require_key(name, name)
    help_ = _HELP.get(name, "add the column, or leave the rule out of rules=")
    msg = f"rule {number} asks for {what}, and experiences has no column {name!r}: {help_}"
    raise CemkitError(msg)
