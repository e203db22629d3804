"""Records from a registry's live interface: all of them, or those that were updated since the last run."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain

from sqlalchemy import Engine

from app.database.engine import reading
from app.ingest.runs.rejections import ids_to_ask_again
from app.ingest.sources.following import Following
from app.ingest.sources.following import since as since_last_run
from app.ingest.sources.read import registry_id_in
from app.ingest.sources.source import RawRecord, Source
from app.ingest.write.unlisted import unlisted_ids
from app.record.data_day import data_day
from app.registries import CTGOV
from app.registries.ctgov import fetch
from app.registries.split_json import Element

_IDS_AT_ONCE = 200
"""The number of ids in one request, so that its URL stays under 3,000 characters."""


def open_ctgov(
    engine: Engine,
    base_url: str,
    *,
    condition: str | None = None,
    since: date | None = None,
    is_full: bool = False,
    accepts_removals: bool = False,
    page_size: int = 500,
    politeness: fetch.Politeness = fetch.POLITE,
) -> Source:
    """Open the live registry: everything on the first run or with `is_full`, later only what was updated since.

    A full run narrowed to a condition marks no trial as unlisted. The registry's search decides which trials have the
    condition, and a trial that it no longer finds may still be listed.

    Raises:
        FetchError: the registry cannot be reached or refuses the request.
    """
    today = _today()
    scope = f"{CTGOV.name}: {condition}" if condition else CTGOV.name
    by_hand, looked_from = since is not None, None
    with reading(engine) as session:
        if not by_hand and not is_full and (known := since_last_run(session, scope, today)):
            since, looked_from = known
        is_whole = since is None and condition is None
        again = [] if is_whole else _askable(ids_to_ask_again(session, CTGOV.name, CTGOV.name))
        marked = unlisted_ids(session, CTGOV.name)
    warnings: list[str] = []
    version = _stated_release(base_url, politeness, today, warnings)
    pages = fetch.pages(
        base_url, condition=condition, since=since, page_size=page_size, politeness=politeness
    )
    first = next(pages)
    following = Following(
        registry=CTGOV.name,
        scope=None if by_hand else scope,
        version=version,
        promised=first.total,
        is_full=is_full and is_whole,
        accepts_removals=accepts_removals,
        asked_again=frozenset() if condition else frozenset(again),
        looked_from=None if condition else looked_from,
        warnings=warnings,
        marked=marked,
    )
    answers = _asked_again(base_url, condition, again, following, politeness)
    return Source(
        name=f"{scope} since {since}" if by_hand else scope,
        key=CTGOV.name,
        size=first.total,
        records=_records(chain((first,), pages), answers, following, politeness),
        is_whole=is_whole,
        following=following,
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _stated_release(
    base_url: str, politeness: fetch.Politeness, today: date, warnings: list[str]
) -> str | None:
    """Return the registry's release if it can be relied on; else add a warning and return None."""
    try:
        stated = fetch.release(base_url, politeness=politeness)
    except fetch.FetchError as error:
        if not error.is_reached:
            raise
        problem = str(error)
    else:
        if day := data_day(stated, today):
            return day
        problem = (
            f"the registry states {stated[:40]!r} as the day of its data"
            if stated
            else ("the registry does not state the day of its data")
        )
    warnings.append(f"{problem}; the next run looks as far back as this one")
    return None


def _askable(registry_ids: Sequence[str]) -> list[str]:
    """Leave out NCT00000000: the registry refuses it, and with it the whole request."""
    return [registry_id for registry_id in registry_ids if int(registry_id[3:])]


def _records(
    pages: Iterator[fetch.AnswerPage],
    answers: Iterator[Element],
    following: Following,
    politeness: fetch.Politeness,
) -> Iterator[RawRecord]:
    done = 0
    for page in pages:
        for study in page.studies:
            done += 1
            following.count(registry_id_in(study.data))
            yield _record(study, done, politeness)
    for study in answers:
        yield _record(study, done, politeness)


def _record(study: Element, done: int, politeness: fetch.Politeness) -> RawRecord:
    position = registry_id_in(study.data) or "a record without a registry id"
    fault = f"larger than {politeness.largest_record / (1 << 20):g} MB" if study.is_too_large else ""
    return RawRecord(position, study.data, done, fault)


def _asked_again(
    base_url: str,
    condition: str | None,
    registry_ids: Sequence[str],
    following: Following,
    politeness: fetch.Politeness,
) -> Iterator[Element]:
    """Yield the records that earlier runs could not read and the pages did not bring, whatever their date."""
    registry_ids = [registry_id for registry_id in registry_ids if not following.has_counted(registry_id)]
    try:
        for start in range(0, len(registry_ids), _IDS_AT_ONCE):
            some = registry_ids[start : start + _IDS_AT_ONCE]
            for page in fetch.pages(base_url, condition=condition, ids=some, politeness=politeness):
                yield from page.studies
    except fetch.FetchError as error:
        following.has_all_asked_again = False
        following.warnings.append(
            f"records that could not be read before will be asked for again next time: {error}"
        )
