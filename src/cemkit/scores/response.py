"""Response rates: who answered, of those invited, and how respondents differ from the base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation import Measure, Sample, estimate, sample
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.scales import Scale
from cemkit.statistics.grouped import grouped_sum
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.derive import count_nulls, with_presence
from cemkit.tables.design import Design
from cemkit.tables.groups import group_rows
from cemkit.tables.rows import count_by, require_rows
from cemkit.tables.weight_sums import weight_sums
from cemkit.typing import Frame

__all__ = ["ResponseRates", "response_rate"]

_FLAG = "_answered"
_INVITED = "invited_at"
_COMPOSITION = ("invited", "answered", "share_invited", "share_answered", "difference")
_MEASURE = Measure("response_rate", Scale(0, 1, bands={"no answer": (0, 0), "answered": (1, 1)}), "top", unit="share")


@dataclass(frozen=True, eq=False, repr=False)
class ResponseRates(Estimates):
    """Response rates as :class:`~cemkit.results.Estimates`, with respondents against the base.

    Attributes
    ----------
    composition
        Where ``by`` is given, a row per group: ``*by, invited, answered`` (rows), ``share_invited, share_answered``
        (the group's share of all invitations, and of those answered; weighted under a design), ``difference`` =
        share_answered - share_invited.
    """

    composition: pd.DataFrame = field(default_factory=pd.DataFrame)


def response_rate(
    data: Frame,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    level: float = 0.95,
    question: str | None = None,
) -> ResponseRates:
    """Estimate the share that answered, of those invited, in every group of ``by``.

    Parameters
    ----------
    data : frame
        A row per invitation. It was answered if ``answered_at`` has a value (``score``, in a table without
        ``answered_at``). Where ``invited_at`` has values, rows without one were not invited: they count as missing.
    by : str or list of str, optional
        Grouping columns that are known of everybody invited; a null is a group of its own.
    design : Design, optional
        Weights, strata, clusters of the invitations.
    level : float
        Level of the intervals.
    question : str, optional
        Which question's invitations; needed where the ``question`` column has several.

    Returns
    -------
    ResponseRates
        Shares from 0 to 1 with Wilson intervals (logit under a design), and ``.composition``: who answered against who
        was invited.

    Raises
    ------
    CemkitError
        If neither ``answered_at`` nor ``score`` is a column, several questions are mixed, or nobody was invited.

    Notes
    -----
    This is the response rate of invitations sent (AAPOR's RR1 without ineligible units). A high rate does not make
    answers representative and a low one does not make them useless: what matters is whether those who answer differ, of
    which ``.composition`` shows the part that is known.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.scores import response_rate
    >>> invited = pd.DataFrame({"score": [10, None, 7, None], "city": ["a", "a", "b", "b"]})
    >>> rates = response_rate(invited, by="city")
    >>> rates.to_frame()["estimate"].tolist()
    [0.5, 0.5]
    >>> rates.composition["difference"].tolist()
    [0.0, 0.0]
    """
    bound = bind(data)
    answered = next((name for name in ("answered_at", "score") if name in bound.schema), None)
    if answered is None:
        raise ColumnError(
            "a response rate needs the column 'answered_at' (or 'score'), null where an invitation was not answered"
        )
    names = column_names(by, reserved=(*ESTIMATE_COLUMNS, *_COMPOSITION))
    rows = require_rows(bound)
    _require_one_question(bound, question)
    invited = _INVITED in bound.schema and count_nulls(bound, [_INVITED])[_INVITED] < rows
    flagged = with_presence(bound, _FLAG, of=answered, among=_INVITED if invited else None)
    found = estimate(flagged, _MEASURE, score=_FLAG, question=question, by=names, design=design, level=level)
    taken = sample(flagged, score=_FLAG, scale=_MEASURE.scale, by=names, question=question, design=design)
    notes = [note for note in found.assumptions if note.code != "missing-at-random"]
    notes.insert(0, Assumption("rows-are-invitations", {"column": answered}))
    uninvited = int(found.table["missing"].sum())
    if uninvited:
        notes.append(
            Assumption(
                "not-invited", {"rows": uninvited, "answered": _answers_without_invitation(bound, question, answered)}
            )
        )
    composition = _composition(taken) if names else pd.DataFrame()
    return ResponseRates(
        found.table, tuple(notes), by=found.by, bands=found.bands, targets=found.targets, composition=composition
    )


def _require_one_question(bound: Bound, question: str | None) -> None:
    if question is not None or "question" not in bound.schema:
        return
    counts = count_by(bound, ["question"])
    if len(counts) > 1:
        shown = ", ".join(
            f"{key[0]!r} ({n:,} rows)" for key, n in sorted(counts.items(), key=lambda item: -item[1])[:8]
        )
        msg = f"the table has {len(counts)} questions ({shown}), so an invitation would count several times: choose one with question="
        raise CemkitError(msg)


def _answers_without_invitation(bound: Bound, question: str | None, answered: str) -> int:
    names = ["question"] if question is not None and "question" in bound.schema else []
    flagged = with_presence(with_presence(bound, "_a", of=answered), "_i", of=_INVITED)
    counts = count_by(flagged, ["_a", "_i", *names])
    return sum(n for (a, i, *rest), n in counts.items() if a == 1 and i == 0 and (not rest or str(rest[0]) == question))


def _composition(rows: Sample) -> pd.DataFrame:
    """Compare each group's share of the invitations with its share of the answers."""
    weights = None if rows.design is None else rows.design.weights
    sums = weight_sums(rows.bound, keys=(*rows.by, _FLAG), weights=(weights,))
    groups, group = group_rows(sums.keys, rows.by, orders=rows.orders)
    flag = np.array([np.nan if v is None else float(v) for v in sums.keys[_FLAG]])

    def per_group(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        return grouped_sum(group[where], values[where], groups=len(groups))

    invited, answered = ~np.isnan(flag), flag == 1
    weight = sums.w[:, 0]
    shares = []
    for where in (invited, answered):
        total = per_group(weight, where)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares.append(total / total.sum())
    return pd.DataFrame(
        {
            **{name: groups.frame()[name] for name in groups.names},
            "invited": per_group(sums.n, invited).astype(np.int64),
            "answered": per_group(sums.n, answered).astype(np.int64),
            "share_invited": shares[0],
            "share_answered": shares[1],
            "difference": shares[1] - shares[0],
        }
    )
