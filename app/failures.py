"""Base classes of expected failures."""


class ExpectedError(Exception):
    """A failure that the user can fix. Its message is one line that says what to do, shown without a traceback."""


class DamagedDataError(Exception):
    """Stored data are damaged: they cannot be what the program wrote."""
