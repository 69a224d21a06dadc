"""Segments: fits, their number, stability, profiles, assignment, targets."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from hypothesis import given, settings
from hypothesis import strategies as st

from cemkit.errors import CemkitError, ColumnError, MissingExtraError
from cemkit.stages import Segmentation, segment
from cemkit.statistics.partitions import adjusted_rand
from cemkit.tables.design import Design

pytest.importorskip("sklearn")
F = ["visits", "spend", "online"]


def cloud(n: int = 300, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    own = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    centre = np.array([[0, 0, 0], [5, 0, 2], [0, 5, 5.0]])[own]
    frame = pd.DataFrame(centre + rng.normal(size=(n, 3)), columns=F)
    frame["need"] = own + rng.normal(size=n)
    frame["value"] = 10 + 5 * own + rng.normal(size=n)
    frame["own"] = own
    return frame


def cards(n: int = 400, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    chance = np.array([[0.85, 0.1, 0.05], [0.05, 0.1, 0.85]])
    own = rng.choice(2, n, p=[0.65, 0.35])
    frame = pd.DataFrame({f"q{i}": [("no", "some", "yes")[rng.choice(3, p=chance[j])] for j in own] for i in range(4)})
    return frame.assign(own=own)


@pytest.mark.parametrize("method", ["mixture", "kmeans"])
def test_three_clouds(method) -> None:
    frame = cloud()
    found = segment(frame, features=F, method=method, most=4, resamples=6, seed=1)
    assert found.k == 3
    assigned = found.assign(frame)
    assert adjusted_rand(assigned["segment"].to_numpy(dtype=int), frame["own"].to_numpy()) > 0.95
    table = found.to_frame()
    assert (
        table["n"].tolist()
        == assigned["segment"].value_counts().sort_index().tolist()
        == sorted(table["n"], reverse=True)
    )
    np.testing.assert_allclose(table["estimate"], table["n"] / 300)
    assert (table["jaccard"] > 0.9).all()
    means = frame[F].groupby(assigned["segment"].astype(int)).agg(["mean", "sem"])
    for row in found.profiles.itertuples():
        mean, error = means.loc[row.segment, row.feature]
        assert (row.estimate, row.std_error) == pytest.approx((mean, error))
        assert row.low < mean < row.high
        assert row.distance == pytest.approx((mean - frame[row.feature].mean()) / frame[row.feature].std(ddof=0))
    assert found.selection["chosen"].sum() == 1
    if method == "mixture":
        assert found.selection.loc[found.selection["chosen"], "bic"].item() == found.selection["bic"].min()
        assert 0.9 < found.entropy <= 1
        assert (table["certainty"] > 0.95).all()
    else:
        assert table["certainty"].isna().all()
        assert "segment_probability" not in assigned


def test_mixture_is_scikit_learns() -> None:
    from sklearn.mixture import GaussianMixture

    frame = cloud()
    found = segment(frame, features=F, k=3, resamples=0)
    x = frame[F].to_numpy()
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    chosen = found.selection[found.selection["chosen"]].iloc[0]
    peer = GaussianMixture(
        3, covariance_type=chosen["model"], n_init=5, reg_covar=1e-3, random_state=3, tol=1e-6, max_iter=500
    ).fit(z)
    assert chosen["bic"] == pytest.approx(peer.bic(z), rel=1e-4)
    assert chosen["log_likelihood"] == pytest.approx(peer.score(z) * len(z), rel=1e-4)
    sure = np.sort(peer.predict_proba(z).max(axis=1))
    np.testing.assert_allclose(np.sort(found.assign(frame)["segment_probability"]), sure, atol=2e-3)
    assert found.stability["resamples"].tolist() == [0] * 4


@pytest.mark.parametrize("method", ["mixture", "kmeans"])
def test_one_cloud_is_one_segment(method) -> None:
    rng = np.random.default_rng(4)
    shape = [[1, 0.7, 0.2], [0.7, 1, 0.1], [0.2, 0.1, 1]]
    frame = pd.DataFrame(rng.multivariate_normal([0, 0, 0], shape, size=300), columns=F)
    found = segment(frame, features=F, method=method, most=3, resamples=2)
    assert found.k == 1
    assert "one-segment" in {note.code for note in found.assumptions}
    assert found.to_frame()["estimate"].tolist() == [1.0]
    assert found.assign(frame)["segment"].tolist() == [1] * 300


def test_one_latent_class() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({f"q{i}": rng.integers(0, 3, 150) for i in range(3)})
    assert segment(frame, features=list(frame), method="latent-class", most=2, resamples=0).k == 1


def test_latent_classes() -> None:
    frame = cards()
    found = segment(frame, features=["q0", "q1", "q2", "q3"], method="latent-class", most=3, resamples=4, seed=2)
    assert found.k == 2
    np.testing.assert_allclose(found.model["share"], [0.65, 0.35], atol=0.08)
    assigned = found.assign(frame.assign(q0=["maybe", *frame["q0"][1:]]))
    assert pd.isna(assigned["segment"].iloc[0])
    assert adjusted_rand(assigned["segment"].iloc[1:].to_numpy(dtype=int), frame["own"].iloc[1:].to_numpy()) > 0.7
    profile = found.profiles[(found.profiles["feature"] == "q0") & (found.profiles["category"] == "no")]
    by_hand = (frame["q0"] == "no").groupby(found.assign(frame)["segment"].astype(int)).mean()
    np.testing.assert_allclose(profile["estimate"], by_hand)
    assert Segmentation.from_json(found.to_json()) == found


def test_assignment_on_every_engine(engine: Engine) -> None:
    check_engine(engine, "mixture")


@pytest.mark.parametrize("method", ["kmeans", "latent-class"])
def test_assignment_by_other_methods(local_engine: Engine, method) -> None:
    check_engine(local_engine, method)


def check_engine(engine: Engine, method: str) -> None:
    numbers = method != "latent-class"
    frame = cloud(120) if numbers else cards(120)
    features = F if numbers else ["q0", "q1", "q2", "q3"]
    frame.loc[3, features[0]] = None
    expected = segment(frame, features=features, method=method, k=2, resamples=0)
    data = engine(frame.assign(row=range(120)))
    found = segment(data, features=features, method=method, k=2, resamples=0)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), rtol=1e-9)
    pd.testing.assert_frame_equal(found.profiles, expected.profiles, rtol=1e-9)
    back = as_pandas(found.assign(data)).sort_values("row")
    own = expected.assign(frame)
    assert [None if pd.isna(v) else int(v) for v in back["segment"]] == [
        None if pd.isna(v) else int(v) for v in own["segment"]
    ]
    assert own["segment"].isna().tolist() == [i == 3 for i in range(120)]
    if method != "kmeans":
        np.testing.assert_allclose(
            back["segment_probability"].to_numpy(dtype=float, na_value=np.nan), own["segment_probability"], rtol=1e-9
        )
    assert list(back.columns[: len(frame.columns)]) == list(frame.columns)


def as_pandas(data) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data
    for name in ("collect", "compute", "df", "toPandas", "to_pandas"):
        if hasattr(data, name) and not (name == "df" and not hasattr(data, "fetchall")):
            found = getattr(data, name)()
            return (
                found
                if isinstance(found, pd.DataFrame)
                else pd.DataFrame(found.to_pandas() if hasattr(found, "to_pandas") else [r.asDict() for r in found])
            )
    raise AssertionError(type(data))


@given(st.permutations(range(60)), st.floats(0.01, 100), st.floats(-100, 100))
@settings(max_examples=6)
def test_order_and_units_do_not_matter(order, factor, shift) -> None:
    frame = cloud(60, seed=9)
    own = segment(frame, features=F, k=2, method="kmeans", resamples=2, seed=3)
    other = frame.iloc[list(order)].reset_index(drop=True)
    other[F] = other[F] * factor + shift
    found = segment(other, features=F, k=2, method="kmeans", resamples=2, seed=3)
    assert found.assign(other)["segment"].tolist() == own.assign(frame)["segment"].iloc[list(order)].tolist()
    np.testing.assert_allclose(found.table["jaccard"], own.table["jaccard"])


def test_the_same_seed_gives_the_same_bytes() -> None:
    frame = cloud(150)
    first, second = (segment(frame, features=F, most=3, resamples=3, seed=7) for _ in range(2))
    assert first == second
    assert first.to_json() == second.to_json() == pickle.loads(pickle.dumps(first)).to_json()
    again = Segmentation.from_json(first.to_json())
    assert again == first
    pd.testing.assert_frame_equal(again.assign(frame), first.assign(frame))


def test_targets_by_hand() -> None:
    frame = cloud()
    found = segment(frame, features=F, k=3, resamples=0, need="need", value="value", level=0.9)
    own = found.assign(frame)["segment"].to_numpy(dtype=int)
    rng = np.random.default_rng(0)

    def score(part: pd.DataFrame, segments: np.ndarray) -> list[float]:
        return [
            (segments == j).mean() * part["need"][segments == j].mean() * part["value"][segments == j].mean()
            for j in (1, 2, 3)
        ]

    np.testing.assert_allclose(found.targets["estimate"], score(frame, own))
    drawn = [rng.integers(0, 300, 300) for _ in range(800)]
    spread = np.std([score(frame.iloc[i].reset_index(drop=True), own[i]) for i in drawn], axis=0)
    np.testing.assert_allclose(found.targets["std_error"], spread, rtol=0.15)
    assert found.targets["rank"].tolist() == [3, 2, 1]
    assert (found.targets["rank_low"] <= found.targets["rank"]).all()


def test_customers_are_clusters_and_weights_count() -> None:
    frame = cloud(200)
    twice = pd.concat([frame, frame], ignore_index=True).assign(customer_id=[*range(200)] * 2, w=1.0)
    found = segment(twice, features=F, k=2, resamples=0, need="need", value="value")
    once = segment(frame.assign(customer_id=range(200)), features=F, k=2, resamples=0, need="need", value="value")
    assert "customers-are-clusters" in {note.code for note in found.assumptions}
    np.testing.assert_allclose(found.table["std_error"], once.table["std_error"], rtol=0.01)
    np.testing.assert_allclose(found.targets["std_error"], once.targets["std_error"], rtol=0.01)
    weighted = segment(
        twice.assign(w=np.where(twice["own"] == 0, 3.0, 1.0)), features=F, k=2, resamples=0, design=Design(weights="w")
    )
    assert weighted.table["estimate"].iloc[0] != pytest.approx(found.table["estimate"].iloc[0])


def test_what_a_reader_should_know() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.lognormal(0, 1.5, 200), "b": rng.normal(size=200)})
    frame.loc[:9, "b"] = np.nan
    found = segment(frame, features=["a", "b"], k=4, method="kmeans", resamples=6)
    notes = {note.code: note.values for note in found.assumptions}
    assert notes["skewed-features"]["features"] == "a"
    assert (notes["complete-rows"]["rows"], notes["complete-rows"]["total"]) == (190, 200)
    assert "unstable-segments" in notes
    pytest.importorskip("altair")
    assert found.plot().to_dict()["layer"]
    assert found.plot("stability").to_dict()["layer"]
    with pytest.raises(CemkitError, match="what must be"):
        found.plot("map")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "kwargs", "error", "message"),
    [
        ({}, {"features": ["vists"]}, ColumnError, "Did you mean 'visits'"),
        ({}, {"features": []}, CemkitError, "at least one column"),
        ({}, {"features": ["visits", "visits"]}, ColumnError, "twice"),
        ({"visits": 3.0}, {}, CemkitError, "features='visits' has the same value in all 60"),
        ({"visits": np.nan}, {}, CemkitError, "features='visits' has no value in any of 60 rows"),
        ({"visits": "many"}, {}, ColumnError, "must hold numbers"),
        ({"spend": lambda d: 2 * d["visits"] + 1}, {}, CemkitError, "'visits', 'spend' are perfectly collinear"),
        ({"spend": [1e90] * 60}, {}, CemkitError, "as large as 1e\\+90"),
        ({}, {"k": 0}, CemkitError, "k must be 'auto'"),
        ({}, {"k": "three"}, CemkitError, "k must be 'auto'"),
        ({}, {"k": 40}, CemkitError, "at least 80 complete rows"),
        ({}, {"seed": "x"}, CemkitError, "seed must be"),
        ({}, {"most": 0}, CemkitError, "most must be"),
        ({}, {"method": "dbscan"}, CemkitError, "'dbscan' is not one of"),
        ({}, {"resamples": -1}, CemkitError, "resamples must be"),
        ({}, {"need": "need"}, CemkitError, "both need= and value="),
        ({}, {"method": "latent-class"}, CemkitError, "60 different values, more than 30"),
        ({"visits": "x"}, {"method": "latent-class"}, CemkitError, "the same value in all rows"),
    ],
)
def test_bad_input(change, kwargs, error, message) -> None:
    frame = cloud(60).assign(**change)
    with pytest.raises(error, match=message):
        segment(frame, **{"features": F, "resamples": 0, **kwargs})


def test_empty_and_taken_names() -> None:
    frame = cloud(60)
    with pytest.raises(CemkitError, match="no rows"):
        segment(frame.head(0), features=F)
    with pytest.raises(CemkitError, match="at least 10 complete rows, found 1 of 1"):
        segment(frame.head(1), features=F)
    found = segment(frame, features=F, k=2, resamples=0)
    with pytest.raises(ColumnError, match="has a column 'segment' already"):
        found.assign(frame.assign(segment=1))
    with pytest.raises(ColumnError, match="features='visits'"):
        found.assign(frame.drop(columns="visits"))
    assert "mine" in found.assign(frame.assign(segment=1), name="mine", probability="sure")


def test_without_scikit_learn(monkeypatch) -> None:
    for name in ("sklearn", "sklearn.cluster", "sklearn.mixture"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match="cemkit\\[segment\\]"):
        segment(cloud(60), features=F)
    assert segment(cards(60), features=["q0", "q1"], method="latent-class", k=1).k == 1


def test_telecom_segments_differ_in_what_they_do(tables) -> None:
    # the simulated company's segments prefer different channels: seniors the shop and the phone, the young the app
    customers, log = tables["customers"], tables["experiences"]
    share = pd.crosstab(log["customer_id"], log["channel"], normalize="index").rename_axis(columns=None).reset_index()
    counts = log["customer_id"].value_counts()
    known = share[share["customer_id"].map(counts) >= 15].merge(customers[["customer_id", "segment"]], on="customer_id")
    found = segment(known, features=["shop", "phone", "app"], k=3, method="kmeans", resamples=0, seed=1)
    marked = found.assign(known, name="cluster")
    young = marked.groupby(marked["cluster"].astype(int))["segment"].agg(lambda s: (s == "consumer_young").mean())
    app = found.profiles[found.profiles["feature"] == "app"].set_index("segment")["estimate"]
    assert young.idxmax() == app.idxmax()
    assert young.max() > 1.5 * (known["segment"] == "consumer_young").mean()
