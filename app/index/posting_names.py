"""The names under which postings are stored beside those of the filters' values."""

TRIALS = "trial"
"""The posting facet of all trials."""
ALL, SYNTHETIC = "all", "synthetic"
"""Its values: every trial, and those that are made up."""


def of_unlisted(facet: str) -> str:
    """Name the facet under which trials are posted that the registry no longer lists."""
    return f"{facet}-unlisted"
