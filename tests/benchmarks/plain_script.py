"""What a user would write with pandas, lifetimes and openpyxl: transactions in a workbook to a workbook of customers.

`python plain_script.py transactions.xlsx customers.xlsx`
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from lifetimes.utils import summary_data_from_transaction_data

FOCAL_SHARE = 0.20


def main(source: Path, target: Path) -> None:
    """Read, fit BG/NBD and Gamma-Gamma, score over a year, cut at the best fifth, write three sheets."""
    log = pd.read_excel(source, engine="openpyxl")
    customers = summary_data_from_transaction_data(log, "customer", "date", "amount", freq="D")
    history = customers["frequency"], customers["recency"], customers["T"]
    model = BetaGeoFitter()
    model.fit(*history)
    buyers = customers[(customers["frequency"] > 0) & (customers["monetary_value"] > 0)]
    spend = GammaGammaFitter()
    spend.fit(buyers["frequency"], buyers["monetary_value"])

    money = customers["monetary_value"]
    customers["p_alive"] = model.conditional_probability_alive(*history)
    customers["expected_purchases"] = model.predict(365, *history)
    customers["expected_spend"] = spend.conditional_expected_average_profit(customers["frequency"], money)
    customers["value"] = spend.customer_lifetime_value(model, *history, money, time=12, discount_rate=0.008, freq="D")
    customers = customers.sort_values("value", ascending=False)
    rank = np.arange(1, len(customers) + 1)
    customers["segment"] = np.where(rank <= FOCAL_SHARE * len(customers), "Focal", "Other")
    segments = customers.groupby("segment").agg(
        customers=("value", "size"), value=("value", "sum"), mean=("value", "mean"), p_alive=("p_alive", "mean")
    )
    with pd.ExcelWriter(target, engine="openpyxl") as book:
        customers.to_excel(book, sheet_name="Customers")
        segments.to_excel(book, sheet_name="Segments")
        pd.concat([model.summary, spend.summary]).to_excel(book, sheet_name="Model")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
