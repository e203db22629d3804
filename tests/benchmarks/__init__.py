"""Measurements to run by hand: `python -m tests.benchmarks pages`. Their results are in RESULTS.md."""
