"""Compares the pages of a live application with those of one that was just started on the same file."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Event, Thread

from anyio.from_thread import BlockingPortal

from app.settings import Settings
from app.web.rendering import Renderer
from tests.living.addresses import KINDS, some_addresses
from tests.living.elsewhere import answers_elsewhere
from tests.living.sites import Answer, Asked, Site, differences, started
from tests.living.thresholds import Thresholds

Report = Callable[[int, int], None]

_FETCHED_MEANWHILE = 3
"""Number of pages fetched after a batch of a run."""
_MOST_WATCHED = 3
"""Number of batches of one run after which pages are compared: the first one and some later ones."""
_MOST_BESIDE = 25
"""Largest number of pages that the second thread fetches during one run."""
_FRAGMENTS = 0.3
"""Share of the pages that are asked for as htmx asks."""


@dataclass
class Tally:
    runs: int = 0
    steps: int = 0
    fetches: int = 0
    server_errors: int = 0
    differences: int = 0
    told: list[str] = field(default_factory=list)
    """All differences and failures in words."""


def _say_nothing(_tally: Tally) -> None:
    pass


@dataclass
class Surroundings:
    """Settings and resources that all runs share."""

    empty_database: Path
    renderer: Renderer
    portal: BlockingPortal
    elsewhere: Executor
    """An executor of spawned processes."""
    trials: int = 50
    """Largest number of trials in the world."""
    pages: int = 6
    """Number of pages fetched from each application after each step."""
    is_strict: bool = True
    """Whether the first difference ends the run; otherwise all are counted."""
    after_run: Callable[[Tally], None] = _say_nothing
    tally: Tally = field(default_factory=Tally)


class DifferentPagesError(AssertionError):
    """Raised where a page of the live application differs from that of a fresh one, or fails."""


class Comparison:
    """Comparisons of one live application on one database, for one run of the machine."""

    def __init__(self, here: Surroundings, settings: Settings, thresholds: Thresholds) -> None:
        self._here = here
        self._settings = settings
        self._thresholds = thresholds
        self._application = ExitStack()
        self._live: Site
        self._digests: dict[tuple[Asked, str], bytes] = {}
        """Digests by request and entity tag: two pages with one tag must be one page."""
        self.has_failed = False

    def start(self, *, is_warm: bool) -> None:
        """Start the live application, or replace it by another one."""
        self.close()
        application = started(self._settings, self._here.portal, self._here.renderer, is_warm=is_warm)
        self._live = self._application.enter_context(application)

    def close(self) -> None:
        self._application.close()

    def after_step(self, look: int) -> None:
        """Ask the live application and a fresh one for some pages; `look` chooses them."""
        self._here.tally.steps += 1
        self._compare(self._asked(look, self._here.pages))

    def at_the_end(self, look: int) -> None:
        """Ask for all kinds of pages, also from an application in another process."""
        asked = self._asked(look, len(KINDS))
        self._compare(asked)
        answers = self._here.elsewhere.submit(answers_elsewhere, self._settings, self._thresholds, asked)
        expected = dict(zip(asked, answers.result(), strict=True))
        self.tell(list(differences(asked, self._pages_of(self._live), lambda each: expected[each])))

    def watching(self, look: int) -> Report:
        """Return a report to an ingest that compares pages after some of its batches."""
        random = Random(look)
        left = _MOST_WATCHED

        def report(done: int, _records: int) -> None:
            nonlocal left
            if left and (left == _MOST_WATCHED or random.random() < 0.4):
                left -= 1
                self._compare(self._asked(look + done, _FETCHED_MEANWHILE))

        return report

    def beside_a_reader(self, look: int, work: Callable[[], object]) -> None:
        """Do something while a second thread reads pages of the live application."""
        is_over = Event()
        answers: list[tuple[Asked, Answer]] = []

        def read() -> None:
            for asked in self._asked(look, _MOST_BESIDE):
                if is_over.is_set():
                    return
                answers.append((asked, self._live.get(asked)))

        reader = Thread(target=read, name="reader")
        reader.start()
        try:
            work()
        finally:
            is_over.set()
            reader.join()
        for asked, answer in answers:
            self._look_at(asked, answer)

    def tell(self, found: Sequence[str]) -> None:
        """Count the differences, and end a strict run with them.

        Raises:
            DifferentPagesError: there are differences in a strict run.
        """
        self._here.tally.differences += len(found)
        self._here.tally.told += found
        if found and self._here.is_strict:
            self.has_failed = True
            raise DifferentPagesError("\n".join(found))

    def _compare(self, asked: Sequence[Asked]) -> None:
        with started(self._settings, self._here.portal, self._here.renderer) as fresh:
            self.tell(list(differences(asked, self._pages_of(self._live), self._pages_of(fresh))))

    def _asked(self, look: int, most: int) -> list[Asked]:
        random = Random(look)
        return [Asked(address, random.random() < _FRAGMENTS) for address in some_addresses(random, most)]

    def _pages_of(self, site: Site) -> Callable[[Asked], Answer]:
        """Ask an application for pages; each answer is checked by itself before it is compared."""

        def get(asked: Asked) -> Answer:
            answer = site.get(asked)
            self._look_at(asked, answer)
            return answer

        return get

    def _look_at(self, asked: Asked, answer: Answer) -> None:
        self._here.tally.fetches += 1
        if answer.is_failure and asked.address != "/readyz":  # which may rightly say that it is not ready
            self._here.tally.server_errors += 1
            self.tell([f"{asked}: {answer.status} {answer.error}"])
        elif answer.entity_tag:
            digest = sha256(answer.body.encode()).digest()
            if self._digests.setdefault((asked, answer.entity_tag), digest) != digest:
                self.tell([f"{asked}: two pages have the entity tag {answer.entity_tag}"])
