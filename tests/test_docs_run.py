"""What the README and the how-to pages tell people to type is typed here, block by block."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cemkit.simulate import telecom
from cemkit.tables import save_store

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "howto").glob("*.md")),
    *sorted((ROOT / "docs" / "coming_from").glob("*.md")),
]


def blocks(page: Path) -> list[str]:
    """Return the fenced blocks that are Python (those in a `code-block` directive are shown and not run)."""
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose `data/` is a small simulated study."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "data").mkdir()
    store, _ = telecom(customers=3000, months=24, seed=1)
    save_store(store, folder / "data")
    return folder


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_what_a_page_shows_runs(page: Path, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    names: dict[str, object] = {}
    for block in blocks(page):
        exec(compile(block, page.name, "exec"), names)
        assert "cem" in names


def test_pages_have_blocks() -> None:
    assert len(PAGES) > 8
    assert sum(bool(blocks(page)) for page in PAGES) >= len(PAGES) - 1
