"""A simulated shop: customers with products whose truth is known."""

import numpy as np
import pandas as pd

PRODUCTS = ("Reader", "Books", "Audio", "Games", "Maps", "Pens", "Bags", "Tea")
FIRST_DAY = np.datetime64("2022-01-01")


def shop(n=3000, seed=1, *, days=728, feeder=1.0, keeps=0.0, taste=0.0, wander=0.4, reader_wanders=0.0):
    """A log of purchases, one row each: customer, date, amount, product.

    Each customer begins with a product within the first half, buys at a rate of their own, and may leave at each
    purchase.  `feeder` divides the chance to leave of those who begin with a Reader; `keeps` is the share of the
    chance to leave that is taken off once a second product was bought; `taste` the chance that a frequent buyer takes
    Tea; `wander` the chance that a purchase is of any product instead of the one begun with, `reader_wanders` that of
    those who began with a Reader.
    """
    rng = np.random.default_rng(seed)
    time = rng.uniform(0, days / 2, n)
    began = rng.integers(0, len(PRODUCTS), n)
    rate = rng.gamma(1.5, 1 / 45, n)
    frequent = rate > np.quantile(rate, 0.8)
    leaving = rng.beta(1.0, 4.0, n) / np.where(began == 0, feeder, 1.0)
    wanders = np.where(began == 0, np.maximum(wander, reader_wanders), wander)
    who, product = np.arange(n), began
    second = np.zeros(n, dtype=bool)
    rows = []
    while who.size:
        rows.append((who, time[who], product))
        second[who] |= product != began[who]
        stay = rng.random(who.size) >= leaving[who] * np.where(second[who], 1 - keeps, 1.0)
        who = who[stay]
        time[who] += rng.exponential(1 / rate[who])
        who = who[time[who] < days]
        product = np.where(rng.random(who.size) < wanders[who], rng.integers(0, len(PRODUCTS), who.size), began[who])
        product[frequent[who] & (rng.random(who.size) < taste)] = PRODUCTS.index("Tea")
    who, time, product = (np.concatenate(part) for part in zip(*rows, strict=True))
    price = np.where(product == 0, 60.0, 20.0) * rng.lognormal(0, 0.3, who.size)
    return pd.DataFrame(
        {
            "customer": [f"c{i:05d}" for i in who],
            "date": FIRST_DAY + time.astype(np.int64),
            "amount": price.round(2),
            "product": np.array(PRODUCTS, dtype=object)[product],
        }
    )
