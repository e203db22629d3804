"""Opens a database again and again until told to stop, and reports whatever was not as it should be.

`python -m tests.support.newcomer DATABASE` stops at the end of its input and prints one line for each fault.
"""

import sys
from threading import Event, Thread

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.database.engine import open_engine
from app.settings import Settings

_READ = text(
    "SELECT (SELECT count(*) FROM trial), (SELECT count(*) FROM trial_listing), (SELECT count(*) FROM source_document)"
)


def main(database: str) -> None:
    is_over = Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        is_over.set()

    Thread(target=wait_for_end, daemon=True).start()
    print("ready", flush=True)
    while not is_over.is_set():
        engine = open_engine(Settings(database_url=f"sqlite:///{database}"), read_only=True)
        try:
            with engine.connect() as connection:
                trials, listings, documents = connection.execute(_READ).one()
                damage = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
            if not trials == listings == documents or trials not in {1, 2} or damage != "ok":
                print(trials, listings, documents, damage, flush=True)
        except DatabaseError as error:
            print(error.orig, flush=True)
        finally:
            engine.dispose()
    print("end", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
