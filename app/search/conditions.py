"""Names of conditions: one condition, however its words are ordered or spelled."""

import re
from functools import lru_cache

from slugify import slugify
from sqlalchemy import select
from sqlmodel import Session, col

from app.concepts.names import natural_order
from app.models import Condition

_MESH_ID = re.compile(r"[DC]\d{6,9}", re.IGNORECASE)


@lru_cache(maxsize=100_000)
def slug_of(name: str) -> str:
    """The name in a URL; names that differ in case, accents and punctuation alone share it."""
    return slugify(name, max_length=150, word_boundary=True) or f"x{name.encode()[:40].hex()}"


def slugs_meant(session: Session, name: str) -> list[str]:
    """What a reader's name, slug or MeSH id of a condition may stand for, likeliest first."""
    slugs = [slug_of(name), slug_of(natural_order(name))]
    if _MESH_ID.fullmatch(name):
        by_id = select(col(Condition.slug)).where(col(Condition.mesh_id) == name.upper())
        slugs = [*session.execute(by_id).scalars(), *slugs]
    return slugs
