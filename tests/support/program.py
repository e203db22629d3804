"""Starts the program as a user does."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import httpx2

PROGRAM = [sys.executable, "-c", "from app.cli import main; main()"]


class Trialmark:
    """Runs commands on a database of its own, in a folder of its own."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.folder = folder
        self.database = database

    def environment(self, **variables: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TRIALMARK_")}
        paths = {"PYTHONPATH": str(Path(__file__).parents[2]), "NO_PROXY": "127.0.0.1"}
        return inherited | paths | {"TRIALMARK_DATABASE_URL": f"sqlite:///{self.database}"} | variables

    def __call__(
        self, *arguments: str | Path, code: int = 0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=self.environment(**variables),
            cwd=self.folder,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done

    def fails(self, *arguments: str | Path, **variables: str) -> str:
        """Run a command that fails, and return its one line on standard error."""
        done = self(*arguments, code=1, **variables)
        assert done.stderr.endswith("\n")
        (line,) = done.stderr.splitlines()
        assert line.startswith("trialmark: ")
        return line

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement).fetchall()

    def started(self, *arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
        """Start a command in the background, with its output in pipes."""
        return subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(PYTHONUNBUFFERED="1", **variables),
            cwd=self.folder,
        )

    @contextmanager
    def served(self) -> Iterator[httpx2.Client]:
        """Serve the database and yield the server's address; its output is dropped."""
        process = self.started("serve", "--port", "0", TRIALMARK_LOG_FORMAT="json")
        assert process.stdout
        assert process.stderr
        drain = Thread(target=process.stderr.read, daemon=True)
        drain.start()
        try:
            found = next(
                found for line in process.stdout if (found := re.search(r"http://localhost(:\d+)/", line))
            )
            transport = httpx2.HTTPTransport(
                retries=10
            )  # the address is printed a moment before the server listens
            with httpx2.Client(
                base_url=f"http://127.0.0.1{found[1]}", timeout=60, trust_env=False, transport=transport
            ) as client:
                yield client
        finally:
            process.terminate()
            process.wait(timeout=60)
            process.stdout.close()
            drain.join()
            process.stderr.close()
