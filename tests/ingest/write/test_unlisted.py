"""Trials that the registry no longer lists are marked, kept, and counted apart."""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from app.database.engine import reading, writing
from app.ingest.checks.check import problems
from app.ingest.long_work.reindex import reindex
from app.ingest.write.postings import rebuild_postings
from app.ingest.write.unlisted import mark_listed, mark_unlisted, missing_trials, unlisted_ids
from app.models import FacetPosting, Trial, UnlistedTrial
from tests.conftest import Ingest
from tests.factories import study


def trial_ids(session: Session, *registry_ids: str) -> list[int]:
    found = select(col(Trial.id)).where(col(Trial.registry_id).in_(registry_ids)).order_by(col(Trial.id))
    return [trial_id or 0 for trial_id in session.execute(found).scalars()]


def mark(engine: Engine, *registry_ids: str, day: str = "2026-03-12") -> None:
    with writing(engine) as session:
        mark_unlisted(session, trial_ids(session, *registry_ids), day)


def counts(engine: Engine, facet: str) -> dict[str, int]:
    with reading(engine) as session:
        rows = session.execute(
            select(col(FacetPosting.value), col(FacetPosting.count)).where(
                col(FacetPosting.facet) == facet, col(FacetPosting.count) > 0
            )
        )
        return dict(rows.all())


def three(ingest: Ingest) -> Sequence[str]:
    registry_ids = ["NCT00000001", "NCT00000002", "NCT00000003"]
    ingest([study(registry_id, conditions=["Asthma"]) for registry_id in registry_ids])
    return registry_ids


def test_a_complete_run_misses_what_it_did_not_see_and_nothing_that_is_marked(
    ingest: Ingest, engine: Engine
) -> None:
    three(ingest)
    with reading(engine) as session:
        assert missing_trials(session, "ctgov", {"NCT00000001"}) == trial_ids(
            session, "NCT00000002", "NCT00000003"
        )
    mark(engine, "NCT00000002")
    with reading(engine) as session:
        assert missing_trials(session, "ctgov", {"NCT00000001"}) == trial_ids(session, "NCT00000003")
        assert list(unlisted_ids(session, "ctgov")) == ["NCT00000002"]


def test_trials_of_another_registry_and_made_up_ones_are_not_missed(ingest: Ingest, engine: Engine) -> None:
    ingest([study("NCT99000001"), study("NCT00000001")])
    with reading(engine) as session:
        assert missing_trials(session, "elsewhere", set()) == []
        assert missing_trials(session, "ctgov", set()) == trial_ids(session, "NCT00000001")


def test_a_marked_trial_is_counted_apart_until_the_mark_is_taken_back(ingest: Ingest, engine: Engine) -> None:
    three(ingest)
    before = counts(engine, "condition")
    mark(engine, "NCT00000002", "NCT00000003")
    assert counts(engine, "condition") == {"asthma": 1}
    assert counts(engine, "condition-unlisted") == {"asthma": 2}
    assert problems(engine) == []
    with writing(engine) as session:
        mark_listed(session, trial_ids(session, "NCT00000002", "NCT00000003"))
    assert counts(engine, "condition") == before
    assert counts(engine, "condition-unlisted") == {}
    assert problems(engine) == []


def test_the_first_day_on_which_a_trial_was_missed_is_kept(ingest: Ingest, engine: Engine) -> None:
    three(ingest)
    mark(engine, "NCT00000002", day="2026-03-12")
    mark(engine, "NCT00000002", day="2026-04-01")
    with reading(engine) as session:
        assert session.execute(select(col(UnlistedTrial.found_on))).scalars().all() == ["2026-03-12"]


def test_a_change_of_a_marked_trial_leaves_it_marked_and_the_counts_true(
    ingest: Ingest, engine: Engine
) -> None:
    three(ingest)
    mark(engine, "NCT00000002")
    ingest([study("NCT00000002", conditions=["Gout"], updated="2026-02-01")])
    assert counts(engine, "condition") == {"asthma": 2}
    assert counts(engine, "condition-unlisted") == {"gout": 1}
    assert problems(engine) == []


def test_marks_outlive_a_reindex_and_postings_made_anew(ingest: Ingest, engine: Engine) -> None:
    three(ingest)
    mark(engine, "NCT00000003")
    kept = counts(engine, "sponsor"), counts(engine, "sponsor-unlisted")
    with writing(engine) as session:
        rebuild_postings(session)
    assert (counts(engine, "sponsor"), counts(engine, "sponsor-unlisted")) == kept
    reindex(engine, lambda *_: None)
    assert (counts(engine, "sponsor"), counts(engine, "sponsor-unlisted")) == kept
    assert problems(engine) == []
