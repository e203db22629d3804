"""The supervisor of several worker processes: starts, watches, replaces, reloads and stops them.

Every worker accepts connections from one listening socket, which the supervisor keeps open: while workers are replaced,
connections wait in it. Uvicorn's own supervisor ends a worker that does not answer within five seconds, which a start
on a busy machine takes; it looks at no signal while it waits for a worker; and its workers outlive it.
"""

import pickle
import selectors
import signal
import socket
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

import structlog

from app.failures import ExpectedError
from app.serving.listener import refuse_new_connections
from app.serving.own_process import command_of
from app.settings import Settings

_SILENCE_SECONDS = 120.0
"""A worker whose event loop says nothing for so long hangs, or came to no end of its start."""
_RETRY_SECONDS = 5.0
"""Before a worker is started again in place of one that ended while it started."""
_KILL_SECONDS = 10.0
"""After the time for a stop, of which the workers know."""
_LOOK_SECONDS = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log = structlog.get_logger("trialmark.serve")


class WorkersFailedError(ExpectedError):
    """The service could not be started."""


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    channel: socket.socket
    """Carries the worker's sign of life; either side sees here that the other has ended."""
    replaces: "_Worker | None"
    """The one that is to stop when this one serves."""
    heard_at: float = field(default_factory=monotonic)
    is_ready: bool = False
    is_retired: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    def says_something(self) -> bool:
        """Read what came through the channel; false if the worker has ended, read its settings or not."""
        try:
            return bool(self.channel.recv(64))
        except ConnectionResetError:
            return False

    def retire(self) -> None:
        self.is_retired = True
        self.process.terminate()


class Supervisor:
    def __init__(self, settings: Settings, listener: socket.socket, count: int) -> None:
        self._settings = settings
        self._listener = listener
        self._count = count
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._to_renew: deque[_Worker] = deque()
        """Those that a reload has yet to replace."""
        self._has_served = False
        self._has_failed = False
        self._starts_again_at: float | None = None
        self._kills_at: float | None = None
        """When what is left is killed; set while the service stops."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP replaces every worker by one with the present code.

        Raises:
            WorkersFailedError: no worker could start; it has said why.
        """
        with _signals() as signals:
            self._selector.register(signals, selectors.EVENT_READ)
            self._start_missing()
            while self._workers or self._kills_at is None:
                for key, _ in self._selector.select(_LOOK_SECONDS):
                    if key.fileobj is signals:
                        for number in signals.recv(64):
                            self._obey(signal.Signals(number))
                    else:
                        self._hear(key.data)
                self._look_after()
        if self._has_failed:
            raise WorkersFailedError("the service could not be started; the lines above say why")

    def _obey(self, number: signal.Signals) -> None:
        if number == signal.SIGHUP:
            _log.info("reloading", workers=len(self._workers))
            self._to_renew = deque(self._workers)
            self._renew_next()
        elif self._kills_at is None:
            self._stop()
        elif number == signal.SIGINT:
            self._kills_at = monotonic()  # the second Ctrl+C

    def _stop(self) -> None:
        _log.info("stopping")
        self._kills_at = monotonic() + self._settings.stop_seconds + _KILL_SECONDS
        refuse_new_connections(self._listener)
        for worker in self._workers:
            worker.retire()

    def _hear(self, worker: _Worker) -> None:
        if not worker.says_something():
            self._bury(worker)
            return
        worker.heard_at = monotonic()
        if not worker.is_ready:
            worker.is_ready = self._has_served = True
            _log.info("worker serves", worker=worker.pid)
            if worker.replaces is not None:
                worker.replaces.retire()
                worker.replaces = None
                self._renew_next()

    def _bury(self, worker: _Worker) -> None:
        code = worker.process.wait()
        self._selector.unregister(worker.channel)
        worker.channel.close()
        self._workers.remove(worker)
        if worker.is_retired:
            _log.info("worker stopped", worker=worker.pid)
        elif worker.replaces is not None:
            _log.error(
                "reload given up: the new worker ended; the old ones stay", worker=worker.pid, code=code
            )
            self._to_renew.clear()
        elif not self._has_served and code > 0:
            self._has_failed = True
            self._stop()
        else:
            _log.error("worker ended, another takes its place", worker=worker.pid, code=code)
            for newcomer in self._workers:
                if newcomer.replaces is worker:
                    newcomer.replaces = None
            self._starts_again_at = monotonic() + (0 if worker.is_ready else _RETRY_SECONDS)

    def _look_after(self) -> None:
        """Do what is due by the clock."""
        now = monotonic()
        if self._kills_at is not None:
            if now >= self._kills_at:
                self._kill(self._workers)
            return
        self._kill([worker for worker in self._workers if now - worker.heard_at > _SILENCE_SECONDS])
        if self._starts_again_at is not None and now >= self._starts_again_at:
            self._starts_again_at = None
            self._start_missing()

    def _kill(self, workers: list[_Worker]) -> None:
        for worker in workers:
            _log.error("worker does not answer and is killed", worker=worker.pid)
            worker.process.kill()

    def _renew_next(self) -> None:
        """Start a worker in place of the next old one, one at a time: a reload needs room for one more."""
        if self._kills_at is not None or any(worker.replaces for worker in self._workers):
            return
        while self._to_renew:
            old = self._to_renew.popleft()
            if old in self._workers and not old.is_retired:
                self._start(replaces=old)
                return

    def _start_missing(self) -> None:
        standing = [worker for worker in self._workers if not worker.is_retired and worker.replaces is None]
        for _ in range(self._count - len(standing)):
            self._start()

    def _start(self, replaces: _Worker | None = None) -> None:
        ours, theirs = socket.socketpair()
        ours.sendall(pickle.dumps(self._settings))
        with theirs:
            process = subprocess.Popen(  # noqa: S603  this program
                command_of("app.serving.worker", str(self._listener.fileno()), str(theirs.fileno())),
                pass_fds=(self._listener.fileno(), theirs.fileno()),
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl+C is for the supervisor, which tells its workers
            )
        worker = _Worker(process, ours, replaces)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Signals as bytes to be read, each its number, so that they are obeyed between two steps and not within one."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
    wakeup = signal.set_wakeup_fd(writing.fileno())
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        reading.close()
        writing.close()
