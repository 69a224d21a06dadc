"""What is true of segments: shares, profiles, stability, targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.estimate import estimate
from cemkit.estimation.measure import Measure
from cemkit.estimation.sample import sample
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.stages.segment_fit import Candidate, Points, SegmentMethod
from cemkit.statistics._arguments import critical_value
from cemkit.statistics.regression import design_covariance
from cemkit.tables.binding import Bound
from cemkit.tables.derive import with_membership
from cemkit.tables.design import Design
from cemkit.tables.design_rows import design_rows

__all__ = ["SEGMENT", "profile_rows", "segment_rows", "stability_rows", "target_rows"]

Floats = npt.NDArray[np.float64]
SEGMENT, _FLAG = "_r_segment", "_r_flag"
_KEPT = ("estimate", "std_error", "low", "high", "level", "method", "unit", "n")
_YES = Scale(0, 1, bands={"no": (0, 0), "yes": (1, 1)})
TARGET_COLUMNS = (
    "segment", "estimate", "std_error", "low", "high", "level", "method", "unit", "n", "share", "need", "value", "rank",
    "rank_low", "rank_high",
)  # fmt: skip
_DRAWS = 4000


def segment_rows(
    bound: Bound,
    chosen: Candidate,
    points: Points,
    jaccard: Floats,
    *,
    method: SegmentMethod,
    design: Design | None,
    level: float,
) -> tuple[pd.DataFrame, float, list[Assumption]]:
    """Return a row per segment with its share among complete rows, and the entropy of the whole."""
    rows, notes = [], []
    for j in range(1, chosen.k + 1):
        flagged = with_membership(bound, _FLAG, of=SEGMENT, values=[j])
        found = estimate(flagged, Measure("share", _YES, "top", "share"), score=_FLAG, design=design, level=level)
        rows.append(found.table)
        notes += [
            note for note in found.assumptions if note.code not in ("missing-at-random", "all-alike", "scale-unused")
        ]
    table = pd.concat(rows, ignore_index=True)
    scores = chosen.of(points.data)
    member = np.exp(scores - scores.max(axis=1, keepdims=True))
    member /= member.sum(axis=1, keepdims=True)
    own = scores.argmax(axis=1)
    size = np.bincount(own, minlength=chosen.k)
    sure, entropy = np.full(chosen.k, np.nan), np.nan
    if method != "kmeans":
        with np.errstate(invalid="ignore"):
            sure = np.bincount(own, weights=member.max(axis=1), minlength=chosen.k) / size
        doubt = -(member * np.log(np.maximum(member, 1e-300))).sum()
        entropy = 1.0 if chosen.k == 1 else float(1 - doubt / (len(own) * np.log(chosen.k)))
    kept = table[list(_KEPT)].copy()
    kept["n"] = size
    kept.insert(0, "segment", np.arange(1, chosen.k + 1))
    kept["certainty"] = sure
    kept["jaccard"] = np.nanmean(jaccard, axis=0) if len(jaccard) else np.full(chosen.k, np.nan)
    return kept, entropy, list(dict.fromkeys(notes))


def profile_rows(bound: Bound, points: Points, k: int, *, design: Design | None, level: float) -> pd.DataFrame:
    """Return a row per segment and feature, or category of a feature."""
    parts = []
    for i, name in enumerate(points.columns):
        if points.categories:
            for category in points.categories[i]:
                flagged = with_membership(bound, _FLAG, of=name, values=[category])
                found = estimate(
                    flagged, Measure(name, _YES, "top", "share"), score=_FLAG, by=SEGMENT, design=design, level=level
                )
                parts.append(_profile(found.table, name, category, 1.0))
        else:
            x = points.centre[i] + points.scale[i] * points.data[:, i]
            low, high = float(x.min()), float(x.max())
            pad = 1e-9 * max(abs(low), abs(high), high - low)
            scale = Scale(low - pad, high + pad, step=None)
            found = estimate(
                bound,
                Measure(name, scale, "mean", "scale"),
                score=name,
                by=SEGMENT,
                design=design,
                level=level,
                invalid="count",
            )
            parts.append(_profile(found.table, name, None, float(points.scale[i])))
    order = pd.concat(parts, ignore_index=True)
    order["_r_place"] = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = order.sort_values(["segment", "_r_place"], kind="stable").drop(columns="_r_place").reset_index(drop=True)
    return order[order["segment"] <= k].reset_index(drop=True)


def _profile(table: pd.DataFrame, feature: str, category: Any, unit: float) -> pd.DataFrame:
    table = table[table[SEGMENT].notna().to_numpy()]
    n = table["n"].to_numpy(dtype=np.float64)
    mean = table["estimate"].to_numpy(dtype=np.float64)
    overall = float(n @ np.nan_to_num(mean) / n.sum())
    found = table[list(_KEPT)].copy()
    found["n"] = n.astype(np.int64)
    found.insert(0, "segment", table[SEGMENT].astype("int64").to_numpy())
    found.insert(1, "feature", pd.Index([feature] * len(table), dtype=object))
    found.insert(2, "category", pd.Series([category] * len(table), dtype=object).to_numpy())
    found["overall"] = overall
    found["distance"] = (mean - overall) / unit
    return found


def stability_rows(rand: Floats, jaccard: Floats, *, level: float) -> pd.DataFrame:
    """Return mean, standard deviation and percentiles of the resamples."""
    tails = [(1 - level) / 2, (1 + level) / 2]
    rows: list[dict[str, Any]] = []
    series = [("adjusted_rand", None, rand), *(("jaccard", j + 1, jaccard[:, j]) for j in range(jaccard.shape[1]))]
    for measure, segment, given in series:
        values = given[~np.isnan(given)]
        some = len(values) > 0
        low, high = np.quantile(values, tails) if some else (np.nan, np.nan)
        rows.append({
            "measure": measure, "segment": segment, "estimate": values.mean() if some else np.nan,
            "std_error": values.std(ddof=1) if len(values) > 1 else np.nan, "low": low, "high": high, "level": float(level),
            "method": "bootstrap-percentile", "resamples": len(values),
        })  # fmt: skip
    return pd.DataFrame(rows).astype({"segment": "Int64", "measure": object, "method": object})


def target_rows(
    bound: Bound, k: int, *, need: str, value: str, design: Design | None, level: float, seed: int
) -> tuple[pd.DataFrame, list[Assumption]]:
    """Return share × need × value per segment, with the limits of its linearisation."""
    settled = sample(bound, score=need, scale=_YES, design=design, extra=(SEGMENT, value), reserved=(), invalid="count")
    rows = design_rows(settled.bound, [SEGMENT, need, value], design=settled.design)
    n = len(rows.values)
    if n < 2:
        msg = f"need={need!r} and value={value!r} are both there in {n} rows of a segment: target scoring needs at least two"
        raise CemkitError(msg)
    w = np.ones(n) if rows.weights is None else rows.weights
    own = rows.values[:, 0].astype(np.intp) - 1
    inside = np.eye(k)[own]
    total = w.sum()
    share = w @ inside / total
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = [(w * rows.values[:, c]) @ inside / (w @ inside) for c in (1, 2)]
    g, v = (np.nan_to_num(part) for part in factor)
    away = [inside * (rows.values[:, c][:, None] - part) for c, part in ((1, g), (2, v))]
    influence = g * v * (inside - share) + v * away[0] + g * away[1]
    covariance, free = design_covariance(influence * (w / total)[:, None], rows.cluster, rows.stratum, rows.population)
    score, error = share * g * v, np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    half = critical_value(level, float(free)) * error
    normal = np.random.default_rng(seed).standard_normal((_DRAWS, k))
    jitter = 1e-12 * max(float(np.trace(covariance)), 1e-300)
    draws = score + normal @ np.linalg.cholesky(covariance + jitter * np.eye(k)).T
    ranks = np.argsort(np.argsort(-draws, axis=1), axis=1) + 1
    low, high = np.quantile(ranks, [(1 - level) / 2, (1 + level) / 2], axis=0, method="inverted_cdf")
    table = pd.DataFrame({
        "segment": np.arange(1, k + 1), "estimate": score, "std_error": error, "low": score - half, "high": score + half,
        "level": float(level), "method": pd.Index(["linearised-t"] * k, dtype=object),
        "unit": pd.Index([f"{need} x {value}"] * k, dtype=object), "n": np.bincount(own, minlength=k), "share": share,
        "need": factor[0], "value": factor[1], "rank": np.argsort(np.argsort(-score, kind="stable"), kind="stable") + 1,
        "rank_low": low.astype(np.int64), "rank_high": high.astype(np.int64),
    })  # fmt: skip
    notes = [note for note in settled.assumptions if note.code == "customers-are-clusters"]
    if n < rows.total:
        values = {"rows": n, "total": rows.total, "share": n / rows.total, "columns": 3}
        notes.append(Assumption("complete-rows", values))
    return table[list(TARGET_COLUMNS)], notes
