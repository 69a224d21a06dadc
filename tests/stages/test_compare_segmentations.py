"""Which segmentation predicts better, on rows it has not seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from engines import Engine

from cemkit.errors import CemkitError, ColumnError
from cemkit.stages import compare_segmentations, segment
from cemkit.statistics.held_out import assign_folds, held_out_losses
from cemkit.tables.design import Design


def rows(n: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    use, age = rng.integers(0, 3, n), rng.integers(0, 4, n)
    frame = pd.DataFrame(
        {"use": use, "age": age, "spend": use + rng.normal(size=n), "visits": 3 * use + rng.normal(size=n)}
    )
    return frame.assign(renewed=(rng.random(n) < 0.2 + 0.25 * use).astype(int), w=1.0)


def test_losses_by_hand() -> None:
    # folds {0, 1} and {2, 3}; group a has rows 0 and 2, b rows 1 and 3
    y, group, fold = np.array([1.0, 2.0, 5.0, 10.0]), np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    own, base = held_out_losses(y, group, fold, np.ones(4), folds=2)
    np.testing.assert_allclose(own, [16, 64, 16, 64])
    np.testing.assert_allclose(base, [(1 - 7.5) ** 2, (2 - 7.5) ** 2, (5 - 1.5) ** 2, (10 - 1.5) ** 2])
    # a group that the other fold lacks is predicted by all
    own, base = held_out_losses(y, np.array([0, 0, 1, 1]), fold, np.ones(4), folds=2)
    np.testing.assert_allclose(own, base)
    log, _ = held_out_losses(np.array([1.0, 0, 1, 1]), group, fold, np.ones(4), folds=2, loss="log")
    np.testing.assert_allclose(log, -np.log([1.0, 1e-12, (1 + 0.5) / 2, 0.25]), rtol=1e-6, atol=1e-9)


def test_folds_hold_units_together() -> None:
    unit = np.repeat(np.arange(50), 3)
    fold = assign_folds(unit, np.arange(150), folds=5, rng=np.random.default_rng(0))
    assert all(len(set(fold[unit == u])) == 1 for u in range(50))
    assert np.bincount(fold).tolist() == [30] * 5


def test_gain_is_that_of_a_peer() -> None:
    from sklearn.linear_model import LinearRegression

    frame = rows()
    found = compare_segmentations(frame, segmentations={"age": "age", "use": "use"}, outcome="spend", seed=4)
    table = found.to_frame()
    # the same folds, by least squares on dummies
    order = np.lexsort(
        [
            pd.factorize(frame["age"], sort=True)[0],
            pd.factorize(frame["use"], sort=True)[0],
            np.ones(400),
            frame["spend"],
        ]
    )
    rank = np.empty(400, dtype=int)
    rank[order] = np.arange(400)
    fold = assign_folds(np.arange(400), rank, folds=5, rng=np.random.default_rng(4))
    predicted, base = np.empty(400), np.empty(400)
    x = pd.get_dummies(frame["use"]).to_numpy(dtype=float)
    for f in range(5):
        train = fold != f
        model = LinearRegression(fit_intercept=False).fit(x[train], frame["spend"][train])
        predicted[~train], base[~train] = model.predict(x[~train]), frame["spend"][train].mean()
    expected = 1 - ((frame["spend"] - predicted) ** 2).sum() / ((frame["spend"] - base) ** 2).sum()
    assert table["estimate_group"].iloc[1] == pytest.approx(expected)
    assert table["metric"].unique().tolist() == ["r_squared"]
    assert table["difference"].iloc[2] == pytest.approx(table["difference"].iloc[1] - table["difference"].iloc[0])
    ratio = (
        (frame["spend"] - base) ** 2 - (frame["spend"] - predicted) ** 2 - expected * (frame["spend"] - base) ** 2
    ) / ((frame["spend"] - base) ** 2).mean()
    assert table["std_error"].iloc[1] == pytest.approx(ratio.std() / np.sqrt(400) * np.sqrt(1 + 5 / 4))


def test_behaviour_beats_age() -> None:
    frame = rows()
    behaviour = segment(frame, features=["visits"], k=3, method="kmeans", resamples=0)
    for loss, metric in (("squared", "brier_skill"), ("log", "log_skill")):
        found = compare_segmentations(
            frame, segmentations={"age": "age", "behaviour": behaviour}, outcome="renewed", loss=loss
        )
        table = found.to_frame()
        assert table["metric"].unique().tolist() == [metric]
        assert table[["group", "reference"]].values.tolist() == [
            ["age", "none"],
            ["behaviour", "none"],
            ["behaviour", "age"],
        ]
        assert table["low"].iloc[2] > 0
        assert (table["p_adjusted"] >= table["p_value"]).all()
    both = compare_segmentations(
        frame, segmentations={"use": "use", "both": ["use", "age"]}, outcome="renewed"
    ).to_frame()
    assert both["difference"].iloc[2] < 0.02


def test_every_engine(local_engine: Engine) -> None:
    frame = rows(200)
    behaviour = segment(frame, features=["visits"], k=2, method="kmeans", resamples=0)
    asked = {"age": "age", "behaviour": behaviour}
    expected = compare_segmentations(frame.sample(frac=1, random_state=2), segmentations=asked, outcome="spend", seed=1)
    found = compare_segmentations(local_engine(frame), segmentations=asked, outcome="spend", seed=1)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-9)


def test_customers_who_repeat() -> None:
    frame = rows(150).assign(customer_id=range(150))
    twice = pd.concat([frame, frame], ignore_index=True)
    found = compare_segmentations(twice, segmentations={"use": "use"}, outcome="spend")
    assert "customers-are-clusters" in {note.code for note in found.assumptions}
    assert found.only["df"] == 149
    loose = compare_segmentations(twice, segmentations={"use": "use"}, outcome="spend", design=Design.independent())
    # the copy of a row in another fold is no new customer
    assert found.only["std_error"] > 1.2 * loose.only["std_error"]
    weighted = compare_segmentations(
        frame.assign(w=2.0), segmentations={"use": "use"}, outcome="spend", design=Design(weights="w")
    )
    plain = compare_segmentations(frame, segmentations={"use": "use"}, outcome="spend")
    assert weighted.only["difference"] == pytest.approx(plain.only["difference"])


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"segmentations": {}}, CemkitError, "at least one"),
        ({"segmentations": "use"}, CemkitError, "got str"),
        ({"segmentations": {"none": "use"}}, CemkitError, "'none'"),
        ({"segmentations": {"a": "spend"}}, CemkitError, "outcome='spend' is part of the segmentation 'a'"),
        ({"segmentations": {"a": []}}, CemkitError, "names no column"),
        ({"segmentations": {"a": "uses"}}, ColumnError, "Did you mean 'use'"),
        ({"outcome": "text"}, ColumnError, "must hold numbers"),
        ({"outcome": "flat"}, CemkitError, "nothing to predict"),
        ({"loss": "log"}, CemkitError, "needs an outcome of 0 and 1"),
        ({"loss": "hinge"}, CemkitError, "'hinge' is not one of"),
        ({"folds": 1}, CemkitError, "folds must be"),
        ({"folds": 500}, CemkitError, "at least as many customers"),
    ],
)
def test_bad_input(kwargs, error, message) -> None:
    frame = rows().assign(text="a", flat=1.0)
    with pytest.raises(error, match=message):
        compare_segmentations(frame, **{"segmentations": {"a": "use"}, "outcome": "spend", **kwargs})


def test_nulls_are_counted() -> None:
    frame = rows().astype({"use": float})
    frame.loc[:9, "spend"] = np.nan
    frame.loc[20:29, "use"] = np.nan
    found = compare_segmentations(frame, segmentations={"use": "use"}, outcome="spend")
    codes = {note.code: note.values for note in found.assumptions}
    assert codes["complete-rows"]["rows"] == 390
    assert codes["unknown-segments"]["names"] == "use"


@pytest.mark.slow
@pytest.mark.parametrize("effect", [1.0, 0.0])
def test_coverage(replicates, covers, effect) -> None:
    runs, n = replicates(60), 300
    rng = np.random.default_rng(3)
    held = []
    for _ in range(runs):
        use, noise = rng.integers(0, 4, n), rng.integers(0, 6, n)
        mean = effect * (np.arange(4) - 1.5) / 2
        y = mean[use] + rng.standard_normal(n)
        fold = assign_folds(np.arange(n), np.arange(n), folds=5, rng=rng)
        frame = pd.DataFrame({"use": use, "noise": noise, "y": y})
        seed = int(rng.integers(1000))
        found = compare_segmentations(
            frame, segmentations={"noise": "noise", "use": "use"}, outcome="y", seed=seed
        ).to_frame()
        order = np.lexsort([use, noise, np.ones(n), y])
        rank = np.empty(n, dtype=int)
        rank[order] = np.arange(n)
        fold = assign_folds(np.arange(n), rank, folds=5, rng=np.random.default_rng(seed))
        risk = dict.fromkeys(("none", "use", "noise"), 0.0)
        for f in range(5):
            train = fold != f
            risk["none"] += (1 + (mean - y[train].mean()) ** 2).mean()
            risk["use"] += np.mean([1 + (mean[j] - y[train & (use == j)].mean()) ** 2 for j in range(4)])
            risk["noise"] += np.mean([[1 + (m - y[train & (noise == j)].mean()) ** 2 for j in range(6)] for m in mean])
        true = [(risk[b] - risk[a]) / risk["none"] for a, b in found[["group", "reference"]].values.tolist()]
        held.append((found["low"] <= true) & (true <= found["high"]))
    covers(
        held,
        estimator="stages.compare_segmentations",
        world=f"300 customers, effect {effect:g}, three pairs of divisions; may hold too often, as folds share rows",
        slack=(3 * np.sqrt(0.05 * 0.95 / runs), 0.05),
    )
