"""Measurements, run by hand: `python -m tests.benchmarks pages`. What they gave is in RESULTS.md."""
