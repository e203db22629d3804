"""The reason why a trial is in a condition's list: its most direct link to the condition asked for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.models import Condition, ConditionBroader, TrialCondition

NAMED, KEYWORD, INDEXED, NARROWER, BROADER = "condition", "keyword", "indexed", "narrower", "broader"
_SOURCES = {"stated": NAMED, "keyword": KEYWORD, "mesh": INDEXED, "overlap": INDEXED}


@dataclass(frozen=True, slots=True)
class ConditionReason:
    kind: str
    """`condition` or `keyword`: the record names it. `indexed`: the registry indexed the record with it.
    `narrower` or `broader`: the trial has a narrower or broader condition instead.
    """
    condition: str
    """The name of the trial's condition that is the reason."""
    words: str = ""
    """The record's own words for that condition; empty if it has none."""
    manner: str = ""
    """The way in which the words name it: see `app.conditions.names.linking.NamedConcept`."""


@dataclass(frozen=True, slots=True)
class _Link:
    slug: str
    name: str
    source: str
    words: str
    manner: str


def condition_reasons(
    session: Session, trial_ids: Sequence[int], slugs: Sequence[str]
) -> dict[int, list[ConditionReason]]:
    """Return, by trial id, the most direct reason for each requested condition that the trial has.

    It takes two SQL statements.
    """
    links = _links(session, trial_ids)
    pairs = _hierarchy_pairs(
        session, {link.slug for links_of_one in links.values() for link in links_of_one}, set(slugs)
    )
    reasons: dict[int, list[ConditionReason]] = defaultdict(list)
    for trial_id in trial_ids:
        for slug in slugs:
            candidates = list(_reasons(slug, links[trial_id], pairs))
            if candidates:
                reasons[trial_id].append(min(candidates, key=_rank))
    return reasons


def _reasons(slug: str, links: Iterable[_Link], pairs: set[tuple[str, str]]) -> Iterator[ConditionReason]:
    for link in links:
        if link.slug == slug:
            kind = _SOURCES.get(link.source, INDEXED)
            yield ConditionReason(kind, link.name, link.words, link.manner)
        elif link.source != "broader" and (link.slug, slug) in pairs:
            yield ConditionReason(NARROWER, link.name, link.words, link.manner)
        elif link.source != "broader" and (slug, link.slug) in pairs:
            yield ConditionReason(BROADER, link.name, link.words, link.manner)


_ORDER = (NAMED, KEYWORD, NARROWER, INDEXED, BROADER)


def _rank(reason: ConditionReason) -> tuple[int, bool]:
    return _ORDER.index(reason.kind), not reason.words


def _links(session: Session, trial_ids: Sequence[int]) -> dict[int, list[_Link]]:
    rows = session.execute(
        select(
            col(TrialCondition.trial_id),
            col(Condition.slug),
            col(Condition.name),
            col(TrialCondition.source),
            col(TrialCondition.words),
            col(TrialCondition.manner),
        )
        .join_from(TrialCondition, Condition, col(TrialCondition.condition_id) == col(Condition.id))
        .where(col(TrialCondition.trial_id).in_(trial_ids))
        .order_by(col(TrialCondition.position))
    )
    links: dict[int, list[_Link]] = defaultdict(list)
    for trial_id, *link in rows:
        links[trial_id].append(_Link(*link))
    return links


def _hierarchy_pairs(session: Session, own: set[str], asked: set[str]) -> set[tuple[str, str]]:
    """Return the (narrower, broader) pairs between the trials' conditions and those asked for."""
    above = aliased(Condition)
    slugs = own | asked
    rows = session.execute(
        select(col(Condition.slug), col(above.slug))
        .join_from(ConditionBroader, Condition, col(ConditionBroader.condition_id) == col(Condition.id))
        .join(above, col(ConditionBroader.broader_id) == col(above.id))
        .where(col(Condition.slug).in_(slugs), col(above.slug).in_(slugs))
    )
    return {(narrower, broader) for narrower, broader in rows if asked & {narrower, broader}}
