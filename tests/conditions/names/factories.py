"""Small vocabularies for tests, in which a concept's id is its name, so that tests are easy to read."""

from collections.abc import Mapping

from app.conditions.names.linking import Linker
from app.conditions.names.phrases import Lexicon
from app.conditions.names.same_name import key_of


def lexicon(*names: str, synonyms: Mapping[str, str] | None = None) -> Lexicon:
    """Build a lexicon; `synonyms` maps each synonym to the name that it stands for."""
    own = [(key_of(name), name) for name in names]
    return Lexicon([*own, *((key_of(text), name) for text, name in (synonyms or {}).items())])


def linker(
    *names: str,
    synonyms: Mapping[str, str] | None = None,
    abbreviations: Mapping[str, str] | None = None,
    broader: Mapping[str, str] | None = None,
    behaviors: frozenset[str] = frozenset(),
) -> Linker:
    return Linker(
        lexicon(*names, synonyms=synonyms),
        own_names={name: key_of(name) for name in names},
        abbreviations=dict(abbreviations or {}),
        broader={narrower: frozenset({above}) for narrower, above in (broader or {}).items()},
        behaviors=behaviors,
    )
