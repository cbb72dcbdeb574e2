"""Which column is which: the usual names of columns, and the user's own naming."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from pyfuncs.errors import InputError

SERIAL_RANGE = (20_000, 80_000)  # from, before; 1954-10-03 to 2119-01-11: numbers that can hardly mean anything else

# Names in order of strength, several of equal strength in one line.  A stronger line wins; two different headers of
# one line are a question to the user, never a guess.
TRANSACTION_NAMES: Mapping[str, tuple[str, ...]] = {
    "customer": (
        "customer_id customerid",
        "cust_id custid",
        "client_id clientid  customer_number customer_no customer_code cust_no customer_nr customer_key",
        "customer cust client  customer_email",
        "account_id account_number account_no  user_id userid  member_id  shopper_id buyer_id consumer_id "
        "contact_id donor_id subscriber_id household_id household_key guest_id patient_id visitor_id",
        "account user member shopper buyer consumer contact donor subscriber household patient guest",
        "email email_address e_mail billing_email  loyalty_id loyalty_card card_id card_number  bill_to sold_to payer",
        "customer_name client_name  customer_ref",
        "id",
    ),
    "date": (
        "transaction_date purchase_date",
        "order_date orderdate invoice_date",
        "transaction_datetime transaction_time transaction_timestamp purchase_datetime purchase_time "
        "order_datetime order_time invoice_datetime order_timestamp order_purchase_timestamp",
        "date trans_date txn_date sale_date sales_date purchased_at ordered_at order_created_at date_of_purchase "
        "date_of_order donation_date gift_date booking_date visit_date bill_date receipt_date",
        "datetime date_time timestamp",
        "created_at created_on created creation_date date_created created_utc created_date created_date_utc",
        "paid_at payment_date posting_date document_date",
        "day",
        "time",
    ),
    "amount": (
        "amount amt transaction_amount purchase_amount order_amount sale_amount sales_amount",
        "net_sales net_amount net_revenue",
        "spend spent amount_spent total_spend  revenue sales  order_value order_total invoice_total purchase_value "
        "transaction_value sales_value invoice_amount total_amount total_sales total_price line_total donation gift",
        "total value turnover grand_total gross_sales gross_amount gross_revenue payment paid amount_paid",
        "price monetary_value sales_price",
    ),
    "product": (
        "product_id product_code sku stock_code item_id article_id article_number item_number upc",
        "product product_name item article item_name",
        "product_category category product_group department  description",
    ),
    "channel": (
        "channel acquisition_channel sales_channel marketing_channel",
        "source acquisition_source utm_source source_name medium",
    ),
}
CUSTOMER_NAMES: Mapping[str, tuple[str, ...]] = {
    "customer_id": TRANSACTION_NAMES["customer"],
    "frequency": ("frequency", "x", "repeat_purchases repeat_transactions freq"),
    "recency": ("recency", "t_x tx"),
    "T": ("T", "age customer_age t_cal"),
    "monetary_value": ("monetary_value monetary", "m m_x", "average_spend mean_spend avg_spend"),
}
FILL_NAMES: Mapping[str, tuple[str, ...]] = {
    "customer": TRANSACTION_NAMES["customer"],
    "date": ("fill_date date_of_fill fill_day service_date dispensing_date dispensed_on", *TRANSACTION_NAMES["date"]),
    "supply": ("days_of_supply days_supply supply_days", "supply", "days"),
    "product": ("drug drug_name medication medicine substance ingredient", *TRANSACTION_NAMES["product"]),
}
REFERRAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "referrer": ("referrer referrer_id referring_customer referred_by", *TRANSACTION_NAMES["customer"][:4]),
    "referred": ("referred referred_id referred_customer referee referee_id new_customer friend",),
    "date": ("referral_date date_of_referral referred_on", *TRANSACTION_NAMES["date"]),
}
VALUE_NAMES: Mapping[str, tuple[str, ...]] = {
    "customer": TRANSACTION_NAMES["customer"],
    "value": ("value customer_value", "lifetime_value residual_value clv cltv ltv rlv"),
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "transactions": ("customer", "date"),
    "customers": ("frequency", "recency", "T"),
    "fills": ("customer", "date", "supply"),
    "referrals": ("referrer", "referred"),
    "values": ("customer", "value"),
}
# A price beside a quantity is that of one unit, so it is no amount unless the user says so.
UNIT_PRICES = "price unit_price item_price list_price price_per_unit sales_price"
QUANTITIES = "quantity qty units quantity_sold order_quantity no_of_items number_of_items item_count pieces"
_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "transactions": TRANSACTION_NAMES,
    "customers": CUSTOMER_NAMES,
    "attributes": {"customer": TRANSACTION_NAMES["customer"]},
    "fills": FILL_NAMES,
    "referrals": REFERRAL_NAMES,
    "values": VALUE_NAMES,
}
_DUPLICATE_MARK = re.compile(r" \(column \d+\)$")


def find_columns(
    headers: Sequence[str],
    named: Mapping[str, str] | None = None,
    *,
    table: str = "transactions",
    required: Iterable[str] | None = None,
) -> dict[str, str]:
    """Header of each role, by the user's naming first and by the usual names otherwise.

    ``table`` is "transactions" (roles customer, date, amount, product, channel), "customers" (customer_id, frequency,
    recency, T, monetary_value), "attributes" (customer), "fills" (customer, date, supply, product), "referrals"
    (referrer, referred, date) or "values" (customer, value).  Case, blanks, underscores and punctuation do not matter.
    Roles that are not there are left out, unless ``required`` (by default those of ``REQUIRED``).

    Raises InputError for a named header that is not there, a required role without a header, and two equally good
    headers for one role.
    """
    names = _NAMES[table]
    found = _named(headers, {role: header for role, header in (named or {}).items() if header}, names)
    for role in names:
        if role not in found:
            header = _by_usual_name(headers, role, names[role], taken=set(found.values()))
            if header is not None:
                found[role] = header
    _refuse_unit_price(headers, named or {}, found)
    missing = [role for role in (REQUIRED[table] if required is None else required) if role not in found]
    if missing:
        hints = ", ".join(f'{role}="..."' for role in missing)
        raise InputError(
            f"header row: no column for {' or '.join(missing)} among {_list(headers)}; "
            f"rename the column or name it ({hints})."
        )
    return {role: found[role] for role in names if role in found}


def kind_of(headers: Sequence[str]) -> str | None:
    """What a header row announces: "customers", "transactions", or None when it is neither."""
    for table in ("customers", "transactions"):
        keys = {_key(header) for header in headers}
        if all(any(key in keys for line in _NAMES[table][role] for key in _keys(line)) for role in REQUIRED[table]):
            return table
    return None


def is_customer_id(header: str) -> bool:
    """Whether a header names the customer's key beyond doubt: customer_id, client number, account_id, e-mail."""
    return _key(header) in _certain_keys()


@cache
def _certain_keys() -> frozenset[str]:
    lines = (*TRANSACTION_NAMES["customer"][:5], "email e_mail email_address")
    return frozenset(key for line in lines for key in _keys(line))


def unit_price(headers: Sequence[str]) -> str | None:
    """The header of a price of one unit: a price beside a quantity."""
    quantities, prices = set(_keys(QUANTITIES)), set(_keys(UNIT_PRICES))
    if not any(_key(header) in quantities for header in headers):
        return None
    return next((header for header in headers if _key(header) in prices), None)


def _refuse_unit_price(headers: Sequence[str], named: Mapping[str, str], found: Mapping[str, str]) -> None:
    price = unit_price(headers)
    if price is not None and found.get("amount") == price and not named.get("amount"):
        raise InputError(
            f"header row: {_quote(price)} stands beside a quantity and may be the price of one unit; add a column of "
            f'quantity times price headed "amount", or say that it is the whole amount (amount="{price}").'
        )


def _named(headers: Sequence[str], named: Mapping[str, str], names: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, wanted in named.items():
        if role not in names:
            raise InputError(f'columns: "{role}" is not a role; the roles are {", ".join(names)}.')
        exact = [header for header in headers if header == wanted]
        alike = exact or [header for header in headers if _key(header) == _key(wanted)]
        if not alike:
            raise InputError(f'{role}: no column is headed "{wanted}"; there are {_list(headers)}.')
        if len(alike) > 1:
            raise InputError(f'{role}: {len(alike)} columns are headed "{wanted}"; give one of them another header.')
        found[role] = alike[0]
    return found


def _by_usual_name(headers: Sequence[str], role: str, lines: Sequence[str], taken: set[str]) -> str | None:
    for line in lines:
        keys = set(_keys(line))
        good = [header for header in headers if _key(header) in keys and header not in taken]
        if len(good) > 1:
            raise InputError(
                f"header row: {' and '.join(_quote(h) for h in good)} could each be the {role}; "
                f'name the one to use ({role}="{good[0]}").'
            )
        if good:
            return good[0]
    return None


def _keys(line: str) -> list[str]:
    return [_key(name) for name in line.split()]


def _key(header: str) -> str:
    plain = unicodedata.normalize("NFKD", _DUPLICATE_MARK.sub("", str(header))).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def _quote(header: str) -> str:
    return f'"{header}"'


def _list(headers: Sequence[str]) -> str:
    shown = ", ".join(_quote(str(header)) for header in headers[:30])
    return (shown or "no headers at all") + (f" and {len(headers) - 30} more" if len(headers) > 30 else "")
