"""One run from its source to its end: what is judged, written, kept for the next run, and said afterwards.

May import every other room of ingest.
"""
