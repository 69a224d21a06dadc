"""Draw the README's picture, a ledger of churn over the simulated company: `python docs/make_picture.py`."""

from __future__ import annotations

from pathlib import Path

import cemkit as cem

TARGET = Path(__file__).parent / "_static" / "ledger.png"

if __name__ == "__main__":
    store, _ = cem.simulate.telecom(customers=20_000, seed=0)
    ledger = cem.churn.attribute(
        store.customers, store.experiences, exclude="cancellation", confounders="segment", horizon="720d"
    )
    TARGET.parent.mkdir(exist_ok=True)
    ledger.plot().properties(width=760).save(str(TARGET), scale_factor=2)
