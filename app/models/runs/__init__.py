"""Tables that runs keep for the next run: what was read, what could not be, and from when on to ask again."""
