"""The few errors of cemkit.

Every message is one sentence with what was asked, what was found, where, how many, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["CemkitError", "ColumnError", "ContractError", "DesignError", "MissingExtraError", "did_you_mean"]


class CemkitError(ValueError):
    """Input or arguments that cemkit cannot answer for."""


class ColumnError(CemkitError):
    """A column that is absent, has the wrong type, or clashes with another name."""


class ContractError(CemkitError):
    """Values that break the contract of a table or a scale."""


class DesignError(CemkitError):
    """A survey design from which no variance can be computed."""


class MissingExtraError(CemkitError, ImportError):
    """An optional package that is not installed; the message names the extra."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the package {package!r}: run `pip install 'cemkit[{extra}]'`")
        self.package = package
        self.extra = extra
        self.purpose = purpose

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str, str]]:
        return type(self), (self.package, self.extra, self.purpose)


def did_you_mean(name: object, candidates: Iterable[object]) -> str:
    """Return `` Did you mean 'x'?`` for the closest candidate, else an empty string."""
    names = {str(c).casefold(): str(c) for c in candidates}
    found = get_close_matches(str(name).casefold(), list(names), n=1, cutoff=0.6)
    return f" Did you mean {names[found[0]]!r}?" if found else ""
