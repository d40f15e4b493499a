"""Room: dsp (see docs/DESIGN.md)."""
