"""Room: flowgraph (see docs/DESIGN.md)."""
