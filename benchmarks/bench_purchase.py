"""Purchase models against the package lifetimes, standard errors on both sides: `python benchmarks/bench_purchase.py`.

The customers are CDNOW's 2,357, and a million drawn from them with times of their own (``--rows``). Both sides start from the same
frequency, recency and age, counted before. Log-likelihoods are printed, since a fit that stops early is fast for nothing.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import options, paired, show

from cemkit import loyalty

TARGETS = {"bg/nbd, CDNOW": 0.1, "pareto/nbd, CDNOW": 0.2, "bg/nbd, many": 0.1}


def cdnow() -> pd.DataFrame:
    """Return CDNOW's customers in exact weeks."""
    spec = importlib.util.find_spec("lifetimes")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the package lifetimes is not installed: it brings the data and is what is compared with")
    file = Path(spec.submodule_search_locations[0]) / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(file, sep=r"\s+", header=None, names=["master", "customer_id", "day", "cds", "amount"])
    log["occurred_at"] = pd.to_datetime(log["day"].astype(str))
    history = loyalty.history(log, until="1997-09-30", intervals=False)
    return history.to_frame()[["frequency", "recency", "age"]]


def many(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return more customers like these: ages a little longer or shorter, in days, all other times in proportion."""
    rng = np.random.default_rng(1)
    drawn = table.iloc[rng.integers(0, len(table), rows)].reset_index(drop=True)
    days = np.round(drawn["age"] * 7 * rng.uniform(0.8, 1.2, rows))
    last = np.round(drawn["recency"] / drawn["age"] * days)
    return drawn.assign(age=days / 7, recency=np.where(drawn["frequency"] > 0, np.maximum(last, 1), 0) / 7)


def peer(model: str, table: pd.DataFrame) -> Any:
    """Fit with lifetimes; its standard errors are part of a fit of BG/NBD."""
    from lifetimes import BetaGeoFitter, ParetoNBDFitter

    fitter = BetaGeoFitter() if model == "bg/nbd" else ParetoNBDFitter()
    return fitter.fit(table["frequency"], table["recency"], table["age"])


def ours(model: str, history: loyalty.PurchaseHistory) -> loyalty.PurchaseFit:
    """Fit with cemkit."""
    return loyalty.fit(history, model)


def height(model: str, params: Any, table: pd.DataFrame) -> float:
    """Return the log-likelihood of parameters, by one and the same function for both sides."""
    from cemkit.statistics.histories import histories
    from cemkit.statistics.purchasing import purchase_model

    data = histories(table["frequency"], table["recency"], table["age"])
    return float(purchase_model(model).log_likelihood(data, np.asarray(params, dtype=np.float64))[0].sum())


def main() -> None:
    given = options(__doc__ or "", rows=1_000_000, runs=3)
    results = []
    small = cdnow()
    for case, target in TARGETS.items():
        if given.only not in case:
            continue
        model = case.split(",")[0]
        table = small if "CDNOW" in case else many(small, given.rows)
        history = loyalty.PurchaseHistory.from_summary(table)
        theirs, own = peer(model, table), ours(model, history)
        heights = {
            "hand_log_likelihood": height(model, list(theirs.params_.values), table),
            "log_likelihood": height(model, list(own.params.values()), table),
        }
        ratio = paired(partial(peer, model, table), partial(ours, model, history), runs=given.runs)
        results.append({"case": case, "target": target, **ratio._asdict(), **heights})
        better = heights["log_likelihood"] - heights["hand_log_likelihood"]
        print(
            f"{case}: {1 / ratio.ratio:.1f} times as fast (processor {1 / ratio.cpu_ratio:.1f}), log-likelihood {better:+.4f}",
            flush=True,
        )
    show("purchase", results, given)


if __name__ == "__main__":
    main()
