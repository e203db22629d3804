"""Writes prepared trials, their counts, and which names are due because of them, in the transaction of their batch.

May import prepare and the index.
"""
