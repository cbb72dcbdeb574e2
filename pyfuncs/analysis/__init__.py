"""Frames in, frames out: the log, customers' histories, models fitted to them, scores, segments, validation."""
