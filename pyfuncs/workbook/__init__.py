"""The workbook: the template as data, its builder, its filler and its controls."""
