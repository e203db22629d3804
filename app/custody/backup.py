"""`trialmark backup`: copies the database while it is in use, and names the copy only after it was verified."""

import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.custody.copying import CopyError, ShowProgress, copy_database, keep_on_disk, unfinished_file
from app.custody.verify import NotWholeError, disagreements, is_current, standing_of, summed_up
from app.database.disk_space import require_room
from app.database.sqlite_file import beside, require_file, size_of


@dataclass(frozen=True)
class Backup:
    path: Path
    size: int
    """Bytes."""
    revision: str
    is_checked: bool
    """True if the derived data were compared too, which is impossible for an older schema."""


def make_backup(
    database: Path, target: Path, now: datetime, show: ShowProgress, *, replace: bool, with_check: bool
) -> Backup:
    """Copy the database to a file, or under a dated name to a folder, and verify the copy.

    Raises:
        ExpectedError: the copy cannot be made or fails verification. It is removed, and an existing backup is kept.
    """
    require_file(database)
    path = target / dated_name(database, now) if target.is_dir() else target
    _require_free(path, database, replace=replace)
    require_room(path.parent, size_of(database), "A backup")
    with unfinished_file(path) as unfinished:
        copy_database(database, unfinished, show)
        standing = standing_of(unfinished)
        # What an earlier version derived is not what this one derives; it is no reason to do without a backup.
        is_checked = with_check and is_current(standing) and not standing.wants_reindex
        if is_checked and (found := disagreements(unfinished)):
            raise NotWholeError(
                f"no backup was made, because the database failed verification: {summed_up(found)}; run 'trialmark "
                "check', or make a backup with --without-check"
            )
        unfinished.chmod(stat.S_IMODE(database.stat().st_mode) & 0o666)
        keep_on_disk(unfinished)
        size = unfinished.stat().st_size
        _require_free(path, database, replace=replace)
        _give_name(unfinished, path)
    return Backup(path, size, standing.revision or "", is_checked)


def dated_name(database: Path, now: datetime) -> str:
    """Name a backup by its time, so that names sort by age: trialmark-2026-11-28T015844Z.db."""
    return f"{database.stem}-{now:%Y-%m-%dT%H%M%SZ}{database.suffix}"


def _require_free(path: Path, database: Path, *, replace: bool) -> None:
    if not path.parent.is_dir():
        raise CopyError(f"the folder {path.parent} does not exist: create it first")
    if path.exists() and database.exists() and path.samefile(database):
        raise CopyError(f"{path} is the database itself: name another file or a folder")
    if path.parent.resolve() == database.resolve().parent and path.name in {
        database.resolve().name + ending for ending in ("-wal", "-shm", "-journal")
    }:
        raise CopyError(f"{path} belongs to the database itself: name another file or a folder")
    for ending in ("-wal", "-journal"):
        if beside(path, ending).exists():
            raise CopyError(
                f"{beside(path, ending)} exists, as beside a database in use: SQLite would apply it to the backup; "
                "name another file"
            )
    if path.exists() and not (replace and path.is_file()):
        raise CopyError(f"{path} already exists: name another file or a folder, or replace it with --force")


def _give_name(unfinished: Path, path: Path) -> None:
    try:
        unfinished.replace(path)
    except OSError as error:
        raise CopyError(f"cannot create {path}: {(error.strerror or str(error)).lower()}") from error
    keep_on_disk(path.parent)
