"""`trialmark mesh`."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer

from app.commands.parts.ready import bring_up_to_date
from app.commands.parts.terminal import SpaceCheck, err, out
from app.database.engine import open_engine
from app.settings import read_settings


def mesh(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", help="NLM's desc{year}.xml or .gz; if omitted, the current file is downloaded."
        ),
    ] = None,
    *,
    space_check: SpaceCheck = True,
) -> None:
    """Load NLM's MeSH descriptors as the vocabulary of conditions, and replace an earlier version.

    A server may run meanwhile. If interrupted, run the command again: linking of trials continues where it stopped.

    Example: trialmark mesh desc2026.gz
    """
    from app.conditions.mesh.fetch import download
    from app.conditions.mesh.read import open_mesh
    from app.ingest.long_work.load_mesh import replace_vocabulary
    from app.ingest.long_work.reindex import reindex, stored_count
    from app.ingest.long_work.relink import relink_everything
    from app.ingest.long_work.space import MESH_SHARE, require_space
    from app.ingest.long_work.unfinished import wants_reindex
    from app.ingest.runs.run_lock import one_run
    from app.runtime.progress import progress

    settings = read_settings()
    started = perf_counter()
    with TemporaryDirectory(prefix="trialmark-") as folder:
        if path is None:
            with err.status("Downloading MeSH"):
                path = download(settings.mesh_url, datetime.now(UTC).date(), Path(folder))
        file = open_mesh(path)
        bring_up_to_date(settings)
        engine = open_engine(settings)
        with one_run(engine, err.print):
            if space_check:
                out.print(require_space(engine, MESH_SHARE, "mesh"))
            if wants_reindex(engine):
                with progress(err, "Reindexing first", stored_count(engine)) as report:
                    reindex(engine, report)
            with progress(err, file.name, 2 * file.size) as report:
                concepts = replace_vocabulary(engine, file, report)
            with progress(err, "Linking trials", stored_count(engine)) as report:
                trials = relink_everything(engine, report)
    seconds = perf_counter() - started
    out.print(f"{file.name}: {concepts:,} concepts, {trials:,} trials linked in {seconds:.1f} seconds")
