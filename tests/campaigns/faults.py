"""Runs the whole fault matrix, every fault on a first and on an incremental run: `python -m tests.campaigns.faults`."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from app.database.engine import migrate
from app.settings import Settings
from tests.ctgov_server import CtgovServer
from tests.support.fault_matrix import FAULTS, FIRST, SECOND, Faultless


def main() -> None:
    """Name each case that leaves a trace, and exit with 1 if there is one."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    traces = 0
    with TemporaryDirectory() as name, CtgovServer() as server:
        folder = Path(name)
        migrate(Settings(database_url=f"sqlite:///{folder}/empty.db"))
        faultless = Faultless(server, folder / "empty.db", folder)
        for fault in FAULTS:
            for day in (FIRST, SECOND):
                try:
                    faultless.require_no_trace(fault, day, folder / "case.db")
                except AssertionError as error:
                    traces += 1
                    print(f"{fault}, {'first run' if day == FIRST else 'incremental'}: {error}")
                server.behave()
                for path in folder.glob("case.db*"):
                    path.unlink()
    print(f"{len(FAULTS)} faults on 2 kinds of runs: {traces} of the runs left a trace")
    sys.exit(1 if traces else 0)


if __name__ == "__main__":
    main()
