"""The reasons why a trial was found."""

import random
import re
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy import text as sql

from app.database.engine import migrate, open_engine, reading, writing
from app.index.text_columns import COLUMN_WEIGHTS, add_texts
from app.search.words import text
from app.search.words.marking import marker
from app.search.words.reasons import COLUMN_LABELS, MOST_ROWS, TextReason, reasons
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

pytestmark = pytest.mark.slow


def why(engine: Engine, q: str) -> list[TextReason]:
    with reading(engine) as session:
        meaning = text.meaning_of(session, q)
        assert meaning.expression
        found = text.ranked(session, meaning)[:MOST_ROWS]
        reasons_by_id = reasons(session, found, meaning.expression, meaning.identity)
    return [reasons_by_id[trial_id] for trial_id in found]


def marked(reason: TextReason) -> list[str]:
    return [part.text for part in reason.parts if part.is_marked]


def said(reason: TextReason) -> str:
    return "".join(part.text for part in reason.parts)


def test_the_title_tells_most(ingest: Ingest, engine: Engine) -> None:
    ingest([study(title="Aspirin after stroke", conditions=["Stroke"], criteria="Stroke and aspirin")])
    (reason,) = why(engine, "stroke aspirin")
    assert (reason.column, reason.label) == ("title", "title")
    assert said(reason) == "Aspirin after stroke"
    assert marked(reason) == ["Aspirin", "stroke"]


def test_the_field_with_most_of_the_words_tells_more_than_the_title(ingest: Ingest, engine: Engine) -> None:
    ingest([study(title="Aspirin", criteria="Inclusion:\n\n* Stroke, aspirin \\>100 mg\n* Fever")])
    (reason,) = why(engine, "stroke fever aspirin")
    assert reason.column == "criteria"
    assert said(reason) == "Inclusion: * Stroke, aspirin >100 mg * Fever"
    assert marked(reason) == ["Stroke", "aspirin", "Fever"]


def test_of_a_list_only_the_values_that_were_found_are_said(ingest: Ingest, engine: Engine) -> None:
    ingest([study(conditions=["Asthma", "Gout", "Gouty arthritis", "Scurvy"])])
    (reason,) = why(engine, "gout")
    assert (reason.column, said(reason)) == ("conditions", "Gout")


def test_an_id_in_other_punctuation_is_a_reason(ingest: Ingest, engine: Engine) -> None:
    ingest([study("NCT00000001")])
    (reason,) = why(engine, "ORG00000001")
    assert reason.label == "registry and organization ids"
    assert marked(reason) == ["ORG-00000001"]


def test_what_must_not_occur_is_not_marked(ingest: Ingest, engine: Engine) -> None:
    ingest([study(title="Fever", criteria="Cough")])
    (reason,) = why(engine, "fever NOT (cough snoring)")
    assert (reason.column, marked(reason)) == ("title", ["Fever"])


def test_accents_and_forms_of_a_word_are_marked(ingest: Ingest, engine: Engine) -> None:
    ingest([study(title="Something", criteria="Inclusion: Ménière's diseases")])
    (reason,) = why(engine, "meniere disease")
    assert marked(reason)


def test_without_trials_there_is_nothing_to_say(ingest: Ingest, engine: Engine) -> None:
    ingest([study()])
    assert why(engine, "nothingofthekind") == []


def test_every_hit_has_a_reason_that_is_in_that_field_of_its_record(real_settings: Settings) -> None:
    engine = open_engine(real_settings, read_only=True)
    draw = random.Random(5)
    with reading(engine) as session:
        columns = ", ".join(COLUMN_WEIGHTS)
        rows = session.execute(sql(f"SELECT rowid, {columns} FROM trial_text")).mappings()
        stored = {row["rowid"]: row for row in rows}
    words = [
        word
        for row in draw.sample(list(stored.values()), 40)
        for column in ("title", "criteria", "description", "interventions")
        for word in draw.sample(re.findall(r"[A-Za-z]{4,}", row[column]) or ["trial"], 1)
    ]
    for _ in range(60):
        q = draw.choice(["{} {}", "{} {} {}", "{} OR {}", '"{}" {}', "{} NOT {}", "{}"])
        q = q.format(*(draw.choice(words) for _ in range(3)))
        with reading(engine) as session:
            meaning = text.meaning_of(session, q)
            found = text.ranked(session, meaning)[:25]
            assert meaning.expression
            told = reasons(session, found, meaning.expression, meaning.identity)
        assert set(told) == set(found), q
        for trial_id, reason in told.items():
            assert marked(reason), q
            field = stored[trial_id][reason.column].replace("\\", "")
            assert all(" ".join(one.split()) in " ".join(field.split()) for one in marked(reason)), q
    engine.dispose()


@pytest.mark.parametrize("column", COLUMN_WEIGHTS)
def test_every_column_has_a_name_for_people(column: str) -> None:
    assert COLUMN_LABELS[column]


PIECES = (
    "lung",
    "cancer",
    "aspirin",
    "st\u00e9nosis",
    "10\\^9",
    "non-small",
    "cancers",
    "trial",
    "con",
    "x.",
)


@given(
    texts=st.lists(
        st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map(" ".join), min_size=1, max_size=4
    ),
    q=st.sampled_from(
        ["lung OR can*", "cancer NOT trial", '"lung cancer" OR asp*', "stenosis", "con* AND lung", "10"]
    ),
)
@hypothesis_settings(max_examples=20, deadline=None)
def test_an_index_of_some_trials_alone_gives_the_same_marks(texts: list[str], q: str) -> None:
    """The index of all trials gives the same marks, but takes longer for words that end in `*`."""
    with TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/trialmark.db")
        migrate(settings)
        engine = open_engine(settings)
        with writing(engine) as session:
            rows = [(number, *(one for _ in COLUMN_WEIGHTS)) for number, one in enumerate(texts, start=1)]
            add_texts(session, rows)
        with reading(engine) as session:
            fields = {number: dict.fromkeys(COLUMN_WEIGHTS, one) for number, one in enumerate(texts, start=1)}
            match = text.meaning_of(session, q).match
            for column in ("title", "summary"):
                columns = dict.fromkeys(fields, column)
                with (
                    marker(session, fields, is_apart=True) as apart,
                    marker(session, fields, is_apart=False) as mark,
                ):
                    assert sorted(apart(match, columns)) == sorted(mark(match, columns))
        engine.dispose()


def test_a_word_that_ends_in_an_asterisk_is_a_reason(ingest: Ingest, engine: Engine) -> None:
    ingest([study(title="Leukemia", criteria="Leukapheresis, or no leukocytes")])
    (reason,) = why(engine, "leuk*")
    assert (reason.column, marked(reason)) == ("title", ["Leukemia"])
