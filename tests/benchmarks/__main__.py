"""`python -m tests.benchmarks pages [FILE ...]`: server time of pages over files' records, or made-up ones."""

import logging
import sys
from pathlib import Path

from app.log import configure_logging
from tests.benchmarks.pages import measure_pages

USAGE = "usage: python -m tests.benchmarks pages [FILE ...]"

if len(sys.argv) < 2 or sys.argv[1] != "pages":
    sys.exit(USAGE)
configure_logging("console")
logging.disable(logging.INFO)
print(measure_pages([Path(name) for name in sys.argv[2:]]))
