"""Medical Subject Headings (MeSH) of the U.S. National Library of Medicine: download, reading, and readable labels.

`app/ingest/long_work/load_mesh.py` stores what is read here.
"""

from app.failures import ExpectedError


class MeshError(ExpectedError):
    """A failure to fetch or read MeSH. The message is one line that a person can act on."""
