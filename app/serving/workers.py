"""The supervisor of several worker processes: starts, watches, replaces, reloads and stops them.

All workers accept connections from one listening socket, which the supervisor keeps open: connections wait in it while
workers are replaced. Uvicorn's own supervisor kills a worker that does not answer within five seconds, which a start on
a busy machine takes. It handles no signals while it waits for a worker, and its workers outlive it.
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

_HEARTBEAT_TIMEOUT_SECONDS = 120.0
"""A worker without a heartbeat for this long hangs in its event loop or in its start, and is killed."""
_RETRY_SECONDS = 5.0
"""The wait before replacing a worker that ended during its start."""
_KILL_SECONDS = 10.0
"""The extra time after `stop_seconds`, which the workers know, before they are killed."""
_CHECK_SECONDS = 1.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

_log = structlog.get_logger("trialmark.serve")


class WorkersFailedError(ExpectedError):
    """No worker could start."""


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    channel: socket.socket
    """The worker's heartbeats arrive here. The channel closes when either side ends."""
    replaces: "_Worker | None"
    """The old worker that stops once this one serves."""
    heard_at: float = field(default_factory=monotonic)
    is_ready: bool = False
    is_retired: bool = False

    @property
    def pid(self) -> int:
        return self.process.pid

    def read_heartbeat(self) -> bool:
        """Read from the channel; return False if the worker has ended, even before it read its settings."""
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
        self._to_replace: deque[_Worker] = deque()
        """The workers that a reload has yet to replace."""
        self._has_served = False
        self._has_failed = False
        self._restart_at: float | None = None
        self._kill_at: float | None = None
        """The time at which the remaining workers are killed; set while the service stops."""

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. SIGHUP replaces every worker by one that runs the installed code.

        Raises:
            WorkersFailedError: no worker could start; the workers have printed why.
        """
        with _signals() as signals:
            self._selector.register(signals, selectors.EVENT_READ)
            self._start_missing()
            while self._workers or self._kill_at is None:
                for key, _ in self._selector.select(_CHECK_SECONDS):
                    if key.fileobj is signals:
                        for number in signals.recv(64):
                            self._handle_signal(signal.Signals(number))
                    else:
                        self._read_worker(key.data)
                self._check_timers()
        if self._has_failed:
            raise WorkersFailedError("the service could not be started; the lines above say why")

    def _handle_signal(self, number: signal.Signals) -> None:
        if number == signal.SIGHUP:
            _log.info("reloading", workers=len(self._workers))
            self._to_replace = deque(self._workers)
            self._replace_next()
        elif self._kill_at is None:
            self._stop()
        elif number == signal.SIGINT:
            self._kill_at = monotonic()  # the second Ctrl+C

    def _stop(self) -> None:
        _log.info("stopping")
        self._kill_at = monotonic() + self._settings.stop_seconds + _KILL_SECONDS
        refuse_new_connections(self._listener)
        for worker in self._workers:
            worker.retire()

    def _read_worker(self, worker: _Worker) -> None:
        if not worker.read_heartbeat():
            self._remove_ended(worker)
            return
        worker.heard_at = monotonic()
        if not worker.is_ready:
            worker.is_ready = self._has_served = True
            _log.info("worker serves", worker=worker.pid)
            if worker.replaces is not None:
                worker.replaces.retire()
                worker.replaces = None
                self._replace_next()

    def _remove_ended(self, worker: _Worker) -> None:
        code = worker.process.wait()
        self._selector.unregister(worker.channel)
        worker.channel.close()
        self._workers.remove(worker)
        if worker.is_retired:
            _log.info("worker stopped", worker=worker.pid)
        elif worker.replaces is not None:
            _log.error(
                "reload abandoned: the new worker ended; the old ones keep serving",
                worker=worker.pid,
                code=code,
            )
            self._to_replace.clear()
        elif not self._has_served and code > 0:
            self._has_failed = True
            self._stop()
        else:
            _log.error("worker ended; starting another in its place", worker=worker.pid, code=code)
            for newcomer in self._workers:
                if newcomer.replaces is worker:
                    newcomer.replaces = None
            self._restart_at = monotonic() + (0 if worker.is_ready else _RETRY_SECONDS)

    def _check_timers(self) -> None:
        """Kill workers that are out of time or silent, and start missing ones when their wait is over."""
        now = monotonic()
        if self._kill_at is not None:
            if now >= self._kill_at:
                self._kill(self._workers)
            return
        self._kill([worker for worker in self._workers if now - worker.heard_at > _HEARTBEAT_TIMEOUT_SECONDS])
        if self._restart_at is not None and now >= self._restart_at:
            self._restart_at = None
            self._start_missing()

    def _kill(self, workers: list[_Worker]) -> None:
        for worker in workers:
            _log.error("worker does not respond; killing it", worker=worker.pid)
            worker.process.kill()

    def _replace_next(self) -> None:
        """Start the replacement of the next old worker; one at a time, so that a reload needs memory for one more."""
        if self._kill_at is not None or any(worker.replaces for worker in self._workers):
            return
        while self._to_replace:
            old = self._to_replace.popleft()
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
            process = subprocess.Popen(  # noqa: S603  runs this program
                command_of("app.serving.worker", str(self._listener.fileno()), str(theirs.fileno())),
                pass_fds=(self._listener.fileno(), theirs.fileno()),
                stdin=subprocess.DEVNULL,
                process_group=0,  # Ctrl+C goes to the supervisor, which stops its workers
            )
        worker = _Worker(process, ours, replaces)
        self._workers.append(worker)
        self._selector.register(ours, selectors.EVENT_READ, worker)


@contextmanager
def _signals() -> Iterator[socket.socket]:
    """Deliver signals as bytes, each the signal's number, so that they are handled between two steps of the loop."""
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
