"""Data that changes under a running server: a machine of random updates, and pages compared after each of them."""
