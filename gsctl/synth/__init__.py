"""Room: synth (see docs/DESIGN.md)."""
