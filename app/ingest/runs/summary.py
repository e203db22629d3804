"""The counts of what a run did."""

from dataclasses import dataclass, field


@dataclass
class Summary:
    """Counts of records; `older` ones were left out because a later version is stored."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    rejected: int = 0
    unlisted: int = 0
    """Stored trials that the registry no longer lists, as this run found out."""
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))
