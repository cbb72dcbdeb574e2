"""The sheet Partner: nothing on it names a customer or counts fewer than ten."""

import re

import pytest

from pyfuncs.analysis.partner import NOT_SHOWN, UNDER
from pyfuncs.hosts.command_line import main
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.sheets import partner
from tests.support.recalculation import checked
from tests.workbook.test_acquisition import rows_of, write_log

STAMP = "B4"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("partner")
    log, book = write_log(folder / "log.csv"), folder / "book.xlsx"
    assert main(["refit", str(log), "--output", str(book), "--quiet"]) == 0
    return book


def words_and_numbers(cells, package):
    """The page apart from its stamp: its texts, its numbers, and every customer there is."""
    page = {at: cell.value for at, cell in cells["Partner"].items() if at != STAMP}
    people = {str(row[0]) for row in package.read_table("tblCustomers")}
    return (
        [value for value in page.values() if isinstance(value, str)],
        [value for value in page.values() if isinstance(value, int | float)],
        people,
    )


@pytest.mark.parametrize("which", ["filled", "small", "demo"])
def test_no_customer_and_no_count_under_ten_is_on_the_page(libreoffice, request, which):
    path = request.getfixturevalue(which)
    package, cells = Package.open(path), libreoffice.cells(path, texts=False)
    texts, numbers, people = words_and_numbers(cells, package)
    assert len(people) > 300
    for text in texts:
        words = {word for word in re.findall(r"[\w-]+", text) if not word.isdigit()}  # 20 % is no customer 20
        assert not people & {text, *words}, text
        assert not re.search(r"\b[1-9] customers?\b|P\(|p_alive|p_focal", text), text
    assert [number for number in numbers if 1 <= number <= 9] == []
    assert all(round(number, 2) == number for number in numbers)
    assert all("=" not in text or text == "=1+1" for text in texts)


def test_a_small_channel_is_hidden_with_the_next_smallest(libreoffice, filled):
    package = checked(libreoffice, filled)
    channels = {row[0]: row[1:] for row in rows_of(package, "PartnerChannels")}
    assert list(channels) == ["web", "store", "=1+1", "fair", "mail"]
    assert [row[0] for row in channels.values()] == [200, 120, 60, NOT_SHOWN, UNDER]
    assert channels["mail"] == [UNDER, NOT_SHOWN, NOT_SHOWN]
    assert channels["fair"] == [NOT_SHOWN] * 3
    assert 50 < channels["web"][2] < 200
    total = dict(
        zip(["customers", "focal", "value"], [row[0] for row in package.read_name("PartnerGlance")], strict=True)
    )
    assert total["customers"] == 398
    assert total["focal"] == pytest.approx(0.2)
    said = str(package.read_name("PartnerChannelsSay"))
    assert "index " in said
    assert "mail" not in said


def test_without_a_channel_one_sentence_says_what_to_add(demo):
    package = Package.open(demo)
    assert rows_of(package, "PartnerChannels") == []
    assert "add it as the column channel" in str(package.read_name("PartnerChannelsSay"))
    assert "of customers are expected to bring" in str(package.read_name("PartnerSays"))


def test_a_base_with_too_few_focal_customers_says_so(tmp_path):
    log, book = write_log(tmp_path / "log.csv"), tmp_path / "book.xlsx"
    options = ["--focal-threshold", "0.02", "--quiet"]
    assert main(["refit", str(log), "--output", str(book), *options]) == 0
    package = Package.open(book)
    assert [row[0] for row in package.read_name("PartnerGlance")] == [398, NOT_SHOWN, NOT_SHOWN]
    assert str(package.read_name("PartnerSays")).startswith("Too few customers are focal")


def test_the_glossary_explains_five_terms():
    assert len(partner.GLOSSARY) == 5
