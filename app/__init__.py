"""Trialmark: registries -> record -> ingest -> models -> search -> pages -> templates.

A registry's own document is the one stored truth; everything else in the database is derived from it.
"""

__version__ = "0.1.0"
