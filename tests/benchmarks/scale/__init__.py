"""The program at scale: `python -m tests.benchmarks scale --trials 60000`. Needs Linux: memory is read from /proc."""
