"""A trial as its registry records it: one shape for all registries, its posted results, and the field's closed lists.

Imports nothing of ours.
"""
