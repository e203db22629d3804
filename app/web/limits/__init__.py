"""Limits on what a request may ask for and how long it may take, and the queue for costly requests."""
