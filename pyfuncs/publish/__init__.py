"""Everything generated from the catalogue and the layout, written or compared."""
