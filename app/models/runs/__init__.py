"""Tables that one run keeps for the next: what was read, what could not be read, and from which day to ask again."""
