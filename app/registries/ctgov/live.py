"""Answers a run's question from ClinicalTrials.gov's live interface."""

from collections.abc import Iterator, Sequence
from itertools import chain

from app.registries.ctgov import fetch
from app.registries.registry import LiveAnswer, LiveQuestion, RegistryError
from app.registries.split_json import Element

_IDS_AT_ONCE = 200
"""Named in one request: its address stays under 3,000 characters."""
_REFUSED_ID = "NCT00000000"
"""The registry refuses it, and with it the whole request."""


def open_live(question: LiveQuestion) -> LiveAnswer:
    """Ask for the release, then for the first page; the other pages are asked for while elements are read.

    Raises:
        RegistryError: the registry cannot be reached or refuses the request.
    """
    release, problem = _release(question)
    pages = fetch.pages(
        question.base_url,
        condition=question.condition,
        since=question.since,
        page_size=question.page_size,
        politeness=question.politeness,
    )
    first = next(pages)
    elements = (study for page in chain((first,), pages) for study in page.studies)

    def ask_again(registry_ids: Sequence[str]) -> Iterator[Element]:
        return _by_id(question, [registry_id for registry_id in registry_ids if registry_id != _REFUSED_ID])

    return LiveAnswer(release, problem, first.total, elements, ask_again)


def _release(question: LiveQuestion) -> tuple[str | None, str]:
    try:
        return fetch.release(question.base_url, politeness=question.politeness), ""
    except RegistryError as error:
        if not error.is_reached:
            raise
        return None, str(error)


def _by_id(question: LiveQuestion, registry_ids: Sequence[str]) -> Iterator[Element]:
    for start in range(0, len(registry_ids), _IDS_AT_ONCE):
        for page in fetch.pages(
            question.base_url,
            condition=question.condition,
            ids=registry_ids[start : start + _IDS_AT_ONCE],
            politeness=question.politeness,
        ):
            yield from page.studies
