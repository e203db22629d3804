"""`trialmark backup`: a verified copy of the database while it is in use, which gets its name only when it is whole."""

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
    """What is derived was compared too, which an older schema does not allow."""


def make_backup(
    database: Path, target: Path, now: datetime, show: ShowProgress, *, replace: bool, with_check: bool
) -> Backup:
    """Copy the database into a file, or under a dated name into a folder, and verify the copy.

    Raises:
        ExpectedError: it cannot be made, or is not whole; then nothing is left of it, and what was there stays.
    """
    require_file(database)
    path = target / dated_name(database, now) if target.is_dir() else target
    _require_free(path, database, replace=replace)
    require_room(path.parent, size_of(database), "A backup")
    with unfinished_file(path) as unfinished:
        copy_database(database, unfinished, show)
        standing = standing_of(unfinished)
        is_checked = with_check and is_current(standing)
        if is_checked and (found := disagreements(unfinished)):
            raise NotWholeError(
                f"no backup was made, because the database is not whole: {summed_up(found)}; run 'trialmark check', or "
                "back up what there is with --without-check"
            )
        unfinished.chmod(stat.S_IMODE(database.stat().st_mode) & 0o666)
        keep_on_disk(unfinished)
        size = unfinished.stat().st_size
        _require_free(path, database, replace=replace)
        _name(unfinished, path)
    return Backup(path, size, standing.revision or "", is_checked)


def dated_name(database: Path, now: datetime) -> str:
    """Name a backup by its time, so that names sort as they were made: trialmark-2026-11-28T015844Z.db."""
    return f"{database.stem}-{now:%Y-%m-%dT%H%M%SZ}{database.suffix}"


def _require_free(path: Path, database: Path, *, replace: bool) -> None:
    if not path.parent.is_dir():
        raise CopyError(f"there is no folder {path.parent}: make it first")
    if path.exists() and database.exists() and path.samefile(database):
        raise CopyError(f"{path} is the database itself: name another file or a folder")
    if path.parent.resolve() == database.resolve().parent and path.name in {
        database.resolve().name + ending for ending in ("-wal", "-shm", "-journal")
    }:
        raise CopyError(f"{path} belongs to the database itself: name another file or a folder")
    for ending in ("-wal", "-journal"):
        if beside(path, ending).exists():
            raise CopyError(
                f"{beside(path, ending)} is there, as beside a database in use: its changes would be applied to the "
                "backup; name another file"
            )
    if path.exists() and not (replace and path.is_file()):
        raise CopyError(f"{path} is there already: name another file or a folder, or replace it with --force")


def _name(unfinished: Path, path: Path) -> None:
    try:
        unfinished.replace(path)
    except OSError as error:
        raise CopyError(f"{path} cannot be made: {(error.strerror or str(error)).lower()}") from error
    keep_on_disk(path.parent)
