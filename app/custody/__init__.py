"""Backs up the database to verified copies while it is in use, and restores it from a copy."""
