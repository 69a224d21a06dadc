"""NPS by 1,000 groups with intervals, as a ratio to a hand-written query: `python benchmarks/bench_score.py --rows 10000000`."""

from __future__ import annotations

from functools import partial
from typing import Any

import hand_written
import numpy as np
from harness import frame, options, paired, show

import cemkit as cem

TARGETS = {"polars": 1.15, "polars-scan": 1.15, "duckdb": 1.15, "duckdb-scan": 1.25, "pandas": 0.6, "pyarrow": 1.1}
WEIGHTED = cem.Design(weights="w")
CLUSTERED = cem.Design(weights="w", cluster="customer")


def cases(engine: str, data: Any) -> list[tuple[str, float | None, Any, Any, str]]:
    """Return name, target, the hand-written query, our call, and the grouping column."""
    hand = partial(hand_written.histogram, engine, data)
    score = partial(cem.nps.score, data)
    target = TARGETS[engine]
    found: list[tuple[str, float | None, Any, Any, str]] = [
        ("equal weights", target, partial(hand, "g", weighted=False), partial(score, by="g"), "g"),
        ("weights", target, partial(hand, "g", weighted=True), partial(score, by="g", design=WEIGHTED), "g"),
        (
            "names, weights",
            None,
            partial(hand, "name", weighted=True),
            partial(score, by="name", design=WEIGHTED),
            "name",
        ),
        (
            "compare two waves, weights",
            None,
            partial(hand, "wave", weighted=True),
            partial(cem.nps.compare, data, over="wave", design=WEIGHTED),
            "wave",
        ),
    ]
    if engine != "pyarrow":
        two_steps = partial(hand_written.two_steps, engine, data, "g")
        found.append(("customers as clusters, weights", None, two_steps, partial(score, by="g", design=CLUSTERED), "g"))
    return found


def require_agreement(case: str, found: Any, result: Any, by: str) -> None:
    """Stop where the two sides do not give the same numbers."""
    expected, table = hand_written.scores(found, by), result.to_frame()
    if "estimate" in table:
        table = table.sort_values(by, ignore_index=True)
        n, estimate = table["n"].to_numpy(dtype=float), table["estimate"].to_numpy()
    else:
        n = table[["n_reference", "n_group"]].to_numpy(dtype=float)[0]
        estimate = table[["estimate_reference", "estimate_group"]].to_numpy()[0]
    if not (np.array_equal(n, expected["n"]) and np.allclose(estimate, expected["estimate"], rtol=1e-10, atol=1e-10)):
        msg = f"{case}: the hand-written query and cemkit differ"
        raise SystemExit(msg)


def main() -> None:
    given = options(__doc__, rows=10_000_000)
    results = []
    for engine in TARGETS:
        columns = ["g", "score", "w", "name", "wave", "customer"]
        data = None
        for name, target, _, _, by in cases(engine, None):
            case = f"{engine}: {name}"
            if given.only not in case:
                continue
            if data is None:
                data = frame(engine, given.rows, columns)
            by_hand, call = next((h, o) for n, _, h, o, _ in cases(engine, data) if n == name)
            require_agreement(case, by_hand(), call(), by)
            ratio = paired(by_hand, call, runs=given.runs)
            results.append({"case": case, "target": target, **ratio._asdict()})
            print(f"{case}: {ratio.ratio:.2f} (processor {ratio.cpu_ratio:.2f})", flush=True)
    show("score", results, given)


if __name__ == "__main__":
    main()
