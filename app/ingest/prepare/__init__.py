"""Turns one document into rows, links and texts: all work that can be done before the database is written.

May import sources and what is known of conditions; writes nothing.
"""
