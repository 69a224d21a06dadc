"""What an answer rests on, as a code with its values."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral
from types import MappingProxyType
from typing import Any

from cemkit.results.sentences import SENTENCES

__all__ = ["Assumption"]


class _Thousands(string.Formatter):
    """Formats whole numbers with thousands separators where the sentence does not say how."""

    def format_field(self, value: Any, format_spec: str) -> str:
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        return str(super().format_field(value, "," if whole and not format_spec else format_spec))


@dataclass(frozen=True)
class Assumption:
    """A statement that a result rests on, or that its reader should know.

    ``str()`` is an English sentence; the report translates by ``code``.

    Examples
    --------
    >>> from cemkit.results import Assumption
    >>> str(Assumption("questions-left-out", {"question": "nps", "rows": 12}))
    "Only answers to the question 'nps' were used; 12 rows with other questions were left out."
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in SENTENCES:
            msg = f"unknown assumption code {self.code!r}"
            raise KeyError(msg)
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __getstate__(self) -> dict[str, Any]:
        return {"code": self.code, "values": dict(self.values)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "code", state["code"])
        object.__setattr__(self, "values", MappingProxyType(state["values"]))

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.values))))

    def __repr__(self) -> str:
        return f"<{self.code}: {self}>"

    def __str__(self) -> str:
        return self.sentence(SENTENCES)

    def sentence(self, sentences: Mapping[str, str]) -> str:
        """Return the sentence for this code from a table of sentences in any language."""
        return _Thousands().vformat(sentences[self.code], (), self.values)
