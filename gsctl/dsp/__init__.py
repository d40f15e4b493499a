"""Filters, oscillators, timing and carrier recovery: arrays in, arrays out, no I/O."""
