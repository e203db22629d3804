"""Logging: one event per line, readable on a console or as JSON, without what readers searched for."""

import logging
import sys
from contextvars import ContextVar
from io import StringIO
from sqlite3 import Error as SqliteError
from traceback import format_tb
from typing import Literal, TextIO

import structlog

withholds_values: ContextVar[bool] = ContextVar("withholds_values", default=False)
"""True while answering a request whose words must not be logged."""

_WITHHELD = "its message may hold what the reader searched for; TRIALMARK_LOG_QUERIES=true shows it"


def configure_logging(log_format: Literal["console", "json"]) -> None:
    """Route structlog and the standard library's loggers (Uvicorn's, Alembic's) through one renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if log_format == "json":
        last += [
            structlog.processors.ExceptionRenderer(_traceback),
            structlog.processors.JSONRenderer(),
        ]
    else:
        colors = sys.stderr.isatty()
        last.append(structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=_print_traceback))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("alembic", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _traceback(exc_info: structlog.typing.ExcInfo) -> str:
    if not withholds_values.get():
        text = StringIO()
        structlog.dev.plain_traceback(text, exc_info)
        return text.getvalue().rstrip("\n")
    return "\n".join(_frames_and_kinds(exc_info[1]))


def _print_traceback(target: TextIO, exc_info: structlog.typing.ExcInfo) -> None:
    target.write("\n" + _traceback(exc_info))


def _frames_and_kinds(error: BaseException) -> list[str]:
    """List where an exception and its causes were raised, and their types.

    Lines of code hold no values, but messages do: a KeyError's message is the key, and full-text search quotes what it
    cannot parse.
    """
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [*_frames_and_kinds(before), "", "which led to:", ""] if before else []
    lines.append("Traceback (most recent call last):")
    lines += [line.rstrip("\n") for line in format_tb(error.__traceback__)]
    lines.append(f"{type(error).__module__}.{type(error).__qualname__}: {_kind(error)}")
    for part in getattr(error, "exceptions", ()):
        lines += ["", "one of its parts:", "", *_frames_and_kinds(part)]
    return lines


def _kind(error: BaseException) -> str:
    cause = getattr(error, "orig", error)
    name = getattr(cause, "sqlite_errorname", "") if isinstance(cause, SqliteError) else ""
    return f"{name} ({_WITHHELD})" if name else f"({_WITHHELD})"
