"""Search, from a query to trials: the query and its URL, its cost, its trials in order, and the counts of filters.

This package may import the index, conditions and database packages, but neither the web nor a registry.
"""
