"""Measures the program at scale: `python -m tests.benchmarks scale --trials 60000`.

Needs Linux, for memory is read from /proc.
"""
