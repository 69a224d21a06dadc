"""Sums of weights per key on every engine, against a loop over rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import DesignError
from cemkit.tables.binding import bind
from cemkit.tables.weight_sums import weight_sums

ENGINES = ["pandas", "pandas-arrow", "polars", "pyarrow", "duckdb", "dask"]


def data() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "a": rng.choice(["x", "y", None], 200),
            "b": rng.integers(0, 4, 200),
            "w": rng.uniform(0, 3, 200),
            "v": rng.integers(1, 5, 200),
        }
    )


def on(engine: str, frame: pd.DataFrame):
    if engine == "pandas":
        return frame
    if engine == "pandas-arrow":
        pytest.importorskip("pyarrow")
        return frame.convert_dtypes(dtype_backend="pyarrow")
    if engine == "polars":
        return pytest.importorskip("polars").from_pandas(frame).lazy()
    if engine == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pandas(frame)
    if engine == "duckdb":
        return pytest.importorskip("duckdb").connect().from_df(frame)
    return pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=3)


@pytest.mark.parametrize("engine", [pytest.param(e, marks=pytest.mark.dask) if e == "dask" else e for e in ENGINES])
def test_sums_are_those_of_a_loop(engine) -> None:
    frame = data()
    expected: dict = {}
    for a, b, w, v in frame.itertuples(index=False):
        row = expected.setdefault((None if a is None or a != a else a, b), np.zeros(7))
        row += [1, w, 1, v, w * w, 1, v * v]
    found = weight_sums(bind(on(engine, frame)), keys=("a", "b", "a"), weights=("w", None, "v"))
    keys = [(None if a is None or a != a else a, int(b)) for a, b in zip(found.keys["a"], found.keys["b"], strict=True)]
    assert sorted(keys, key=str) == sorted(expected, key=str)
    for i, key in enumerate(keys):
        assert np.r_[found.n[i], found.w[i], found.w2[i]] == pytest.approx(expected[key], rel=1e-12)


@pytest.mark.parametrize("engine", [pytest.param(e, marks=pytest.mark.dask) if e == "dask" else e for e in ENGINES])
def test_only_ones(engine) -> None:
    found = weight_sums(bind(on(engine, data())), keys=("b",), weights=(None,))
    assert found.n.sum() == found.w.sum() == found.w2.sum() == 200


@pytest.mark.parametrize("engine", ENGINES[:5])
@pytest.mark.parametrize(("bad", "message"), [(-1.0, "1 negative"), (np.nan, "1 null"), (np.inf, "1 infinite")])
def test_bad_weights(engine, bad, message) -> None:
    frame = data()
    frame.loc[17, "w"] = bad
    with pytest.raises(DesignError, match=message):
        weight_sums(bind(on(engine, frame)), keys=("b",), weights=(None, "w"))
