"""Suggestions follow the trials."""

import pytest
from sqlalchemy import Engine

from app.database.engine import reading
from app.index.revision import current_revision
from app.index.suggestion_ids import suggested_revision
from app.ingest.derived.names import renew_names
from app.ingest.derived.suggestions import rebuild_suggestions
from app.ingest.long_work.reindex import reindex
from app.ingest.runs.remove import remove_synthetic
from app.search.suggest.offers import suggest
from tests.conftest import Ingest
from tests.factories import Study, study
from tests.support.tables import change, contents, rows_of

MADE = ("suggestion", "suggestion_word")


def some_studies() -> list[Study]:
    return [
        study("NCT00000001", conditions=["Asthma", "Gout"], interventions=[("DRUG", "Aspirin")]),
        study("NCT00000002", conditions=["Asthma"], interventions=[("DRUG", "ASPIRIN "), ("OTHER", "Tea")]),
    ]


def made(engine: Engine) -> dict[str, object]:
    found = contents(engine)
    return {name: found[name] for name in MADE}


def is_current(engine: Engine) -> bool:
    with reading(engine) as session:
        return suggested_revision(session) == current_revision(session)


def test_a_run_makes_suggestions_of_each_kind_with_the_most_trials_first(
    engine: Engine, ingest: Ingest
) -> None:
    ingest(some_studies())
    found = rows_of(engine, "SELECT kind, label, value, count FROM suggestion ORDER BY id")
    assert found == [
        ("condition", "Asthma", "asthma", None),
        ("condition", "Gout", "gout", None),
        ("drug", "Aspirin", "Aspirin", 2),
        ("sponsor", "A University", "a-university", None),
    ]
    words = rows_of(engine, "SELECT word FROM suggestion_word ORDER BY word")
    assert [word for (word,) in words] == ["a", "aspirin", "asthma", "gout", "university"]
    assert is_current(engine)


@pytest.fixture
def many_trials(ingest: Ingest) -> list[Study]:
    """Ingest so many trials that a few more count as a small change."""
    studies = [
        study(f"NCT{number:08d}", conditions=["Asthma"], interventions=[("DRUG", "Aspirin")], acronym="STAR")
        for number in range(1, 101)
    ]
    ingest(studies)
    return studies


class TestAFewChanges:
    def test_new_names_come_after_the_existing_ones(
        self, engine: Engine, ingest: Ingest, many_trials: list[Study]
    ) -> None:
        before = rows_of(engine, "SELECT id, label FROM suggestion")
        new = study(
            "NCT00000200",
            conditions=["Gout", "Asthma"],
            interventions=[("DRUG", "Colchicine tablets"), ("DRUG", "ASPIRIN")],
            sponsor="Another University",
            acronym="MOON",
        )
        ingest([new])
        found = rows_of(engine, "SELECT id, label FROM suggestion")
        assert found != before
        assert [row for row in found if row in before] == before
        assert sorted(str(row[1]) for row in found if row not in before) == [
            "Another University",
            "Colchicine tablets",
            "Gout",
            "MOON",
        ]
        assert offered(engine, "colchi", "gou", "another", "moon") == {
            "Colchicine tablets": 1,
            "Gout": 1,
            "Another University": 1,
            "MOON": 1,
        }
        assert is_current(engine)

    def test_stored_counts_follow_the_trials(
        self, engine: Engine, ingest: Ingest, many_trials: list[Study]
    ) -> None:
        ingest([study(interventions=[("DRUG", "Aspirin"), ("DRUG", "aspirin")], acronym="Star")])
        assert offered(engine, "aspirin", "star") == {"Aspirin": 101, "STAR": 101}

    def test_the_same_words_in_another_order_are_no_new_name(
        self, engine: Engine, ingest: Ingest, many_trials: list[Study]
    ) -> None:
        ingest([study(interventions=[("DRUG", "Folic acid"), ("DRUG", "Acid, folic")])])
        ingest([study(interventions=[("DRUG", "ACID FOLIC")])])
        names = rows_of(engine, "SELECT label FROM suggestion WHERE kind = 'drug' ORDER BY id")
        assert len(names) == 2

    def test_an_acronym_that_a_second_trial_takes_no_longer_leads_to_the_first(
        self, engine: Engine, ingest: Ingest, many_trials: list[Study]
    ) -> None:
        ingest([study("NCT00000300", acronym="MOON")])
        assert offered(engine, "moon") == {"MOON": 1}
        ingest([study("NCT00000301", acronym="Moon")])
        assert offered(engine, "moon") == {"MOON": 2}

    def test_many_small_changes_are_sorted_in_the_end(
        self, engine: Engine, ingest: Ingest, many_trials: list[Study]
    ) -> None:
        places = "SELECT label FROM suggestion WHERE kind = 'condition' ORDER BY id"
        ingest([study(conditions=["Back pain"])])
        for _ in range(3):
            ingest([study(conditions=["Gout"])])
        assert rows_of(engine, places) == [("Asthma",), ("Back pain",), ("Gout",)]
        ingest([study(conditions=["Gout"]) for _ in range(3)])
        assert rows_of(engine, places) == [("Asthma",), ("Gout",), ("Back pain",)]


def offered(engine: Engine, *typed: str) -> dict[str, int]:
    with reading(engine) as session:
        return {offer.label: offer.count for each in typed for offer in suggest(session, each)}


def test_a_run_without_news_leaves_suggestions_alone(engine: Engine, ingest: Ingest) -> None:
    ingest(some_studies())
    change(engine, "UPDATE suggestion SET label = 'Touched'")
    ingest(some_studies())
    assert set(rows_of(engine, "SELECT label FROM suggestion")) == {("Touched",)}


def test_an_empty_database_has_nothing_to_suggest_and_nothing_is_written(engine: Engine) -> None:
    before = contents(engine)
    renew_names(engine)
    assert contents(engine) == before
    assert is_current(engine)


def test_a_run_killed_before_it_made_suggestions_leaves_them_to_the_next(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("app.ingest.runs.ending.renew_due_names", lambda _: None)
        patched.setattr("app.ingest.runs.sync.renew_names", lambda _: None)
        ingest(some_studies())
    assert not is_current(engine)
    ingest(some_studies())
    assert is_current(engine)
    assert rows_of(engine, "SELECT count(*) FROM suggestion") == [(4,)]


def test_a_failed_rebuild_leaves_the_old_suggestions(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(some_studies())
    before = made(engine)
    monkeypatch.setattr("app.ingest.derived.suggestions.acronyms", None)
    change(engine, "UPDATE data_version SET version = version + 1")
    with pytest.raises(TypeError):
        renew_names(engine)
    assert made(engine) == before


@pytest.mark.parametrize(
    "broken",
    [
        "DELETE FROM suggestion",
        "INSERT INTO suggestion VALUES (9, 'condition', 'Atlantis', 'Atlantis', 'atlantis', 1)",
        "DELETE FROM suggestion_word",
        "INSERT INTO suggestion_text (suggestion_text) VALUES ('delete-all')",
    ],
)
def test_reindex_rebuilds_suggestions_whatever_they_were(engine: Engine, ingest: Ingest, broken: str) -> None:
    ingest(some_studies())
    before, indexed = made(engine), "SELECT rowid FROM suggestion_text WHERE suggestion_text MATCH 'asthma'"
    change(engine, broken)
    reindex(engine, lambda *_: None)
    assert made(engine) == before
    assert rows_of(engine, indexed) == [(1,)]
    assert is_current(engine)


def test_what_is_removed_is_no_longer_suggested(engine: Engine, ingest: Ingest) -> None:
    ingest(some_studies())
    before = made(engine)
    ingest([study("NCT90000001", conditions=["Gout", "Made Up"], sponsor="Nobody")], name="demo")
    assert made(engine) != before
    assert remove_synthetic(engine) == 1
    assert made(engine) == before
    assert is_current(engine)


def test_rebuilding_suggestions_twice_gives_the_same(engine: Engine, ingest: Ingest) -> None:
    ingest(some_studies())
    before = made(engine)
    with reading(engine) as session:
        rebuild_suggestions(session)
        session.commit()
    assert made(engine) == before


def test_names_of_a_condition_are_one_row_with_the_label_first_and_then_the_shortest(
    engine: Engine, ingest: Ingest
) -> None:
    ingest([study(conditions=["Asthma"], mesh=[("D001249", "Asthma")])])
    for slug, name in (("bronchial-asthma", "Bronchial Asthma"), ("asthma", "Asthma"), ("ba", "BA")):
        change(
            engine,
            "INSERT OR IGNORE INTO concept_name (slug, mesh_id, text, key, kind, count) "
            "VALUES (:slug, 'D001249', :name, :slug, 'synonym', 0)",
            slug=slug,
            name=name,
        )
    change(engine, "UPDATE data_version SET version = version + 1")
    change(engine, "INSERT INTO due_name VALUES ('condition', 'asthma')")
    renew_names(engine)
    names = rows_of(engine, "SELECT names FROM suggestion WHERE kind = 'condition'")
    assert names == [("Asthma\nBA\nBronchial Asthma",)]


def test_names_that_differ_in_signs_alone_are_one_drug(engine: Engine, ingest: Ingest) -> None:
    drugs = [("DRUG", "Omalizumab (Xolair)"), ("BIOLOGICAL", "Xolair® omalizumab"), ("DRUG", "***")]
    ingest([study(interventions=drugs), study(interventions=drugs[:1])])
    found = rows_of(engine, "SELECT label, value FROM suggestion WHERE kind = 'drug'")
    assert found == [("Omalizumab (Xolair)", "Omalizumab Xolair")]


def test_a_regimen_described_in_words_is_no_drug(engine: Engine, ingest: Ingest) -> None:
    ingest([study(interventions=[("DRUG", "Standard treatment as decided by the treating physician, " * 2)])])
    assert rows_of(engine, "SELECT * FROM suggestion WHERE kind = 'drug'") == []


def test_only_the_commonest_drugs_are_counted_beforehand(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.derived.suggested._COUNTED_DRUGS", 1)
    ingest([study(interventions=[("DRUG", "Aspirin"), ("DRUG", "Ibuprofen")]), study()])
    counts = rows_of(engine, "SELECT label, count FROM suggestion WHERE kind = 'drug' ORDER BY id")
    assert counts == [("Aspirin", 2), ("Ibuprofen", None)]
