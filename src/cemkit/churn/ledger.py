"""The ledger of churn: what it carries and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from cemkit.errors import CemkitError
from cemkit.results import Result

__all__ = ["LEDGER_COLUMNS", "Explanation", "Ledger", "ValueAtRisk"]

LEDGER_COLUMNS = (
    "touchpoint",
    "customers",
    "share",
    "std_error",
    "low",
    "high",
    "value",
    "method",
    "level",
    "n",
    "customers_low",
    "customers_high",
    "value_low",
    "value_high",
    "status",
)


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(Result):
    """Churn, split over the touchpoints whose bad experiences go with it, and the background.

    ``to_frame()`` has a row per touchpoint and one for ``background``, and the columns

    ``*by, touchpoint``
        The group and the touchpoint.
    ``customers``
        Leavers that go with the touchpoint; the rows of a group sum to the leavers observed within the horizon.
    ``share, std_error, low, high``
        The same as a share of these leavers, with its interval. Below 0 is possible: the interval of what harms nobody
        reaches to both sides of it.
    ``value``
        What these leavers were worth; null without ``value=``.
    ``method``
        Estimand and hazard.
    ``level, n``
        Level of the intervals; leavers observed.
    ``customers_low, customers_high, value_low, value_high``
        Limits of ``customers`` and ``value``.
    ``status``
        ``ok``; ``nobody-exposed`` (exactly 0); ``no-overlap`` (refused: nothing to compare with, its part is in the
        background); ``too-few`` (refused: fewer than five left while exposed); ``no-leavers``.

    Attributes
    ----------
    total
        A row per group: customers at risk, leavers, the joint share with its interval, the incidence of churn at the horizon
        and that without bad experiences, and the horizon.
    overall
        All groups together, as their sum; empty without ``by``.
    relative_risks
        A row per touchpoint and valence: who was exposed, hazard ratio and difference per 30 days with intervals, E-value,
        overlap, and ``ever_exposed``, what comparing those ever exposed with those never exposed would give.
    sensitivity
        The ledger's shares at other lags.
    negative_controls
        Hazard ratios of touchpoints that cannot make anybody leave.
    hazards
        Held-out log likelihood of each hazard tried, and which was chosen.
    settings, model
        What was asked, and what :func:`cemkit.churn.explain` needs.
    """

    total: pd.DataFrame = field(default_factory=pd.DataFrame)
    overall: pd.DataFrame = field(default_factory=pd.DataFrame)
    relative_risks: pd.DataFrame = field(default_factory=pd.DataFrame)
    sensitivity: pd.DataFrame = field(default_factory=pd.DataFrame)
    negative_controls: pd.DataFrame = field(default_factory=pd.DataFrame)
    hazards: pd.DataFrame = field(default_factory=pd.DataFrame)
    by: tuple[str, ...] = ()
    estimand: str = "preventable"
    settings: Mapping[str, Any] = field(default_factory=dict)
    model: tuple[Mapping[str, Any], ...] = ()

    @property
    def title(self) -> str:
        """What the ledger shows, and what it is adjusted for."""
        what = "Preventable share of churn" if self.estimand == "preventable" else "Shares of the hazard at exit"
        names = self.settings.get("confounders", ())
        more = ", calendar time" if self.settings.get("calendar") else ""
        adjusted = f"adjusted for tenure{more} and {', '.join(names)}" if names else f"adjusted for tenure{more} only"
        return f"{what}, observed association, {adjusted}"

    @property
    def _title(self) -> str:  # type: ignore[override]
        return self.title

    def _display(self) -> pd.DataFrame:
        hidden = ["level", "customers_low", "customers_high", "value_low", "value_high"]
        shown = self.table.drop(columns=hidden)
        return shown.drop(columns="value") if shown["value"].isna().all() else shown

    def group(self, *key: Any) -> pd.DataFrame:
        """Return the rows of one group, by the values of its ``by`` columns in order."""
        if len(key) != len(self.by):
            msg = f"a group of this ledger has {len(self.by)} values ({', '.join(self.by) or 'no by columns'}), got {len(key)}"
            raise CemkitError(msg)
        rows = self.table
        for name, value in zip(self.by, key, strict=True):
            rows = rows[rows[name].isna() if value is None else rows[name] == value]
        if rows.empty:
            msg = f"the ledger has no group {key!r}"
            raise CemkitError(msg)
        return rows.reset_index(drop=True)

    def plot(self, *, labels: Mapping[str, str] | None = None) -> Any:
        """Return a waterfall: from the background, touchpoint by touchpoint, to the churn observed (Altair).

        Parameters
        ----------
        labels : dict, optional
            Words to show instead of the English ones and of the touchpoints' keys.
        """
        from cemkit.charts.waterfall import waterfall_chart

        return waterfall_chart(self.table, by=self.by, title=self.title, labels=labels)


@dataclass(frozen=True, eq=False, repr=False)
class ValueAtRisk(Result):
    """What the leavers of each row of a ledger were worth, and what keeping them might cost.

    ``to_frame()`` has the columns

    ``*by, touchpoint, customers``
        The rows of the ledger.
    ``value, replacement, at_risk, low, high``
        What these leavers were worth, what replacing them costs, and both together with the ledger's interval.
    ``retention, net``
        What keeping them would cost, and ``at_risk`` less that.
    ``break_even``
        ``at_risk`` per customer: what keeping one of them may cost at most.
    ``method, level``
        Those of the ledger.
    """

    by: tuple[str, ...] = ()
    retention_cost: float | None = None
    acquisition_cost: float | None = None

    _title: ClassVar[str] = "Value at risk, observed association"

    def plot(self, *, labels: Mapping[str, str] | None = None) -> Any:
        """Return bars of the value at risk by touchpoint, with intervals (Altair)."""
        from cemkit.charts.waterfall import value_chart

        return value_chart(self.table, by=self.by, labels=labels)


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Result):
    """One leaver's hazard at the moment of leaving, split over what was then in force.

    ``to_frame()`` has a row per touchpoint with an experience in force, and one for ``background``: ``touchpoint, valence,
    last`` (its last experience before leaving), ``days`` (between the two), ``hazard`` (per 30 days) and ``share``, which sum
    to the hazard at exit and to 1.

    Attributes
    ----------
    customer
        Who left.
    left
        When, in local time.
    tenure
        After how many days.
    method
        The hazard used.
    """

    customer: Any = None
    left: Any = None
    tenure: float = float("nan")
    method: str = ""

    @property
    def _title(self) -> str:  # type: ignore[override]
        return f"Why {self.customer} left after {self.tenure:.0f} days: the hazard at exit, observed association"

    def plot(self, *, labels: Mapping[str, str] | None = None) -> Any:
        """Return bars of the shares of the hazard at exit (Altair)."""
        from cemkit.charts.waterfall import value_chart

        rows = self.table.assign(at_risk=self.table["share"], low=float("nan"), high=float("nan"))
        words = {"at_risk": "Share of the hazard at exit", **(labels or {})}
        return value_chart(rows, by=(), labels=words)
