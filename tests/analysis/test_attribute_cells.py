"""Reading a table of attributes and joining it to the customers of a log."""

import pandas as pd
import pytest

from pyfuncs.analysis.attribute_cells import read_attribute_cells
from pyfuncs.errors import InputError

TABLE = pd.DataFrame(
    {
        "Customer ID": ["007", "8", "", "8", "9"],
        "Region": ["north", "south", "east", "west", ""],
        "Age": [41.0, 35.0, 20.0, 36.0, None],
        "attribute 3": ["", " ", "", "", ""],
    }
)


def test_one_row_a_customer_and_blank_for_whom_nothing_is_known():
    table = read_attribute_cells(TABLE)
    joined = table.of(pd.Series(["9", "007", "10"]))
    assert list(joined.columns) == ["Region", "Age"], "a column without an entry is no attribute"
    assert joined["Region"].tolist()[1] == "north"
    assert joined["Region"].isna().tolist() == [True, False, True]
    assert joined["Age"].tolist()[1] == 41.0


def test_every_row_is_accounted_for():
    table = read_attribute_cells(TABLE)
    said = table.match(pd.Series(["007", "8", "10"]))
    assert said[0] == ("Attributes: 2 columns for 2 of 3 customers; 1 rows are of customers who are not in the log.")
    assert "1 rows without a customer are set aside" in said[1]
    assert "1 rows repeat a customer, first 8; the first row of each counts" in said[2]
    assert table.of(pd.Series(["8"]))["Region"].tolist() == ["south"]


@pytest.mark.parametrize(
    ("named", "known"),
    [(None, ()), ("", ()), ("all", ("Region", "Age")), (" age ", ("Age",)), ("AGE,region", ("Region", "Age"))],
)
def test_what_was_known_at_acquisition_is_named_by_its_headers(named, known):
    assert read_attribute_cells(TABLE, named).at_acquisition == known


def test_a_name_that_is_no_header_is_refused_with_the_headers_there_are():
    with pytest.raises(InputError, match='no attribute is headed "income"; there are Region, Age'):
        read_attribute_cells(TABLE, "age, Income")


def test_a_table_without_customers_is_refused():
    with pytest.raises(InputError, match="no column for customer"):
        read_attribute_cells(pd.DataFrame({"Region": ["north"]}))


def test_the_column_of_customers_can_be_named():
    table = read_attribute_cells(pd.DataFrame({"who": ["1"], "id": ["x"]}), columns={"customer": "who"})
    assert table.customer == "who"
    assert list(table.cells.columns) == ["id"]


@pytest.mark.parametrize("table", [pd.DataFrame(), TABLE.iloc[:0], TABLE[["Customer ID"]], TABLE.iloc[2:3]])
def test_without_a_row_or_an_attribute_there_is_nothing(table):
    assert read_attribute_cells(table) is None
