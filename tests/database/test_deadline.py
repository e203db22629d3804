"""The deadline of a request stops its statements and loops, and leaves its connection usable."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.database.deadline import (
    RequestDeadline,
    TookTooLongError,
    applied,
    check_deadline,
    hold_to_deadlines,
    is_interruption,
    unhurried,
)
from app.database.engine import open_engine, reading
from app.settings import Settings

ENDLESS = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
)
OVER = -1.0


@pytest.fixture
def reader(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings, read_only=True)
    hold_to_deadlines(engine)
    yield engine
    engine.dispose()


@contextmanager
def interrupting(deadline: RequestDeadline) -> Iterator[None]:
    """Check the deadline again and again from another thread, as the event loop does."""
    is_done = Event()

    def look() -> None:
        while not is_done.wait(0.01):
            deadline.interrupt()

    thread = Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def stop(session: Session) -> None:
    deadline = RequestDeadline(0.05)
    with applied(deadline), interrupting(deadline), pytest.raises(OperationalError) as caught:
        session.execute(ENDLESS)
    assert is_interruption(caught.value.orig)


def test_a_statement_without_end_is_interrupted(reader: Engine) -> None:
    with reading(reader) as session:
        stop(session)


def test_after_an_interruption_session_and_connection_work(reader: Engine) -> None:
    with reading(reader) as session:
        stop(session)
        session.rollback()
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    for _ in range(50):  # as many as the pool has connections, and more
        with reading(reader) as session:
            assert session.execute(LONG).scalar_one() == 300_000


def test_no_statement_starts_after_the_deadline(reader: Engine) -> None:
    with reading(reader) as session, applied(RequestDeadline(OVER)), pytest.raises(TookTooLongError):
        session.execute(text("SELECT 1"))


def test_a_loop_that_looks_stops_after_the_deadline() -> None:
    with applied(RequestDeadline(60)):
        check_deadline()
    with applied(RequestDeadline(OVER)), pytest.raises(TookTooLongError):
        check_deadline()


def test_without_a_deadline_nothing_stops(reader: Engine) -> None:
    check_deadline()
    with unhurried(), reading(reader) as session:
        assert session.execute(LONG).scalar_one() == 300_000


def test_what_all_requests_share_is_done_to_its_end(reader: Engine) -> None:
    deadline = RequestDeadline(0.001)
    with reading(reader) as session, applied(deadline), interrupting(deadline), unhurried():
        assert session.execute(LONG).scalar_one() == 300_000
        check_deadline()


def test_time_stands_still_in_shared_work() -> None:
    deadline = RequestDeadline(60)
    with applied(deadline), unhurried(), unhurried():
        pass
    before = deadline.seconds_left()
    with deadline.paused():
        Event().wait(0.02)
    assert deadline.seconds_left() > before - 0.02


def test_a_statement_of_another_request_is_left_alone(reader: Engine) -> None:
    deadline = RequestDeadline(OVER)
    with reading(reader) as session, interrupting(deadline):
        assert session.execute(LONG).scalar_one() == 300_000


def test_other_failures_are_no_interruption(reader: Engine) -> None:
    with reading(reader) as session, pytest.raises(OperationalError) as caught:
        session.execute(text("SELECT nothing"))
    assert not is_interruption(caught.value.orig)
    assert not is_interruption(None)
