"""Compares what is stored with what the documents give, and says what is in the database; writes nothing.

May import every room of ingest but runs.
"""
