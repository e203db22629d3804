"""Terminal output: results on standard output; progress, warnings and failures on standard error."""

import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

SpaceCheck = Annotated[
    bool,
    typer.Option("--space-check/--no-space-check", help="Refuse to start if the disk may become too full."),
]


def fail(reason: str) -> NoReturn:
    """Exit with code 1 after printing the reason in one line."""
    err.print(f"trialmark: {reason}")
    sys.exit(1)
