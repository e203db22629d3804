"""Measures how well a record's own words are mapped to concepts, against the registry's indexing.

The registry's terms are hidden from the mapping. It knows MeSH and the abbreviations that the same records explain.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.conditions.mapping import ConditionLink, abbreviations_of, condition_links
from app.conditions.mesh.read import MeshFile, descriptors, open_mesh
from app.conditions.mesh.roots import ROOTS
from app.conditions.names.linking import KEYWORD, STATED
from app.conditions.names.same_name import canonical_mesh_id
from app.conditions.stored_vocabulary import load_vocabulary
from app.conditions.vocabulary import Explained, Vocabulary, meanings
from app.database.engine import migrate, open_engine, reading
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.sources.files import open_files
from app.ingest.sources.read import ReadDocument, read_document
from app.record.trial import Terms, TrialRecord
from app.registries import CTGOV
from app.settings import Settings
from app.text.slugs import slug_of

WORST = 30
EXAMPLES = 2

Above = Callable[[str], frozenset[str]]
"""A function that returns all concepts above one."""


@dataclass(frozen=True)
class Case:
    """A record, the concepts that the registry indexed it with, and those that its own words were mapped to."""

    record: TrialRecord
    indexed: frozenset[str]
    found: Mapping[str, ConditionLink]
    kept: frozenset[str]
    """Concepts that are not conditions but have the very name that the record states, such as "Insulin"."""
    equal: frozenset[str]
    """The baseline: concepts that a stated condition names exactly, but for spelling and word order."""

    @property
    def canonical(self) -> frozenset[str]:
        return frozenset(map(canonical_mesh_id, self.indexed))


@dataclass(frozen=True)
class Score:
    """Counts of (trial, concept) pairs."""

    right: int = 0
    found: int = 0
    wanted: int = 0

    def and_of(self, found: frozenset[str], wanted: frozenset[str]) -> "Score":
        return Score(self.right + len(found & wanted), self.found + len(found), self.wanted + len(wanted))

    def __str__(self) -> str:
        return f"{_share(self.right, self.wanted)} | {_share(self.right, self.found)}"


@dataclass(frozen=True)
class Yardstick:
    """A way to read the registry's ids, and the hierarchy to compare in."""

    name: str
    concepts: frozenset[str]
    """Concepts that are scored. Newer ones of the registry, and whatever they would be mapped to, are left out."""
    above: Above
    is_canonical: bool = True

    def wanted(self, case: Case) -> frozenset[str]:
        return (case.canonical if self.is_canonical else case.indexed) & self.concepts

    def widened(self, mesh_ids: frozenset[str]) -> frozenset[str]:
        return mesh_ids.union(*map(self.above, mesh_ids))


@dataclass
class Differences:
    """The trials of each concept that was missed or wrongly found."""

    records: dict[str, list[Case]] = field(default_factory=lambda: defaultdict(list))

    def worst(self) -> list[tuple[str, list[Case]]]:
        return sorted(self.records.items(), key=lambda item: (-len(item[1]), item[0]))[:WORST]


def measure_conditions(mesh: Path, files: Sequence[Path]) -> str:
    """Return Markdown: recall and precision over (trial, concept) pairs, by origin, with the worst concepts."""
    file = open_mesh(mesh)
    places = {item.mesh_id: item.tree_numbers for item in descriptors(file, lambda _: None)}
    vocabulary = _vocabulary(file)
    in_file = frozenset(places)
    cases = [case for case in _cases(files, vocabulary) if case.indexed & in_file]
    in_trees = _above_in(places)
    with_roots = in_file | {root.mesh_id for root in ROOTS}
    yardsticks = [
        Yardstick("ids as written", in_file, in_trees, is_canonical=False),
        Yardstick("padded ids as what they are", in_file, in_trees),
        Yardstick("up to the trees' roots, as the filter has it", with_roots, vocabulary.ancestors),
    ]
    sections = [
        f"{len(cases):,} records with a term of {file.name}, mapped without their terms; pairs are (trial, concept).",
        _scores(cases, yardsticks),
        "By where a concept is named, and how (padded ids as what they are):",
        _manners(cases, yardsticks[1]),
        *_differences(cases, yardsticks[1], vocabulary),
    ]
    return "\n\n".join(sections)


def _vocabulary(file: MeshFile) -> Vocabulary:
    with TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/trialmark.db")
        migrate(settings)
        engine = open_engine(settings)
        replace_vocabulary(engine, file, lambda *_: None)
        with reading(engine) as session:
            vocabulary = load_vocabulary(session)
        engine.dispose()
    return vocabulary


def _cases(files: Sequence[Path], vocabulary: Vocabulary) -> Iterator[Case]:
    records = {record.registry_id: record for record in _records(files)}.values()
    blind = [replace(record, condition_terms=Terms()) for record in records]
    explained = [abbreviations_of(record, vocabulary) for record in blind]
    _learn(explained, vocabulary)
    for record, hidden, abbreviations in zip(records, blind, explained, strict=True):
        links = condition_links(hidden, abbreviations, vocabulary)
        named = {link.mesh_id: link for link in links if link.mesh_id and link.source in {STATED, KEYWORD}}
        conditions = vocabulary.linker.own_names.keys()
        yield Case(
            record,
            frozenset(term.id for term in record.condition_terms.concepts),
            {mesh_id: link for mesh_id, link in named.items() if mesh_id in conditions},
            frozenset(named.keys() - conditions),
            frozenset(
                mesh_id
                for condition in record.conditions
                for mesh_id in vocabulary.linker.lexicon.named(condition)
            ),
        )


def _records(files: Sequence[Path]) -> Iterator[TrialRecord]:
    now = datetime.now(UTC)
    for file in files:
        for raw in open_files(file).records:
            document = read_document(CTGOV, raw, now)
            if isinstance(document, ReadDocument):
                yield document.record


def _learn(explained: Sequence[set[tuple[str, str]]], vocabulary: Vocabulary) -> None:
    """Teach the vocabulary the explained abbreviations, as a run does at its end (settle.py, `explanations`)."""
    counts: Counter[tuple[str, str]] = Counter()
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for abbreviation, mesh_id in (pair for pairs in explained for pair in pairs):
        counts[slug_of(abbreviation), mesh_id] += 1
        written[slug_of(abbreviation)][abbreviation] += 1
    rows = (
        Explained(slug, mesh_id, written[slug].most_common(1)[0][0], trials)
        for (slug, mesh_id), trials in counts.items()
    )
    vocabulary.linker.abbreviations = meanings(rows) | vocabulary.linker.abbreviations


def _above_in(places: Mapping[str, Sequence[str]]) -> Above:
    """Return a function that finds all ancestors of a concept in the trees of the file."""
    by_number = {number: mesh_id for mesh_id, numbers in places.items() for number in numbers}

    def above(mesh_id: str) -> frozenset[str]:
        parts = [number.split(".") for number in places.get(mesh_id, ())]
        higher = {".".join(part[:length]) for part in parts for length in range(1, len(part))}
        return frozenset(by_number[number] for number in higher if number in by_number)

    return above


def _scores(cases: Sequence[Case], yardsticks: Sequence[Yardstick]) -> str:
    lines = [
        "| registry's terms read as | pairs | recall | precision | with broader: pairs | recall | precision |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_line(yardstick.name, cases, yardstick, _found) for yardstick in yardsticks]
    lines.append(_line("padded ids, with stated names of no condition", cases, yardsticks[1], _with_kept))
    lines.append(_line("padded ids, baseline: conditions that are names", cases, yardsticks[1], _equal))
    return "\n".join(lines)


def _found(case: Case) -> frozenset[str]:
    return frozenset(case.found)


def _with_kept(case: Case) -> frozenset[str]:
    return _found(case) | case.kept


def _equal(case: Case) -> frozenset[str]:
    return case.equal


def _line(
    name: str, cases: Sequence[Case], yardstick: Yardstick, mapped: Callable[[Case], frozenset[str]]
) -> str:
    exact, broader = Score(), Score()
    for case in cases:
        found, wanted = mapped(case) & yardstick.concepts, yardstick.wanted(case)
        exact = exact.and_of(found, wanted)
        broader = broader.and_of(yardstick.widened(found), yardstick.widened(wanted))
    return f"| {name} | {exact.wanted:,} | {exact} | {broader.wanted:,} | {broader} |"


def _manners(cases: Sequence[Case], yardstick: Yardstick) -> str:
    pairs: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for case in cases:
        wanted = yardstick.wanted(case)
        for mesh_id, link in case.found.items():
            if mesh_id in yardstick.concepts:
                pairs[link.source, link.manner] += 1
                right[link.source, link.manner] += mesh_id in wanted
    lines = ["| source | manner | pairs | right | share |", "|---|---|---|---|---|"]
    for key, count in sorted(pairs.items(), key=lambda item: (item[0][0] != STATED, -item[1])):
        lines.append(f"| {' | '.join(key)} | {count:,} | {right[key]:,} | {_share(right[key], count)} |")
    return "\n".join(lines)


def _differences(cases: Sequence[Case], yardstick: Yardstick, vocabulary: Vocabulary) -> Iterator[str]:
    missed, invented = Differences(), Differences()
    for case in cases:
        wanted, found = yardstick.wanted(case), _found(case) & yardstick.concepts
        for mesh_id in wanted - found:
            missed.records[mesh_id].append(case)
        for mesh_id in found - wanted:
            invented.records[mesh_id].append(case)
    for title, differences in (("Missed most", missed), ("Invented most", invented)):
        lines = [f"{title}, the concept with how many trials:", ""]
        for mesh_id, of_concept in differences.worst():
            lines.append(f"- {vocabulary.concepts[mesh_id].label}: {len(of_concept)}")
            lines += [f"  - {_example(case, mesh_id)}" for case in of_concept[:EXAMPLES]]
        yield "\n".join(lines)


def _example(case: Case, mesh_id: str) -> str:
    link = case.found.get(mesh_id)
    why = f' ({link.source}, {link.manner}: "{link.words[:60]}")' if link else ""
    stated = "; ".join(case.record.conditions)
    return f"{case.record.registry_id}{why}: {stated[:100]}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"
