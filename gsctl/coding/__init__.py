"""Room: coding (see docs/DESIGN.md)."""
