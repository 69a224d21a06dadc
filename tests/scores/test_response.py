"""Response rates: who answered, of those invited."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cemkit.errors import CemkitError, ColumnError
from cemkit.results import ESTIMATE_COLUMNS, Estimates
from cemkit.scores import response_rate
from cemkit.tables.design import Design

ENGINES = ["pandas", "polars", "pyarrow", "duckdb"]


def invitations() -> pd.DataFrame:
    """Return 100 invitations, 82 answered: north 50 of 50, south 32 of 50."""
    day = pd.Timestamp("2026-03-01")
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(100)],
            "region": ["north"] * 50 + ["south"] * 50,
            "answered_at": [day] * 82 + [pd.NaT] * 18,
            "invited_at": [day] * 100,
            "score": [9.0] * 80 + [np.nan] * 20,
            "w": [1.0] * 50 + [3.0] * 50,
        }
    )


def on(engine: str, frame: pd.DataFrame):
    if engine == "duckdb":
        return pytest.importorskip("duckdb").connect().from_df(frame)
    if engine == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pandas(frame)
    return pytest.importorskip("polars").from_pandas(frame).lazy() if engine == "polars" else frame


@pytest.mark.parametrize("engine", ENGINES)
def test_wilson_interval(engine) -> None:
    found = response_rate(on(engine, invitations()))
    assert isinstance(found, Estimates)
    assert list(found.to_frame().columns) == list(ESTIMATE_COLUMNS)
    row = found.only
    # references/scores.md: 82 of 100, statsmodels proportion_confint(82, 100, method="wilson")
    assert (row.low, row.high) == pytest.approx((0.733326, 0.882998), abs=1e-6)
    assert (row.estimate, row.n, row.missing, row.unit, row.method) == (0.82, 100, 0, "share", "wilson")
    assert [note.code for note in found.assumptions] == ["rows-are-invitations", "independent"]
    assert found.composition.empty


@pytest.mark.parametrize("engine", ENGINES)
def test_respondents_against_the_base(engine) -> None:
    found = response_rate(on(engine, invitations()), by="region")
    assert found.to_frame()["estimate"].tolist() == [1.0, 0.64]
    table = found.composition
    assert list(table.columns) == ["region", "invited", "answered", "share_invited", "share_answered", "difference"]
    assert table["invited"].tolist() == [50, 50]
    assert table["answered"].tolist() == [50, 32]
    # 50 of 82 answers come from half of those invited
    assert table["difference"].to_numpy() == pytest.approx([50 / 82 - 0.5, 32 / 82 - 0.5])
    weighted = response_rate(on(engine, invitations()), by="region", design=Design(weights="w"))
    # invited 50 and 150 of 200; answered 50 and 96 of 146
    assert weighted.composition["share_invited"].tolist() == [0.25, 0.75]
    assert weighted.composition["share_answered"].to_numpy() == pytest.approx([50 / 146, 96 / 146])


def test_weighted_rate_is_logit() -> None:
    row = response_rate(invitations(), design=Design(weights="w")).only
    # (50 + 3 · 32) / 200
    assert row.estimate == pytest.approx(0.73)
    assert row.method == "linearised-logit"
    residual = np.r_[np.full(50, 0.27), np.full(32, 3 * 0.27), np.full(18, -3 * 0.73)] / 200
    assert row.std_error == pytest.approx(np.sqrt(100 / 99 * (residual**2).sum()))


@pytest.mark.parametrize("engine", ENGINES)
def test_without_answered_at_the_score_tells(engine) -> None:
    found = response_rate(on(engine, invitations().drop(columns="answered_at")))
    assert found.only.estimate == 0.8
    assert found.assumptions[0].values["column"] == "score"


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_without_an_invitation_are_missing(engine) -> None:
    data = invitations()
    data.loc[72:91, "invited_at"] = pd.NaT
    row = response_rate(on(engine, data)).only
    # 20 rows not invited, ten of them answered: 72 of 80
    assert (row.estimate, row.n, row.missing) == (0.9, 80, 20)
    notes = {note.code: note.values for note in response_rate(on(engine, data)).assumptions}
    assert dict(notes["not-invited"]) == {"rows": 20, "answered": 10}
    assert "missing-at-random" not in notes
    assert response_rate(on(engine, data), by="region").composition["invited"].tolist() == [50, 30]


def test_an_empty_invitation_column_tells_nothing() -> None:
    assert response_rate(invitations().assign(invited_at=pd.NaT)).only.estimate == 0.82


def test_customers_invited_twice_are_clusters() -> None:
    data = invitations().assign(customer_id=[f"c{i // 2}" for i in range(100)])
    found = response_rate(data)
    assert "customers-are-clusters" in {note.code for note in found.assumptions}
    assert found.only.method == "linearised-logit"


@pytest.mark.parametrize("engine", ENGINES)
def test_several_questions_need_a_choice(engine) -> None:
    data = pd.concat([invitations().assign(question="nps"), invitations().head(60).assign(question="csat")])
    with pytest.raises(CemkitError, match=r"2 questions \('nps' \(100 rows\), 'csat' \(60 rows\)\).*question="):
        response_rate(on(engine, data))
    assert response_rate(on(engine, data), question="nps").only.estimate == 0.82
    with pytest.raises(CemkitError, match="Did you mean 'nps'"):
        response_rate(on(engine, data), question="npss")


def test_bad_input() -> None:
    with pytest.raises(ColumnError, match="needs the column 'answered_at'"):
        response_rate(invitations()[["region"]])
    with pytest.raises(ColumnError, match="Did you mean 'region'"):
        response_rate(invitations(), by="regoin")
    with pytest.raises(CemkitError, match="no rows"):
        response_rate(invitations().head(0))
    with pytest.raises(ColumnError, match="result column"):
        response_rate(invitations().rename(columns={"region": "invited"}), by="invited")


def test_nobody_answered_is_an_estimate() -> None:
    row = response_rate(invitations().assign(answered_at=pd.NaT)).only
    assert row.estimate == 0
    assert row.high > 0


def test_it_round_trips_through_json() -> None:
    found = response_rate(invitations(), by="region")
    assert type(found).from_json(found.to_json()) == found
