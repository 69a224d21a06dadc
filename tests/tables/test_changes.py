"""What changed from one event of a unit to its next, on every engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
from engines import Engine

from cemkit.tables.binding import bind
from cemkit.tables.changes import with_change


def events(rows: int = 80) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({
        "who": [f"u{i}" for i in rng.integers(0, 12, rows)],
        "at": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 15, rows), unit="D"),
        "step": [("bill", "NA", "shop")[i] for i in rng.integers(0, 3, rows)],
        "channel": [("app", "web", None)[i] for i in rng.integers(0, 3, rows)],
        "row": range(rows),
    })  # fmt: skip
    # ties in time, unit, step and channel make the order of equals matter to nothing
    return frame.drop_duplicates(["who", "at", "step", "channel"], ignore_index=True)


def oracle(frame: pd.DataFrame) -> dict[int, float | None]:
    found: dict[int, float | None] = {}
    for _, part in frame.groupby("who"):
        rows = sorted(part.itertuples(), key=lambda r: (r.at, r.step, "" if pd.isna(r.channel) else r.channel))
        for before, here in zip([None, *rows[:-1]], rows, strict=True):
            unknown = before is None or pd.isna(before.channel) or pd.isna(here.channel)
            found[here.row] = None if unknown else float(before.channel != here.channel)
    return found


def test_oracle(engine: Engine) -> None:
    frame = events()
    made = with_change(bind(engine(frame)), "_r_changed", of="channel", unit="who", at="at", ties=("step",))
    assert list(made.frame.collect_schema().names()) == [*frame.columns, "_r_changed"]
    native = made.frame.select("row", "_r_changed")
    native = native.collect("pandas") if hasattr(native, "collect") else native
    table = native.to_pandas()
    expected = oracle(frame)
    assert {
        int(r): None if pd.isna(v) else float(v) for r, v in zip(table["row"], table["_r_changed"], strict=True)
    } == expected
    assert {0.0, 1.0, None} <= set(expected.values())


def test_the_callers_frame_stays_as_it_is() -> None:
    frame = events()
    before = frame.copy()
    with_change(bind(frame), "_r_changed", of="channel", unit="who", at="at")
    pd.testing.assert_frame_equal(frame, before)
    one = with_change(bind(frame.head(1)), "_r_changed", of="channel", unit="who", at="at")
    assert one.native["_r_changed"].isna().all()
