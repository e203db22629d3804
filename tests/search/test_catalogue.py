"""The present data version, told beside the sessions of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.database import open_engine, reading
from app.search.catalogue import VersionWatch, data_version
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study


@pytest.fixture
def watch(engine: Engine) -> Iterator[VersionWatch]:
    watch = VersionWatch(engine)
    yield watch
    watch.close()


def test_the_version_is_told_as_soon_as_it_is_there(
    watch: VersionWatch, engine: Engine, ingest: Ingest
) -> None:
    told = [watch.version()]
    for number in range(3):
        ingest([study(f"NCT0000000{number}")])
        told.append(watch.version())
        with reading(engine) as session:
            assert told[-1] == data_version(session)
    assert len(set(told)) == len(told)


def test_a_database_that_does_not_answer_tells_none(settings: Settings) -> None:
    with_no_table = settings.database_path.with_name("empty.db")
    for path in (with_no_table, Path("/nowhere/at/all.db")):
        engine = open_engine(settings.model_copy(update={"database_url": f"sqlite:///{path}"}))
        watch = VersionWatch(engine)
        assert watch.version() is None
        watch.close()
        engine.dispose()
