"""Path models through the public call: other programs' numbers, laws, engines, bad input."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from engines import Engine
from peer_data import ECSI as PREFIXES
from peer_data import mobi

import cemkit as cem
from cemkit import csi
from cemkit.errors import CemkitError, ColumnError, ContractError

NAMES = ["image", "expectation", "quality", "value", "satisfaction", "complaints", "loyalty"]
SMALL = csi.PathModel(
    {"quality": ["q1", "q2", "q3"], "value": ["v1", "v2"], "loyalty": ["l1"]},
    [("quality", "value"), ("quality", "loyalty"), ("value", "loyalty")],
)


def survey(n: int = 200, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    quality = rng.standard_normal(n)
    value = 0.6 * quality + 0.8 * rng.standard_normal(n)
    loyalty = 0.5 * value + 0.3 * quality + 0.8 * rng.standard_normal(n)
    latent = [quality] * 3 + [value] * 2 + [loyalty]
    columns = {
        name: np.clip(np.rint(5.5 + 1.6 * (x + 0.6 * rng.standard_normal(n))), 1, 10)
        for name, x in zip(SMALL.items, latent, strict=True)
    }
    return pd.DataFrame(columns).assign(
        w=rng.integers(1, 4, n).astype(float), shop=rng.integers(0, 25, n), g=np.arange(n) % 2
    )


def phones() -> tuple[pd.DataFrame, csi.PathModel]:
    names, rows = mobi()
    of = dict(zip(NAMES, PREFIXES, strict=True))
    items = {construct: [n for n in names if n.rstrip("0123456789") == prefix] for construct, prefix in of.items()}
    return pd.DataFrame(rows, columns=names), csi.ECSI(**items)


def test_against_three_programs() -> None:
    # R plspm 0.5.1 and cSEM 0.6, PyPI seminr 0.2.1 (mode A, path scheme, standardised): equal to 1e-6
    frame, model = phones()
    found = csi.path_model(frame, model, scale=(1, 10))
    paths = found.paths.set_index(["source", "target"])["estimate"]
    expected = {
        ("image", "expectation"): 0.504914,
        ("image", "satisfaction"): 0.178739,
        ("expectation", "satisfaction"): 0.062523,
        ("quality", "satisfaction"): 0.512024,
        ("value", "satisfaction"): 0.194765,
        ("satisfaction", "loyalty"): 0.485478,
        ("complaints", "loyalty"): 0.066926,
    }
    for path, value in expected.items():
        assert paths[path] == pytest.approx(value, abs=2e-6)
    r_squared = found.r_squared.set_index("construct")["estimate"]
    assert r_squared["satisfaction"] == pytest.approx(0.681078, abs=1e-6)
    assert r_squared["loyalty"] == pytest.approx(0.456944, abs=1e-6)
    # R cSEM 0.6, doIPMA on (x − 1)/9·100
    index = found.index.set_index("construct")["estimate"]
    for name, value in {"image": 73.5279818, "quality": 74.9765669, "value": 62.3467573, "loyalty": 70.9138536}.items():
        assert index[name] == pytest.approx(value, abs=1e-6)
    # standardised weights on raw means give 71.78, .67 too little
    assert index["satisfaction"] == pytest.approx(71.78 + 0.67, abs=0.01)


def test_index_is_the_mean_of_the_respondents() -> None:
    found = csi.path_model(survey(), SMALL, scale=(1, 10))
    mean = found.scores.groupby("construct")["index"].mean()
    pd.testing.assert_series_equal(mean, found.index.set_index("construct")["estimate"].sort_index(), check_names=False)
    assert found.scores.groupby("construct")["score"].std().to_numpy() == pytest.approx(1)
    scores = found.scores.pivot_table(index="row", columns="construct", values="score")
    items = survey()[list(SMALL.items)]
    assert found.loadings["estimate"][0] == pytest.approx(np.corrcoef(items["q1"], scores["quality"])[0, 1])
    slopes = np.linalg.lstsq(scores[["quality", "value"]].to_numpy(), scores["loyalty"].to_numpy())[0]
    assert found.paths["estimate"].to_numpy()[1:] == pytest.approx(slopes)


def test_groups_have_common_weights() -> None:
    frame = survey()
    whole, parts = (csi.path_model(frame, SMALL, scale=(1, 10), by=by, bootstrap=50, seed=1) for by in (None, "g"))
    pd.testing.assert_frame_equal(whole.weights, parts.weights, rtol=1e-9)
    mean = parts.index.groupby("construct")["estimate"].mean()  # halves of equal size
    pd.testing.assert_series_equal(mean, whole.index.set_index("construct")["estimate"].sort_index(), check_names=False)
    assert parts.index["std_error"].mean() > 1.2 * whole.index["std_error"].mean()
    assert (parts.index["n"] == 100).all()


def test_the_interval_of_an_equally_weighted_index_is_that_of_a_mean() -> None:
    frame = survey(300)
    model = csi.PathModel({"a": ["q1"], "b": ["l1"]}, [("a", "b")])
    found = csi.path_model(frame, model, scale=(1, 10), bootstrap=1000, seed=2).index
    error = frame[["q1", "l1"]].sem() * 100 / 9
    np.testing.assert_allclose(found["std_error"], error, rtol=0.08)


def test_bounds_of_the_scale() -> None:
    frame = survey()
    found = csi.path_model(frame, SMALL, scale=(1, 10)).index["estimate"]
    wider = csi.path_model(frame, SMALL, scale=dict.fromkeys(SMALL.names, (0, 11))).index["estimate"]
    np.testing.assert_allclose((found * 9 / 100 + 1) * 100 / 11, wider)
    turned = frame.assign(**{name: 11 - frame[name] for name in SMALL.items})
    scale = cem.Scale(1, 10, direction="lower-is-better")
    np.testing.assert_allclose(csi.path_model(turned, SMALL, scale=scale).index["estimate"], found)


@pytest.mark.parametrize("asked", [{}, {"scheme": "centroid"}, {"scaled": False}, {"consistent": True}])
def test_engines_and_row_order(local_engine: Engine, asked: dict) -> None:
    frame = survey(150)
    frame.loc[:9, "v1"] = None
    frame.loc[10, "v2"] = 99
    design = cem.Design(weights="w", cluster="shop")
    common = {"scale": cem.Scale(1, 10, missing_codes=(99,)), "design": design, "bootstrap": 30, "seed": 1, "by": "g"}
    found = csi.path_model(local_engine(frame), SMALL, **common, **asked)
    other = csi.path_model(frame.sample(frac=1, random_state=1), SMALL, **common, **asked)
    for part in ("paths", "loadings", "weights", "r_squared", "effects", "htmt", "index", "fit"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(other, part), rtol=1e-7)
    assert found.fit["n"][0] == 139
    assert found.from_json(found.to_json()) == found


def test_integer_weights_are_copies() -> None:
    frame = survey()
    found = csi.path_model(frame, SMALL, scale=(1, 10), design=cem.Design(weights="w"))
    copies = csi.path_model(frame.loc[frame.index.repeat(frame["w"].astype(int))], SMALL, scale=(1, 10))
    np.testing.assert_allclose(found.paths["estimate"], copies.paths["estimate"], atol=1e-8)
    np.testing.assert_allclose(found.index["estimate"], copies.index["estimate"])


def test_effects_add_up() -> None:
    found = csi.path_model(survey(), SMALL, scale=(1, 10))
    effects = found.effects.set_index(["source", "target"])
    paths = found.paths.set_index(["source", "target"])["estimate"]
    through = paths["quality", "value"] * paths["value", "loyalty"]
    assert effects.loc[("quality", "loyalty"), "indirect"] == pytest.approx(through)
    np.testing.assert_allclose(effects["estimate"], effects["direct"] + effects["indirect"])


def test_models() -> None:
    assert pickle.loads(pickle.dumps(SMALL)) == SMALL
    assert hash(SMALL) == hash(pickle.loads(pickle.dumps(SMALL)))
    items = {name: [name] for name in ("expectation", "quality", "value", "satisfaction", "loyalty", "complaints")}
    assert len(csi.ACSI(**items).paths) == 9
    assert len(csi.ECSI(image=["i"], **items).paths) == 12


@pytest.mark.parametrize(
    ("constructs", "paths", "words"),
    [
        ({"a": ["x"], "b": ["y"]}, [("a", "b"), ("b", "a")], "cycle"),
        ({"a": ["x"], "b": ["x"]}, [("a", "b")], "'x' is in the constructs 'a' and 'b'"),
        ({"a": ["x"], "b": ["y"]}, [("a", "bb")], "'bb'"),
        ({"a": ["x"], "b": ["y"]}, ["ab"], "pairs"),
    ],
)
def test_bad_models(constructs: dict, paths: list, words: str) -> None:
    with pytest.raises(CemkitError, match=words):
        csi.PathModel(constructs, paths)


@pytest.mark.parametrize(
    ("change", "asked", "error", "words"),
    [
        ({"q1": 5.0}, {}, CemkitError, "'q1' has the same answer"),
        ({"q1": 12.0}, {}, ContractError, "200 answers of 'q1' lie outside the declared scale 1 to 10"),
        ({"q1": np.nan}, {}, CemkitError, "0 of 200"),
        ({}, {"scale": 10}, CemkitError, "scale must be"),
        ({}, {"scale": {"quality": (1, 10)}}, CemkitError, "no bounds for 'value', 'loyalty'"),
        ({}, {"scale": {"qualit": (1, 10)}}, CemkitError, "Did you mean 'quality'"),
        ({}, {"scheme": "pathh"}, CemkitError, "Did you mean 'path'"),
        ({}, {"missing": "mean"}, CemkitError, "'drop'"),
        ({}, {"by": "construct"}, ColumnError, "result column"),
        ({}, {"seed": -1, "bootstrap": 50}, CemkitError, "seed"),
    ],
)
def test_bad_input(change: dict, asked: dict, error: type[CemkitError], words: str) -> None:
    with pytest.raises(error, match=words):
        csi.path_model(survey().assign(**change), SMALL, **{"scale": (1, 10), **asked})


def test_unknown_item_and_model() -> None:
    with pytest.raises(ColumnError, match="model='q3'"):
        csi.path_model(survey().drop(columns="q3"), SMALL, scale=(1, 10))
    with pytest.raises(CemkitError, match="PathModel"):
        csi.path_model(survey(), {"a": ["q1"]}, scale=(1, 10))
