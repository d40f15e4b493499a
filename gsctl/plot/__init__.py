"""Room: plot (see docs/DESIGN.md)."""
