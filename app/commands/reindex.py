"""`trialmark reindex`."""

from app.commands.parts.ready import ready_settings, reindex_everything
from app.commands.parts.terminal import SpaceCheck, out


def reindex(*, space_check: SpaceCheck = True) -> None:
    """Rebuild all derived data from the stored documents, without the network, and write what differs.

    A server may run meanwhile. If interrupted, run the command again: it continues where it stopped.

    Example: trialmark reindex
    """
    done = reindex_everything(ready_settings(), space_check=space_check)
    out.print(f"{done:,} trials reindexed.")
