"""`trialmark reindex`."""

from app.commands.ready import ready_settings
from app.commands.terminal import err, out
from app.database import open_engine


def reindex() -> None:
    """Rebuild everything derived from the stored documents, without the network.

    Example: trialmark reindex
    """
    from app.ingest.reindex import reindex as reindex_everything
    from app.ingest.reindex import stored_count
    from app.progress import progress

    settings = ready_settings()
    engine = open_engine(settings)
    with progress(err, "Reindexing", stored_count(engine)) as report:
        done = reindex_everything(engine, report)
    out.print(f"{done:,} trials reindexed.")
