"""Mapping of a record to its conditions, with the reason for each link.

The links come from the conditions and keywords that the record states, from the registry's own indexing, and from the
hierarchy of concepts. These are pure functions; `stored_links` writes what they return.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from app.conditions.names.abbreviations import Explanation, defined_by, explanations_in
from app.conditions.names.linking import NAME, PART, STATED
from app.conditions.names.same_name import key_of
from app.conditions.vocabulary import KnownConcept, NewConcept, Vocabulary
from app.record.trial import TrialRecord
from app.text.slugs import slug_of

MESH, OVERLAP, BROADER = "mesh", "overlap", "broader"


class ConditionLink(NamedTuple):
    slug: str
    name: str
    mesh_id: str | None
    source: str
    manner: str = ""
    words: str = ""


class Linked(NamedTuple):
    """Everything that is stored about a trial's conditions."""

    links: list[ConditionLink]
    abbreviations: list[tuple[str, str]]
    """(abbreviation, MeSH id) pairs that the record explains."""
    broader: list[tuple[str, str]]
    """(slug, slug of a broader condition) pairs among the links."""


def linked(
    record: TrialRecord, vocabulary: Vocabulary, explanations: Sequence[Explanation] | None = None
) -> Linked:
    """Link a record to its conditions.

    The vocabulary must already know every term that the record is indexed with. `explanations` are the record's own;
    they are extracted here if not given.
    """
    abbreviations = abbreviations_of(record, vocabulary, explanations)
    links = condition_links(record, abbreviations, vocabulary)
    return Linked(links, sorted(abbreviations), sorted(_broader(record, links, vocabulary)))


def abbreviations_of(
    record: TrialRecord, vocabulary: Vocabulary, explanations: Sequence[Explanation] | None = None
) -> set[tuple[str, str]]:
    """Return (abbreviation, MeSH id) for each abbreviation that the record explains by a concept's name."""
    if explanations is None:
        explanations = explanations_of(record)
    return set(defined_by(explanations, vocabulary.linker.lexicon))


def explanations_of(record: TrialRecord) -> list[Explanation]:
    """Return every explanation of an abbreviation in a record, whether or not it names a concept."""
    return [explanation for text in _texts(record) for explanation in explanations_in(text)]


def are_current(all_linked: Iterable[Linked], new: Iterable[NewConcept], vocabulary: Vocabulary) -> bool:
    """Tell whether links and concepts that were prepared elsewhere have the names that concepts have here."""
    known = vocabulary.concepts
    return vocabulary.agrees_with(new) and all(
        link.mesh_id not in known or known[link.mesh_id] == KnownConcept(link.slug, link.name)
        for linked in all_linked
        for link in linked.links
        if link.mesh_id
    )


def condition_links(
    record: TrialRecord, abbreviations: set[tuple[str, str]], vocabulary: Vocabulary
) -> list[ConditionLink]:
    """Return each condition once, by its most direct link: stated, keyword, indexed by the registry, broader."""
    links: dict[str, ConditionLink] = {}
    for link in _stated(record, abbreviations, vocabulary):
        links.setdefault(link.slug, link)
    for link in _indexed(record, {link.mesh_id for link in links.values()}, vocabulary):
        links.setdefault(link.slug, link)
    own = [link.mesh_id for link in links.values() if link.mesh_id]
    of_registry = (vocabulary.id_of(term) for term in record.condition_terms.ancestors)
    of_trees = (mesh_id for narrower in own for mesh_id in sorted(vocabulary.ancestors(narrower)))
    for mesh_id in (*of_registry, *of_trees):
        link = _link(vocabulary, mesh_id, BROADER)
        links.setdefault(link.slug, link)
    return list(links.values())


def _stated(
    record: TrialRecord, abbreviations: set[tuple[str, str]], vocabulary: Vocabulary
) -> Iterator[ConditionLink]:
    """Yield the links of the stated conditions and keywords.

    A condition that only contains the name of a concept, or none, is also linked under its own name.
    """
    linker = vocabulary.linker
    defined = dict(sorted(abbreviations))
    for link in linker.links(record.conditions, record.keywords, defined):
        yield _link(vocabulary, link.mesh_id, link.source, link.manner, link.words)
    for condition in record.conditions:
        if all(link.manner == PART for link in linker.in_condition(condition, defined)):
            slug = slug_of(condition)
            if mesh_id := vocabulary.by_slug.get(slug):
                yield _link(vocabulary, mesh_id, STATED, NAME, condition)
            else:
                yield ConditionLink(slug, condition, None, STATED, NAME, condition)


def _indexed(
    record: TrialRecord, stated: Iterable[str | None], vocabulary: Vocabulary
) -> Iterator[ConditionLink]:
    """Yield a link for each concept that the registry indexes the record with.

    A concept is an OVERLAP if its words are only part of another concept's name: the registry also finds "Hypertension"
    inside "Pulmonary arterial hypertension", which is another disease.
    """
    ids = [vocabulary.id_of(term) for term in record.condition_terms.concepts]
    words = {mesh_id: _name_words(mesh_id, vocabulary) for mesh_id in (*ids, *stated) if mesh_id}
    for mesh_id in ids:
        is_inside = any(words[mesh_id] < others for others in words.values())
        yield _link(vocabulary, mesh_id, OVERLAP if is_inside else MESH)


def _broader(
    record: TrialRecord, links: Sequence[ConditionLink], vocabulary: Vocabulary
) -> Iterator[tuple[str, str]]:
    """Yield (slug, broader slug) pairs among the links, from MeSH's trees.

    For a concept outside the trees, the registry's ancestor terms count if the record is indexed with it alone.
    """
    slugs = {link.mesh_id: link.slug for link in links if link.mesh_id}
    terms = record.condition_terms
    alone = vocabulary.id_of(terms.concepts[0]) if len(terms.concepts) == 1 else None
    for mesh_id, slug in slugs.items():
        above = vocabulary.ancestors(mesh_id)
        if not above and mesh_id == alone:
            above = frozenset(vocabulary.id_of(term) for term in terms.ancestors) - {mesh_id}
        yield from ((slug, slugs[higher]) for higher in above if higher in slugs)


def _name_words(mesh_id: str, vocabulary: Vocabulary) -> set[str]:
    key = vocabulary.linker.own_names.get(mesh_id) or key_of(vocabulary.concepts[mesh_id].label)
    return set(key.split())


def _link(
    vocabulary: Vocabulary, mesh_id: str, source: str, manner: str = "", words: str = ""
) -> ConditionLink:
    known = vocabulary.concepts[mesh_id]
    return ConditionLink(known.slug, known.label, mesh_id, source, manner, words)


def _texts(record: TrialRecord) -> Iterator[str]:
    yield from record.conditions
    yield from record.keywords
    for text in (
        record.brief_title,
        record.official_title,
        record.brief_summary,
        record.detailed_description,
        record.eligibility.criteria,
    ):
        if text:
            yield text
