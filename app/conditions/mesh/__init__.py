"""Medical Subject Headings (MeSH) of the U.S. National Library of Medicine: fetched, read, and put as people write.

`ingest/load_mesh.py` stores what is read here.
"""

from app.failures import ExpectedError


class MeshError(ExpectedError):
    """MeSH could not be fetched or read. The message is one line a person can act on."""
