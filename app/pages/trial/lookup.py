"""Lookup of the trial that an address means: an id however people write it, a former id, or a near miss."""

from string import digits
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from app.models import SourceDocument, Trial, TrialAlias, UnlistedTrial
from app.registries import REGISTRIES, Registry, canonical_id
from app.text.visible import visible_words
from app.web.errors import PageNotFoundError

_LONGEST_SHOWN = 40

_STORED = (
    select(Trial, SourceDocument, col(UnlistedTrial.found_on))
    .join(SourceDocument, col(SourceDocument.trial_id) == col(Trial.id))
    .outerjoin(UnlistedTrial, col(UnlistedTrial.trial_id) == col(Trial.id))
)
_BY_ID = _STORED.where(col(Trial.registry_id) == bindparam("id"))
_BY_ALIAS = (
    _STORED.join(TrialAlias, col(TrialAlias.trial_id) == col(Trial.id))
    .where(col(TrialAlias.alias) == bindparam("id"))
    .order_by(col(Trial.registry_id))
    .limit(1)
)


class StoredTrial(NamedTuple):
    trial: Trial
    source: SourceDocument
    unlisted_since: str | None = None
    """ISO date since when the registry no longer lists the trial; None while it does."""


def find_trial(session: Session, written: str) -> StoredTrial | None:
    """Find a trial and its document by an id, however people write it; former ids work too."""
    asked = {"id": canonical_id(written) or written}
    found = session.execute(_BY_ID, asked).first() or session.execute(_BY_ALIAS, asked).first()
    return StoredTrial(*found) if found else None


def unknown_trial(session: Session, written: str) -> PageNotFoundError:
    """Build the error for an unknown id, with links to similar ids and to the registry's own record."""
    for registry in REGISTRIES:
        if registry_id := registry.canonical_id(written):
            return _not_stored(session, registry, registry_id)
    written = visible_words(written)
    shown = written if len(written) <= _LONGEST_SHOWN else f"{written[:_LONGEST_SHOWN]}…"
    return PageNotFoundError(f"“{shown}” is not a registry number such as {REGISTRIES[0].id_example}.")


def _not_stored(session: Session, registry: Registry, registry_id: str) -> PageNotFoundError:
    links = [
        (f"{trial.registry_id}: {trial.title}", f"/trials/{trial.registry_id}")
        for trial in _nearest(session, registry_id)
    ]
    links.append((f"{registry_id} at {registry.label}", registry.record_url(registry_id)))
    message = f"No trial {registry_id} is stored here. It may be newer than the data, or mistyped."
    return PageNotFoundError(message, tuple(links))


def _nearest(session: Session, registry_id: str) -> list[Trial]:
    """Return up to five trials whose id differs by one digit, or by two neighboring digits swapped."""
    letters = registry_id.rstrip(digits)
    number = registry_id.removeprefix(letters)
    changed = {
        number[:place] + digit + number[place + 1 :] for place in range(len(number)) for digit in digits
    }
    swapped = {
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for place in range(len(number) - 1)
    }
    near = [letters + other for other in changed | swapped]
    statement = (
        select(Trial).where(col(Trial.registry_id).in_(near)).order_by(col(Trial.registry_id)).limit(5)
    )
    return list(session.execute(statement).scalars())
