"""The worksheet functions: `CATALOGUE` maps each name to an object that takes cells and answers with cells."""

from pyfuncs.functions import (
    acquisition,
    beyond,
    customer_base,
    customers,
    focal,
    heterogeneity,
    models,
    products,
    profiles,
    relationships,
    scores,
)
from pyfuncs.functions.catalogue import Function, collect

__all__ = ["CATALOGUE", "Function"]

CATALOGUE = collect(
    customers,
    models,
    scores,
    focal,
    profiles,
    heterogeneity,
    acquisition,
    products,
    beyond,
    relationships,
    customer_base,
)
