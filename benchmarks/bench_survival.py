"""Survival and Cox models against lifelines in the same process: `python benchmarks/bench_survival.py`.

lifelines wants pandas below 3: install it, and cemkit, in an environment of its own. Each case prints how many times
faster the whole public call is than lifelines' fit, after both were seen to give the same numbers; the peak memory that either
adds, of a call of its own; and the ratio of processor time, which hardly notices what else the machine does.
"""

from __future__ import annotations

import argparse
import importlib.util
import warnings
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from harness import added_peak, options, show, timed

from cemkit import churn

TARGETS = {"kaplan-meier": 3.0, "aalen-johansen": 10.0, "cox": 5.0, "cox, changing": 30.0}
NAMES = [f"x{i}" for i in range(5)]
LAST = [0.5, -0.3, 0.2, 0.0, 0.1]


def stays(rows: int) -> pd.DataFrame:
    """Return continuous times with two causes, censoring, and five covariates."""
    rng = np.random.default_rng(rows)
    x = rng.standard_normal((rows, 5))
    time, end = rng.exponential(np.exp(-x @ LAST)), rng.exponential(1.5, rows)
    gone = time <= end
    frame = pd.DataFrame(x, columns=NAMES).assign(t=np.minimum(time, end), e=gone)
    cause = np.where(gone, rng.integers(1, 3, rows), 0)
    return frame.assign(cause=cause, why=np.array([None, "a", "b"], dtype=object)[cause])


def intervals(rows: int) -> pd.DataFrame:
    """Return two intervals per customer, in the second of which the covariates are others."""
    rng = np.random.default_rng(rows)
    n = rows // 2
    first, second = (rng.standard_normal((n, 5)) for _ in range(2))
    switch = rng.uniform(0.05, 1, n)
    early = rng.exponential(np.exp(-first @ LAST))
    late = switch + rng.exponential(np.exp(-second @ LAST))
    left = early < switch
    one = pd.DataFrame(first, columns=NAMES).assign(id=np.arange(n), b=0.0, t=np.where(left, early, switch), e=left)
    two = pd.DataFrame(second, columns=NAMES).assign(id=np.arange(n), b=switch, t=np.minimum(late, 3.0), e=late < 3.0)
    return pd.concat([one, two[~left]], ignore_index=True)


def kaplan_meier(rows: int) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]:
    from lifelines import KaplanMeierFitter

    frame = stays(rows)
    return (
        lambda: KaplanMeierFitter().fit(frame["t"], frame["e"]),
        lambda: churn.survival(frame, duration="t", event="e"),
        lambda theirs, mine: abs(float(theirs.predict(1.0)) - mine.at(1.0).only.estimate),
    )


def aalen_johansen(rows: int) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]:
    from lifelines import AalenJohansenFitter

    frame = stays(rows)
    return (
        lambda: [AalenJohansenFitter(seed=1).fit(frame["t"], frame["cause"], k) for k in (1, 2)],
        lambda: churn.cumulative_incidence(frame, cause="why", duration="t", event="e"),
        lambda theirs, mine: abs(float(theirs[0].predict(1.0)) - mine.at(1.0).to_frame()["estimate"].iloc[0]),
    )


def cox(rows: int) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]:
    from lifelines import CoxPHFitter

    frame = stays(rows)[[*NAMES, "t", "e"]]
    return (
        lambda: CoxPHFitter().fit(frame, "t", "e"),
        lambda: churn.cox(frame, duration="t", event="e", covariates=NAMES),
        lambda theirs, mine: float(np.abs(theirs.params_.to_numpy() - mine.to_frame()["coefficient"]).max()),
    )


def changing(rows: int) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[Any, Any], float]]:
    from lifelines import CoxTimeVaryingFitter

    frame = intervals(rows)
    return (
        lambda: CoxTimeVaryingFitter().fit(frame, id_col="id", event_col="e", start_col="b", stop_col="t"),
        lambda: churn.cox(frame, start="b", stop="t", event="e", covariates=NAMES),
        lambda theirs, mine: float(np.abs(theirs.params_.to_numpy() - mine.to_frame()["coefficient"]).max()),
    )


def against_lifelines(case: str, make: Callable[[int], Any], rows: int, runs: int) -> dict[str, Any]:
    """Run lifelines once between two runs of ours, ``runs`` times."""
    theirs, ours, differ = make(rows)
    found = []
    kept: dict[str, Any] = {}
    ours()
    for _ in range(runs):
        first = timed(ours)
        other = timed(lambda: kept.update(theirs=theirs()))
        second = timed(lambda: kept.update(ours=ours()))
        found.append((other, ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)))
    difference = differ(kept["theirs"], kept["ours"])
    kept.clear()
    memory = added_peak(ours)
    return {
        "case": f"{case}, {rows:,} rows",
        "target": TARGETS[case],
        "faster": median(hand[0] / mine[0] for hand, mine in found),
        "faster_cpu": median(hand[1] / mine[1] for hand, mine in found),
        "lifelines_s": median(hand[0] for hand, _ in found),
        "seconds": median(mine[0] for _, mine in found),
        "added_mb": memory,
        "lifelines_mb": added_peak(theirs) if case != "cox, changing" else float("nan"),
        "difference": difference,
    }


def alone(rows: int) -> dict[str, Any]:
    """Time our own time-varying model at full size, where lifelines would take hours."""
    frame = intervals(rows)
    call = partial(churn.cox, frame, start="b", stop="t", event="e", covariates=NAMES)
    seconds = timed(call)[0]
    return {"case": f"cox, changing, {rows:,} rows, ours alone", "seconds": seconds, "added_mb": added_peak(call)}


def main(given: argparse.Namespace) -> None:
    if importlib.util.find_spec("lifelines") is None:
        print("lifelines is not installed here: see the head of this file")
        return
    warnings.simplefilter("ignore")
    cases = (
        ("kaplan-meier", kaplan_meier, given.rows),
        ("aalen-johansen", aalen_johansen, min(given.rows, 100_000)),
        ("cox", cox, given.rows),
        ("cox, changing", changing, min(given.rows, 10_000)),
    )
    rows = [against_lifelines(*case, given.runs) for case in cases if given.only in case[0]]
    if given.only in "cox, changing":
        rows.append(alone(given.rows))
    show("survival", rows, given)


if __name__ == "__main__":
    main(options("Survival against lifelines", rows=1_000_000, runs=1))
