"""Writes prepared trials, with their counts and what is due because of them, in the transaction of their batch.

May import prepare and the index.
"""
