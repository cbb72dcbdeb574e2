import re
from html.parser import HTMLParser

import pytest

from pyfuncs.functions import CATALOGUE
from pyfuncs.publish.help_page import help_page
from pyfuncs.publish.vba import call
from pyfuncs.vocabulary import TERMS
from tests.publish.vba_modules import ROOT

PAGE = (ROOT / "addin" / "help.html").read_text(encoding="utf-8")
EMPTY = {"meta", "br"}


class Page(HTMLParser):
    """Tags in their order, whether they close, and the words of the page."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.words = [], [], [], set(), []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.add(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes[key] for key in ("href", "src") if key in attributes]
        self.open += [] if tag in EMPTY else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.fixture(scope="module")
def page():
    reader = Page()
    reader.feed(PAGE)
    reader.close()
    return reader


def words(text):
    return " ".join(text.replace("`", "").split())


@pytest.fixture(scope="module")
def text(page):
    return words("".join(page.words))


def section(name):
    return PAGE.split(f'<article id="{name}">')[1].split("</article>")[0]


def test_the_page_is_whole_and_stands_alone(page):
    assert page.open == []
    assert PAGE.startswith("<!DOCTYPE html>")
    assert "script" not in page.tags
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"url\(|@import|https?:", PAGE)


def test_every_link_leads_somewhere_and_every_place_has_one_name(page):
    assert len(set(page.ids)) == len(page.ids)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert set(CATALOGUE) | {"use", "errors", "terms"} <= set(page.ids)
    assert {f"#{name}" for name in CATALOGUE} <= set(page.links)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_function_is_described_in_full(name, text):
    function = CATALOGUE[name]
    assert call(function) in text
    assert words(function.summary) in text
    assert words(function.description) in text
    for argument in function.arguments:
        assert argument.meaning in text
        shown = f"[{argument.name}]" if argument.optional else argument.name
        assert f"<code>{shown}</code>" in section(name)


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_example_is_a_formula_over_cells_that_are_shown(name):
    function = CATALOGUE[name]
    (formula,) = re.findall(r"Example: <code>=(.*?)</code>", section(name))
    assert formula.startswith(f"{name}(")
    grids = [given for given in function.example.arguments if isinstance(given, tuple)]
    ranges = re.findall(r"([A-Z])1:([A-Z])(\d+)", formula)
    assert [(ord(end) - ord(start) + 1, int(rows)) for start, end, rows in ranges] == [
        (len(grid[0]), len(grid)) for grid in grids
    ]
    assert section(name).count('class="typed') == sum(len(grid) * len(grid[0]) for grid in grids)
    assert formula.count(",") >= len(function.example.arguments) - 1


def test_values_beside_the_ranges_stand_in_the_formula():
    assert "=CLV_SCORE(A1:E3, G1:H8, , 0.15, 0.3)" in PAGE
    assert "=CLV_RFM(A1:C8, &quot;2024-06-28&quot;)" in PAGE


def test_the_columns_of_a_result_are_explained():
    assert "<code>monetary_value</code>" in section("CLV_RFM")
    assert "<code>p90</code>" in section("FOCAL_SUMMARY")
    assert "Number of customers." in section("CLV_DECILES")
    assert "Table of customers" not in section("CLV_DECILES")


def test_what_is_left_out_is_said_once():
    assert "Left out: auto." in section("CLV_FIT")
    assert "One of: all, parameters, latent, outcome." in section("CLV_INTERVAL")
    assert section("CLV_RFM").count("left out") + section("CLV_RFM").count("Left out") == 3  # two arguments and rows


def test_every_term_is_explained(text):
    terms = PAGE.split('<section id="terms">')[1]
    for term in TERMS.values():
        assert f"<code>{term.name}</code>" in terms
        assert term.meaning in text


def test_the_reader_is_told_of_spilling_errors_and_the_mac(text):
    for said in ("#SPILL!", "#VALUE!", "#NUM!", "#N/A", "CLV_CHECK", "Excel for Windows", "Doctor", "semicolons"):
        assert said in text


def test_signs_of_html_in_a_docstring_are_shown_as_text(monkeypatch):
    monkeypatch.setattr(CATALOGUE["CLV_GINI"].body, "__doc__", "From <0> & up.\n\nWith `code`.")
    written = help_page()
    assert "<p>From &lt;0&gt; &amp; up.</p>" in written
    assert "With <code>code</code>." in written
