"""The worksheet functions: `CATALOGUE` maps each name to an object that takes cells and answers with cells."""

from pyfuncs.functions import (
    acquisition,
    beyond,
    customer_base,
    customers,
    focal,
    heterogeneity,
    migration,
    models,
    products,
    profiles,
    readiness,
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
    migration,
    heterogeneity,
    readiness,
    acquisition,
    products,
    beyond,
    relationships,
    customer_base,
)
