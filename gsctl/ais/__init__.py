"""Room: ais (see docs/DESIGN.md)."""
