"""Keeps the database safe: verified copies of it while it is in use, and a copy put in its place."""
