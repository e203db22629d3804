"""Conditions: their names, MeSH, which ones a record has and why, and what a reader's condition name means.

This package may import the record, text, models, index and database packages, but nothing of search or ingest.
"""
