"""MeSH's trees: which of them hold conditions, and what stands above a place in one."""

from collections.abc import Iterator

DISEASES = ("C", "F03", "F01.145.126")
"""Diseases, mental disorders and behavioural symptoms."""
BEHAVIOURS = "F01.145"
"""What a record may state as its condition, and no more than that: Smoking, Vaping."""
CONDITIONS = (*DISEASES, BEHAVIOURS)


def places_above(number: str) -> Iterator[str]:
    """The places of all that is broader, the nearest first: `C04.557` and `C04` for `C04.557.337`."""
    while "." in number:
        number = number.rpartition(".")[0]
        yield number
