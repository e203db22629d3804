"""Everything derived can be built again from the stored documents."""

import pytest
import zstandard
from sqlalchemy import Engine

from app.ingest.checks.check import problems
from app.ingest.long_work.reindex import reindex, stored_count
from app.ingest.sources.source import SourceError
from tests.conftest import Ingest
from tests.factories import study
from tests.support.tables import change, derived, rows_of


@pytest.fixture(autouse=True)
def some_trials(ingest: Ingest) -> None:
    ingest(
        [
            study(
                "NCT00000001",
                conditions=["Leukemia, Myeloid, Acute", "Asthma"],
                mesh=[("D015470", "Leukemia, Myeloid, Acute")],
                ancestors=[("D007938", "Leukemia")],
                countries=["France", "Peru", "France"],
            ),
            study(
                "NCT00000002", status=None, phases=["PHASE1", "PHASE2"], interventions=[("DEVICE", "Stent")]
            ),
            study("NCT00000003", conditions=[], interventions=[], countries=[], enrollment=None),
        ]
    )


def run(engine: Engine) -> int:
    return reindex(engine, lambda *_: None)


@pytest.mark.parametrize("batch", [500, 2, 1])
def test_an_intact_database_stays_as_it_is_but_for_the_revision(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("app.database.bulk._CHUNK", batch)
    before, version = derived(engine), rows_of(engine, "SELECT version FROM data_version")
    assert run(engine) == stored_count(engine) == 3
    assert derived(engine) == before
    assert rows_of(engine, "SELECT version FROM data_version") > version


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trial SET status = 'banana', title = 'Wrong', location_count = 9 WHERE id = 2",
        "DELETE FROM trial_phase",
        "DELETE FROM facet_posting WHERE facet = 'phase'",
        "UPDATE facet_posting SET bitmap = x'00', count = 0",
        "DELETE FROM trial_text",
        "DELETE FROM trial_listing",
        "INSERT INTO trial_country VALUES (3, 'atlantis', 'Atlantis', 1)",
        "INSERT INTO condition (slug, name) VALUES ('of-no-trial', 'Of no trial')",
        "INSERT INTO facet_posting SELECT 'country', 'atlantis', '', 1, 1, bitmap, 1 FROM facet_posting LIMIT 1",
    ],
)
def test_what_was_broken_by_hand_is_whole_again(engine: Engine, statement: str) -> None:
    before = derived(engine)
    change(engine, statement)
    assert derived(engine) != before
    run(engine)
    assert problems(engine) == []
    assert derived(engine) == before


def test_progress_is_told_batch_by_batch(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.bulk._CHUNK", 2)
    told: list[tuple[int, int]] = []
    reindex(engine, lambda *done: told.append(done))
    assert told == [(2, 2), (3, 3)]


def test_a_stored_document_that_cannot_be_read_any_more_is_named_and_changes_nothing(engine: Engine) -> None:
    spoiled = zstandard.compress(b'{"protocolSection": {}}')
    change(engine, "UPDATE source_document SET document = :document WHERE trial_id = 2", document=spoiled)
    before = derived(engine)
    with pytest.raises(SourceError, match=r"stored document of NCT00000002: .*; ingest it again"):
        run(engine)
    assert derived(engine) == before


def test_a_damaged_stored_document_is_one_line(engine: Engine) -> None:
    change(engine, "UPDATE source_document SET document = x'00' WHERE trial_id = 2")
    with pytest.raises(SourceError, match="NCT00000002"):
        run(engine)


def test_an_empty_database_has_nothing_to_reindex(engine: Engine) -> None:
    change(engine, "DELETE FROM trial")
    assert run(engine) == 0
    assert rows_of(engine, "SELECT * FROM condition") == []
