"""Work on all trials beside a running server: reindexing, another MeSH. Killed work resumes where it stopped.

May import derived, write and prepare.
"""
