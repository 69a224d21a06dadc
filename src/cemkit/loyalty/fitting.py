"""Fit a purchase model to histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from cemkit.errors import CemkitError, did_you_mean
from cemkit.loyalty.history import PurchaseHistory
from cemkit.loyalty.purchase import PurchaseFit, check_model, fit_result, model_note
from cemkit.results import Assumption
from cemkit.statistics.purchasing import fit_timing, purchase_model
from cemkit.statistics.regularity import choose_k, regularity
from cemkit.typing import Frame

__all__ = ["fit"]

_MOST_K = 12


def fit(
    history: PurchaseHistory, model: str = "bg/nbd", *, covariates: Frame | str | Sequence[str] | None = None
) -> PurchaseFit:
    r"""Fit a purchase model by maximum likelihood.

    While alive, a customer buys at random at a rate :math:`\lambda \sim \Gamma(r, \alpha)` of her own; how she leaves
    tells the models apart: after any purchase with a probability :math:`p \sim B(a, b)` (BG/NBD; MBG/NBD: after the first
    one, too), at any time at a rate :math:`\mu \sim \Gamma(s, \beta)` (Pareto/NBD), or never (NBD). BG/BB is for
    purchases at regular opportunities, CNBD-k for times between purchases that are more regular than random.

    Parameters
    ----------
    history : PurchaseHistory
        From :func:`history` or ``PurchaseHistory.from_summary``.
    model : str
        ``"bg/nbd"``, ``"mbg/nbd"``, ``"pareto/nbd"``, ``"nbd"``, ``"bg/bb"`` (`age` is the number of opportunities),
        ``"mbg/cnbd-k"`` or ``"bg/cnbd-k"`` (k is the most likely one).
    covariates : frame or list of str, optional
        For bg/nbd, mbg/nbd and pareto/nbd: a table for :meth:`PurchaseHistory.with_covariates`, or names of columns that it
        added. A positive coefficient on alpha is a higher rate of purchase.

    Returns
    -------
    PurchaseFit
        With a status: a sample without a most likely interior point is no error but a ``"degenerate limit"`` or
        ``"unidentified"``.

    Raises
    ------
    CemkitError
        If the model is unknown, takes no covariates, or needs what the history does not have.

    References
    ----------
    Fader, Hardie and Lee (2005); Batislam, Denizel and Filiztekin (2007); Schmittlein, Morrison and Colombo (1987); Fader,
    Hardie and Shang (2010); Reutterer, Platzer and Schröder (2021); Fader and Hardie (2007) for covariates.

    Examples
    --------
    >>> import pandas as pd
    >>> from cemkit import loyalty
    >>> counted = pd.DataFrame(
    ...     {"frequency": [0, 1, 2, 5], "recency": [0, 4, 20, 36], "age": [40, 39, 37, 40], "n": [110, 20, 15, 9]}
    ... )
    >>> history = loyalty.PurchaseHistory.from_summary(counted, count="n")
    >>> loyalty.fit(history, "nbd").status
    'converged'
    """
    check_model(model)
    if not isinstance(history, PurchaseHistory):
        msg = f"history must be a PurchaseHistory (loyalty.history counts one from transactions), got {type(history).__name__}"
        raise CemkitError(msg)
    used = _with_covariates(history, covariates)
    data = used.histories()
    heights: tuple[float, ...] = ()
    tested = pd.DataFrame()
    if model.endswith("cnbd-k"):
        if np.isnan(data.log_interval).any():
            msg = f"{model!r} needs log_interval: count the history with intervals=True, or give log_interval= to from_summary"
            raise CemkitError(msg)
        found, sequence = choose_k(model, data, most=_MOST_K)
        heights = tuple(sequence)
        test = regularity(data)
        tested = pd.DataFrame({name: [getattr(test, name)] for name in test.__dataclass_fields__})
    else:
        found = fit_timing(purchase_model(model), data)
    notes = [*history.assumptions, model_note(model)]
    notes.append(Assumption("likelihood-of-opportunities" if model == "bg/bb" else "likelihood-of-times"))
    if heights:
        notes.append(Assumption("regularity-chosen", {"k": found.model.k, "most": len(heights)}))
    if found.status == "degenerate limit":
        notes.append(Assumption("at-limit", {"model": model, "limit": found.detail}))
    elif found.status == "unidentified":
        notes.append(Assumption("unidentified", {"model": model, "why": found.detail}))
    return fit_result(
        found,
        unit=history.unit,
        status=found.status,
        notes=tuple(notes),
        history=used,
        regularity=tested,
        heights=heights,
    )


def _with_covariates(history: PurchaseHistory, covariates: Frame | str | Sequence[str] | None) -> PurchaseHistory:
    """Return the history with exactly the covariates that were asked for."""
    if covariates is None:
        return replace(history, covariates=()) if history.covariates else history
    names = [covariates] if isinstance(covariates, str) else covariates
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        absent = [name for name in names if name not in history.covariates]
        if absent:
            hint = did_you_mean(absent[0], history.covariates)
            msg = f"the history has no covariate {absent[0]!r}.{hint} Add it with with_covariates(...)"
            raise CemkitError(msg)
        return replace(history, covariates=tuple(names))
    return history.with_covariates(covariates)
