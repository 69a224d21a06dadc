"""Named random streams: every part of a world draws from its own, so that a new part changes no existing column."""

from __future__ import annotations

import hashlib
import operator

import numpy as np

from cemkit.errors import CemkitError

__all__ = ["check_count", "check_seed", "stream"]


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one named part of a world.

    The name enters the seed sequence by its SHA-256, which is the same on every machine and in every session.

    Parameters
    ----------
    seed
        Seed of the world, a whole number of at least zero.
    name
        Name of the part, such as ``"responses.nps.score"``.

    Examples
    --------
    >>> from cemkit.simulate.streams import stream
    >>> a, b, c = stream(0, "a").random(), stream(0, "a").random(), stream(0, "b").random()
    >>> a == b, a == c
    (True, False)
    """
    digest = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def _whole(value: object, name: str) -> int:
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError as error:
        msg = f"{name} must be a whole number, got {value!r}"
        raise CemkitError(msg) from error


def check_count(value: object, *, name: str, least: int) -> int:
    """Return a count, or raise a CemkitError that says what it must be."""
    count = _whole(value, name)
    if count < least:
        msg = f"{name} must be at least {least}, got {count}"
        raise CemkitError(msg)
    return count


def check_seed(seed: object) -> int:
    """Return the seed, or raise a CemkitError: a world without a seed could not be made again."""
    return check_count(seed, name="seed", least=0)
