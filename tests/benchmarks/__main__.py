"""Runs a measurement by name.

`python -m tests.benchmarks pages [FILE ...]`: server time of pages over the records of files, or over made-up ones;
`python -m tests.benchmarks conditions MESH FILE ...`: how well the conditions of files are mapped to MeSH descriptors;
`python -m tests.benchmarks dearest DATABASE`: processor time and size of the costliest requests that can be built;
`python -m tests.benchmarks crowd DATABASE`: waits for light pages while many clients send the costliest searches;
`python -m tests.benchmarks scale --trials N | load FILE [--database PATH] [--only PART] [--grow]`: everything at scale.
"""

import logging
import sys
from pathlib import Path

from app.runtime.log import configure_logging
from tests.benchmarks.conditions import measure_conditions
from tests.benchmarks.crowd import measure_crowd
from tests.benchmarks.dearest import measure_dearest
from tests.benchmarks.load import measure_load
from tests.benchmarks.pages import measure_pages
from tests.benchmarks.scale.command import measure_scale

USAGE = (
    "usage: python -m tests.benchmarks pages [FILE ...] | conditions MESH FILE ... | dearest DATABASE | "
    "crowd DATABASE | scale --trials N | load FILE"
)

configure_logging("console")
logging.disable(logging.INFO)
match sys.argv[1:]:
    case ["pages", *files]:
        print(measure_pages([Path(name) for name in files]))
    case ["conditions", mesh, first, *more]:
        print(measure_conditions(Path(mesh), [Path(name) for name in (first, *more)]))
    case ["dearest", database]:
        print(measure_dearest(Path(database)))
    case ["crowd", database]:
        print(measure_crowd(Path(database)))
    case ["scale", *options]:
        measure_scale(options)
    case ["load", *options]:
        print(measure_load(options))
    case _:
        sys.exit(USAGE)
