"""Compares the versions that a run brings with the stored ones, and decides which of them are to be written.

A run may bring a trial twice, with the same date and different content. The order in which they come must not decide:
a later run may meet them in the other order, and would write both again. Such versions are put aside. At the end of the
run the one with the greater hash stays, unless the run did not meet the stored one at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap

from app.ingest.prepare.record import Prepared, Stored
from app.ingest.runs.summary import Summary
from app.ingest.sources.read import Rejection
from app.ingest.write.trials import Write

CONTESTED = "comes twice with one date and different content; one of the two is kept"
_MOST_CONTESTED = 1_000
"""The number of trials of one run whose versions are put aside, so that memory stays bounded."""

_Age = tuple[str, ...]
_Rank = tuple[_Age, bytes]


@dataclass
class Judged:
    """The decisions on some versions."""

    writes: list[Write] = field(default_factory=list)
    contested: list[Prepared] = field(default_factory=list)
    met: list[int] = field(default_factory=list)
    """Ids of the trials whose stored version is among the versions."""
    counts: Summary = field(default_factory=Summary)


@dataclass
class Contest:
    """The stored versions that a run has met, and the versions that it has put aside."""

    is_live: bool
    """The source is a live registry.

    All that it sends is of today, so only the day of the update tells versions apart.
    """
    known: frozenset[str] = frozenset()
    """Registry ids that an earlier run met twice."""
    met: BitMap = field(default_factory=BitMap)
    """Ids of the trials whose stored version the run has met or has written."""
    aside: dict[str, dict[bytes, Prepared]] = field(default_factory=dict)
    """The versions that were put aside, by registry id and hash."""

    def judge(self, versions: Iterable[Prepared], stored: Mapping[str, Stored]) -> Judged:
        """Sort versions, at most one for each trial, by what is stored of their trials now."""
        judged = Judged()
        for version in versions:
            known = stored.get(version.registry_id)
            if known is None:
                judged.counts.new += 1
                judged.writes.append(Write(version, None))
                continue
            if known.sha256 == version.sha256:
                judged.counts.unchanged += 1
                judged.met.append(known.trial_id)
            elif self._is_contested(version, known):
                judged.counts.older += 1
                judged.contested.append(version)
            elif version.age < known.age:
                judged.counts.older += 1
            else:
                judged.counts.changed += 1
                judged.writes.append(Write(version, known.trial_id))
        return judged

    def latest(self, versions: Iterable[Prepared]) -> tuple[list[Prepared], int]:
        """Return only the latest of several versions of a trial, and the number of the others."""
        latest: dict[str, Prepared] = {}
        others = 0
        for version in versions:
            earlier = latest.setdefault(version.registry_id, version)
            if earlier is version:
                continue
            others += 1
            if self._rank(version) > self._rank(earlier):
                latest[version.registry_id] = version
            if earlier.sha256 != version.sha256 and self._age(earlier.age) == self._age(version.age):
                self._put_aside(min(earlier, version, key=self._rank))
        return list(latest.values()), others

    def take(self, judged: Judged, written: Iterable[int]) -> None:
        """Remember which stored versions were met and which trials were written."""
        self.met.update(judged.met)
        self.met.update(written)
        for version in judged.contested:
            self._put_aside(version)

    def settle(self, stored: Mapping[str, Stored]) -> Judged:
        """Decide on the versions that were put aside, after all others are written."""
        judged = Judged()
        for registry_id, versions in self.aside.items():
            known = stored[registry_id]
            best = max(versions.values(), key=self._rank)
            if self._is_replaced(known, best):
                judged.counts.older -= 1  # it was counted as older when it was put aside
                judged.counts.changed += 1
                judged.writes.append(Write(best, known.trial_id))
        return judged

    def complaints(self, stored: Mapping[str, Stored]) -> Iterator[Rejection]:
        """Yield a rejection for each trial that this run has met twice."""
        for registry_id, versions in sorted(self.aside.items()):
            known = stored[registry_id]
            ranks = {self._rank(version) for version in versions.values()}
            if known.trial_id in self.met:
                ranks.add((self._age(known.age), known.sha256))
            latest, _ = max(ranks)
            if sum(age == latest for age, _ in ranks) > 1:
                yield Rejection(registry_id, registry_id, CONTESTED, "")

    def _is_contested(self, version: Prepared, known: Stored) -> bool:
        if version.registry_id in self.known or version.registry_id in self.aside:
            return self._has_room(version)
        is_tie = known.trial_id in self.met and self._age(version.age) == self._age(known.age)
        return is_tie and self._has_room(version)

    def _has_room(self, version: Prepared) -> bool:
        return version.registry_id in self.aside or len(self.aside) < _MOST_CONTESTED

    def _put_aside(self, version: Prepared) -> None:
        if self._has_room(version):
            self.aside.setdefault(version.registry_id, {})[version.sha256] = version

    def _is_replaced(self, known: Stored, best: Prepared) -> bool:
        if known.trial_id in self.met:
            return self._rank(best) > (self._age(known.age), known.sha256)
        return best.age >= known.age

    def _rank(self, version: Prepared) -> _Rank:
        return self._age(version.age), version.sha256

    def _age(self, age: tuple[str, str]) -> _Age:
        return age[:1] if self.is_live else age
