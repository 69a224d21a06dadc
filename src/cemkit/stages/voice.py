"""The voice of customers: how often coded comments say something, and what that goes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, ColumnError
from cemkit.estimation import Measure, compare, estimate
from cemkit.estimation.sample import check_level
from cemkit.results import ESTIMATE_COLUMNS, Assumption, Estimates
from cemkit.scales import Scale
from cemkit.stages.outcome_range import outcome_range
from cemkit.tables.binding import Bound, bind, column_names
from cemkit.tables.derive import require_flag, with_membership
from cemkit.tables.design import Design
from cemkit.tables.row_means import require_on_scale, with_numbers
from cemkit.tables.rows import count_by, require_rows
from cemkit.typing import Frame

__all__ = ["voice"]

_FLAG = Scale(0, 1, bands={"no": (0, 0), "yes": (1, 1)})
_MOST_CODES = 200


def voice(
    experiences: Frame,
    *,
    codes: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    outcome: str | None = None,
    level: float = 0.95,
    scale: Scale | None = None,
    design: Design | None = None,
) -> Estimates:
    """Estimate how often comments carry each code, and how the outcome differs between those that do and do not.

    Parameters
    ----------
    experiences : frame
        A row per comment; rows without a coded comment are counted as missing.
    codes : str or list of str
        One column with one code per comment, or several columns of flags (true/false or 0/1) of which a comment can have several. A null
        was not coded.
    by : str or list of str, optional
        Grouping columns.
    outcome : str, optional
        A column of numbers: a rating, or 0 and 1.
    level : float
        Level of the intervals.
    scale : Scale, optional
        The scale of the outcome; without it, values are taken as they are.
    design : Design, optional
        How the comments were drawn. Customers who come back are the clusters unless it says otherwise.

    Returns
    -------
    Estimates
        Rows ``*by, code`` with the metrics ``share`` (of coded comments, 0 to 1) and, with an outcome, ``difference``
        (mean outcome with the code less that without). A code that all of a group's comments carry, or none, has no
        difference (null).

    Raises
    ------
    CemkitError
        If a column is absent, a flag is neither 0 nor 1, or nothing was coded.

    Notes
    -----
    Shares: Wilson intervals, or linearised over customers (logit). Differences: Welch's t interval, or linearised with
    the covariance between both sides. A difference is an association. Intervals hold one by one.

    References
    ----------
    Wilson, E. B. (1927), *JASA* 22, 209-212. Welch, B. L. (1947), *Biometrika* 34, 28-35.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import stages
    >>> rows = pd.DataFrame({"waiting": [1, 1, 0, 0], "price": [0, 1, 0, 0], "score": [2, 4, 8, 10]})
    >>> found = stages.voice(rows, codes=["waiting", "price"], outcome="score").to_frame()
    >>> found[["code", "metric", "estimate"]].values.tolist()[:2]
    [['waiting', 'share', 0.5], ['waiting', 'difference', -6.0]]
    """
    check_level(level)
    names = column_names(by, reserved=(*ESTIMATE_COLUMNS, "code"))
    bound = bind(experiences, what="experiences")
    require_rows(bound, "experiences")
    for name in names:
        bound.require_key(name, "by")
    bound, flags = _flags(bound, codes)
    wanted = None
    if outcome is not None:
        bound, wanted = _outcome(bound, outcome, scale)
    parts, notes = [], []
    for place, (code, flag) in enumerate(flags.items()):
        found = estimate(
            bound, Measure("share", _FLAG, "top", unit="share"), score=flag, by=names, design=design, level=level
        )
        notes += [n for n in found.assumptions if n.code != "scale-unused"]
        rows = [found.table]
        if wanted is not None:
            table, more = _difference(bound, flag, found, wanted, names, design, level)
            rows.append(table)
            notes += more
        for kind, table in enumerate(rows):
            parts.append(table.assign(code=code, _group=np.arange(len(table)), _place=place, _kind=kind))
    table = pd.concat(parts, ignore_index=True).sort_values(
        ["_group", "_place", "_kind"], kind="stable", ignore_index=True
    )
    table["code"] = table["code"].astype(object)
    return Estimates(table[[*names, "code", *ESTIMATE_COLUMNS]], tuple(dict.fromkeys(notes)), by=(*names, "code"))


def _flags(bound: Bound, codes: Any) -> tuple[Bound, dict[str, str]]:
    """Return the table with a column of 0, 1 and null per code: ``{code: column}``."""
    if isinstance(codes, str):
        column = bound.require_key(codes, "codes")
        found = [value for (value,) in count_by(bound, [column]) if value is not None]
        if not found or len(found) > _MOST_CODES:
            what = "no code" if not found else f"{len(found):,} different values, more than {_MOST_CODES}"
            msg = (
                f"codes={codes!r} has {what}: give a column with one short code per comment, or a list of flag columns"
            )
            raise CemkitError(msg)
        flags = {}
        for i, value in enumerate(sorted(found, key=str)):
            bound = with_membership(bound, f"_stages_code{i}", of=column, values=[value])
            flags[str(value)] = f"_stages_code{i}"
        return bound, flags
    names = column_names(codes, argument="codes")
    if not names:
        msg = "codes must name at least one column of flags, or be the name of one column of codes"
        raise ColumnError(msg)
    made = {}
    for i, name in enumerate(names):
        made[f"_stages_code{i}"] = require_flag(bound, name, "codes")
    bound = with_numbers(bound, made)
    require_on_scale(bound, made, _FLAG)
    return bound, dict(zip(names, made, strict=True))


def _outcome(bound: Bound, outcome: str, scale: Scale | None) -> tuple[Bound, tuple[str, Scale]]:
    column = bound.require_number(outcome, "outcome")
    bound = with_numbers(bound, {"_stages_outcome": column}, missing_codes=() if scale is None else scale.missing_codes)
    if scale is not None:
        require_on_scale(bound, {"_stages_outcome": column}, scale)
    if scale is not None:
        return bound, ("_stages_outcome", Scale(scale.low, scale.high, step=None))
    low, high = outcome_range(bound, "_stages_outcome", outcome)
    # an undeclared scale has no ends, at which an interval could be cut
    far = 100 * (high - low or 1.0)
    return bound, ("_stages_outcome", Scale(low - far, high + far, step=None))


def _difference(
    bound: Bound,
    flag: str,
    share: Estimates,
    outcome: tuple[str, Scale],
    by: tuple[str, ...],
    design: Design | None,
    level: float,
) -> tuple[pd.DataFrame, list[Assumption]]:
    """Return a row per group of the share: the difference, null where one side is empty."""
    column, scale = outcome
    yes = share.bands.loc[share.bands["band"] == "yes", "n"].to_numpy(dtype=np.int64)
    coded = share.table["n"].to_numpy(dtype=np.int64)
    n, unused = np.zeros(len(coded), dtype=np.int64), share.table["missing"].to_numpy(dtype=np.int64)
    numbers = np.full((len(coded), len(_COPIED)), np.nan)
    method = share.table["method"].tolist()
    notes: list[Assumption] = []
    if ((yes > 0) & (yes < coded)).any():
        measure = Measure("difference", scale, "mean", unit="scale")
        found = compare(
            bound,
            measure,
            over=flag,
            by=by,
            against=0.0,
            score=column,
            design=design,
            level=level,
            adjust="none",
        )
        notes = [note for note in found.assumptions if note.code not in ("scale-unused", "missing-at-random")]
        pairs = found.table[(found.table["group"] == 1.0) & found.table["difference"].notna()]
        place = {key: i for i, key in enumerate(_keys(share.table, by))}
        for key, pair in zip(_keys(pairs, by), pairs.to_dict("records"), strict=True):
            g = place[key]
            numbers[g] = [pair[name] for name in _COPIED]
            n[g] = pair["n_group"] + pair["n_reference"]
            method[g] = pair["method"]
    columns: dict[str, Any] = {
        "metric": pd.Index(["difference"] * len(n), dtype=object),
        "estimate": numbers[:, 0],
        **{name: numbers[:, i] for i, name in enumerate(_COPIED) if i},
        "method": pd.Index(method, dtype=object),
        "unit": pd.Index(["scale"] * len(n), dtype=object),
        "n": pd.array(n, dtype="Int64"),
        "missing": pd.array(coded + unused - n, dtype="Int64"),
        "n_eff": np.nan,
    }
    return share.table.assign(**columns), notes


_COPIED = ("difference", "std_error", "low", "high", "df")


def _keys(table: pd.DataFrame, by: tuple[str, ...]) -> list[tuple[Any, ...]]:
    if not by:
        return [()] * len(table)
    rows = table[list(by)].itertuples(index=False, name=None)
    return [tuple(None if pd.isna(value) else value for value in key) for key in rows]
