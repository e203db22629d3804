"""Failures that a person at the command line can mend."""


class ExpectedError(Exception):
    """Said in one line that tells what to do, without a traceback."""


class DamagedDataError(Exception):
    """What is stored in the database cannot be what was written there."""
