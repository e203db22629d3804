"""One document becomes rows, links and texts: all that can be done before the database is written, in any process.

May import sources and what is known of conditions; writes nothing.
"""
