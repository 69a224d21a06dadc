"""The tables of a fitted path model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.complete import Base, Rows
from cemkit.csi.path_estimates import Kind, Replicates
from cemkit.csi.path_fit import with_limits
from cemkit.results import Assumption
from cemkit.scales import Scale
from cemkit.statistics.moments import Moments, correlate
from cemkit.statistics.path_graph import path_effects
from cemkit.statistics.path_summaries import construct_index, goodness_of_fit
from cemkit.statistics.pls import PathFit
from cemkit.statistics.reliability import (
    average_variance,
    block_sums,
    composite_reliability,
    cronbach_alpha,
    htmt,
    rho_a,
)

__all__ = ["Tables"]

Floats = npt.NDArray[np.float64]


class Tables:
    """The parts of the result."""

    def __init__(
        self,
        kind: Kind,
        fitted: PathFit,
        moments: Moments,
        scales: Sequence[Scale],
        again: Replicates | None,
        level: float,
    ) -> None:
        self.kind, self.fitted, self.moments, self.again, self.level = kind, fitted, moments, again, level
        self.model = kind.model
        self.names = np.array(self.model.names, dtype=object)
        self.block = self.model.block
        self.correlation = correlate(moments.covariance)
        self.low = np.array([scale.low for scale in scales], dtype=np.float64)
        self.high = np.array([scale.high for scale in scales], dtype=np.float64)
        self.overall = self._index_of(fitted.raw_weights, moments.mean)

    def _index_of(self, raw: Floats, mean: Floats) -> Floats:
        return construct_index(raw, mean, block=self.block, low=self.low, high=self.high)

    def _limits(self, values: Floats, replicates: Floats | None, *, name: str = "estimate") -> dict[str, Any]:
        return dict(with_limits(values, replicates, level=self.level, name=name))

    @property
    def _how(self) -> dict[str, Any]:
        return {"level": self.level, "method": "none" if self.again is None else "bootstrap-percentile"}

    def paths(self) -> pd.DataFrame:
        """Return the path coefficients."""
        source, target = np.nonzero(self.model.arrows)
        found = None if self.again is None else self.again.fits.paths[:, source, target]
        estimate = self._limits(self.fitted.paths[source, target], found)
        return pd.DataFrame(
            {"source": self.names[source], "target": self.names[target], **estimate, **self._how, "unit": "sd"}
        )

    def items(self, values: Floats, part: str) -> pd.DataFrame:
        """Return loadings or weights."""
        found = None if self.again is None else getattr(self.again.fits, part)
        columns = {"construct": self.names[self.block], "item": list(self.model.items)}
        return pd.DataFrame({**columns, **self._limits(values, found), **self._how})

    def r_squared(self, base: Base, relevance: Floats, blindfolded: Floats) -> pd.DataFrame:
        """Return R², adjusted R² and both Q² of the explained constructs."""
        led = np.flatnonzero(self.model.arrows.any(axis=0))
        found = None if self.again is None else self.again.fits.r_squared[:, led]
        estimate, n = self.fitted.r_squared[led], float(base.n[0])
        number = self.model.arrows.sum(axis=0)[led]
        with np.errstate(divide="ignore", invalid="ignore"):
            adjusted = np.where(n > number + 1, 1 - (1 - estimate) * (n - 1) / (n - number - 1), np.nan)
        columns = {"construct": self.names[led], **self._limits(estimate, found), "adjusted": adjusted}
        return pd.DataFrame({**columns, "q_squared": relevance[led], "blindfolded": blindfolded[led], **self._how})

    def effects(self) -> pd.DataFrame:
        """Return total, direct and indirect effects wherever arrows lead from one construct to another."""
        whole = path_effects(self.fitted.paths)
        reach = path_effects(self.model.arrows.astype(np.float64)).total > 0
        source, target = np.nonzero(reach)
        total, indirect = None, None
        if self.again is not None:
            found = path_effects(self.again.fits.paths)
            total, indirect = found.total[:, source, target], found.indirect[:, source, target]
        # a score has the variance 1, so its index has this standard deviation
        spread = 100 / (np.abs(block_sums(self.fitted.raw_weights, self.block)) * (self.high - self.low))
        estimate = whole.total[source, target]
        return pd.DataFrame(
            {
                "source": self.names[source],
                "target": self.names[target],
                **self._limits(estimate, total),
                "direct": whole.direct[source, target],
                **self._limits(whole.indirect[source, target], indirect, name="indirect"),
                "points": estimate * spread[target] / spread[source],
                "performance": self.overall[source],
                **self._how,
            }
        )

    def reliability(self) -> pd.DataFrame:
        """Return alpha, rho_A, rho_C and AVE; nan for constructs made up of their items (mode B)."""
        block, fitted = self.block, self.fitted
        reflective = np.array([mode == "A" for mode in self.kind.modes])
        found = {
            "alpha": cronbach_alpha(self.correlation, block=block),
            "rho_a": rho_a(self.correlation, fitted.weights, block=block),
            "rho_c": composite_reliability(fitted.loadings, block=block),
            "ave": average_variance(fitted.loadings, block=block),
        }
        columns = {"construct": self.names, "mode": self.kind.modes, "items": np.bincount(block)}
        return pd.DataFrame({**columns, **{name: np.where(reflective, x, np.nan) for name, x in found.items()}})

    def htmt(self) -> pd.DataFrame:
        """Return the heterotrait-monotrait ratios of all pairs."""
        left, right = np.triu_indices(len(self.names), 1)
        found = None if self.again is None else htmt(self.again.correlation, block=self.block)[:, left, right]
        estimate = self._limits(htmt(self.correlation, block=self.block)[left, right], found)
        return pd.DataFrame({"left": self.names[left], "right": self.names[right], **estimate, **self._how})

    def index(self, groups: Base) -> pd.DataFrame:
        """Return the index of every construct and group."""
        count, constructs = len(groups.groups), len(self.names)
        values = self._index_of(self.fitted.raw_weights, groups.moments.mean)
        found = None
        if self.again is not None:
            found = self._index_of(self.again.fits.raw_weights[:, None, :], self.again.means).reshape(
                -1, count * constructs
            )
        return pd.DataFrame(
            {
                **groups.groups.columns(times=constructs),
                "construct": np.tile(self.names, count),
                **self._limits(values.reshape(-1), found),
                "n": np.repeat(groups.n.astype(np.int64), constructs),
                **self._how,
                "unit": "points",
            }
        )

    def scores(self, groups: Base, rows: Rows) -> pd.DataFrame:
        """Return the respondents' index and score of every construct."""
        kept = np.flatnonzero(rows.complete)
        values, constructs = rows.values[kept], len(self.names)
        about = (values - self.moments.mean) * self.fitted.raw_weights
        keys = groups.groups.frame().iloc[rows.group[kept]].reset_index(drop=True)
        found = pd.DataFrame(
            {
                "row": np.repeat(kept, constructs),
                "construct": np.tile(self.names, len(kept)),
                "index": self._index_of(self.fitted.raw_weights, values).reshape(-1),
                "score": block_sums(about, self.block).reshape(-1),
            }
        )
        repeated = keys.loc[keys.index.repeat(constructs)].reset_index(drop=True)
        return pd.concat([repeated, found], axis=1) if len(keys.columns) else found

    def fit(self, base: Base) -> pd.DataFrame:
        """Return how well the model fits, and on what base."""
        again = self.again
        return pd.DataFrame(
            {
                "gof": [float(goodness_of_fit(self.fitted.loadings, self.fitted.r_squared, block=self.block))],
                "iterations": [int(self.fitted.iterations)],
                "converged": [bool(self.fitted.converged)],
                "proper": [bool(self.fitted.proper)],
                "n": [int(base.n[0])],
                "rows": [int(base.rows[0])],
                "complete": [float(base.complete[0])],
                "replicates": [0 if again is None else len(again.correlation)],
                "improper": [0 if again is None else again.improper],
                "not_converged": [0 if again is None else again.stuck],
            }
        )

    def notes(self, bootstrap: int, seed: int) -> list[Assumption]:
        """Return what the reader should know."""
        notes = [Assumption("declared-bounds")]
        if self.again is None:
            notes.append(Assumption("no-resamples"))
        else:
            notes.append(Assumption("bootstrap-percentile", {"replicates": bootstrap, "seed": str(seed)}))
            if self.again.improper or self.again.stuck:
                values = {"improper": self.again.improper, "stuck": self.again.stuck}
                notes.append(Assumption("improper-resamples", values))
        if not self.fitted.proper:
            notes.append(Assumption("improper-solution"))
        if (self.fitted.weights < 0).any():
            negative = [item for item, w in zip(self.model.items, self.fitted.weights, strict=True) if w < 0]
            notes.append(Assumption("negative-weights", {"items": ", ".join(negative)}))
        return notes
