"""Room: cli (see docs/DESIGN.md)."""
