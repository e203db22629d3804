"""A state machine that makes random updates under a live application and compares its pages after each of them."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.conditions.mesh.read import open_mesh
from app.database.engine import open_engine, writing
from app.ingest.checks.check import problems
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.long_work.reindex import reindex
from app.ingest.long_work.relink import relink_everything
from app.ingest.runs.remove import remove_synthetic
from app.ingest.runs.sync import sync
from app.ingest.sources.source import RawRecord, Source, SourceError
from app.ingest.write.unlisted import mark_listed, mark_unlisted, missing_trials, unlisted_ids
from app.registries import CTGOV
from app.settings import Settings
from tests.conditions.mesh.factories import mesh_file
from tests.factories import Study, source
from tests.living.comparing import Comparison, Report, Surroundings
from tests.living.thresholds import ALL_THRESHOLDS, Thresholds
from tests.living.world import SYNTHETIC_SHARE, VOCABULARIES, registry_id_of, study_of

_UNREADABLE = (
    b"nonsense",
    b"[]",
    b'{"protocolSection": {}}',
    b'{"protocolSection": {"identificationModule": 7}}',
)
_EDITIONS = 40
_DAYS = 300
"""Number of updates after which the dates begin again; later records are then older than the stored ones."""

SEEDS = st.integers(0, 2**32 - 1)
"""Seeds; a `look` chooses the pages that are fetched."""
NUMBERS = st.integers(0, 10_000)
PICK = st.tuples(NUMBERS, st.integers(0, _EDITIONS))
"""(number of a trial, its edition)"""
PICKS = st.lists(PICK, min_size=1, max_size=12)


class LivingData(RuleBasedStateMachine):
    surroundings: ClassVar[Surroundings]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="living-"))
        path = self.folder / "trialmark.db"
        shutil.copy(self.surroundings.empty_database, path)
        # Not a test of time: on a machine with much else to do, a page may take longer than readers should wait.
        self.settings = Settings(database_url=f"sqlite:///{path}", request_seconds=300)
        self.engine = open_engine(self.settings)
        self.patched = ExitStack()
        self.comparison: Comparison | None = None
        self.day = 0

    @initialize(thresholds=st.sampled_from(ALL_THRESHOLDS), is_warm=st.booleans(), seed=SEEDS, size=NUMBERS)
    def begin(self, thresholds: Thresholds, is_warm: bool, seed: int, size: int) -> None:
        """Ingest no, some or many trials before the application starts."""
        self.patched.enter_context(thresholds.applied())
        if count := size % (self.surroundings.trials + 1):
            self._sync(self._some_studies(seed, count))
        self.comparison = Comparison(self.surroundings, self.settings, thresholds)
        self.comparison.start(is_warm=is_warm)

    @property
    def pages(self) -> Comparison:
        assert self.comparison
        return self.comparison

    @rule(is_warm=st.booleans(), look=SEEDS)
    def restart(self, is_warm: bool, look: int) -> None:
        self.pages.start(is_warm=is_warm)
        self._compare(look)

    @rule(picks=PICKS, look=SEEDS)
    def ingest(self, picks: list[tuple[int, int]], look: int) -> None:
        """Ingest new, changed and unchanged trials."""
        self._sync([self._study(*pick) for pick in picks])
        self._compare(look)

    @rule(picks=PICKS, look=SEEDS)
    def ingest_several_times(self, picks: list[tuple[int, int]], look: int) -> None:
        """Ingest several times, so that pages have several updates to catch up with."""
        for number, edition in picks[:5]:
            self._sync([self._study(number, edition)])
        self._compare(look)

    @rule(picks=PICKS, look=SEEDS)
    def ingest_watched(self, picks: list[tuple[int, int]], look: int) -> None:
        self._sync([self._study(*pick) for pick in picks], self.pages.watching(look))
        self._compare(look)

    @rule(seed=SEEDS, count=st.integers(20, 60), look=SEEDS)
    def ingest_many_beside_a_reader(self, seed: int, count: int, look: int) -> None:
        studies, report = self._some_studies(seed, count), self.pages.watching(look)
        self.pages.beside_a_reader(look, lambda: self._sync(studies, report))
        self._compare(look)

    @rule(picks=PICKS, read=st.integers(0, 12), look=SEEDS)
    def ingest_that_breaks_off(self, picks: list[tuple[int, int]], read: int, look: int) -> None:
        studies = [self._study(*pick) for pick in picks]
        end = Killed() if read % 2 else SourceError("the source broke off")
        broken = Source(
            "broken", "broken", len(studies), then_broken(source(studies).records, read, end), is_whole=False
        )
        try:
            sync(self.engine, CTGOV, broken, self.pages.watching(look))
        except (SourceError, Killed):
            self.pages.after_step(look)

    @rule(data=st.sampled_from(_UNREADABLE), pick=PICK, look=SEEDS)
    def ingest_what_cannot_be_read(self, data: bytes, pick: tuple[int, int], look: int) -> None:
        self._sync([data, self._study(*pick)])
        self._compare(look)

    @rule(first=NUMBERS, look=SEEDS)
    def remove(self, first: int, look: int) -> None:
        """Remove the synthetic trials from one id on."""
        number = SYNTHETIC_SHARE * (first % (self.surroundings.trials // SYNTHETIC_SHARE))
        from_id = registry_id_of(number)
        self.pages.beside_a_reader(look, lambda: remove_synthetic(self.engine, from_id=from_id))
        self._compare(look)

    @rule(share=st.sampled_from((0.05, 0.5, 1.0)), seed=SEEDS, look=SEEDS)
    def unlist(self, share: float, seed: int, look: int) -> None:
        """Mark some trials as no longer listed by the registry."""
        with writing(self.engine) as session:
            listed = missing_trials(session, CTGOV.name, ())
            mark_unlisted(session, _some(listed, share, seed), "2026-03-01")
        self._compare(look)

    @rule(share=st.sampled_from((0.5, 1.0)), seed=SEEDS, look=SEEDS)
    def list_again(self, share: float, seed: int, look: int) -> None:
        with writing(self.engine) as session:
            unlisted = list(unlisted_ids(session, CTGOV.name).values())
            mark_listed(session, _some(unlisted, share, seed))
        self._compare(look)

    @rule(name=st.sampled_from(sorted(VOCABULARIES)), is_linked=st.booleans(), look=SEEDS)
    def load_vocabulary(self, name: str, is_linked: bool, look: int) -> None:
        """Load another MeSH, sometimes without the steps that should follow, as when the load is killed."""
        file = open_mesh(mesh_file(self.folder, *VOCABULARIES[name]))
        replace_vocabulary(self.engine, file, lambda *_: None)
        self.pages.after_step(look)
        if is_linked:
            self.relink(look + 1)

    @rule(look=SEEDS)
    def relink(self, look: int) -> None:
        report = self.pages.watching(look)
        self.pages.beside_a_reader(look, lambda: relink_everything(self.engine, report))
        self._compare(look)

    @rule(look=SEEDS)
    def reindex(self, look: int) -> None:
        report = self.pages.watching(look)
        self.pages.beside_a_reader(look, lambda: reindex(self.engine, report))
        self._compare(look)

    def teardown(self) -> None:
        """Compare all kinds of pages once more, unless a page has been wrong already."""
        self.surroundings.tally.runs += 1
        try:
            if self.comparison and not self.comparison.has_failed:
                self.comparison.at_the_end(self.day)
        finally:
            if self.comparison:
                self.comparison.close()
            self.patched.close()
            self.engine.dispose()
            shutil.rmtree(self.folder)
            self.surroundings.after_run(self.surroundings.tally)

    def _study(self, number: int, edition: int) -> Study:
        self.day += 1
        return study_of(number % self.surroundings.trials, edition, self.day % _DAYS)

    def _some_studies(self, seed: int, count: int) -> list[Study]:
        random = Random(seed)
        return [self._study(random.randrange(10_000), random.randrange(_EDITIONS)) for _ in range(count)]

    def _sync(self, studies: Sequence[Study | bytes], report: Report = lambda *_: None) -> None:
        sync(self.engine, CTGOV, source(studies), report)

    def _compare(self, look: int) -> None:
        """Check derived rows and compare pages after a step that came to its end."""
        self.pages.after_step(look)
        self.pages.tell([f"check: {line}" for line in problems(self.engine)])


def _some(trial_ids: Sequence[int], share: float, seed: int) -> list[int]:
    return sorted(Random(seed).sample(trial_ids, ceil(len(trial_ids) * share)))


class Killed(Exception):  # noqa: N818  it stands for a kill, not for an error
    """Ends a run as a kill does: the program does nothing more about it."""


def then_broken(records: Iterator[RawRecord], read: int, end: Exception | None = None) -> Iterator[RawRecord]:
    """Let so many records through; then fail as a broken source does, or as `end` says."""
    for _ in range(read):
        if (record := next(records, None)) is None:
            return
        yield record
    raise end or SourceError("the source broke off")
