"""Where the survey mode changes for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["mode_counts", "mode_starts"]

_SMALLEST_SHIFT = 0.2
"""By how much the new mode's share must rise: modes used side by side take turns in being the most frequent."""


def mode_counts(
    counts: Mapping[tuple[Any, ...], int], lines: tuple[tuple[Any, ...], ...], index: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], list[Any]]:
    """Return answers by line, period and mode (from counts by line, period and mode), and the modes in order of size.

    A null is no mode.
    """
    sizes: dict[Any, int] = {}
    for key, n in counts.items():
        if key[-1] is not None:
            sizes[key[-1]] = sizes.get(key[-1], 0) + n
    modes = sorted(sizes, key=lambda mode: (-sizes[mode], str(mode)))
    line = {key: i for i, key in enumerate(lines)}
    found = np.zeros((len(lines), len(index), len(modes)))
    for (*group, period, mode), n in counts.items():
        t = int(period) - int(index[0])
        if mode is not None and 0 <= t < len(index) and tuple(group) in line:
            found[line[tuple(group)], t, modes.index(mode)] += n
    return found, modes


def mode_starts(counts: npt.NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """Return (period, mode before, mode from then on) where the dominant mode of one line changes for good.

    The mode with most answers changes, the old one never has most again, and the new one's share of the answers is
    higher by at least a fifth from then on. ``counts`` is (periods, modes).
    """
    answered = counts.sum(axis=1) > 0
    dominant = np.where(answered, counts.argmax(axis=1) if counts.shape[1] else 0, -1)
    starts: list[tuple[int, int, int]] = []
    current, since = -1, 0
    for t in np.flatnonzero(answered).tolist():
        mode = int(dominant[t])
        if current < 0:
            current = mode
            continue
        if mode == current or (dominant[t:] == current).any():
            continue
        before, after = counts[since:t].sum(axis=0), counts[t:].sum(axis=0)
        if after[mode] / after.sum() - before[mode] / before.sum() >= _SMALLEST_SHIFT:
            starts.append((t, current, mode))
            current, since = mode, t
    return starts
