"""The check finds rows that no longer agree, and nothing where all do."""

import pytest
from sqlalchemy import Engine, text

from app.ingest.checks.check import problems
from tests.conftest import Ingest
from tests.factories import study


@pytest.fixture(autouse=True)
def some_trials(ingest: Ingest) -> None:
    ingest(
        [study("NCT00000001"), study("NCT00000002", status="COMPLETED"), study("NCT00000003", status=None)]
    )


def break_by(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_an_intact_database_has_no_problems(engine: Engine) -> None:
    assert problems(engine) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE trial SET status = 'completed' WHERE id = 1",
            "the counts of status=completed are out of date",
        ),
        (
            "DELETE FROM facet_posting WHERE facet = 'status' AND value = 'completed'",
            "the counts of status=completed are out of date",
        ),
        (
            (
                "UPDATE facet_posting SET bitmap = (SELECT bitmap FROM facet_posting WHERE facet = 'trial') "
                "WHERE facet = 'status' AND value = 'not-stated'"
            ),
            "the counts of status=not-stated are out of date",
        ),
        ("DELETE FROM trial_country WHERE trial_id = 2", "the counts of country=france are out of date"),
        ("DELETE FROM trial_text WHERE rowid = 1", "3 trials, but 2 full-text entries"),
        ("DELETE FROM source_document WHERE trial_id = 1", "3 trials, but 2 stored documents"),
        ("DELETE FROM trial_listing WHERE trial_id = 1", "3 trials, but 2 rows for lists"),
    ],
)
def test_what_was_changed_by_hand_is_named(engine: Engine, statement: str, said: str) -> None:
    break_by(engine, statement)
    assert said in problems(engine)


@pytest.mark.parametrize("column", ["count", "named_count"])
def test_a_wrong_count_beside_a_right_bitmap_is_found(engine: Engine, column: str) -> None:
    break_by(engine, f"UPDATE facet_posting SET {column} = 77 WHERE facet = 'status' AND value = 'completed'")
    assert "the counts of status=completed are out of date" in problems(engine)


def test_a_text_of_the_wrong_trial_is_found(engine: Engine) -> None:
    break_by(
        engine,
        "DELETE FROM trial_text WHERE rowid = 1",
        "INSERT INTO trial_text (rowid, title) VALUES (99, 'Of no trial')",
    )
    assert problems(engine)


def test_rows_that_refer_to_rows_that_are_gone_are_counted(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]  # typed as optional
        connection.execute(text("DELETE FROM condition"))
        connection.commit()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]  # typed as optional
    assert "3 rows refer to rows that do not exist" in problems(engine)
