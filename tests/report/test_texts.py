from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import cemkit.report
from cemkit.errors import CemkitError
from cemkit.report.sections import CHAPTERS, SECTIONS
from cemkit.report.texts import english, korean, texts_for
from cemkit.results.sentences import SENTENCES


def fields(text):
    return {part[1] for part in string.Formatter().parse(text) if part[1] is not None}


def test_both_languages_have_the_same_keys_and_values():
    assert english.TEXTS.keys() == korean.TEXTS.keys()
    assert {k: fields(v) for k, v in english.TEXTS.items()} == {k: fields(v) for k, v in korean.TEXTS.items()}


def test_every_assumption_has_a_korean_sentence_with_its_values():
    assert korean.SENTENCES.keys() == SENTENCES.keys()
    assert {k: fields(v) for k, v in SENTENCES.items()} == {k: fields(v) for k, v in korean.SENTENCES.items()}


def test_every_key_that_the_code_names_exists_and_every_section_has_its_texts():
    folder = Path(cemkit.report.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*folder.rglob("*.py"), *folder.rglob("*.j2")])
    used = set(re.findall(r"\b(?:t|texts)\(\s*\"([a-z][\w.-]*)\"", code))
    assert len(used) > 80
    assert used <= english.TEXTS.keys()
    for name, _ in SECTIONS:
        assert {f"{name}.title", f"without.{name}"} <= english.TEXTS.keys()


def test_no_korean_particle_stands_straight_after_a_value():
    values = (*korean.TEXTS.values(), *korean.SENTENCES.values())
    particles = re.compile(r"\}(은|는|이|가|을|를|과|와|으로|로)(?=[\s,.:)]|$)")
    assert [text for text in values if particles.search(text)] == []


def test_an_unknown_language_is_refused():
    with pytest.raises(CemkitError, match="language must be one of 'en', 'ko', got 'kr'"):
        texts_for("kr")


def test_every_section_stands_in_one_chapter():
    placed = [name for _, names in CHAPTERS for name in names]
    assert sorted(placed) == sorted(name for name, _ in SECTIONS)
    assert {f"chapter.{chapter}" for chapter, _ in CHAPTERS} <= english.TEXTS.keys()
