"""Room: deframe (see docs/DESIGN.md)."""
