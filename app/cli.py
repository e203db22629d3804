"""The `trialmark` command: each subcommand is one call into ingest, main or demo, which it alone imports: pages are
served half a second sooner without what loads records.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy.exc import DatabaseError

from app import __version__
from app.allocator import give_back_large_blocks
from app.database import migrate, open_engine, require_current_schema
from app.failures import ExpectedError
from app.log import configure_logging
from app.settings import Settings, read_settings

if TYPE_CHECKING:
    from app.ingest.sync import Summary

LOCAL = "127.0.0.1"
DEFAULT_PORT = 8000

program = typer.Typer(
    name="trialmark",
    help="A clinical-trial browser: fill its database, serve its pages.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
_out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")]


def main() -> None:
    """Run the command line; every expected failure is one line on standard error and exit code 1."""
    give_back_large_blocks()
    try:
        program()
    except ExpectedError as error:
        _fail(str(error))
    except DatabaseError as error:
        _fail(f"the database cannot be used: {error.orig}")


@program.callback(invoke_without_command=True)
def _options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if version:
        _out.print(__version__)
        raise typer.Exit


@program.command("demo")
def demo_command(
    trials: Annotated[int, typer.Option(min=1, help="How many synthetic trials.")] = 2_000,
    port: Port = DEFAULT_PORT,
) -> None:
    """Load the built-in synthetic registry and serve it.

    Example: trialmark demo --trials 2000 --port 8000
    """
    from app.ingest.remove import real_count, remove_synthetic
    from app.loading import demo_source, load
    from app.registries.ctgov.normalise import FIRST_SYNTHETIC_NUMBER

    settings = read_settings()
    migrate(settings)
    engine = open_engine(settings)
    if real := real_count(engine):
        _fail(
            f"{settings.database_url} holds {real:,} real trials, which synthetic ones must not be mixed with; "
            "set TRIALMARK_DATABASE_URL=sqlite:///demo.db for the demonstration"
        )
    started = perf_counter()
    remove_synthetic(engine, from_id=f"NCT{FIRST_SYNTHETIC_NUMBER + trials}")
    summary = load(engine, [lambda: demo_source(trials)], _err)
    _say_closing(summary, perf_counter() - started)
    _serve(settings, LOCAL, port, workers=1)


@program.command()
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="'ctgov' (the live registry), a .json, .ndjson, .json.gz, .ndjson.gz or .zip, or a folder of those.",
        ),
    ],
    condition: Annotated[str | None, typer.Option(help="'ctgov' only: trials of this condition.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="'ctgov' only: updated on or after this day."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="'ctgov' only: everything, not just what changed.")
    ] = False,
) -> None:
    """Bring the database up to date with registry records; unchanged ones write nothing.

    Example: trialmark ingest ctgov --condition "acute myeloid leukemia"
    """
    from app.ingest.remove import real_count, remove_synthetic
    from app.loading import load, opener
    from app.registries import CTGOV

    settings = read_settings()
    migrate(settings)
    started = perf_counter()
    engine = open_engine(settings)
    openers = [
        opener(settings, engine, name, condition, since.date() if since else None, full) for name in sources
    ]
    summary = load(engine, openers, _err)
    _say_closing(summary, perf_counter() - started)
    if summary.rejected == summary.read and (summary.read or CTGOV.name not in sources):
        _fail("nothing could be read" if summary.read else "nothing to read: the files hold no records")
    if real_count(engine) and (removed := remove_synthetic(engine)):
        _out.print(f"The demonstration's {removed:,} synthetic trials were removed.")


@program.command()
def mesh(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", help="NLM's desc{year}.xml or .gz; without it, the current one is downloaded."
        ),
    ] = None,
) -> None:
    """Load NLM's MeSH descriptors as the vocabulary of conditions, in place of an earlier load.

    Example: trialmark mesh desc2026.gz
    """
    from app.ingest.reindex import stored_count
    from app.ingest.relink import relink_everything
    from app.ingest.vocabulary import replace_vocabulary
    from app.mesh.fetch import download
    from app.mesh.read import open_mesh
    from app.progress import progress

    settings = read_settings()
    started = perf_counter()
    with TemporaryDirectory(prefix="trialmark-") as folder:
        if path is None:
            with _err.status("Downloading MeSH"):
                path = download(settings.mesh_url, datetime.now(UTC).date(), Path(folder))
        file = open_mesh(path)
        migrate(settings)
        engine = open_engine(settings)
        with progress(_err, file.name, 2 * file.size) as report:
            concepts = replace_vocabulary(engine, file, report)
    with progress(_err, "Linking trials", stored_count(engine)) as report:
        trials = relink_everything(engine, report)
    seconds = perf_counter() - started
    _out.print(f"{file.name}: {concepts:,} concepts, {trials:,} trials linked in {seconds:.1f} seconds")


@program.command()
def serve(
    host: Annotated[str, typer.Option(help="0.0.0.0 to be reached from elsewhere.")] = LOCAL,
    port: Port = DEFAULT_PORT,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
) -> None:
    """Serve the pages.

    Example: trialmark serve --host 0.0.0.0 --port 8000 --workers 2
    """
    _serve(read_settings(), host, port, workers)


@program.command("migrate")
def migrate_command() -> None:
    """Bring the database's schema up to date; 'demo' and 'ingest' do so by themselves.

    Example: trialmark migrate
    """
    migrate(read_settings())
    _out.print("The schema is up to date.")


@program.command("reindex")
def reindex_command() -> None:
    """Rebuild everything derived from the stored documents, without the network.

    Example: trialmark reindex
    """
    from app.ingest.reindex import reindex, stored_count
    from app.progress import progress

    settings = _ready_settings()
    engine = open_engine(settings)
    with progress(_err, "Reindexing", stored_count(engine)) as report:
        done = reindex(engine, report)
    _out.print(f"{done:,} trials reindexed.")


@program.command()
def status() -> None:
    """Say what is in the database and how fresh it is.

    Example: trialmark status
    """
    from app.ingest.status import describe

    settings = _ready_settings()
    for label, value in describe(open_engine(settings, read_only=True)):
        _out.print(f"{f'{label}:' if label else '':<16}{value}")


@program.command()
def check() -> None:
    """Verify that the database is whole and that counts and full text agree with the tables.

    Example: trialmark check
    """
    from app.ingest.check import problems

    settings = _ready_settings()
    found = problems(open_engine(settings, read_only=True))
    for problem in found:
        _err.print(problem)
    if found:
        _fail("run 'trialmark reindex', then check again")
    _out.print("Everything agrees.")


def _say_closing(summary: "Summary", seconds: float) -> None:
    counts = [
        f"{summary.read:,} read",
        f"{summary.new:,} new",
        f"{summary.changed:,} changed",
        f"{summary.unchanged:,} unchanged",
        f"{summary.rejected:,} rejected",
    ]
    if summary.older:
        counts.append(f"{summary.older:,} older than what is stored")
    _out.print(f"{', '.join(counts)} in {seconds:.1f} seconds")
    if summary.rejected:
        _err.print(
            f"Warning: {summary.rejected:,} records could not be read; 'trialmark status' and /about/data say why."
        )


def _serve(settings: Settings, host: str, port: int, workers: int) -> None:
    from app import server

    configure_logging(settings.log_format)
    require_current_schema(open_engine(settings, read_only=True))
    listener = server.bind(host, port)
    shown_host = "localhost" if host in {LOCAL, "0.0.0.0"} else host  # noqa: S104  compared, not bound
    _out.print(f"Trialmark is at http://{shown_host}:{listener.getsockname()[1]}/ (stop it with Ctrl+C)")
    server.run(settings, listener, workers)


def _ready_settings() -> Settings:
    settings = read_settings()
    require_current_schema(open_engine(settings, read_only=True))
    return settings


def _fail(reason: str) -> NoReturn:
    _err.print(f"trialmark: {reason}")
    sys.exit(1)
