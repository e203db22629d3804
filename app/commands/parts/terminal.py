"""What commands print with: results on standard output; progress, warnings and failures on standard error."""

import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

SpaceCheck = Annotated[
    bool,
    typer.Option("--space-check/--no-space-check", help="Refuse to begin where the disk may be too full."),
]


def fail(reason: str) -> NoReturn:
    """End the program with code 1 and one line that says why."""
    err.print(f"trialmark: {reason}")
    sys.exit(1)
