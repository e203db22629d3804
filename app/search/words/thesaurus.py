"""The thesaurus of the condition vocabulary: other names of the diseases and drugs in one query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlmodel import Session

from app.conditions.names.same_name import is_filler, key_of, natural_order, tokens_of
from app.models import NAME_KINDS
from app.search.words.syntax import Parsed, SearchTerm, words_in_order
from app.search.words.widening import Widening, plain_runs

_LONGEST_NAME = 6
"""Words of a name in the query."""
_MOST_NAMES = 40
_LONGEST_OTHER_NAME = 8
"""Words of another name; a chemist's longer systematic name occurs in no record's prose."""
_SHORTEST_NAME = 3
"""Letters of a name that is one word; a shorter one has too many other meanings."""
_COMMON = 0.02
_COMMON_AT_LEAST = 100
"""A word is common if at least this share of all trials, and at least this many trials, contain it."""
_PROPER = {"name", "new"}
"""Kinds of a concept's own name; it is `new` until the run that brought it ends."""

_NAMES = text(
    """
    WITH sought AS MATERIALIZED (
        SELECT DISTINCT concept_name.key, concept_name.mesh_id
        FROM json_each(:keys) JOIN concept_name ON concept_name.key = json_each.value
    )
    SELECT
        sought.key AS sought, concept.mesh_id, concept.label,
        other.text, other.key, other.kind, other.count AS trials
    FROM sought
    JOIN concept ON concept.mesh_id = sought.mesh_id
    JOIN concept_name AS other ON other.mesh_id = sought.mesh_id
    WHERE concept.origin = 'registry' OR EXISTS (
        SELECT 1 FROM concept_tree
        WHERE concept_tree.mesh_id = sought.mesh_id
        AND (number LIKE 'C%' OR number LIKE 'D%' OR number LIKE 'F03%')
    )
    ORDER BY other.slug, other.mesh_id
    """
)
_RARE = text(
    """
    WITH common AS MATERIALIZED (
        SELECT max(:at_least, CAST(:part * coalesce(max(id), 0) AS INTEGER)) AS trials FROM trial
    )
    SELECT value FROM json_each(:words) WHERE (SELECT trials FROM common) > (
        SELECT count(*) FROM (
            SELECT 1 FROM trial_text WHERE trial_text MATCH '"' || value || '"' LIMIT (SELECT trials FROM common)
        )
    )
    """
)


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    key: str
    kind: str
    trials: int
    """For a learned name, the number of trials that explain it that way."""

    @property
    def words(self) -> tuple[str, ...]:
        return words_in_order(self.text)

    @property
    def is_abbreviation(self) -> bool:
        return self.kind in {"abbreviation", "learned"} or (self.text.isupper() and self.text.isalpha())


@dataclass(frozen=True, slots=True)
class _Concept:
    label: str
    names: list[_Name]

    def name_by(self, key: str) -> _Name:
        """Return the most proper of the names with a key."""
        return min(
            (name for name in self.names if name.key == key), key=lambda name: NAME_KINDS.index(name.kind)
        )


class ConceptThesaurus:
    """The names that occur in one query, which are read once, together."""

    def __init__(self, session: Session, parsed: Parsed) -> None:
        runs = list(plain_runs(parsed.expression)) if parsed.expression else []
        written = [[term.written for term in run] for run in runs]
        self._whole = written[0] if parsed.is_plain and written else []
        self._has_small_letters = any(not word.isupper() for run in written for word in run)
        self._concepts = _concepts(session, {key for run in runs for key in _keys(run)})
        typed = {word.lower() for run in written for word in run if key_of(word) in self._concepts}
        self._rare = _rare_words(session, self._concepts, typed)

    def find(self, words: Sequence[str]) -> Widening | None:
        for length in range(min(len(words), _LONGEST_NAME), 0, -1):
            run = " ".join(words[:length])
            concept = self._concept_named(run)
            if concept and self._is_meant(words[:length], concept.name_by(key_of(run))):
                names = tuple(self._other_names(run, concept))
                return Widening(length, concept.label, names) if names else None
        return None

    def _concept_named(self, run: str) -> _Concept | None:
        """Return the concept that these words name; None if they name two concepts equally well."""
        key = key_of(run)
        candidates = [
            (NAME_KINDS.index(name.kind), -name.trials, number)
            for number, concept in enumerate(self._concepts.get(key, ()))
            if _ends_alike(run, (name := concept.name_by(key)).text)
        ]
        best, *others = sorted(candidates) or [(0, 0, -1)]
        is_ambiguous = bool(others) and others[0][0] == best[0] and 2 * others[0][1] <= best[1]
        return None if best[2] < 0 or is_ambiguous else self._concepts[key][best[2]]

    def _is_meant(self, run: Sequence[str], name: _Name) -> bool:
        """Tell whether the words are meant as a name: "all" in a sentence is not leukemia."""
        if list(run) == self._whole or len(run) > 1:
            return True
        word = run[0]
        if len(words_in_order(word)) > 1 or (word.isupper() and self._has_small_letters):
            return True
        return not name.is_abbreviation and len(word) > _SHORTEST_NAME and word.lower() in self._rare

    def _other_names(self, run: str, concept: _Concept) -> Iterator[str]:
        """Yield names that find trials which the words of the run do not, the shortest first."""
        run_words = frozenset(map(_singular, words_in_order(run)))
        taken: list[tuple[str, ...]] = []
        for name in sorted(concept.names, key=_simplest_first):
            words = tuple(map(_singular, _in_natural_order(name)))
            is_too_long = len(words) > _LONGEST_OTHER_NAME
            if is_too_long or run_words <= frozenset(words) or any(_holds(words, other) for other in taken):
                continue
            if len(words) == 1 and not self._is_specific(name, key_of(run)):
                continue
            taken.append(words)
            yield natural_order(name.text) if ", " in name.text else name.text
            if len(taken) == _MOST_NAMES:
                return

    def _is_specific(self, name: _Name, key: str) -> bool:
        """Tell whether a name of one word is specific enough to be searched for.

        A common word is not, unless it is the concept's own name or the reader's name in another spelling.
        """
        if len(name.words[0]) < _SHORTEST_NAME:
            return False
        return name.kind in _PROPER or name.key == key or name.words[0] in self._rare


def _keys(run: Sequence[SearchTerm]) -> Iterator[str]:
    for start in range(len(run)):
        for end in range(start + 1, min(start + _LONGEST_NAME, len(run)) + 1):
            yield key_of(" ".join(term.written for term in run[start:end]))


def _concepts(session: Session, keys: set[str]) -> dict[str, list[_Concept]]:
    """Return, by key, the concepts that have a name with that key."""
    found: dict[str, dict[str, _Concept]] = {}
    for row in session.execute(_NAMES, {"keys": orjson.dumps(sorted(keys - {""})).decode()}):
        by_id = found.setdefault(row.sought, {})
        concept = by_id.setdefault(row.mesh_id, _Concept(row.label, []))
        concept.names.append(_Name(row.text, row.key, row.kind, row.trials))
    return {key: list(by_id.values()) for key, by_id in found.items()}


def _rare_words(session: Session, concepts: dict[str, list[_Concept]], typed: set[str]) -> frozenset[str]:
    """Return the typed words and one-word names that are in few trials.

    To the index, which compares stems, the name "Beforal" is a form of "before".
    """
    if not concepts:
        return frozenset()
    names = (name for found in concepts.values() for concept in found for name in concept.names)
    words = typed | {name.words[0] for name in names if len(name.words) == 1}
    asked = {"words": orjson.dumps(sorted(words)).decode(), "part": _COMMON, "at_least": _COMMON_AT_LEAST}
    return frozenset(session.execute(_RARE, asked).scalars())


def _ends_alike(run: str, name: str) -> bool:
    """Tell whether two names with the same key have the same words, or no filler word at either end.

    A key forgets "a" and "of", but "vitamin" must not be taken for "vitamin A".
    """
    one, other = tokens_of(run), tokens_of(natural_order(name))
    ends = (one[0], one[-1], other[0], other[-1])
    return one == other or not any(map(is_filler, ends))


def _simplest_first(name: _Name) -> tuple[int, bool, int, str]:
    return len(name.words), "," in name.text, len(name.text), name.text


def _in_natural_order(name: _Name) -> tuple[str, ...]:
    return words_in_order(natural_order(name.text) if ", " in name.text else name.text)


def _holds(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Tell whether these words contain the others, so that the others find all that these would find."""
    return frozenset(others) <= frozenset(words) if len(words) == len(others) else _is_inside(others, words)


def _is_inside(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return any(whole[place : place + len(part)] == part for place in range(len(whole) - len(part) + 1))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
