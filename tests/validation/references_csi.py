"""Gaps, index, drivers, path models: R's `relaimpo`, `plspm`, `cSEM`, papers, hand arithmetic."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import pandas as pd
from peer_data import ATTITUDE, ECSI, ECSI_ARROWS, MTCARS, SWISS, mobi, rdataset
from validation.reference import Reference, shared_data

import cemkit as cem
from cemkit import csi

LMG = "R relaimpo 2.2-7: calc.relimp(lm({} ~ .), type='lmg')"
IMPORTANCE = [
    ("swiss", SWISS, "lmg", LMG, [0.05709122077, 0.1711730289, 0.26013467862, 0.10557015037, 0.11276592293]),
    ("mtcars", MTCARS, "lmg", LMG, [0.20252540909, 0.18920451955, 0.15818551077, 0.25334240045, 0.04693907299]),
    (
        "swiss",
        SWISS,
        "relative-weights",
        "R rwa 0.1.2, and relaimpo type='genizi'",
        [0.04841689581, 0.15470824981, 0.27196410465, 0.11468002995, 0.11696572138],
    ),
]


@cache
def driven(name: str, method: str) -> pd.DataFrame:
    columns = {"swiss": SWISS, "mtcars": MTCARS, "attitude": ATTITUDE}[name]
    frame = pd.DataFrame(rdataset(name, columns), columns=columns)
    return csi.drivers(frame, outcome=columns[-1], items=columns[:-1], method=method).to_frame()


def driver(name: str, method: str, row: int) -> float:
    return float(driven(name, method)["estimate"].iloc[row])


def drivers() -> list[Reference]:
    found = [
        Reference(
            f"csi.drivers, {method}",
            f"{name}: {columns[row]}",
            source.format(columns[-1]),
            value,
            partial(driver, name, method, row),
            tolerance=2e-10 / value,
            note="printed with ten digits",
        )
        for name, columns, method, source, values in IMPORTANCE
        for row, value in enumerate(values)
    ]
    whole = "R: summary(lm(rating ~ ., attitude))$r.squared"
    return [
        *found,
        Reference("csi.drivers, lmg", "attitude: sum of all shares", whole, 0.7326020,
                  lambda: float(driven("attitude", "lmg")["estimate"].sum()), tolerance=1e-7),
    ]  # fmt: skip


# ---- the European index's model on mobile phones --------------------------------------------------------------------
NAMES = ["image", "expectation", "quality", "value", "satisfaction", "complaints", "loyalty"]
PATHS = dict(
    zip(
        [(NAMES[source], NAMES[target]) for source, target in ECSI_ARROWS],
        [
            *[0.5049139336, 0.1787395001, 0.1957553331, 0.5567489624, 0.0499883925, 0.0625228695],
            *[0.5583043795, 0.51202394, 0.1947651042, 0.5280662463, 0.4854776236, 0.066926069],
        ],
        strict=True,
    )
)


def survey() -> tuple[pd.DataFrame, dict[str, list[str]]]:
    names, rows = mobi()
    of = dict(zip(NAMES, ECSI, strict=True))
    items = {construct: [n for n in names if n.rstrip("0123456789") == prefix] for construct, prefix in of.items()}
    return pd.DataFrame(rows, columns=names), items


@cache
def phones() -> Any:
    frame, items = survey()
    return csi.path_model(frame, csi.ECSI(**items), scale=(1, 10))


def path(source: str, target: str) -> float:
    return float(phones().paths.set_index(["source", "target"])["estimate"][source, target])


def construct(part: str, name: str) -> float:
    return float(getattr(phones(), part).set_index("construct")["estimate"][name])


def path_models() -> list[Reference]:
    three = "R plspm 0.5.1, cSEM 0.6, PyPI seminr 0.2.1: mode A, path scheme, standardised"
    return [
        *(
            Reference("csi.path_model", f"mobi: {source} on {target}",
                      "PyPI seminr 0.2.1: estimate_pls(mobi, ..., stop_criterion=10); R plspm 0.5.1 and cSEM 0.6 to 1e-6",
                      value, partial(path, source, target), tolerance=2e-10 / value, note="printed with ten decimals")
            for (source, target), value in PATHS.items()
        ),
        *(
            Reference("csi.path_model", f"mobi: R² of {name}", three, value, partial(construct, "r_squared", name),
                      tolerance=2e-6, note="printed with six decimals")
            for name, value in (("satisfaction", 0.681078), ("loyalty", 0.456944))
        ),
        *(
            Reference("csi.path_model", f"mobi: index of {name}", "R cSEM 0.6: doIPMA, answers from 0 to 100", value,
                      partial(construct, "index", name))
            for name, value in (("image", 73.5279818), ("quality", 74.9765669), ("value", 62.3467573), ("loyalty", 70.9138536))
        ),
        Reference("csi.path_model", "mobi: index of satisfaction", "packages that put standardised weights on raw means: 71.78",
                  72.45, partial(construct, "index", "satisfaction"), tolerance=2e-4,
                  note="their 71.78 is wrong: .67 too little. The value is cSEM's kind of index, with two decimals"),
    ]  # fmt: skip


# ---- gap, index, Kano, reliability, delivery gap --------------------------------------------------------------------
@cache
def airline() -> pd.Series:
    data = pd.read_csv(shared_data() / "oddjob_airlinesat" / "airlinesat.csv")
    expected, perceived = ([f"{k}{i}" for i in range(1, 24)] for k in "es")
    return csi.gap(data, expected=expected, perceived=perceived, scale=cem.PERCENT).overall.iloc[0]


def acsi() -> float:
    data = pd.DataFrame({"a": [7, 9], "b": [5, 7], "c": [8, 6]})
    return csi.index(data, items=list("abc"), item_weights=[0.4, 0.3, 0.3], scale=cem.Scale(1, 10)).only.estimate


@cache
def wishes() -> pd.Series:
    # functional and dysfunctional answers of Kano's table: 5 attractive, 3 one-dimensional, 9 must-be, 3 indifferent
    pairs = [(1, 3)] * 5 + [(1, 5)] * 3 + [(3, 5)] * 9 + [(3, 3)] * 3
    data = pd.DataFrame(pairs, columns=["with", "without"])
    return csi.kano(data, functional="with", dysfunctional="without").to_frame().iloc[0]


ALPHA = {
    "image": 0.7228345954,
    "expectation": 0.451902556,
    "quality": 0.8770102452,
    "value": 0.8236319794,
    "satisfaction": 0.7791950219,
    "loyalty": 0.4723989629,
}


@cache
def consistent_items() -> pd.Series:
    frame, items = survey()
    return csi.reliability(frame, constructs=items).to_frame().set_index("construct")["alpha"]


@cache
def bain() -> pd.Series:
    company = pd.DataFrame({"score": [1] * 290 + [0] * 72})
    customers = pd.DataFrame({"score": [1] * 29 + [0] * 333})
    return csi.delivery_gap(company, customers, scale=cem.Scale(0, 1), top=1).to_frame().iloc[0]


def others() -> list[Reference]:
    parts = {"estimate": -21.19948, "mean_of_items": -21.28673, "pooled": -21.29993}
    caffo = "Agresti and Caffo (2000), hand: (291 - 30)/364 ∓ 1.959964 √(291·73 + 30·334)/364^1.5"
    return [
        *(
            Reference("csi.gap", f"airline passengers: {column}", "means over respondents, items, all pairs of the raw file",
                      value, partial(lambda c: float(airline()[c]), column), tolerance=3e-7, note="given with five decimals")
            for column, value in parts.items()
        ),
        Reference("csi.index", "means 8, 6, 7 of 1 to 10, weights .4, .3, .3", "Fornell et al. (1996): 100 (Σwx̄ - Σw)/(9 Σw)",
                  100 * (0.4 * 8 + 0.3 * 6 + 0.3 * 7 - 1) / 9, acsi),
        Reference("csi.kano", "5 attractive, 3 one-dimensional, 9 must-be, 3 indifferent: better", "hand: (5 + 3)/20", 0.4,
                  lambda: float(wishes()["better"])),
        Reference("csi.kano", "the same: worse", "hand: -(3 + 9)/20", -0.6, lambda: float(wishes()["worse"])),
        Reference("csi.kano", "the same: statistic of 9 against 5", "hand: (9 - 5)/√(9 + 5)", 4 / 14**0.5,
                  lambda: float(wishes()["statistic"])),
        *(
            Reference("csi.reliability", f"mobi: alpha of {name}", "PyPI seminr 0.2.1: summarize(estimate_pls(...)).reliability",
                      value, partial(lambda name: float(consistent_items()[name]), name))
            for name, value in ALPHA.items()
        ),
        Reference("csi.delivery_gap", "290 of 362 firms against 29: difference", "hand: (290 - 29)/362", 261 / 362,
                  lambda: float(bain()["difference"])),
        Reference("csi.delivery_gap", "the same: low", caffo,
                  261 / 364 - 1.959963984540054 * (291 * 73 + 30 * 334) ** 0.5 / 364**1.5, lambda: float(bain()["low"])),
        Reference("csi.delivery_gap", "the same: high", caffo,
                  261 / 364 + 1.959963984540054 * (291 * 73 + 30 * 334) ** 0.5 / 364**1.5, lambda: float(bain()["high"])),
    ]  # fmt: skip


REFERENCES = [*others(), *drivers(), *path_models()]
