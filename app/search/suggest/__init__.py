"""What the search box offers while a reader types, and what a mistyped word may stand for."""
