"""Intervals of a stratified cluster sample hold the truth of a finite population as often as they say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from cemkit import Design, nps

STRATA = {"large": (120, 25), "small": (60, 25), "new": (200, 20)}  # clusters in the population, and drawn


def population(rng: np.random.Generator) -> pd.DataFrame:
    """Return clusters of unequal size whose answers are alike, in strata that differ."""
    parts = []
    for s, (stratum, (clusters, _)) in enumerate(STRATA.items()):
        sizes = rng.integers(4, 16, clusters)
        mood = rng.normal(0.4 * s, 0.7, clusters)
        latent = np.repeat(mood, sizes) + rng.normal(0, 1.2, sizes.sum())
        score = np.clip(np.rint(7.5 + 1.6 * latent), 0, 10)
        parts.append(
            pd.DataFrame({"score": score, "cluster": np.repeat(np.arange(clusters), sizes), "stratum": stratum})
        )
    frame = pd.concat(parts, ignore_index=True)
    frame["part"] = rng.random(len(frame)) < 0.4
    return frame


@pytest.mark.slow
def test_coverage_of_a_stratified_cluster_sample(replicates: Callable[[int], int], covers: Callable[..., None]) -> None:
    rng = np.random.default_rng(20)
    everyone = population(rng)
    truth = nps.score(everyone).only.estimate
    truth_part = nps.score(everyone[everyone["part"]]).only.estimate
    design = Design(weights="w", strata="stratum", cluster="cluster", population="N")
    by_cluster = dict(iter(everyone.groupby(["stratum", "cluster"])))
    count = replicates(1000)
    held = np.zeros((count, 2), dtype=bool)
    for r in range(count):
        drawn = []
        for stratum, (clusters, size) in STRATA.items():
            chosen = rng.choice(clusters, size, replace=False)
            part = pd.concat([by_cluster[stratum, c] for c in chosen])
            drawn.append(part.assign(w=clusters / size, N=clusters))
        sample = pd.concat(drawn, ignore_index=True)
        whole = nps.score(sample, design=design).only
        part = nps.score(sample, by="part", design=design).to_frame().iloc[1]
        held[r] = whole.low <= truth <= whole.high, part["low"] <= truth_part <= part["high"]
    covers(
        held,
        estimator="nps.score, design with weights, strata, clusters, population",
        world="70 of 380 clusters of unequal size in three strata; all answers, and a part of them",
    )
