"""Data that changes under a running server: random updates, and comparisons of pages after each of them."""
