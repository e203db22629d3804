"""The `trialmark` program: gathers the subcommands and reports every expected failure in one line.

A command imports what it needs only when it runs. Without the modules that load records, `serve` starts half a second
sooner.
"""

from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from app import __version__
from app.commands import backup, check, demo, ingest, mesh, migrate, reindex, restore, serve, status
from app.commands.parts.terminal import fail, out
from app.database.sqlite_file import explained
from app.failures import ExpectedError
from app.runtime.allocator import give_back_large_blocks
from app.settings import read_settings

program = typer.Typer(
    name="trialmark",
    help="A clinical-trial browser: fill its database, serve its pages.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (
    demo.demo,
    ingest.ingest,
    mesh.mesh,
    serve.serve,
    migrate.migrate,
    reindex.reindex,
    status.status,
    check.check,
    backup.backup,
    restore.restore,
):
    program.command()(command)


def main() -> None:
    """Run the command line. An expected failure prints one line on standard error and exits with code 1."""
    give_back_large_blocks()
    try:
        program()
    except ExpectedError as error:
        fail(str(error))
    except DatabaseError as error:
        fail(f"the database cannot be used: {explained(error.orig or error, read_settings().database_path)}")
    except OSError as error:
        fail(" ".join(filter(None, [error.strerror or str(error), str(error.filename or "")])))


@program.callback(invoke_without_command=True)
def _options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        out.print(__version__)
        raise typer.Exit
