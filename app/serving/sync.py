"""Syncs with the registry beside the service: runs `trialmark ingest ctgov` in a separate process when it is due."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import structlog
from sqlalchemy.exc import DBAPIError

from app.serving.due import LastSync, due_at, retry_after
from app.serving.own_process import command_of
from app.settings import Settings

_CHECK_SECONDS = 30.0
"""The time between two checks whether a sync is due; another service may have done it since."""
_STOP_SECONDS = 10.0
"""The time for a run to finish its batch. After that it is killed and loses the batch."""

_log = structlog.get_logger("trialmark.sync")


@contextmanager
def syncing(settings: Settings) -> Iterator[None]:
    """Sync with the registry during the `with` block if the settings have an interval."""
    if settings.sync_every is None:
        yield
        return
    follower = _Follower(settings, settings.sync_every)
    follower.start()
    try:
        yield
    finally:
        follower.stop()


class _Follower(Thread):
    def __init__(self, settings: Settings, interval: timedelta) -> None:
        super().__init__(name="sync", daemon=True)
        path = settings.database_path.resolve()
        self._file = path.with_name(path.name + ".sync")
        self._last = LastSync(settings, self._file)
        self._interval = interval
        self._failures = 0
        self._not_before = _now()
        self._is_another_syncing = False
        self._is_over = Event()
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._run_if_due()
            except (DBAPIError, OSError) as error:
                _log.error("sync cannot be started", reason=str(error).splitlines()[0])
                self._back_off()
            self._is_over.wait(_CHECK_SECONDS)

    def stop(self) -> None:
        """Stop the thread and any run under way. The batches that the run has committed are kept."""
        self._is_over.set()
        if (process := self._process) is not None:
            process.terminate()
        self.join(_STOP_SECONDS)
        if self.is_alive() and process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            self.join()

    def _run_if_due(self) -> None:
        if not self._is_due():
            return
        with self._file.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not self._is_another_syncing:
                    _log.info("sync skipped: another service on this database is running it")
                self._is_another_syncing = True
                return
            self._is_another_syncing = False
            if self._is_due():  # another service may just have finished one
                self._run()

    def _is_due(self) -> bool:
        now = _now()
        return now >= self._not_before and now >= due_at(self._last.read(), self._interval, now)

    def _run(self) -> None:
        self._process = process = subprocess.Popen(  # noqa: S603  runs this program
            command_of("app.serving.scheduled_ingest"),
            stdin=subprocess.PIPE,  # closes when this process ends, even if it is killed
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        _log.info("sync started", process=process.pid)
        with process:
            if self._is_over.is_set():
                process.terminate()  # `stop` was called just before the process started
            said = _last_line(process.stdout or ())
        self._process = None
        if process.returncode == 0:
            self._failures = 0
            self._last.note(_now())
            _log.info("sync finished", result=said)
        elif self._is_over.is_set():
            _log.info("sync stopped with the service; the next run continues where it stopped")
        else:
            self._back_off()
            again = self._not_before.isoformat(sep=" ", timespec="minutes")
            _log.error("sync failed", reason=said, code=process.returncode, again_at=f"{again} UTC")

    def _back_off(self) -> None:
        self._failures += 1
        self._not_before = _now() + retry_after(self._failures, self._interval)


def _last_line(output: Iterable[str]) -> str:
    """Read the output to its end, log the warnings in it, and return its last other line."""
    last = ""
    for line in output:
        if line.startswith("Warning: "):
            _log.warning("sync warning", warning=line.removeprefix("Warning: ").strip())
        elif line.strip():
            last = line.strip()
    return last.removeprefix("trialmark: ")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
