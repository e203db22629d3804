"""Sources of documents, and how one raw record becomes a document or a rejection that says why not.

May import registries and the record; writes nothing.
"""
