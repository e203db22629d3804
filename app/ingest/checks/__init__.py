"""Compares what is stored with what the documents yield, and reports what is in the database; writes nothing.

May import every package of ingest but runs.
"""
