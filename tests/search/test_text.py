"""Full text."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from app.database import reading
from app.models import Trial
from app.search import text
from tests.conftest import Ingest
from tests.factories import study


def found(engine: Engine, q: str) -> list[str]:
    with reading(engine) as session:
        ids = text.search(session, q)
        names = dict(session.execute(select(col(Trial.id), col(Trial.registry_id))).all())
    return [names[trial_id] for trial_id in ids]


def test_every_word_must_occur_somewhere_in_the_record(ingest: Ingest, engine: Engine) -> None:
    ingest(
        [
            study("NCT00000001", title="Rituximab", conditions=["Lupus"]),
            study("NCT00000002", title="Rituximab"),
        ]
    )
    assert found(engine, "rituximab lupus") == ["NCT00000001"]


def test_a_title_counts_for_more_than_the_criteria(ingest: Ingest, engine: Engine) -> None:
    ingest(
        [
            study("NCT00000001", criteria="No warfarin within a month"),
            study("NCT00000002", title="Warfarin after stroke"),
        ]
    )
    assert found(engine, "warfarin") == ["NCT00000002", "NCT00000001"]


@pytest.mark.parametrize("written", ["ménière", "Meniere", "MENIERE", "menieres"])
def test_accents_case_and_plurals_do_not_matter(ingest: Ingest, engine: Engine, written: str) -> None:
    ingest([study("NCT00000001", title="Ménière disease"), study("NCT00000002")])
    assert found(engine, written) == ["NCT00000001"]


def test_a_registry_number_and_an_organisation_id_are_found(ingest: Ingest, engine: Engine) -> None:
    ingest([study("NCT00000001"), study("NCT00000002")])
    assert found(engine, "NCT00000002") == ["NCT00000002"]
    assert found(engine, "ORG-00000001") == ["NCT00000001"]


def test_what_was_replaced_or_removed_is_not_found_any_more(ingest: Ingest, engine: Engine) -> None:
    ingest([study("NCT00000001", title="Oldword", updated="2026-01-01")])
    ingest([study("NCT00000001", title="Newword", updated="2026-01-02")])
    assert found(engine, "oldword") == []
    assert found(engine, "newword") == ["NCT00000001"]


@hypothesis_settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    q=st.text(max_size=80)
    | st.sampled_from(['"', "AND", "NOT", "NEAR(a b)", "title:x", "a*", "^a", "{a b}", "-"])
)
def test_no_text_is_an_error(engine: Engine, q: str) -> None:
    found(engine, q)
