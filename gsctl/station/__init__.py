"""Room: station (see docs/DESIGN.md)."""
