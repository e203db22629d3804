"""`trialmark reindex`."""

from app.commands.parts.ready import ready_settings, reindex_everything
from app.commands.parts.terminal import SpaceCheck, out


def reindex(*, space_check: SpaceCheck = True) -> None:
    """Derive everything from the stored documents again, without the network, and write what differs.

    It runs beside a server, and goes on where it was broken off.

    Example: trialmark reindex
    """
    done = reindex_everything(ready_settings(), space_check=space_check)
    out.print(f"{done:,} trials reindexed.")
