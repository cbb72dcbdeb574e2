"""Every term once: what it is called, its symbol and unit, and what it means in plain words.

The names are the arguments of the worksheet functions, the headers they spill and the words of the workbook.  Meanings
stay within the 255 characters Excel allows for the help of an argument.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pyfuncs.vocabulary import acquisition, beyond, customers, focal, models, products, scores
from pyfuncs.vocabulary.term import Term

GROUPS: Final[Mapping[str, tuple[Term, ...]]] = MappingProxyType(
    {
        "Customers": customers.HISTORIES,
        "Rows": customers.ACCOUNT,
        "Models": models.MODELS,
        "Scores": scores.SCORES,
        "Focal customers": focal.FOCAL,
        "Heterogeneity": focal.HETEROGENEITY,
        "Acquisition": acquisition.ACQUISITION,
        "Products": products.PRODUCTS,
        "Beyond transactions": (*beyond.BEYOND, *beyond.RELATIONSHIPS),
    }
)
"""The terms in the order of the Help sheet."""

TERMS: Final[Mapping[str, Term]] = MappingProxyType({term.name: term for group in GROUPS.values() for term in group})
