import pytest

from pyfuncs.analysis.columns import find_columns, kind_of
from pyfuncs.errors import InputError


@pytest.mark.parametrize(
    ("headers", "customer", "date", "amount"),
    [
        # headers of published data sets and of usual exports
        ("cust_id,master_id,date,cds,spend", "cust_id", "date", "spend"),
        ("cust,date", "cust", "date", None),
        ("Id,Date,Price", "Id", "Date", "Price"),
        ("order_date,cust_id,net_sales,source", "cust_id", "order_date", "net_sales"),
        ("cust_id,invoice,datetime,spend,items,lines,country", "cust_id", "datetime", "spend"),
        ("Name,Email,Financial Status,Paid at,Total,Created at,Id", "Email", "Created at", "Total"),
        ("id,Created (UTC),Amount,Currency,Customer ID", "Customer ID", "Created (UTC)", "Amount"),
        ("Date,Time,Gross Sales,Net Sales,Customer ID", "Customer ID", "Date", "Net Sales"),
        ("CustomerID,Order Date,Ship Date,Sales,Profit", "CustomerID", "Order Date", "Sales"),
        ("TRANSACTION_DATE,Client ID,Amount", "Client ID", "TRANSACTION_DATE", "Amount"),
        (
            "order_purchase_timestamp,customer_id,payment_value,price",
            "customer_id",
            "order_purchase_timestamp",
            "price",
        ),
        ("member-no.,Member ID,Purchase.Date,Amt", "Member ID", "Purchase.Date", "Amt"),
    ],
)
def test_usual_headers_are_found(headers, customer, date, amount):
    found = find_columns(headers.split(","))
    assert (found["customer"], found["date"], found.get("amount")) == (customer, date, amount)


def test_product_and_channel_are_found_where_they_are():
    found = find_columns(["customer_id", "date", "amount", "SKU", "Source"])
    assert (found["product"], found["channel"]) == ("SKU", "Source")


@pytest.mark.parametrize("header", ["customer_id", "Customer ID", "CustomerID", "CUSTOMER-ID", " customer.id "])
def test_case_blanks_and_punctuation_do_not_matter(header):
    assert find_columns([header, "date"])["customer"] == header


def test_what_the_user_names_wins():
    headers = ["customer_id", "household", "date", "delivered", "amount", "margin"]
    named = {"customer": "household", "date": "DELIVERED", "amount": "margin"}
    assert find_columns(headers, named) == {"customer": "household", "date": "delivered", "amount": "margin"}


def test_a_column_named_for_one_role_is_not_taken_for_another():
    assert "amount" not in find_columns(["id", "date", "value"], {"customer": "value"})


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_name_means_the_usual_names(blank):
    assert find_columns(["id", "date"], {"customer": blank})["customer"] == "id"


def test_a_named_column_that_is_not_there_lists_those_that_are():
    with pytest.raises(InputError, match=r'date: no column is headed "when"; there are "id", "date"'):
        find_columns(["id", "date"], {"date": "when"})


def test_a_missing_role_says_how_to_name_it():
    with pytest.raises(InputError, match=r'no column for customer among "who", "date"; .*customer="\.\.\."'):
        find_columns(["who", "date"])


def test_two_equally_good_headers_are_a_question():
    with pytest.raises(
        InputError, match=r'"order_date" and "invoice_date" could each be the date; name .*date="order_d'
    ):
        find_columns(["customer_id", "order_date", "invoice_date"])


def test_a_repeated_header_is_a_question_and_its_column_can_be_named():
    headers = ["customer_id", "date (column 2)", "date (column 3)"]
    with pytest.raises(InputError, match="could each be the date"):
        find_columns(headers)
    assert find_columns(headers, {"date": "date (column 3)"})["date"] == "date (column 3)"
    with pytest.raises(InputError, match='2 columns are headed "date"'):
        find_columns(headers, {"date": "date"})


def test_an_unknown_role_is_refused():
    with pytest.raises(InputError, match='"colour" is not a role; the roles are customer, date'):
        find_columns(["id", "date"], {"colour": "id"})


def test_a_price_beside_a_quantity_is_not_taken_for_the_amount():
    headers = ["Invoice", "Quantity", "InvoiceDate", "Price", "Customer ID"]
    with pytest.raises(InputError, match="price of one unit"):
        find_columns(headers)
    assert find_columns(headers, {"amount": "Price"})["amount"] == "Price"


def test_a_customers_table_is_found_by_words_or_by_letters():
    words = ["T", "Customer ID", "recency", "monetary_value", "frequency"]
    assert find_columns(words, table="customers") == {
        "customer_id": "Customer ID",
        "frequency": "frequency",
        "recency": "recency",
        "T": "T",
        "monetary_value": "monetary_value",
    }
    assert find_columns(["x", "t_x", "T"], table="customers") == {"frequency": "x", "recency": "t_x", "T": "T"}


def test_required_roles_can_be_chosen():
    assert find_columns(["Id", "Channel"], required=["customer"]) == {"customer": "Id", "channel": "Channel"}


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("customer_id,frequency,recency,T", "customers"),
        ("customer_id,date,amount", "transactions"),
        ("Setting,Value", None),
        ("1,2,3", None),
    ],
)
def test_a_header_row_tells_what_the_table_is(headers, kind):
    assert kind_of(headers.split(",")) == kind
