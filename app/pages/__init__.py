"""One file (or folder) a page: the dataclass that its template prints, how it is built, and its route."""
