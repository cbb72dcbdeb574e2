"""Numbers only: arrays in, arrays out; no pandas, no dates, no money."""
