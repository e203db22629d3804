"""Long campaigns against the whole program, as commands; the suite runs a small part of each."""
