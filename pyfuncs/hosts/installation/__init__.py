"""Putting Focal into Excel, taking it out, and finding out why it does not work there; none of it needs Excel."""
