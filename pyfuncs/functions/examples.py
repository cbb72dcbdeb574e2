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
VALUES: Final = tuple((value,) for value in (100, 50, 25, 10, 5, 4, 3, 2, 1, 0))
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
