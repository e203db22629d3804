"""Medical Subject Headings (MeSH) of the U.S. National Library of Medicine: fetched, read, and put as people write.

What is read here goes to `ingest/vocabulary.py`, which keeps it.
"""

from app.failures import ExpectedError


class MeshError(ExpectedError):
    """MeSH could not be fetched or read. The message is one line a person can act on."""
