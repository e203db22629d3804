"""`trialmark reindex`."""

from app.commands.ready import ready_settings, reindex_everything
from app.commands.terminal import out


def reindex() -> None:
    """Rebuild everything derived from the stored documents, without the network.

    Example: trialmark reindex
    """
    done = reindex_everything(ready_settings())
    out.print(f"{done:,} trials reindexed.")
