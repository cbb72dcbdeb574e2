"""What is known of customers beside their purchases: a table with one row a customer, joined to those of the log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pyfuncs.analysis.columns import find_columns
from pyfuncs.analysis.identities import read_customers
from pyfuncs.errors import InputError

ALL = "all"


@dataclass(frozen=True, eq=False)
class AttributeCells:
    """Attributes of customers as cells: one row a customer, its index customer_id (text), one column an attribute.

    `customer` is the header of the column of customers in the table it was read from.  `at_acquisition` names the
    columns that were known when a customer was acquired; `statements` says what became of rows without a customer and
    of customers who stand there twice.
    """

    customer: str
    cells: pd.DataFrame
    at_acquisition: tuple[str, ...]
    statements: tuple[str, ...]

    def of(self, customer_ids: "pd.Series[str]") -> pd.DataFrame:
        """The rows of these customers, in their order; blank for whom nothing is known."""
        return self.cells.reindex(customer_ids.to_numpy()).reset_index(drop=True)

    def match(self, customer_ids: "pd.Series[str]") -> tuple[str, ...]:
        """The statements, and how many customers of the log the table knows."""
        known = int(self.cells.index.isin(customer_ids).sum())
        return (
            f"Attributes: {len(self.cells.columns)} columns for {known:,} of {len(customer_ids):,} customers; "
            f"{len(self.cells) - known:,} rows are of customers who are not in the log.",
            *self.statements,
        )


def read_attribute_cells(
    table: pd.DataFrame, known_at_acquisition: str | None = None, columns: Mapping[str, str] | None = None
) -> AttributeCells | None:
    """Read a table of attributes; None when it has no row or no attribute.  Columns without any entry are left out.

    `known_at_acquisition` is "all", or headers separated by commas.  `columns` names the header of the role customer,
    which is found by its usual names otherwise.  Raises InputError for a table without a column of customers, and for a
    name in `known_at_acquisition` that is no header.
    """
    headers = [str(header).strip() for header in table.columns]
    cells = table.set_axis(headers, axis="columns").replace(r"^\s*$", np.nan, regex=True).dropna(how="all")
    if cells.empty:
        return None
    try:
        key = find_columns(headers, columns, table="attributes", required=["customer"])["customer"]
    except InputError as error:
        raise InputError(f"Attributes, {error}") from None
    cells = cells.drop(columns=[header for header in headers if header != key and cells[header].isna().all()])
    customers = read_customers(cells[key])
    nobody = customers.codes < 0
    repeated = ~nobody & customers.values.duplicated().to_numpy()
    kept = ~(nobody | repeated)
    found = cells.drop(columns=key)[kept].set_axis(pd.Index(customers.values[kept], name="customer_id"))
    if found.columns.empty or found.empty:
        return None
    said = [*customers.statements]
    if nobody.any():
        said.append(f"Attributes: {nobody.sum():,} rows without a customer are set aside.")
    if repeated.any():
        said.append(
            f"Attributes: {repeated.sum():,} rows repeat a customer, first {customers.values[repeated].iloc[0]}; "
            "the first row of each counts."
        )
    return AttributeCells(key, found, _known(known_at_acquisition or "", list(found.columns)), tuple(said))


def _known(names: str, headers: list[str]) -> tuple[str, ...]:
    """The headers named, in the order of the table."""
    if names.strip().casefold() == ALL:
        return tuple(headers)
    wanted = {name.strip().casefold() for name in names.split(",") if name.strip()}
    unknown = wanted - {header.casefold() for header in headers}
    if unknown:
        raise InputError(
            f"Setting 'Known at acquisition': no attribute is headed \"{sorted(unknown)[0]}\"; there are "
            f"{', '.join(headers)}."
        )
    return tuple(header for header in headers if header.casefold() in wanted)
