"""The summary printed at the end of a run that loaded records."""

from typing import TYPE_CHECKING

from app.commands.parts.terminal import err, out

if TYPE_CHECKING:
    from app.ingest.runs.summary import Summary


def say_closing(summary: "Summary", seconds: float) -> None:
    counts = [
        f"{summary.read:,} read",
        f"{summary.new:,} new",
        f"{summary.changed:,} changed",
        f"{summary.unchanged:,} unchanged",
        f"{summary.rejected:,} rejected",
    ]
    if summary.older:
        counts.append(f"{summary.older:,} older than the stored version")
    if summary.unlisted:
        counts.append(f"{summary.unlisted:,} no longer listed by the registry")
    out.print(f"{', '.join(counts)} in {seconds:.1f} seconds")
    for warning in summary.warnings:
        err.print(f"Warning: {warning}")
    if summary.rejected:
        err.print(
            f"Warning: {summary.rejected:,} records could not be read; 'trialmark status' and /about/data say why."
        )
