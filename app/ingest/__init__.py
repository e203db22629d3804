"""Documents in, rows out: read a source, keep what is new or changed, derive everything that pages search."""
