"""MeSH's trees: those that contain conditions, and the places above a place in a tree."""

from collections.abc import Iterator

DISEASES = ("C", "F03", "F01.145.126")
"""Diseases, mental disorders and behavioral symptoms."""
BEHAVIORS = "F01.145"
"""Behaviors, which count as a condition only if a record states exactly their name: Smoking, Vaping."""
CONDITIONS = (*DISEASES, BEHAVIORS)


def places_above(number: str) -> Iterator[str]:
    """Yield the places above a place, the nearest first: `C04.557` and `C04` for `C04.557.337`."""
    while "." in number:
        number = number.rpartition(".")[0]
        yield number
