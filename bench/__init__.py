"""Benchmarks: they print tables and never decide; see the Makefile."""
