"""What the examples of several functions share: a model and customers short enough to type into a sheet.

The model is the published BG/NBD fit of CDNOW's 1/10 sample (Fader, Hardie, Lee 2005) with the Gamma-Gamma fit of its
repeat buyers (Fader, Hardie 2013), in weeks.
"""

from typing import Final

BGNBD: Final = (("model", "BG/NBD"), ("r", 0.243), ("alpha", 4.414), ("a", 0.793), ("b", 2.426))
WITH_SPEND: Final = (*BGNBD, ("p", 6.25), ("q", 3.74), ("v", 15.45))
HISTORY: Final = ((2, 30.43, 38.86),)
"""The customer of the paper: two repeat purchases, the last in week 30.43 of 38.86."""
CUSTOMERS: Final = (
    ("customer_id", "frequency", "recency", "T", "monetary_value"),
    ("Ann", 2, 30.43, 38.86, 22.35),
    ("Bob", 0, 0, 38.86, None),
)
REPEAT_BUYERS: Final = (
    ("customer_id", "frequency", "recency", "T", "monetary_value"),
    ("A", 2, 30, 39, 22),
    ("B", 1, 2, 39, 12),
    ("C", 0, 0, 39, None),
    ("D", 0, 0, 38, None),
    ("E", 7, 29, 38, 73),
    ("F", 1, 5, 38, 12),
    ("G", 0, 0, 37, None),
    ("H", 3, 10, 37, 33),
)
LOG: Final = (
    ("customer", "date", "amount"),
    ("Ann", "2024-01-05", 20),
    ("Ann", "2024-01-19", 30),
    ("Ann", "2024-03-29", 50),
    ("Bob", "2024-01-26", 10),
    ("Bob", "2024-01-26", 5),
    ("Cem", "2024-02-02", 40),
    ("Cem", "2024-02-30", 40),
)
HALF_YEAR_OF_PURCHASES: Final = (
    ("customer", "date", "amount"),
    *(
        (customer, f"2024-{day}", amount)
        for customer, days, amount in (
            ("A", ("01-02", "01-23", "02-20", "04-02", "05-07", "06-11"), 20),
            ("B", ("01-03", "01-30"), 15),
            ("C", ("01-04",), 60),
            ("D", ("01-08", "02-05", "03-11", "05-20"), 35),
            ("E", ("01-09",), 10),
            ("F", ("01-10", "01-17", "02-14"), 25),
        )
        for day in days
    ),
)
ACQUIRED: Final = (
    (*HALF_YEAR_OF_PURCHASES[0], "channel"),
    *((*row, "web" if row[0] in "ABC" else "store") for row in HALF_YEAR_OF_PURCHASES[1:]),
)
"""The same purchases with the channel of each."""
VALUES: Final = tuple((value,) for value in (100, 50, 25, 10, 5, 4, 3, 2, 1, 0))
_OTHERS_AND_MEMBERS: Final = (
    *((1, 13, 39), (3, 34, 39), (1, 20, 39), (11, 39, 39), (1, 2, 39), (2, 34, 39)),
    *((4, 8, 38), (13, 36, 38), (3, 23, 38), (20, 32, 38), (7, 37, 38), (7, 31, 38)),
    *((4, 26, 37), (1, 16, 37), (4, 32, 37), (8, 37, 37), (1, 20, 37), (2, 29, 37)),
    *((1, 5, 36), (12, 34, 36), (0, 0, 36), (6, 30, 36), (1, 10, 36), (1, 4, 36)),
    *((3, 21, 35), (8, 15, 35), (1, 23, 35), (5, 4, 35), (2, 4, 35), (3, 29, 35)),
    *((6, 33, 34), (1, 3, 34), (2, 27, 34), (5, 14, 34), (0, 0, 34), (4, 11, 34)),
)
OTHERS_AND_MEMBERS: Final = (
    ("customer_id", "frequency", "recency", "T"),
    *((f"C{i:02}", *history) for i, history in enumerate(_OTHERS_AND_MEMBERS, start=1)),
)
"""Others and members by turns, simulated: members buy at 2.5 times the rate and have 0.3 times the odds to drop out."""
MEMBERSHIP: Final = (("customer_id", "member"), *((f"C{i:02}", 1 - i % 2) for i in range(1, 37)))
ATTRIBUTES: Final = (
    ("channel", "age"),
    *(("Referral" if i % 8 in (0, 1, 3, 5) else "Shop", 30 + i * 7 % 23) for i in range(80)),
)
ATTRIBUTE_SEGMENTS: Final = tuple(("Focal" if i % 2 else "Core",) for i in range(80))
FIRST_PURCHASES: Final = tuple((f"2024-{1 + i // 20:02}-{1 + i % 20:02}",) for i in range(80))
PROSPECTS: Final = (("age", "channel"), (35, "Referral"), (35, "Shop"))
BASKETS: Final = (
    ("customer", "date", "amount", "product"),
    *(
        (customer, f"2024-{day}", amount, product)
        for customer, bought in (
            ("A", (("01-05", 80, "E-reader"), ("02-02", 12, "Books"), ("03-08", 15, "Books"), ("05-17", 20, "Audio"))),
            ("B", (("01-12", 80, "E-reader"), ("01-12", 10, "Books"), ("02-23", 14, "Books"), ("06-07", 11, "Books"))),
            ("C", (("01-19", 12, "Books"), ("04-12", 9, "Books"))),
            ("D", (("02-09", 30, "Games"),)),
            ("E", (("02-16", 25, "Games"), ("03-22", 12, "Books"))),
            ("F", (("03-01", 18, "Books"), ("06-14", 22, "Audio"))),
            ("G", (("03-15", 40, "Games"),)),
        )
        for day, amount, product in bought
    ),
)
FILLS: Final = (
    ("customer", "date", "days of supply", "drug"),
    ("Ann", "2024-01-01", 30, "A"),
    ("Ann", "2024-01-25", 30, "A"),
    ("Ann", "2024-03-01", 30, "A"),
    ("Bob", "2024-01-10", 30, "A"),
    ("Cem", "2024-01-31", 30, "A"),
    ("Cem", "2024-02-15", 20, "B"),
    ("Cem", "2024-03-12", 30, "A"),
)
MAILED: Final = tuple((i % 2,) for i in range(160))
MAILED_SEGMENTS: Final = tuple(("Focal" if i < 80 else "Core",) for i in range(160))
BOUGHT: Final = tuple(
    (int(i // 2 % 20 < (12 if i < 80 else 10)) if i % 2 else int(i // 2 % 4 == 0),) for i in range(160)
)
"""Of 80 mailed customers 44 bought, of 80 not mailed 20."""
REFERRALS: Final = (
    ("referrer", "referred", "date"),
    ("Ann", "Dee", "2024-02-01"),
    ("Ann", "Eve", "2024-03-01"),
    ("Bob", "Eve", "2024-04-01"),
    ("Bob", "Flo", "2024-05-01"),
)
CUSTOMER_VALUES: Final = (
    ("customer_id", "value"),
    *(("Ann", 100), ("Bob", 200), ("Cem", 40), ("Dee", 120), ("Eve", 100), ("Flo", 60)),
)
_NEW_YEAR: Final = 45292  # 1 January 2024, as Excel counts days
_VISITS: Final = (
    ("A", (11, 15, 38, 46, 70)), ("B", (1, 36, 79)), ("C", (0, 99, 110, 117, 122)), ("D", (1, 2)), ("E", (1, 23, 32)),
    ("F", (12, 117, 126)), ("G", (19, 24, 36, 41, 44, 45)), ("H", (4, 71)), ("I", (3, 5, 20, 32, 40)),
    ("J", (15, 42)), ("K", (1, 3, 19)), ("L", (2, 92, 170)), ("M", (7, 17, 21, 95, 99, 113, 122, 163, 171)),
    ("N", (5, 86)), ("O", (4, 5, 44, 57, 77, 79, 90, 130, 147)), ("P", (8,)), ("Q", (6, 19)), ("R", (18, 32)),
    ("S", (1, 24, 61, 63, 77, 80)), ("T", (16, 146)), ("U", (0, 117)), ("V", (3, 52)),
)  # fmt: skip
VISITS: Final = (
    ("customer", "date"),
    *((customer, _NEW_YEAR + day) for customer, days in _VISITS for day in days),
)
"""Half a year of purchases, simulated: every other customer uses the app, buys more often and stays longer."""
APP: Final = (("customer_id", "app"), *((customer, 1 - i % 2) for i, (customer, _) in enumerate(_VISITS)))
