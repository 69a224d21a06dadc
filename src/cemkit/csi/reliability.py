"""How reliably items measure their construct, and whether constructs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from cemkit.csi.complete import check_replicates, collect_rows, count_base, item_sample, require_regular, used_seed
from cemkit.csi.path_fit import with_limits
from cemkit.errors import CemkitError
from cemkit.estimation.sample import check_level
from cemkit.results import Assumption, Result
from cemkit.statistics.moments import correlate
from cemkit.statistics.path_graph import check_constructs
from cemkit.statistics.pls import path_model
from cemkit.statistics.reliability import average_variance, composite_reliability, cronbach_alpha, htmt, rho_a
from cemkit.tables.design import Design
from cemkit.typing import Frame

__all__ = ["Reliability", "reliability"]

Floats = npt.NDArray[np.float64]
_PARTS = ("alpha", "rho_a", "rho_c", "ave")


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Result):
    """Reliability of constructs; ``to_frame()`` has a row per construct.

    Its columns are ``construct, items, alpha, rho_a, rho_c, ave``, each of the four with ``_std_error``, ``_low`` and ``_high``,
    and ``n, level, method``. A construct with a single item has 1 by definition.

    Attributes
    ----------
    htmt
        ``left, right, estimate, std_error, low, high``: heterotrait-monotrait ratio of each pair of constructs.
    loadings
        ``construct, item, estimate, std_error, low, high``: on the first principal component of the construct's items.
    """

    htmt: pd.DataFrame = field(default_factory=pd.DataFrame)
    loadings: pd.DataFrame = field(default_factory=pd.DataFrame)

    _title: ClassVar[str] = "Reliability"

    def plot(self) -> Any:
        """Return an Altair chart: the four coefficients of every construct (extra ``report``)."""
        from cemkit.charts.reliability import reliability_chart

        return reliability_chart(self.table)

    def _display(self) -> pd.DataFrame:
        return self.table[["construct", "items", *_PARTS, "n"]]


def reliability(
    data: Frame,
    *,
    constructs: Mapping[str, Sequence[str]],
    design: Design | None = None,
    min_complete: float = 0.7,
    bootstrap: int = 0,
    level: float = 0.95,
    seed: int | None = None,
) -> Reliability:
    r"""Return Cronbach's alpha, ρ_A, ρ_C, the average variance extracted, and HTMT.

    .. math:: \alpha = \frac{k}{k - 1}\Bigl(1 - \frac{\sum_i s_{ii}}{\sum_{ij} s_{ij}}\Bigr), \qquad
              \rho_C = \frac{(\sum \lambda)^2}{(\sum \lambda)^2 + \sum (1 - \lambda^2)}, \qquad
              \text{AVE} = \overline{\lambda^2}

    of standardised items, with the loadings on, and for ρ_A the weights of, the construct's first principal component.

    Parameters
    ----------
    data
        A row per respondent, a column per item; without ``bootstrap`` only sums leave the engine.
    constructs
        ``{name: [items]}``; an item measures one construct.
    design, min_complete, bootstrap, level, seed
        As in :func:`drivers`.

    Returns
    -------
    Reliability
        Intervals are percentiles of the resamples.

    Raises
    ------
    CemkitError
        If an item is in two constructs, unknown, or does not vary, or too few rows are complete.

    Notes
    -----
    Cronbach (1951); Dijkstra & Henseler (2015); Fornell & Larcker (1981); Henseler, Ringle & Sarstedt (2015).

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit.csi.reliability import reliability
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [2, 1, 4, 3, 5], "c": [5, 1, 2, 4, 3]})
    >>> found = reliability(answers, constructs={"staff": ["a", "b"], "price": ["c"]})
    >>> found.to_frame()["alpha"].round(3).tolist()
    [0.889, 1.0]
    """
    check_level(level)
    check_replicates(bootstrap)
    if not isinstance(constructs, Mapping) or not constructs:
        msg = f"constructs must be {{name: [items]}}, got {constructs!r}"
        raise CemkitError(msg)
    check_constructs(constructs)
    items = [item for own in constructs.values() for item in own]
    block = np.repeat(np.arange(len(constructs)), [len(own) for own in constructs.values()])
    start = used_seed(seed)
    sample = item_sample(data, items={"constructs": items}, by=None, design=design, reserved=())
    base, notes = count_base(sample, items, min_complete=min_complete)
    require_regular(base, least=3)
    found = _measured(base.moments.covariance, block)
    again: dict[str, Floats] = {}
    if bootstrap:
        rows, note = collect_rows(sample, base, method="bootstrap")
        resampled = rows.resampled(0, replicates=bootstrap, seed=start).covariance
        usable = np.isfinite(correlate(resampled)).all(axis=(1, 2))
        if usable.sum() < 20:
            msg = f"{int((~usable).sum()):,} of {bootstrap:,} resamples have constant items, too many for intervals: use bootstrap=0"
            raise CemkitError(msg)
        again = _measured(resampled[usable], block, reference=found["loadings"][0])
        notes += [note, Assumption("bootstrap-percentile", {"replicates": bootstrap, "seed": str(start)})]
        if not usable.all():
            notes.append(Assumption("singular-resamples", {"replicates": int((~usable).sum())}))
    else:
        notes.append(Assumption("no-resamples"))
    names = np.array(list(constructs), dtype=object)
    how = {"level": level, "method": "bootstrap-percentile" if bootstrap else "none"}

    def limits(part: str, name: str) -> dict[str, Any]:
        return dict(with_limits(found[part][0], again.get(part), level=level, name=name))

    table: dict[str, Any] = {"construct": names, "items": np.bincount(block)}
    for part in _PARTS:
        table |= limits(part, part)
    left, right = np.triu_indices(len(names), 1)
    pairs = {"left": names[left], "right": names[right]}
    loadings = {"construct": names[block], "item": items}
    return Reliability(
        pd.DataFrame({**table, "n": int(base.n[0]), **how}),
        tuple(dict.fromkeys(notes)),
        htmt=pd.DataFrame({**pairs, **limits("htmt", "estimate"), **how}),
        loadings=pd.DataFrame({**loadings, **limits("loadings", "estimate"), **how}),
    )


def _measured(covariance: Floats, block: npt.NDArray[np.intp], *, reference: Floats | None = None) -> dict[str, Floats]:
    """Return the measures of every matrix of a batch."""
    matrix = correlate(covariance)
    count = int(block.max()) + 1
    fitted = path_model(matrix, block=block, paths=np.zeros((count, count), dtype=bool), reference=reference)
    left, right = np.triu_indices(count, 1)
    return {
        "alpha": cronbach_alpha(matrix, block=block),
        "rho_a": rho_a(matrix, fitted.weights, block=block),
        "rho_c": composite_reliability(fitted.loadings, block=block),
        "ave": average_variance(fitted.loadings, block=block),
        "htmt": htmt(matrix, block=block)[:, left, right],
        "loadings": fitted.loadings,
    }
