"""Warming reads what lists count from before a reader asks for it."""

from pathlib import Path

from sqlalchemy import Engine, event, text

from app.database.engine import open_engine, reading
from app.index.facets import FACETS
from app.search.counts.catalogue import Catalogues
from app.search.find import Search
from app.search.query import TrialQuery
from app.search.warming import Warming
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study


def test_the_first_list_reads_no_posting_and_no_order_any_more(ingest: Ingest, engine: Engine) -> None:
    ingest([study(), study()])
    catalogues, statements = Catalogues(), []
    Warming(engine, catalogues).run()
    with reading(engine) as session:
        search = Search(session, catalogues.current(session), TrialQuery())
        event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        assert len(search.page_ids()) == 2
        assert [choice.count for choice in search.choices(FACETS[0])] == [2]
    assert statements == []


def test_document_sizes_for_the_ranking_are_read_too(ingest: Ingest, engine: Engine) -> None:
    ingest([study()])
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    Warming(engine, Catalogues()).run()
    assert any("trial_text_docsize" in statement for statement in statements)


def test_a_database_that_is_not_ready_is_no_error(settings: Settings) -> None:
    with_no_table = settings.database_path.with_name("empty.db")
    for path in (with_no_table, Path("/nowhere/at/all.db")):
        engine = open_engine(settings.model_copy(update={"database_url": f"sqlite:///{path}"}))
        Warming(engine, Catalogues()).run()
        engine.dispose()


def test_damaged_rows_are_left_to_the_request_that_needs_them(ingest: Ingest, engine: Engine) -> None:
    ingest([study()])
    with engine.begin() as connection:
        connection.execute(text("UPDATE facet_posting SET bitmap = x'00'"))
    Warming(engine, Catalogues()).run()


def test_a_stopped_warming_reads_nothing(ingest: Ingest, engine: Engine) -> None:
    ingest([study()])
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    warming = Warming(engine, Catalogues())
    warming.start()
    warming.stop()
    statements.clear()
    warming.run()
    assert statements == []


def test_warming_takes_the_same_statements_however_many_trials_there_are(
    ingest: Ingest, engine: Engine
) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    ingest([study()], name="one")
    counted = []
    for name, trials in (("few", 4), ("many", 300)):
        ingest([study(conditions=[f"Condition {n}"]) for n in range(trials)], name=name)
        statements.clear()
        Warming(engine, Catalogues()).run()
        counted.append(len(statements))
    assert counted[0] > 0
    assert counted[1] == counted[0]


def test_warming_can_be_stopped_at_any_time(ingest: Ingest, engine: Engine) -> None:
    ingest([study()])
    warming = Warming(engine, Catalogues())
    warming.start()
    warming.stop()
    assert not warming.is_alive()
