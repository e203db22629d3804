"""The MeSH headings of the areas, and the headings above them.

mesh.tsv has one heading per line: id, heading, ids of the headings directly above. It holds the headings in use and all
headings above them. The source is the 2022 edition of the descriptors of the U.S. National Library of Medicine, with
diseases under C (F03 for those found only there) and drug classes under their pharmacologic actions.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple


class DemoTerm(NamedTuple):
    id: str
    heading: str


class _Node(NamedTuple):
    term: DemoTerm
    above: tuple[str, ...]


def term(heading: str) -> DemoTerm:
    return _by_heading()[heading].term


@cache
def ancestors(heading: str) -> tuple[DemoTerm, ...]:
    """Return all headings above a heading, the nearest first."""
    nodes = _by_id()
    found: dict[str, DemoTerm] = {}
    above = list(_by_heading()[heading].above)
    for identifier in above:
        if identifier not in found:
            found[identifier] = nodes[identifier].term
            above.extend(nodes[identifier].above)
    return tuple(found.values())


@cache
def _by_id() -> dict[str, _Node]:
    lines = Path(__file__).with_name("mesh.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {
        identifier: _Node(DemoTerm(identifier, heading), tuple(above.split()))
        for identifier, heading, above in rows
    }


@cache
def _by_heading() -> dict[str, _Node]:
    return {node.term.heading: node for node in _by_id().values()}
