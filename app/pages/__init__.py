"""The pages, one module or folder each: the dataclass that the template prints, its builder and its route."""
