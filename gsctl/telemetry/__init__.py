"""Room: telemetry (see docs/DESIGN.md)."""
