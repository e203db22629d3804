"""The `trialmark` program: gathers its subcommands, and says every expected failure in one line.

A command imports what it needs when it runs: pages are served half a second sooner without what loads records.
"""

from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from app import __version__
from app.allocator import give_back_large_blocks
from app.commands import check, demo, ingest, mesh, migrate, reindex, serve, status
from app.commands.terminal import fail, out
from app.failures import ExpectedError

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
):
    program.command()(command)


def main() -> None:
    """Run the command line; every expected failure is one line on standard error and exit code 1."""
    give_back_large_blocks()
    try:
        program()
    except ExpectedError as error:
        fail(str(error))
    except DatabaseError as error:
        fail(f"the database cannot be used: {error.orig}")


@program.callback(invoke_without_command=True)
def _options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        out.print(__version__)
        raise typer.Exit
