"""`trialmark restore`: replaces the database by a backup that was verified and brought up to date."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, text

from app.custody.copying import CopyError, ShowProgress, copy_resting, keep_on_disk, unfinished_file
from app.custody.swap import REPLACED, swap_in
from app.custody.verify import NotWholeError, disagreements, is_current, standing_of, summed_up
from app.database.disk_space import require_room
from app.database.engine import migrate, open_engine, read_file_standing, writing
from app.database.sqlite_file import DatabaseFileError, require_file, size_of
from app.index.revision import mark_rebuilt, move_revision
from app.models import Revision
from app.settings import Settings

_ROOM_BY_SIZE = 1.1
_ROOM_BY_SIZE_TO_UPGRADE = 3.0
"""The space for upgrading an older backup, by its size: the copy, a log as large, and room to grow."""

Reindex = Callable[[Settings], int]
"""Rebuilds all derived data and returns the number of trials."""


@dataclass(frozen=True)
class Restored:
    size: int
    """Bytes."""
    kept: Path | None
    """The path of the replaced database; None if there was none."""
    reindexed: int
    """The number of trials reindexed, because an earlier version had derived them or they were inconsistent."""


def restore(
    backup: Path,
    settings: Settings,
    now: datetime,
    show: ShowProgress,
    announce: Callable[[str], None],
    reindex: Reindex,
) -> Restored:
    """Copy the backup, verify the copy, bring it up to date, and replace the database by it.

    The copy is prepared beside the database, so a failure leaves the database unchanged.

    Raises:
        ExpectedError: the backup is damaged or of a newer version, or the database cannot be replaced now.
    """
    database = _resolve_links(settings.database_path)
    _require_backup(backup, database)
    _require_not_foreign(database)
    database.parent.mkdir(parents=True, exist_ok=True)
    require_room(database.parent, round(_ROOM_BY_SIZE * size_of(backup)), "Restoring")
    with unfinished_file(database) as copy:
        copy_resting(backup, copy, show)
        reindexed = _bring_up_to_date(copy, announce, reindex)
        _mark_as_rebuilt(copy)
        _copy_owner(copy, database if database.exists() else backup)
        keep_on_disk(copy)
        size, was_there = copy.stat().st_size, database.exists()
        kept = database.with_name(f"{database.name}.before-restore-{now:%Y-%m-%dT%H%M%SZ}")
        swap_in(copy, database, kept)
    return Restored(size, kept if was_there else None, reindexed)


def _resolve_links(database: Path) -> Path:
    """Resolve symbolic links, as SQLite does, so that the file behind them is replaced."""
    return Path(os.path.realpath(database))


def _require_backup(backup: Path, database: Path) -> None:
    if not backup.is_file():
        raise CopyError(f"{backup} is not a file: name a backup made by 'trialmark backup'")
    require_file(backup)
    if database.exists() and backup.samefile(database):
        raise CopyError(f"{backup} is the database itself: name a backup of it")


def _require_not_foreign(database: Path) -> None:
    """Refuse to replace another program's file. Accept an unreadable file, which may be the reason for restoring."""
    if database.is_dir():
        require_file(database)
    try:
        is_foreign = database.exists() and read_file_standing(database).is_foreign
    except DatabaseFileError:
        return
    if is_foreign:
        raise CopyError(f"{database} holds tables of another program: check TRIALMARK_DATABASE_URL")


def _bring_up_to_date(copy: Path, announce: Callable[[str], None], reindex: Reindex) -> int:
    """Bring the copy to this version, verified and without a log, and return the number of trials reindexed."""
    standing = standing_of(copy)
    settings = Settings(database_url=f"sqlite:///{copy!s}")
    if not is_current(standing):
        require_room(
            copy.parent, round(_ROOM_BY_SIZE_TO_UPGRADE * copy.stat().st_size), "Restoring an older backup"
        )
        migrate(settings, announce)
    if not read_file_standing(copy).wants_reindex and not _disagreements(copy):
        return 0
    done = reindex(settings)
    if found := _disagreements(copy):
        raise NotWholeError(
            f"nothing was restored, because the backup failed verification: {summed_up(found)}"
        )
    return done


def _disagreements(copy: Path) -> list[str]:
    _empty_log(copy)
    return disagreements(copy)


def _mark_as_rebuilt(copy: Path) -> None:
    """Mark the data as rebuilt, so that servers drop their caches, and remove the mark of a replaced file."""
    engine = open_engine(_settings_of(copy))
    with writing(engine) as session:
        session.execute(text(f"DROP TRIGGER IF EXISTS {REPLACED}"))
        state = session.get(Revision, 1)
        move_revision(session, state.changed_at if state else None)
        mark_rebuilt(session)
    engine.dispose()
    _empty_log(copy)


def _empty_log(copy: Path) -> None:
    """Move the contents of the log into the file, because the file is verified and renamed without its log."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _settings_of(copy: Path) -> Settings:
    return Settings(database_url=URL.create("sqlite", database=str(copy)).render_as_string())


def _copy_owner(copy: Path, like: Path) -> None:
    """Give the copy the same owner and mode. Otherwise root could lock out the user of the service."""
    shutil.copymode(like, copy)
    wanted = like.stat()
    if (wanted.st_uid, wanted.st_gid) != (copy.stat().st_uid, copy.stat().st_gid):
        try:
            os.chown(copy, wanted.st_uid, wanted.st_gid)
        except PermissionError as error:
            raise CopyError(
                f"nothing was restored: {like} belongs to another user: run the command as that user, or as root"
            ) from error
