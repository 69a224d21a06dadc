"""The report's section on loyalty: on CDNOW, on a retail panel, on the simulated study, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cdnow import cdnow_log

from cemkit import loyalty
from cemkit.report import compose
from cemkit.tables import ExperienceStore


def section_of(store: ExperienceStore, language: str = "en"):
    return next(s for s in compose(store, language=language).sections if s.id == "loyalty")


def test_cdnow_in_both_languages() -> None:
    store = ExperienceStore(transactions=cdnow_log())
    english, korean = (section_of(store, language) for language in ("en", "ko"))
    history = loyalty.history(cdnow_log())
    again = (history.to_frame()["frequency"] > 0).mean()
    assert (
        english.sentence == f"Of 2,357 customers seen up to 1998-06-30, {100 * again:.1f}% bought again on another day."
    )
    assert "2,357명" in korean.sentence
    assert [len(b.tables) for b in english.blocks] == [1, 1, 1]
    champions = english.blocks[0].tables[0].rows[0].cells
    segments = loyalty.rfm(history).segments.iloc[0]
    assert champions[:3] == ("Champions", f"{segments['customers']:,.0f}", f"{100 * segments['share']:.1f}%")
    assert korean.blocks[0].tables[0].rows[0].cells[0] == "최우수 고객"
    # the triangle of the reference: January 781, of whom 124, 95 and 70 came back in the months after
    january = english.blocks[1].tables[0].rows[0].cells
    assert january[:3] == ("1997-01", "781", f"{100 * 124 / 781:.1f}%")
    expected = loyalty.fit(history, "mbg/nbd").expected_total(52).to_frame()["estimate"]
    assert [row.cells[1] for row in english.blocks[2].tables[0].rows] == [f"{round(v):,}" for v in expected[::-1]]
    assert all("cem.loyalty" in call.code or "fit" in call.code for call in english.calls)
    texts = [b.sentence for b in korean.blocks] + [korean.sentence]
    assert all(any("가" <= letter <= "힣" for letter in text) for text in texts)


def test_a_retail_panel(shared_data) -> None:
    rows = pd.read_parquet(shared_data / "complete_journey" / "transactions_sample.parquet")
    rows = rows.rename(
        columns={"household_id": "customer_id", "transaction_timestamp": "occurred_at", "sales_value": "amount"}
    )
    found = section_of(ExperienceStore(transactions=rows[["customer_id", "occurred_at", "amount"]]))
    assert found.sentence.startswith("Of 2,377 customers")
    assert len(found.calls) == 3


def test_bills_are_no_purchases(simulated) -> None:
    store = ExperienceStore(transactions=simulated.transactions)
    assert "bills were left out" in section_of(store).blocks[0].sentence
    assert "정기 청구" in section_of(store, "ko").blocks[0].sentence


def test_without_amounts_and_with_too_little() -> None:
    log = cdnow_log().head(40).drop(columns="amount")
    found = section_of(ExperienceStore(transactions=log))
    assert "no amounts" in found.blocks[0].sentence
    once = log.drop_duplicates("customer_id").assign(occurred_at=pd.Timestamp("2024-03-01"))
    short = section_of(ExperienceStore(transactions=once))
    # nobody bought again, nobody could be followed: said, not hidden
    assert "no customer can be followed" in short.blocks[1].sentence
    assert "nobody bought again" in short.blocks[2].sentence


def test_a_study_without_transactions_has_no_section(plain) -> None:
    report = compose(plain)
    assert ("Who buys again", "no transactions.") in report.left_out


@pytest.mark.parametrize("seed", range(2))
def test_odd_logs_make_a_report(seed) -> None:
    rng = np.random.default_rng(seed)
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 5, 30),
            "occurred_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, 30), unit="D"),
            "amount": rng.normal(0, 10, 30),
        }
    )
    assert section_of(ExperienceStore(transactions=log)).blocks
