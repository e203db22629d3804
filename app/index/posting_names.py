"""The names under which postings are stored beside those of the filters' values."""

TRIALS = "trial"
"""The facet under which all trials are posted, whatever their values."""
ALL, SYNTHETIC = "all", "synthetic"
"""The values of this facet: every trial, and the synthetic trials."""


def of_unlisted(facet: str) -> str:
    """Return the facet under which trials that the registry no longer lists are posted."""
    return f"{facet}-unlisted"
