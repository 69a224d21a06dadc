"""The words of the report, by language and key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cemkit.errors import CemkitError, did_you_mean
from cemkit.report.texts import english, korean
from cemkit.results import Assumption
from cemkit.results.sentences import SENTENCES as ENGLISH_SENTENCES

__all__ = ["LANGUAGES", "Texts", "texts_for"]


@dataclass(frozen=True)
class Texts:
    """The texts of one language.

    Calling it with a key and values gives the text; :meth:`name` gives a known word or, for words from data, the word itself.
    """

    language: str
    table: Mapping[str, str]
    sentences: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """Return a text with its values filled in."""
        return self.table[key].format(**values) if values else self.table[key]

    def name(self, kind: str, word: object) -> str:
        """Return the translation of a word of the domain, or the word as it is."""
        return self.table.get(f"{kind}.{word}", str(word))

    def assumption(self, assumption: Assumption) -> str:
        """Return the sentence of an assumption."""
        return assumption.sentence(self.sentences)

    def items(self, words: list[str]) -> str:
        """Return words as a list within a sentence."""
        return self.table["list-separator"].join(words)


LANGUAGES: dict[str, Texts] = {
    "en": Texts("en", english.TEXTS, ENGLISH_SENTENCES),
    "ko": Texts("ko", korean.TEXTS, korean.SENTENCES),
}


def texts_for(language: str) -> Texts:
    """Return the texts of a language, or raise where there is none."""
    if language not in LANGUAGES:
        msg = f"language must be one of {', '.join(map(repr, LANGUAGES))}, got {language!r}.{did_you_mean(language, LANGUAGES)}"
        raise CemkitError(msg)
    return LANGUAGES[language]
