"""The tables of consistency: touchpoints, their channels, and the worst of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.errors import CemkitError
from cemkit.estimation.estimate import Answer
from cemkit.estimation.measure import Measure
from cemkit.estimation.variance import Variance
from cemkit.results import Assumption
from cemkit.stages.channel_means import CellSource, ChannelMeans, adjusted_means, means_of_unit
from cemkit.statistics.multiplicity import Adjustment, adjust
from cemkit.statistics.random_means import ShrunkenChannels, shrink_channels
from cemkit.statistics.variance_components import (
    ChannelSpread,
    SpreadMethod,
    channel_spread,
    mean_interval,
    root_mean_square,
)

__all__ = ["RESERVED", "Asked", "Tables", "consistency_tables"]

Floats = npt.NDArray[np.float64]
_INTERVAL = ("estimate", "std_error", "low", "high", "level", "method", "unit")
UNIT_COLUMNS = (
    "metric", *_INTERVAL, "channels", "n", "missing", "invalid", "index", "index_low", "index_high", "spread", "spread_low",
    "spread_high", "mean", "mean_std_error", "mean_low", "mean_high", "statistic", "df1", "df2", "p_value", "p_adjusted",
    "status",
)  # fmt: skip
OVERALL_COLUMNS = ("metric", *_INTERVAL, "units", "n", "index", "index_low", "index_high")
CHANNEL_COLUMNS = (
    *_INTERVAL, "raw_estimate", "raw_std_error", "adjusted_estimate", "adjusted_std_error", "n", "missing", "invalid", "n_eff", "used",
)  # fmt: skip
OFFENDER_COLUMNS = (*_INTERVAL, "n", "rank", "rank_low", "rank_high", "worst_probability")
RESERVED = frozenset((*UNIT_COLUMNS, *OVERALL_COLUMNS, *CHANNEL_COLUMNS, *OFFENDER_COLUMNS))
_DRAWS = 4000


@dataclass(frozen=True)
class Asked:
    """What was asked for."""

    over: str
    unit: str
    adjust: tuple[str, ...]
    measure: Measure
    level: float
    method: SpreadMethod
    min_base: int
    multiplicity: Adjustment
    seed: int | None


class Tables(NamedTuple):
    """The four tables."""

    units: pd.DataFrame
    overall: pd.DataFrame
    channels: pd.DataFrame
    offenders: pd.DataFrame


class _Unit(NamedTuple):
    """A touchpoint: its groups, those used, and what was found."""

    key: Any
    members: npt.NDArray[np.intp]
    means: ChannelMeans | None
    spread: ChannelSpread | None
    shrunken: ShrunkenChannels | None
    status: str


def consistency_tables(
    found: Answer, variance: Variance | None, cells: CellSource | None, asked: Asked
) -> tuple[Tables, list[Assumption]]:
    """Return the tables, and what their reader should know."""
    groups, counted = found.counted.groups, found.counted
    named = [all(part is not None for part in key) for key in groups.keys]
    keys = list(dict.fromkeys(key[0] for key, whole in zip(groups.keys, named, strict=True) if whole))
    usable = np.asarray(named) & (counted.n >= asked.min_base) & ~(found.inference.df < 1)
    rng = np.random.default_rng(asked.seed)
    units = [_unit(found, variance, cells, asked, key, usable, rng) for key in keys]
    if not any(unit.spread is not None for unit in units):
        msg = (
            f"no touchpoint of {asked.unit!r} has answers that can be compared between two levels of {asked.over!r} (with at "
            f"least {asked.min_base} answers each): use another over=, less adjust=, or a smaller min_base="
        )
        raise CemkitError(msg)
    notes = []
    nameless = int((counted.n + counted.missing + counted.invalid)[~np.asarray(named)].sum()) if len(groups) else 0
    if nameless:
        notes.append(Assumption("rows-without-channel", {"rows": nameless, "over": asked.over, "unit": asked.unit}))
    small = int((np.asarray(named) & ~usable).sum())
    if small:
        notes.append(Assumption("channels-left-out", {"channels": small, "least": asked.min_base}))
    tested = sum(unit.spread is not None for unit in units)
    if tested > 1 and asked.multiplicity != "none":
        notes.append(Assumption("adjusted-p-values", {"comparisons": tested, "method": asked.multiplicity}))
    if tested < len(units):
        notes.append(Assumption("units-not-compared", {"units": len(units) - tested}))
    notes.append(Assumption("channels-as-sample"))
    table = _unit_table(found, asked, units)
    return Tables(
        table, _overall(asked, table, units), _channel_table(found, asked, units), _offenders(found, asked, units)
    ), notes


def _unit(
    found: Answer,
    variance: Variance | None,
    cells: CellSource | None,
    asked: Asked,
    key: Any,
    usable: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> _Unit:
    groups = found.counted.groups
    members = np.array([i for i, k in enumerate(groups.keys) if k[0] == key and k[1] is not None], dtype=np.intp)
    used = members[usable[members]]
    if len(used) < 2:
        return _Unit(key, members, None, None, None, "one channel")
    means = means_of_unit(found, asked.measure, used, variance)
    if cells is not None:
        adjusted = adjusted_means(cells, asked.adjust, key, [groups.keys[i][1] for i in used], means)
        if adjusted is None:
            return _Unit(key, members, None, None, None, "confounded")
        means = adjusted
    most = asked.measure.scale.half_width
    spread = channel_spread(
        means.mean, means.covariance, df=means.df, most=most, method=asked.method, level=asked.level
    )
    shrunken = shrink_channels(
        means.mean, means.covariance, df=means.df, most=most, rng=rng, level=asked.level, draws=_DRAWS
    )
    return _Unit(key, members, means, spread, shrunken, "estimated")


def _text(values: list[str]) -> Any:
    return pd.Index(values, dtype=object)


def _key_column(values: list[Any]) -> Any:
    return pd.Index(values, dtype=object) if not values or isinstance(values[0], str) else pd.Index(values)


def _unit_table(found: Answer, asked: Asked, units: list[_Unit]) -> pd.DataFrame:
    counted, half = found.counted, asked.measure.scale.half_width
    low_end, high_end = asked.measure.limits

    def of(name: str) -> Floats:
        return np.array([np.nan if u.spread is None else float(getattr(u.spread, name)) for u in units])

    limits = [(np.nan, np.nan) if u.spread is None else mean_interval(u.spread, level=asked.level) for u in units]
    means = np.clip(np.array(limits).reshape(-1, 2), low_end, high_end)
    size = len(units)
    columns: dict[str, Any] = {
        "metric": _text(["tau"] * size),
        **{name: of("tau" if name == "estimate" else name) for name in ("estimate", "std_error", "low", "high")},
        "level": np.full(size, float(asked.level)),
        "method": _text([f"{asked.method}-q-profile"] * size),
        "unit": _text(["scale"] * size),
        "channels": [0 if u.spread is None else u.spread.channels for u in units],
        **{c: [int(getattr(counted, c)[u.members].sum()) for u in units] for c in ("n", "missing", "invalid")},
        "index": 100 * (1 - of("tau") / half),
        "index_low": 100 * (1 - of("high") / half),
        "index_high": 100 * (1 - of("low") / half),
        **{name: of(name) for name in ("spread", "spread_low", "spread_high", "mean", "mean_std_error")},
        "mean_low": means[:, 0],
        "mean_high": means[:, 1],
        **{name: of(name) for name in ("statistic", "df1", "df2", "p_value")},
        "p_adjusted": adjust(of("p_value"), method=asked.multiplicity),
        "status": _text([u.status for u in units]),
    }
    return pd.DataFrame({asked.unit: _key_column([u.key for u in units]), **{c: columns[c] for c in UNIT_COLUMNS}})


def _overall(asked: Asked, table: pd.DataFrame, units: list[_Unit]) -> pd.DataFrame:
    kept = table[[u.spread is not None for u in units]]
    estimate, low, high = root_mean_square(*(kept[c].to_numpy() for c in ("estimate", "low", "high")))
    half = asked.measure.scale.half_width
    with np.errstate(invalid="ignore", divide="ignore"):
        # the error of a mean square, by the delta method; nan where a touchpoint has none
        square = 2 * kept["estimate"].to_numpy() * kept["std_error"].to_numpy()
        error = float(np.sqrt((square**2).sum()) / len(kept) / (2 * estimate)) if estimate > 0 else np.nan
    row: dict[str, Any] = {
        "metric": "tau", "estimate": estimate, "std_error": error, "low": low, "high": high, "level": float(asked.level),
        "method": "mover", "unit": "scale", "units": len(kept), "n": int(kept["n"].sum()), "index": 100 * (1 - estimate / half),
        "index_low": 100 * (1 - high / half), "index_high": 100 * (1 - low / half),
    }  # fmt: skip
    return pd.DataFrame(
        {name: _text([row[name]]) if isinstance(row[name], str) else [row[name]] for name in OVERALL_COLUMNS}
    )


def _channel_table(found: Answer, asked: Asked, units: list[_Unit]) -> pd.DataFrame:
    counted, inference = found.counted, found.inference
    low_end, high_end = asked.measure.limits
    place = np.concatenate([u.members for u in units])
    size = len(counted.groups)
    made = {name: np.full(size, np.nan) for name in ("estimate", "std_error", "low", "high", "mean", "error")}
    for unit in units:
        if unit.means is not None and unit.shrunken is not None:
            at = unit.means.place
            made["estimate"][at], made["std_error"][at] = unit.shrunken.estimate, unit.shrunken.std_error
            made["low"][at], made["high"][at] = unit.shrunken.low, unit.shrunken.high
            made["mean"][at], made["error"][at] = unit.means.mean, np.sqrt(np.diagonal(unit.means.covariance))
    seen = counted.n[place] > 0
    columns: dict[str, Any] = {
        "estimate": np.clip(made["estimate"][place], low_end, high_end),
        "std_error": made["std_error"][place],
        "low": np.clip(made["low"][place], low_end, high_end),
        "high": np.clip(made["high"][place], low_end, high_end),
        "level": np.full(len(place), float(asked.level)),
        "method": _text(["posterior"] * len(place)),
        "unit": _text(["scale"] * len(place)),
        "raw_estimate": np.where(seen, inference.estimate[place], np.nan),
        "raw_std_error": np.where(seen, inference.std_error[place], np.nan),
        "adjusted_estimate": made["mean"][place],
        "adjusted_std_error": made["error"][place],
        **{c: getattr(counted, c)[place].astype(np.int64) for c in ("n", "missing", "invalid")},
        "n_eff": np.where(seen, inference.n_eff[place], np.nan),
        "used": np.isfinite(made["estimate"][place]),
    }
    keys = [counted.groups.keys[i] for i in place]
    names = {asked.unit: _key_column([k[0] for k in keys]), asked.over: _key_column([k[1] for k in keys])}
    return pd.DataFrame({**names, **{c: columns[c] for c in CHANNEL_COLUMNS}})


def _offenders(found: Answer, asked: Asked, units: list[_Unit]) -> pd.DataFrame:
    """Rank the channels by how far they lie below the mean of their touchpoint's channels, worst first."""
    counted = found.counted
    turn = 1.0 if asked.measure.scale.direction == "higher-is-better" else -1.0
    tails = (1 - asked.level) / 2, (1 + asked.level) / 2
    rows: list[dict[str, Any]] = []
    draws: list[Floats] = []
    for unit in units:
        if unit.means is None or unit.shrunken is None:
            continue
        away = unit.shrunken.draws - unit.shrunken.draws.mean(axis=1, keepdims=True)
        centre = unit.shrunken.estimate - unit.shrunken.estimate.mean()
        low, high = np.quantile(away, tails, axis=0)
        worst = np.bincount(np.argmin(turn * away, axis=1), minlength=len(centre)) / len(away)
        draws.append(turn * away)
        for i, place in enumerate(unit.means.place):
            key = counted.groups.keys[place]
            rows.append({
                asked.unit: key[0], asked.over: key[1], "estimate": centre[i], "std_error": away[:, i].std(), "low": low[i],
                "high": high[i], "n": int(counted.n[place]), "worst_probability": worst[i],
            })  # fmt: skip
    every = np.hstack(draws)
    ranks = np.argsort(np.argsort(every, axis=1, kind="stable"), axis=1, kind="stable") + 1
    bounds = np.quantile(ranks, tails, axis=0, method="inverted_cdf").astype(np.float64)
    table = pd.DataFrame(rows).assign(rank_low=bounds[0], rank_high=bounds[1])
    order = np.argsort(turn * table["estimate"].to_numpy(), kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    table["rank"] = np.arange(1, len(table) + 1)
    table["level"], table["method"], table["unit"] = float(asked.level), "posterior", "scale"
    for name in (asked.unit, asked.over):
        table[name] = _key_column(table[name].tolist())
    return table.astype({"method": object, "unit": object})[[asked.unit, asked.over, *OFFENDER_COLUMNS]]
