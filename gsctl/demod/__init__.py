"""Room: demod (see docs/DESIGN.md)."""
