from __future__ import annotations

import numpy as np
import pytest

from cemkit.errors import CemkitError
from cemkit.simulate import streams
from cemkit.simulate.streams import check_count, check_seed, stream


def test_a_stream_is_the_same_on_every_machine():
    # SHA-256, SeedSequence and PCG64 are all specified: this number, once drawn, may never change.
    assert stream(0, "customers.segment").random() == 0.7793503802321967
    assert stream(1, "customers.segment").random() != 0.7793503802321967


def test_streams_of_different_names_are_uncorrelated():
    a, b = stream(0, "a").standard_normal(100_000), stream(0, "b").standard_normal(100_000)
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(100_000)


def test_no_two_parts_of_the_world_share_a_stream(monkeypatch):
    import importlib
    import pkgutil

    import cemkit.simulate as package
    from cemkit.simulate.world import telecom_tables

    asked = []

    def recording(seed, name):
        asked.append(name)
        return streams.stream(seed, name)

    for module in pkgutil.iter_modules(package.__path__):
        if module.name == "study":
            continue
        loaded = importlib.import_module(f"cemkit.simulate.{module.name}")
        if module.name != "streams" and hasattr(loaded, "stream"):
            monkeypatch.setattr(loaded, "stream", recording)
    telecom_tables(customers=200, months=6, seed=0)
    assert len(asked) > 30
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("seed", [-1, 1.5, None, "x"])
def test_a_seed_must_be_a_whole_number(seed):
    with pytest.raises(CemkitError, match="seed must be"):
        check_seed(seed)


def test_counts_say_what_they_must_be():
    assert check_count(np.int64(5), name="months", least=3) == 5
    with pytest.raises(CemkitError, match="months must be at least 3, got 2"):
        check_count(2, name="months", least=3)
