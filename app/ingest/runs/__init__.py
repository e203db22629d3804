"""One run from its source to its end: the versions to write, the writing, what the next run needs, and the summary.

May import every other package of ingest.
"""
