"""The sheets of the template, one module each: what stands where, and what a refit puts there."""
