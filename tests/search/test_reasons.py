"""Why a trial was found."""

import random
import re

import pytest
from sqlalchemy import Engine
from sqlalchemy import text as sql

from app.database import open_engine, reading
from app.search import text
from app.search.columns import COLUMN_WEIGHTS
from app.search.reasons import COLUMN_LABELS, MOST_ROWS, TextReason, reasons
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study


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
    assert reason.label == "registry and organisation ids"
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
