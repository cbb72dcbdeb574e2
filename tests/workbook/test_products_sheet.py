"""The sheet Products: filled from a log that has products, silent but for one sentence where there are none."""

import numpy as np
import pytest

from pyfuncs.analysis.log import read_log
from pyfuncs.analysis.products import NO_PRODUCT, products
from pyfuncs.analysis.settings import Settings
from pyfuncs.hosts.command_line import main
from pyfuncs.workbook.package import Package
from pyfuncs.workbook.sheets import product_words as words
from pyfuncs.workbook.sheets import products as sheet
from tests.support.recalculation import checked
from tests.support.shop import shop
from tests.support.typed import typed_beside

SPLIT = np.datetime64("2023-01-01").astype(object)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    table = shop(700, seed=3, feeder=5.0, reader_wanders=1.0)
    table["product"] = table["product"].replace({"Games": "=Games & more, a name too long for a cell"})
    table.to_csv(folder / "shop.csv", index=False)
    path = folder / "shop.xlsx"
    assert main(["refit", str(folder / "shop.csv"), "--output", str(path), "--margin", "0.4", "--quiet"]) == 0
    return Package.open(path), path


def run_of(table, **settings):
    """What `figures` needs of a run, from scores that are simple truths."""
    log = read_log(table)
    customers = log.bought.customers.to_frame("customer_id")
    value = log.bought.count.astype(float)
    customers = customers.assign(value=value, p_alive=0.5, picked=value > 8, remaining_value=value)
    found = products(log, customers, Settings(**settings), SPLIT)
    refit = type("Refit", (), {"products": found, "unit": "$", "settings": Settings(**settings)})
    return type("Run", (), {"refit": refit})


def test_formulas_agree_with_python_and_nothing_is_an_error(filled, libreoffice):
    checked(libreoffice, filled[1])


def test_the_sheet_ties_to_the_log(filled):
    package, _ = filled
    entry = package.read_name("ProductEntry")
    assert entry[-1][:2] == ["All", 700]
    assert sum(row[1] or 0 for row in entry[:-1]) == 700
    assert entry[0][8] == pytest.approx(entry[0][3] / entry[-1][3] - 1)
    matrix = package.read_name("NextProduct")
    assert matrix[0][1:9].count("other products") == 1
    for row in matrix[1:]:
        assert sum(row[1:10]) == pytest.approx(1)
    names = [row[0] for row in package.read_name("ProductMix") if row[0]]
    assert "=Games & more, a name t…" in names
    assert all(row[2] <= row[1] for row in package.read_name("AddedProducts") if row[0])


def test_every_table_has_a_sentence_written_from_the_data(filled):
    package, _ = filled
    said = {name: str(package.read_name(name) or "") for name in sheet.SAID}
    assert all(said.values())
    assert "8 products" in said["ProductsSay"]
    assert "most valuable customers begin with Reader" in said["EntrySay"]
    assert "not cause" in said["SecondWho"] + said["MixSay"]


def test_a_log_without_products_says_so_in_one_sentence_and_shows_no_figure(demo):
    package = Package.open(demo)
    assert [str(package.read_name(name) or "") for name in sheet.SAID if name != "ProductsSay"] == [""] * 7
    assert package.read_name("ProductsSay") == NO_PRODUCT
    for grid in sheet.GRIDS:
        assert not any(cell for row in package.read_name(grid.name) for cell in row)


def test_more_products_than_rows_are_counted_and_shown_largest_first():
    table = shop(2000, seed=1)
    table["product"] = [f"{name} {ord(c[-1]) % 5}" for name, c in zip(table["product"], table["customer"], strict=True)]
    found = run_of(table).refit.products
    assert words.products_say(found) == "The log has 40 products; the most bought are shown."
    *shown, rest, everyone = sheet.figures(run_of(table))["ProductEntry"]
    assert [row[1] for row in shown] == sorted((row[1] for row in shown), reverse=True)
    assert rest[0] == f"{len(found.entry) - len(shown) - 1} other products"
    assert sum(row[1] for row in shown) + rest[1] == everyone[1] == 2000
    for column in (3, 4, 7):  # margin, value, share focal
        mean = sum(row[1] * row[column] for row in (*shown, rest)) / 2000
        whole = (found.entry["customers"].iloc[:-1] @ found.entry.iloc[:-1, column]) / 2000
        assert mean == pytest.approx(float(whole))
    assert rest[5:7] == [None, None]


@pytest.mark.parametrize(
    "table",
    [
        shop(300, seed=1).assign(product="Tea"),
        shop(300, seed=1).drop(columns="amount"),
        shop(12, seed=1),
        shop(300, seed=1).head(2),
        shop(300, seed=1).assign(product=None),
    ],
    ids=["one product", "no amounts", "few customers", "two purchases", "blank products"],
)
def test_logs_of_every_kind_fill_every_slot_with_its_shape(table):
    values = sheet.figures(run_of(table))
    assert values.keys() == {*sheet.SAID, *(grid.name for grid in sheet.GRIDS)}
    for grid in sheet.GRIDS:
        assert len(values[grid.name]) == grid.rows
        assert {len(row) for row in values[grid.name]} == {len(grid.columns)}
    assert all(isinstance(values[name], str) for name in sheet.SAID)
    assert values["ProductsSay"]


def test_a_feeder_is_named_with_its_figures():
    table = shop(4000, seed=1, feeder=6.0, reader_wanders=1.0)
    table.loc[table["product"] == "Reader", "amount"] /= 10
    said = sheet.figures(run_of(table, margin=0.4))["EntrySay"]
    assert said.startswith("Feeders: Reader earns 2.")
    with_cost = sheet.figures(run_of(table, margin=0.4, cac=8.0))["EntrySay"].removeprefix(said)
    assert "less than the acquisition cost of 8.00 $ with 1 product; 1 of them surely bring" in with_cost


def test_a_margin_typed_beside_a_product_makes_the_run_stale_and_counts_in_the_next(libreoffice, filled, tmp_path):
    package, path = filled
    before = {row[0]: row for row in package.read_name("ProductEntry")}
    path = typed_beside(path, "tblProductMargins", {"Reader": -0.15}, tmp_path / "typed.xlsx")
    assert libreoffice.cells(path, texts=True)["Checks"]["C8"].value.startswith("STALE: 2 inputs")
    assert main(["refit", str(path), "--quiet"]) == 0
    after = Package.open(path)
    rows = {row[0]: row for row in after.read_name("ProductEntry")}
    assert rows["Reader"][3] < 0 < before["Reader"][3]
    assert rows["Games" if "Games" in rows else "Books"][3] == pytest.approx(
        before["Games" if "Games" in before else "Books"][3], rel=0.2
    )
    assert dict(after.read_table("tblProductMargins"))["Reader"] == -0.15
    assert "1 product with the margin typed on the right" in str(after.read_name("EntryCovers"))
    assert after.read_name("CustomerEquity") == pytest.approx(package.read_name("CustomerEquity"))
    checked(libreoffice, path)
    assert (after.read_name("MasterCheck"), after.read_name("RunState")) == ("OK", "Up to date")


def test_what_is_no_margin_is_refused_by_name(filled, tmp_path, capsys):
    path = typed_beside(filled[1], "tblProductMargins", {"Reader": 15}, tmp_path / "typed.xlsx")
    assert main(["refit", str(path), "--quiet"]) != 0
    assert "Products, margin of Reader: 15.0 is not a margin" in " ".join(capsys.readouterr().err.split())


def test_products_with_a_margin_keep_their_place_among_many():
    table = shop(2000, seed=1)
    table["product"] = [f"{name} {place % 60}" for place, name in enumerate(table["product"])]
    log = read_log(table)
    value = log.bought.count.astype(float)
    people = log.bought.customers.to_frame("customer_id")
    people = people.assign(value=value, p_alive=0.5, picked=value > 8, remaining_value=value)
    every = products(log, people, Settings(), SPLIT).names
    assert len(every) > sheet.MOST_LISTED
    found = products(log, people, Settings(), SPLIT, {every[-1].upper(): 0.1, "gone": 0.2})
    assert found.margins == {every[-1].upper(): 0.1}
    assert sheet.listed(found) == [*every[: sheet.MOST_LISTED], every[-1]]
