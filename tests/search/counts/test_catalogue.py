"""The catalogue of one revision, and whether it may reuse what an earlier one has read."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.database.engine import migrate, open_engine, reading, writing
from app.index.revision import move_revision
from app.ingest.runs.sync import sync
from app.ingest.write.unlisted import mark_unlisted, missing_trials
from app.registries import CTGOV
from app.search.counts.catalogue import Catalogues, Scope
from app.settings import Settings
from tests.conftest import Ingest, engine_of
from tests.factories import source, study


def conditions(catalogues: Catalogues, engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(catalogues.current(session).postings(session, "condition"))


@pytest.fixture
def other(tmp_path: Path) -> Engine:
    """Make another database with the same revisions."""
    settings = Settings(database_url=f"sqlite:///{tmp_path}/other.db")
    migrate(settings)
    engine = open_engine(settings)
    for number in (1, 2):
        sync(engine, CTGOV, source([study(conditions=[f"Gout {number}"])], name=f"{number}"), lambda *_: None)
    return engine


def test_a_later_state_goes_on_with_what_was_read(engine: Engine, ingest: Ingest) -> None:
    catalogues = Catalogues()
    ingest([study(conditions=["Asthma"])])
    before = conditions(catalogues, engine)
    ingest([study(conditions=["Gout"])], name="more")
    with reading(engine) as session:
        assert catalogues.is_followed_by(session)
    assert before < conditions(catalogues, engine)


def test_another_database_of_a_later_version_is_read_anew(
    engine: Engine, ingest: Ingest, other: Engine
) -> None:
    catalogues = Catalogues()
    ingest([study(conditions=["Asthma"])])
    assert conditions(catalogues, engine) == {"asthma"}
    with reading(other) as session:
        assert not catalogues.is_followed_by(session)
    assert conditions(catalogues, other) == {"gout-1", "gout-2"}
    other.dispose()


def test_another_database_of_the_same_version_is_not_taken_for_the_one_that_is_known(
    engine: Engine, ingest: Ingest, other: Engine
) -> None:
    catalogues = Catalogues()
    for number in (1, 2):
        ingest([study(conditions=["Asthma"])], name=f"{number}")
    version = text("SELECT version FROM data_version")
    with engine.connect() as one, other.connect() as two:
        assert one.execute(version).scalar() == two.execute(version).scalar()
    assert conditions(catalogues, engine) == {"asthma"}
    assert conditions(catalogues, other) == {"gout-1", "gout-2"}
    other.dispose()


def test_after_more_changes_than_are_remembered_everything_is_read_anew(
    engine: Engine, ingest: Ingest
) -> None:
    catalogues = Catalogues()
    ingest([study()])
    before = conditions(catalogues, engine)
    with writing(engine) as session:
        for _ in range(250):
            move_revision(session)
    with reading(engine) as session:
        assert not catalogues.is_followed_by(session)
    assert conditions(catalogues, engine) == before


def test_readers_of_an_older_snapshot_share_what_was_read_of_it(client: TestClient, ingest: Ingest) -> None:
    catalogues, engine = Catalogues(), engine_of(client)
    ingest([study("NCT00000001")])
    with reading(engine) as before, reading(engine) as another:
        older = catalogues.current(before)
        assert len(catalogues.current(another).trials(another)) == 1
        ingest([study("NCT00000002")])
        with reading(engine) as after:
            assert len(catalogues.current(after).trials(after)) == 2
        assert catalogues.current(another) is older
        assert len(older.trials(another)) == 1


def test_listed_and_unlisted_postings_are_put_together_once_a_version(
    client: TestClient, engine: Engine, ingest: Ingest
) -> None:
    catalogues, readers = Catalogues(), engine_of(client)
    ingest([study("NCT00000001"), study("NCT00000002")])
    for count in (2, 3):
        with writing(engine) as session:
            mark_unlisted(session, missing_trials(session, CTGOV.name, ())[:1], "2026-03-01")
        with reading(readers) as session:
            catalogue = catalogues.current(session).of(Scope.ALL)
            postings = catalogue.postings(session, "status")
            assert postings["recruiting"].count == count
            assert catalogues.current(session).of(Scope.ALL).postings(session, "status") is postings
        ingest([study("NCT00000003")])
