"""Work on all trials beside a running server: reindexing, another MeSH. Killed, it goes on where it was.

May import derived, write and prepare.
"""
