"""The sample log in templates/: a small shop that exists nowhere, simulated with a fixed seed."""

import csv
import datetime as dt
import io

import numpy as np

CUSTOMERS = 420
START = dt.date(2024, 1, 1)
DAYS = 730
SEED = 20240101
PRODUCTS = ("Coffee", "Tea", "Beans", "Grinder", "Gift card")
CHANNELS = ("Web", "Store", "Referral")


def sample_transactions() -> str:
    """CSV text of a two-year log: customer_id, order_date, amount, product, channel; a few refunds and blanks in it."""
    rng = np.random.default_rng(SEED)
    rows: list[tuple[str, dt.date, str, str, str]] = []
    for number in range(1, CUSTOMERS + 1):
        channel = CHANNELS[int(rng.choice(3, p=(0.55, 0.3, 0.15)))]
        loyal = 1.6 if channel == "Referral" else 1.0
        rate = rng.gamma(0.9, loyal / 60.0)  # purchases a day
        lifetime = rng.exponential(rng.gamma(2.0, 1.0 / 180.0) ** -1)
        spend = 20.0 + rng.gamma(2.5, 14.0)
        day = first = float(rng.integers(0, 540))
        while day < min(DAYS, first + lifetime) or day == first:
            amount = round(float(rng.gamma(6.0, spend / 6.0)), 2)
            product = PRODUCTS[int(rng.choice(5, p=(0.35, 0.2, 0.25, 0.08, 0.12)))]
            rows.append((f"C{number:04d}", START + dt.timedelta(days=int(day)), f"{amount:.2f}", product, channel))
            if rng.random() < 0.02:
                rows.append(
                    (f"C{number:04d}", START + dt.timedelta(days=int(day)), f"{-amount / 2:.2f}", product, channel)
                )
            day += float(rng.exponential(1.0 / rate))
    rows.sort(key=lambda row: (row[1], row[0]))
    rows[37] = (
        rows[37][0],
        rows[37][1],
        "",
        *rows[37][3:],
    )  # logs of real shops have such rows: Focal accounts for them
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("customer_id", "order_date", "amount", "product", "channel"))
    writer.writerows((who, day.isoformat(), amount, product, channel) for who, day, amount, product, channel in rows)
    return out.getvalue()
