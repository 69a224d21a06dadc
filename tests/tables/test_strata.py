"""Clusters per stratum of the whole design, and designs that are none."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import oracles
import pytest

from cemkit.errors import DesignError
from cemkit.tables import Bound, Design, bind
from cemkit.tables.strata import count_strata


@pytest.mark.parametrize("cluster", [None, "cluster"])
@pytest.mark.parametrize("strata", [None, "stratum"])
def test_against_sets(bound: Bound, strata: str | None, cluster: str | None) -> None:
    found = count_strata(bound, Design(strata=strata, cluster=cluster))
    members: dict[Any, set[Any]] = defaultdict(set)
    homes: dict[Any, set[Any]] = defaultdict(set)
    for i, row in enumerate(oracles.rows_of(oracles.survey())):
        name = None if strata is None else row[strata]
        unit = i if cluster is None else row[cluster]
        members[name].add(unit)
        homes[unit].add(name)
    assert dict(zip(found.labels, found.clusters, strict=True)) == {name: len(units) for name, units in members.items()}
    assert found.shared == sum(len(names) > 1 for names in homes.values())
    assert all(math.isinf(n) for n in found.population)


def test_population(bound: Bound) -> None:
    found = count_strata(bound, Design(strata="stratum", cluster="cluster", population="population"))
    assert dict(zip(found.labels, found.population, strict=True)) == {"a": 40.0, "b": 7.0, "c": 70.0}


def table(**columns: list[Any]) -> dict[str, list[Any]]:
    start: dict[str, list[Any]] = {
        "score": [1, 2, 3, 4],
        "h": ["a", "a", "b", "b"],
        "c": [1.0, 2.0, 3.0, 4.0],
        "N": [9, 9, 9, 9],
    }
    return {**start, **columns}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (table(h=["a", "a", None, "b"]), r"strata='h' has null values: name the stratum"),
        (table(c=[1.0, None, 3.0, 4.0]), r"cluster='c' is null in 1 rows: name their clusters"),
        (table(c=[1.0, math.nan, None, 4.0]), r"cluster='c' is null in 2 rows: name their clusters"),
        (table(N=[9, 8, 9, 9]), r"population='N' of stratum 'a' must be one number, found 8 to 9"),
        (table(N=[9, 9, 1, 1]), r"population='N' of stratum 'b' is 1, fewer than the 2 clusters sampled there"),
        (table(N=[9, None, 9, 9]), r"population='N' .*null"),
        (table(N=[9.0, 9.0, None, math.nan]), r"population='N' .*null"),
    ],
)
def test_no_design(engine: Any, columns: dict[str, list[Any]], said: str) -> None:
    with pytest.raises(DesignError, match=said):
        count_strata(bind(engine(columns)), Design(strata="h", cluster="c", population="N"))
