"""Where transactions come from: files of every usual kind as tables of cells, and the demonstration log."""

from pyfuncs.sources.files import read_table
from pyfuncs.sources.raw_table import RawTable

__all__ = ["RawTable", "read_table"]
