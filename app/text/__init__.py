"""Text as its reader may trust it: registry prose made safe, links that may be followed, numbers and lists in words.

May import the record, and nothing that reads a database or a request.
"""
