"""The worksheet functions: `CATALOGUE` maps each name to an object that takes cells and answers with cells."""

from pyfuncs.functions import customers, focal, heterogeneity, migration, models, scores
from pyfuncs.functions.catalogue import Function, collect

__all__ = ["CATALOGUE", "Function"]

CATALOGUE = collect(customers, models, scores, focal, migration, heterogeneity)
