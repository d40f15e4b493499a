"""Room: radio (see docs/DESIGN.md)."""
