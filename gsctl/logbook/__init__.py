"""Room: logbook (see docs/DESIGN.md)."""
