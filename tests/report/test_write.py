from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cemkit as cem
from cemkit.errors import CemkitError
from cemkit.report import compose, write
from cemkit.scales import Scale
from cemkit.scores import ScoreMetric
from cemkit.tables import ExperienceStore, open_store

EXAMPLES = Path(__file__).parents[2] / "examples"
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Tags(HTMLParser):
    """Checks that tags nest, and gathers what a browser would fetch or run."""

    def __init__(self):
        super().__init__()
        self.open, self.scripts, self.fetched, self.ids, self.headings = [], 0, [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.scripts += tag == "script" or any(name.startswith("on") for name in given)
        self.fetched += [
            v for k, v in given.items() if k in ("src", "href", "xlink:href") and not v.startswith(("#", "data:"))
        ]
        if "id" in given:
            self.ids.append(given["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def minus(value, sign=""):
    """Return a number as the report shows it."""
    return f"{value:{sign}.1f}".replace("-", "\N{MINUS SIGN}")


def parsed(page):
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    return tags


@pytest.fixture(scope="module")
def pages(simulated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return {
        language: write(simulated, folder / f"{language}.html", language=language).read_text(encoding="utf-8")
        for language in ("en", "ko")
    }


def test_a_whole_study_has_every_section_in_order(pages):
    ids = re.findall(r'<section id="([a-z]+)"', pages["en"])
    assert ids == [
        "summary", "scores", "bands", "segments", "satisfaction", "touchpoints", "journey", "churn", "loyalty", "trend", "comparison",
        "decomposition", "quality", "methods",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_whole_loads_nothing_and_runs_nothing(pages, language):
    page = pages[language]
    tags = parsed(page)
    assert tags.scripts == 0
    assert tags.fetched == []
    assert len(tags.ids) == len(set(tags.ids))
    # Only names of XML vocabularies look like addresses.
    assert set(re.findall(r"https?://[^\"'\s<>]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in page
    assert f'<html lang="{language}">' in page


def test_headings_go_down_step_by_step(pages):
    levels = parsed(pages["en"]).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels) if later != 4)


def test_the_korean_page_has_korean_words(pages):
    words = re.sub(r"<svg.*?</svg>|<style>.*?</style>", "", pages["ko"], flags=re.DOTALL)
    assert "순추천고객지수(NPS)" in words
    for english in ("Summary", "Scores", "interval", "Adjusted", "Missing", "Promoters"):
        assert english not in words


def test_every_call_gives_its_number(simulated):
    report = compose(simulated)
    answers = simulated.join("responses", customers=["segment", "region"])
    names = {"cem": cem, "store": simulated}
    exec(report.context.setup, names)
    assert len(answers) == len(names["answers"])
    calls = [call for section in report.sections for call in section.calls]
    assert len(calls) > 20
    for call in calls:
        result = eval(call.code, names)
        assert result is not None
        if call.method and hasattr(result, "table"):
            assert call.method in set(result.table["method"])
    shown = report.sections[1].blocks[-1].tables[0].rows[0].cells
    # The headline is of the last wave.
    *_, only = cem.nps.score(names["answers"], by="wave", design=simulated.design)
    interval = f"{minus(only.low)} to {minus(only.high)}"
    assert shown[1:4] == (minus(only.estimate), interval, f"{only.n:,}")


def test_text_from_the_data_is_escaped_everywhere(waves, tmp_path):
    page = write(waves, tmp_path / "r.html", title="<b>Title</b>").read_text(encoding="utf-8")
    tags = parsed(page)
    assert tags.scripts == 0
    assert "<script" not in page
    assert "&lt;b&gt;Title&lt;/b&gt;" in page
    assert "<script>alert('x')</script>" in html.unescape(page)


def test_two_waves_are_compared_and_decomposed(waves):
    report = compose(waves)
    sections = {section.id: section for section in report.sections}
    difference = cem.nps.compare(waves.responses, over="wave").only
    table = sections["comparison"].blocks[0].tables[0]
    assert table.rows[0].cells[1] == f"{difference['difference']:+.1f}"
    rows = sections["decomposition"].blocks[0].tables[0].rows
    total = rows[-1].cells
    assert total[7] == f"{difference['difference']:+.1f}"
    # The segment that was made to rise is among the findings.
    assert any("2025" in item for item in sections["summary"].blocks[0].items)


def test_the_headline_bands_and_groups_are_those_of_the_last_wave(waves):
    report = compose(waves)
    sections = {section.id: section for section in report.sections}
    *_, last = cem.nps.score(waves.responses, by="wave")
    tile = sections["summary"].tiles[0]
    assert (tile.value, tile.base) == (f"{last.estimate:.1f}", "n 200")
    assert tile.label.endswith("in wave 2025")
    assert "in wave 2025" in sections["summary"].sentence
    bands = sections["bands"].blocks[0].tables[0].rows
    assert sum(int(row.cells[2]) for row in bands) == 200
    groups = sections["segments"].blocks[0].tables[0].rows
    own = waves.responses[waves.responses["wave"] == "2025"]
    assert [row.cells[1] for row in groups] == [minus(e.estimate) for e in cem.nps.score(own, by="segment")]
    rest = cem.nps.compare(own, over="segment", against="rest").table["difference"]
    assert [row.cells[6] for row in groups] == [minus(d, "+") for d in rest]
    # What is missing is told of all waves.
    assert sections["quality"].blocks[0].tables[0].rows[0].cells[0:3] == ("Net Promoter Score (NPS)", "400", "400")


def test_the_last_wave_has_answers(waves):
    later = waves.responses.head(20).assign(wave="2026", score=np.nan)
    report = compose(ExperienceStore(responses=pd.concat([waves.responses, later])))
    assert report.sections[0].tiles[0].label.endswith("in wave 2025")


def test_the_change_of_every_group_is_told_and_is_a_candidate(waves):
    sections = {section.id: section for section in compose(waves).sections}
    block = sections["comparison"].blocks[1]
    assert block.title == "Net Promoter Score (NPS) by Segment: change from 2024 to 2025"
    by_hand = cem.nps.compare(waves.responses, over="wave", by="segment").table
    rows = block.tables[0].rows
    assert [row.cells[3] for row in rows] == [minus(d, "+") for d in by_hand["difference"]]
    assert [row.cells[6:] for row in rows] == [
        (str(a), str(b)) for a, b in zip(by_hand["n_reference"], by_hand["n_group"], strict=True)
    ]
    # Waves, and the two groups' changes.
    assert len(sections["comparison"].findings) == 3
    assert any("in wave 2025, against" in item and "alert" in item for item in sections["summary"].blocks[0].items)


def test_only_the_last_two_waves_change(waves):
    earlier = waves.responses.iloc[:200].assign(wave="2023")
    store = ExperienceStore(responses=pd.concat([earlier, waves.responses]).drop(columns="customer_id"))
    report = compose(store, language="ko")
    section = next(section for section in report.sections if section.id == "comparison")
    block = section.blocks[1]
    assert block.title == "고객 세그먼트별 순추천고객지수(NPS): 2024 → 2025 변화"
    assert len(block.tables[0].rows) == 2
    assert "against='2024'" in block.calls[0].code
    assert report.sections[0].tiles[0].label == "조사 차수 2025 순추천고객지수(NPS)"


def test_other_questions_than_those_of_the_metrics_are_an_error(tmp_path):
    store = ExperienceStore(responses=pd.DataFrame({"score": [5.0, 4.0, 3.0], "question": ["q7all", "q7all", "q7art"]}))
    sentence = (
        r"looked for \('nps', 'csat', 'ces'\).*'q7all' \(2 rows\), 'q7art' \(1 rows\).*cemkit.toml.*or pass metrics="
    )
    with pytest.raises(CemkitError, match=sentence):
        write(store, tmp_path / "r.html")
    assert list(tmp_path.iterdir()) == []


def test_a_study_with_responses_only_says_what_is_left_out(plain, tmp_path):
    report = compose(plain)
    assert [section.id for section in report.sections] == ["summary", "scores", "bands", "quality", "methods"]
    assert [title for title, _ in report.left_out] == [
        "Trend", "Groups of customers", "Touchpoints", "Expectation and satisfaction", "Comparison",
            "Where the change comes from",
    ]  # fmt: skip
    page = write(plain, tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Left out" in page
    assert "no experiences with ratings of what was perceived" in page


def test_small_bases_are_marked(plain):
    table = next(s for s in compose(plain).sections if s.id == "scores").blocks[-1].tables[0]
    assert table.rows[0].mark == "small base"


def test_a_metric_of_ones_own_has_its_sections():
    stars = ScoreMetric("stars", Scale(1, 5, bands={"low": (1, 3), "top": (4, 5)}), "top")
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"score": draw.integers(1, 6, 300).astype(float), "question": "stars", "city": draw.choice(["a", "b"], 300)}
    )
    report = compose(ExperienceStore(responses=frame), metrics=(cem.nps, stars))
    assert [asked.title for asked in report.context.asked] == ["stars"]
    assert {"scores", "bands", "segments"} <= {section.id for section in report.sections}
    assert report.sections[0].tiles[0].value.endswith("%")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "de"}, "language must be one of"),
        ({"by": "sgement"}, "Did you mean 'segment'"),
        ({"level": 95}, "level must lie between 0 and 1"),
        ({"metrics": ("nps",)}, "metrics must be ScoreMetrics"),
        ({"metrics": (cem.nps, cem.nps)}, "each metric once"),
    ],
)
def test_wrong_arguments_are_told_in_a_sentence(waves, tmp_path, options, message):
    with pytest.raises(CemkitError, match=message):
        write(waves, tmp_path / "r.html", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(plain, tmp_path):
    with pytest.raises(CemkitError, match="does not exist: make it first"):
        write(plain, tmp_path / "nowhere" / "r.html")
    with pytest.raises(CemkitError, match="is a folder"):
        write(plain, tmp_path)


def test_no_partial_file_is_left_where_writing_fails(plain, tmp_path, monkeypatch):
    target = tmp_path / "r.html"
    target.write_text("before", encoding="utf-8")

    def full(self, other):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CemkitError, match="cannot be written to .*No space left"):
        write(plain, target)
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert target.read_text(encoding="utf-8") == "before"


def test_colours_of_text_have_enough_contrast():
    css = (Path(cem.report.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, flags=re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for text, ground in [
            ("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("ink", "sheet"), ("mark", "mark-paper"),
        ]:  # fmt: skip
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for bar in ("worst", "best"):
            assert contrast("#ffffff", colours[bar]) >= 4.5
            assert contrast(colours[bar], colours["paper"]) >= 3
        assert contrast("#101418", colours["middle"]) >= 4.5


def contrast(one, other):
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05)."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_airport_survey_shows_its_known_figures(shared_data):
    store = open_store(shared_data / "sfo_2017", EXAMPLES / "sfo_2017.toml")
    report = compose(store)
    sections = {section.id: section for section in report.sections}
    nps = sections["scores"].blocks[-1].tables[0].rows[0].cells
    # NPS 39.840 unweighted, 40.398 with WEIGHT, n 2746, 84 blanks coded 11 and one null (the data's README).
    assert (nps[1], nps[3], nps[5], nps[7]) == ("40.4", "2,746", "85", "39.8")
    counts = [row.cells[2] for row in sections["bands"].blocks[0].tables[0].rows]
    assert counts == ["342", "968", "1,436"]
    assert len(sections["touchpoints"].blocks[0].tables[0].rows) == 14
    assert report.context.by == ("STRATA", "BAREA", "GATE")


def test_two_airport_surveys_show_the_last_and_for_whom_it_changed(shared_data):
    store = open_store(shared_data / "sfo_2017", EXAMPLES / "sfo_two_waves.toml")
    report = compose(store, by="BAREA")
    assert [(tile.value, tile.base) for tile in report.sections[0].tiles] == [("40.4", "n 2,746"), ("82.3%", "n 2,688")]
    # Boarding area B rose from 63.9 to 79.3 %.
    risen = "BAREA · B: CSAT 79.3% in wave 2017, against 63.9% in wave 2016"
    assert any(item.startswith(risen) for item in report.sections[0].blocks[0].items)


def test_the_same_study_gives_the_same_bytes(waves):
    first, second = compose(waves).to_html(), compose(waves).to_html()
    assert first == second
