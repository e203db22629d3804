"""Long campaigns against the whole program, run as commands; the test suite runs a small part of each."""
