"""Where documents come from, and how one raw record becomes a document or a complaint that says why not.

May import registries and the record; writes nothing.
"""
