"""Reasons why pages cannot be served now, each with a code for machines and a sentence for the administrator."""

from sqlite3 import Error as SqliteError

from sqlalchemy.exc import DBAPIError

from app.failures import DamagedDataError

_CODES = {
    3: "unreadable",  # SQLITE_PERM
    5: "locked",  # SQLITE_BUSY
    6: "locked",  # SQLITE_LOCKED
    8: "unreadable",  # SQLITE_READONLY: the files beside it cannot be created
    10: "unreadable",  # SQLITE_IOERR
    11: "damaged",  # SQLITE_CORRUPT
    13: "unreadable",  # SQLITE_FULL
    14: "unreadable",  # SQLITE_CANTOPEN
    15: "locked",  # SQLITE_PROTOCOL
    26: "not-a-database",  # SQLITE_NOTADB
}
"""SQLite's primary result codes that are about the file; all others are about a bug in the program."""
_HELP = {
    "locked": "another program keeps the database locked; it will be read as soon as that ends",
    "unreadable": "see that the file, its folder and the files -wal and -shm beside it can be read and written "
    "by the user that the service runs as, and that the disk is not full",
    "damaged": "run 'trialmark check'; if it finds damage, run 'trialmark restore PATH' with a backup",
    "not-a-database": "run 'trialmark restore PATH' with a backup",
}
LASTING = frozenset({"damaged", "not-a-database"})
"""Codes of problems that last until the file is written to."""


class DatabaseUnavailableError(Exception):
    """The database cannot be read now. Readers are told only that; the details are for the administrator.

    Args:
        code: a stable code for machines.
        sentence: what is wrong, and the command that helps.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def problem_with(error: Exception) -> DatabaseUnavailableError | None:
    """Tell what an error says about the database file; None if the error is a bug in the program."""
    if isinstance(error, DatabaseUnavailableError):
        return error
    if isinstance(error, DamagedDataError):
        return DatabaseUnavailableError("damaged", f"{error}: {_HELP['damaged']}")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, SqliteError):
        return None
    number = getattr(cause, "sqlite_errorcode", None)
    if number is None:  # raised by the driver itself: a text that is not UTF-8
        is_text = "UTF-8" in str(cause)
        return (
            DatabaseUnavailableError("damaged", f"a text is not UTF-8: {_HELP['damaged']}")
            if is_text
            else None
        )
    code = _CODES.get(number & 0xFF)
    return DatabaseUnavailableError(code, f"{cause}: {_HELP[code]}") if code else None


def problem_of_file(error: Exception) -> DatabaseUnavailableError:
    """Tell what an error says about the file, for a statement that is correct for every database of this schema."""
    return problem_with(error) or DatabaseUnavailableError(
        "damaged", f"the database is not as this program makes it ({error}): {_HELP['damaged']}"
    )
