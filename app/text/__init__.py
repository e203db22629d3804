"""Text that readers can trust: registry prose made safe, links that may be followed, numbers and lists in words.

The package may import the record, but nothing that reads a database or a request.
"""
