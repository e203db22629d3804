"""Records from a registry's live interface: all of them, or those that were updated since the last run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Engine

from app.database.engine import reading
from app.ingest.runs.rejections import ids_to_ask_again
from app.ingest.sources.following import Following
from app.ingest.sources.following import since as since_last_run
from app.ingest.sources.source import RawRecord, Source, SourceError
from app.ingest.write.unlisted import unlisted_ids
from app.record.data_day import data_day
from app.registries import Registry
from app.registries.politeness import POLITE, Politeness
from app.registries.registry import LiveAnswer, LiveQuestion, RegistryError
from app.registries.split_json import Element


def open_live(
    engine: Engine,
    registry: Registry,
    base_url: str,
    *,
    condition: str | None = None,
    since: date | None = None,
    is_full: bool = False,
    accepts_removals: bool = False,
    page_size: int = 500,
    politeness: Politeness = POLITE,
) -> Source:
    """Open the live registry: everything on the first run or with `is_full`, later only what was updated since.

    A full run narrowed to a condition marks no trial as unlisted. The registry's search decides which trials have the
    condition, and a trial that it no longer finds may still be listed.

    Raises:
        RegistryError: the registry cannot be reached or refuses the request.
        SourceError: it has no live interface.
    """
    if registry.open_live is None:
        raise SourceError(f"{registry.label} has no live interface: name a file of its records")
    today = _today()
    scope = f"{registry.name}: {condition}" if condition else registry.name
    by_hand, looked_from = since is not None, None
    with reading(engine) as session:
        if not by_hand and not is_full and (known := since_last_run(session, scope, today)):
            since, looked_from = known
        is_whole = since is None and condition is None
        again = [] if is_whole else ids_to_ask_again(session, registry.name, registry.name)
        marked = unlisted_ids(session, registry.name)
    answer = registry.open_live(LiveQuestion(base_url, condition, since, page_size, politeness))
    warnings: list[str] = []
    following = Following(
        registry=registry.name,
        scope=None if by_hand else scope,
        version=_release(answer, today, warnings),
        promised=answer.total,
        is_full=is_full and is_whole,
        accepts_removals=accepts_removals,
        asked_again=frozenset() if condition else frozenset(again),
        looked_from=None if condition else looked_from,
        warnings=warnings,
        marked=marked,
    )
    return Source(
        name=f"{scope} since {since}" if by_hand else scope,
        key=registry.name,
        size=answer.total,
        records=_records(registry, answer, again, following, politeness),
        is_whole=is_whole,
        following=following,
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _release(answer: LiveAnswer, today: date, warnings: list[str]) -> str | None:
    """Return the day that the registry states for its data, if it can be relied on; warn if not."""
    if day := data_day(answer.release, today):
        return day
    problem = answer.problem or (
        f"the registry states {answer.release[:40]!r} as the day of its data"
        if answer.release
        else "the registry does not state the day of its data"
    )
    warnings.append(f"{problem}; the next run looks as far back as this one")
    return None


def _records(
    registry: Registry,
    answer: LiveAnswer,
    again: Sequence[str],
    following: Following,
    politeness: Politeness,
) -> Iterator[RawRecord]:
    done = 0
    for element in answer.elements:
        done += 1
        following.count(registry.id_in(element.data))
        yield _record(registry, element, done, politeness)
    for element in _again(answer, again, following):
        yield _record(registry, element, done, politeness)


def _record(registry: Registry, element: Element, done: int, politeness: Politeness) -> RawRecord:
    position = registry.id_in(element.data) or "a record without a registry id"
    fault = f"larger than {politeness.largest_record / (1 << 20):g} MB" if element.is_too_large else ""
    return RawRecord(position, element.data, done, fault)


def _again(answer: LiveAnswer, registry_ids: Sequence[str], following: Following) -> Iterator[Element]:
    """Ask by id for what earlier runs could not read and this one did not bring, whatever day it bears."""
    missing = [registry_id for registry_id in registry_ids if not following.has_counted(registry_id)]
    try:
        yield from answer.ask_again(missing)
    except RegistryError as error:
        following.has_all_asked_again = False
        following.warnings.append(
            f"records that could not be read before will be asked for again next time: {error}"
        )
