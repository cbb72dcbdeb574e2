"""Focal: customer lifetime value and customer centricity in Excel."""

__version__ = "0.1.0"
