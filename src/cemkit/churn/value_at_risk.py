"""What the leavers of a ledger were worth, and what keeping them may cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from cemkit.churn.ledger import Ledger, ValueAtRisk
from cemkit.errors import CemkitError
from cemkit.results import Assumption

__all__ = ["value_at_risk"]


def value_at_risk(
    ledger: Ledger, *, retention_cost: float | None = None, acquisition_cost: float | None = None
) -> ValueAtRisk:
    """Put money to a ledger: what left with the customers of each row, and what replacing or keeping them costs.

    Parameters
    ----------
    ledger : Ledger
        From :func:`cemkit.churn.attribute`, with ``value=`` unless ``acquisition_cost`` is given.
    retention_cost : float, optional
        What keeping one customer costs.
    acquisition_cost : float, optional
        What replacing one leaver costs.

    Returns
    -------
    ValueAtRisk
        ``at_risk`` is value + customers × acquisition cost, ``net`` is that less customers × retention cost, ``break_even`` is
        ``at_risk`` per customer. Without ``value=`` the value is null and counts for nothing.

    Raises
    ------
    CemkitError
        If there is neither a value nor an acquisition cost, or a cost is negative.

    Notes
    -----
    Limits are those of the ledger's value; with an acquisition cost, those of the customers, times its cost, are added: both
    come from the same customers, so their errors go together. A ledger is an observed association: these are no
    forecast of what an action brings.

    Examples
    --------
    >>> import cemkit as cem
    >>> store, _ = cem.simulate.telecom(customers=2000, seed=1)
    >>> found = cem.churn.attribute(
    ...     store.customers, store.experiences, exclude="cancellation", horizon="360d", value="monthly_fee"
    ... )
    >>> risk = cem.churn.value_at_risk(found, retention_cost=20, acquisition_cost=100)
    >>> risk.to_frame()["touchpoint"].iloc[-1]
    'background'
    """
    for name, cost in (("retention_cost", retention_cost), ("acquisition_cost", acquisition_cost)):
        if cost is not None and not (isinstance(cost, int | float | np.number) and np.isfinite(cost) and cost >= 0):
            msg = f"{name} must be an amount of at least 0, got {cost!r}"
            raise CemkitError(msg)
    rows = ledger.to_frame()
    valued = bool(rows["value"].notna().any())
    if not valued and acquisition_cost is None:
        msg = "this ledger has no value of customers: make it with value='column', or say acquisition_cost="
        raise CemkitError(msg)
    replace = float(acquisition_cost or 0.0)

    def both(value: str, customers: str) -> Any:
        return rows[value].fillna(0.0) * (1.0 if valued else 0.0) + replace * rows[customers]

    at_risk, low, high = (
        both("value", "customers"),
        both("value_low", "customers_low"),
        both("value_high", "customers_high"),
    )
    keep = float("nan") if retention_cost is None else float(retention_cost)
    some = rows["customers"].where(rows["customers"] > 0)
    table = rows[[*ledger.by, "touchpoint", "customers", "value"]].assign(
        replacement=replace * rows["customers"] if acquisition_cost is not None else np.nan,
        at_risk=at_risk,
        low=low,
        high=high,
        retention=keep * rows["customers"],
        net=at_risk - keep * rows["customers"],
        break_even=at_risk / some,
        method=rows["method"],
        level=rows["level"],
    )
    notes = [Assumption("break-even")]
    if retention_cost is not None:
        notes.append(Assumption("retention-cost", {"cost": float(retention_cost)}))
    if acquisition_cost is not None:
        notes.append(Assumption("acquisition-cost", {"cost": float(acquisition_cost)}))
    return ValueAtRisk(
        table,
        (*notes, *ledger.assumptions),
        by=ledger.by,
        retention_cost=None if retention_cost is None else float(retention_cost),
        acquisition_cost=None if acquisition_cost is None else float(acquisition_cost),
    )
