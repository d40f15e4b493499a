"""Room: orbit (see docs/DESIGN.md)."""
