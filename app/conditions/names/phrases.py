"""Search for names of concepts in a phrase: the whole phrase, or the longest names inside it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.conditions.names.same_name import is_filler, key_of, key_of_tokens, tokens_of

_LONGEST_NAME = 10
_LONGEST_PHRASE = 60
"""Words of a phrase that are examined; anything longer is prose, not the name of a condition."""
_MOST_KEYS = 500
_MOST_REMEMBERED = 10_000
"""Phrases in the cache of a lexicon."""
_LONGEST_SCATTERED = 7
"""Words of the longest segment in which a name is also found with other words between its own."""

_BREAK = re.compile(
    r"(?P<mark>[,;/()\[\]:+&|])|(?P<complement>\b(?:with|without|due to|secondary to|in|from)\b)|\b(?:and|or)\b",
    re.IGNORECASE,
)

_MODIFIERS = frozenset(
    tokens_of(
        "1 2 3 4 acquired active acute adjuvant adolescent adult advanced ajcc anterior asymptomatic bilateral "
        "central cervical child childhood children chronic class confirmed congenital controlled degenerative degree "
        "diagnosed disorder distal early elderly eligible extension extensive familial female first generalized grade "
        "hereditary high histologically human idiopathic inactive inadequately infant infants intermittent invasive "
        "juvenile late left limited line localized locally low lower lumbar male men metastatic mild moderate "
        "mutation negative neonatal new newly nonmetastatic nos onset other participants patient pediatric persistent "
        "poorly positive posterior previously primary progressive proximal recurrent recurring refractory relapse "
        "relapsed relapsing remission resectable residual right risk second secondary severe spontaneous sporadic "
        "stable stage subject suspected symptomatic thoracic toddler treated type uncontrolled unilateral "
        "unresectable unspecified untreated upper v6 v7 v8 v9 volunteers women"
    )
)
"""Words that narrow a condition without making it another one."""

_GENERIC = frozenset(
    tokens_of(
        "abnormality atrophy behavior cancer carcinoma complication death disease disorder ego emotion hemorrhage "
        "infection inflammation injury lesion malignancy neoplasm pain recurrence rupture self shock sign speech "
        "syndrome thinking trauma tumor wound"
    )
)
"""Names that say nothing about the phrase around them: a trial of "disc disease" is not a trial of Disease."""

_HISTOLOGIES = frozenset(tokens_of("adenocarcinoma carcinoma malignancy neoplasm tumor"))
_CANCER = "cancer"


@dataclass(frozen=True, slots=True)
class Finding:
    """A concept that a phrase names."""

    mesh_id: str
    words: int
    """Words in the name; 0 if the phrase is the name."""
    is_whole: bool
    """Only modifiers stand beside the name in its part of the phrase."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    segment: int
    sentence: int
    """A number that increases after each `;` or `|`, beyond which no name extends."""
    is_complement: bool
    """It follows "with", "due to", "in" or the like, so it says what another condition occurs with."""


class Lexicon:
    """The names of concepts. A name that several concepts share names each of them."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Add `names`, which are (key, MeSH id) pairs."""
        self._concepts: dict[str, tuple[str, ...]] = {}
        self._words: set[str] = set(_HISTOLOGIES)
        """Every word that occurs in a name."""
        self._found: dict[str, tuple[Finding, ...]] = {}
        """A cache by phrase: records state the same phrases again and again."""
        for key, mesh_id in names:
            self.add(key, mesh_id)

    def add(self, key: str, mesh_id: str) -> None:
        known = self._concepts.get(key, ())
        if key and mesh_id not in known:
            self._concepts[key] = tuple(sorted((*known, mesh_id)))
            self._words.update(key.split())
            self._found.clear()

    def named(self, name: str) -> tuple[str, ...]:
        """Return the concepts that have the whole text as a name."""
        return self.named_by(key_of(name))

    def named_by(self, key: str) -> tuple[str, ...]:
        """Return the concepts that have a name with this key, in the order of their ids."""
        return self._concepts.get(key, ())

    def found_in(self, phrase: str) -> tuple[Finding, ...]:
        """Return the concepts that a phrase names, each once, the surest first."""
        found = self._found.get(phrase)
        if found is None:
            if len(self._found) == _MOST_REMEMBERED:
                self._found.clear()
            found = self._found[phrase] = tuple(self._find(phrase))
        return found

    def _find(self, phrase: str) -> list[Finding]:
        if whole := self.named(phrase):
            return [Finding(mesh_id, 0, is_whole=True) for mesh_id in whole]
        tokens = _tokens(phrase)
        found: dict[str, Finding] = {}
        for places, mesh_ids in self._names_in(tokens):
            is_whole = _is_whole(tokens, places)
            if len(places) == 1 and _is_uninformative(tokens[places[0]].text, is_whole):
                continue
            for mesh_id in mesh_ids:
                known = found.get(mesh_id)
                if known is None or (is_whole and not known.is_whole):
                    found[mesh_id] = Finding(mesh_id, len(places), is_whole)
        return sorted(found.values(), key=lambda finding: (not finding.is_whole, -finding.words))

    def _names_in(self, tokens: Sequence[_Token]) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
        """Yield the names in a phrase, longest first, as (places of the words, concepts).

        No word belongs to two names, except one such as "carcinoma" that was read as "cancer".
        """
        free = {place for place, token in enumerate(tokens) if token.text in self._words}
        for places in _candidates(tokens):
            if free.issuperset(places):
                words = [tokens[place].text for place in places]
                if mesh_ids := self._concepts.get(key_of_tokens(words)):
                    yield places, mesh_ids
                    free.difference_update(places)
                elif mesh_ids := self._as_cancer(words):
                    yield places, mesh_ids
                    free.difference_update(p for p in places if tokens[p].text not in _HISTOLOGIES)

    def _as_cancer(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the concepts named by the words if "carcinoma" and the like are read as "cancer".

        MeSH has no "prostate carcinoma", but it has "prostate cancer".
        """
        if len(words) == 1 or _HISTOLOGIES.isdisjoint(words):
            return ()
        return self._concepts.get(key_of_tokens(_with_cancer(words)), ())


def keys_in(phrase: str) -> set[str]:
    """Return the keys of all names that a phrase may contain.

    A lexicon of these names alone finds in the phrase what a full one finds.
    """
    tokens = _tokens(phrase)
    keys = {key_of(phrase)}
    for places in _candidates(tokens):
        words = [tokens[place].text for place in places]
        keys |= {key_of_tokens(words), key_of_tokens(_with_cancer(words))}
        if len(keys) > _MOST_KEYS:
            break
    return keys


def tokens_in(phrase: str) -> set[str]:
    """Return every word that a name inside the phrase may have; "cancer" too if "carcinoma" or the like is there."""
    tokens = {*tokens_of(phrase), *(token.text for token in _tokens(phrase))}
    return tokens if tokens.isdisjoint(_HISTOLOGIES) else tokens | {_CANCER}


def _with_cancer(words: Sequence[str]) -> list[str]:
    return [_CANCER if word in _HISTOLOGIES else word for word in words]


def _tokens(phrase: str) -> list[_Token]:
    tokens: list[_Token] = []
    start, sentence, is_complement = 0, 0, False
    breaks = [*_BREAK.finditer(phrase), None]
    for segment, found in enumerate(breaks):
        text = phrase[start : found.start() if found else None]
        tokens += [_Token(token, segment, sentence, is_complement) for token in tokens_of(text)]
        if found:
            start = found.end()
            sentence += found["mark"] in {";", "|"}
            is_complement = bool(found["complement"]) or (is_complement and not found["mark"])
    return tokens[:_LONGEST_PHRASE]


def _candidates(tokens: Sequence[_Token]) -> Iterator[tuple[int, ...]]:
    """Yield the places of words that may be a name, most words first.

    With the same number of words, adjacent ones come before words of one segment at any distance.
    """
    content = [place for place, token in enumerate(tokens) if not is_filler(token.text)]
    segments: dict[int, list[int]] = {}
    for place in content:
        segments.setdefault(tokens[place].segment, []).append(place)
    for length in range(min(_LONGEST_NAME, len(content)), 0, -1):
        for start in range(len(content) - length + 1):
            run = tuple(content[start : start + length])
            if tokens[run[0]].sentence == tokens[run[-1]].sentence:
                yield run
        if length > 1:
            for places in segments.values():
                if length < len(places) <= _LONGEST_SCATTERED:
                    yield from combinations(places, length)


def _is_uninformative(word: str, is_whole: bool) -> bool:
    return word in _MODIFIERS or (word in _GENERIC and not is_whole)


def _is_whole(tokens: Sequence[_Token], places: Sequence[int]) -> bool:
    segments = {tokens[place].segment for place in places}
    is_complement = all(tokens[place].is_complement for place in places)
    return not is_complement and _are_modifiers(tokens, segments, places)


def _are_modifiers(tokens: Sequence[_Token], segments: set[int], besides: Sequence[int]) -> bool:
    return all(
        token.segment not in segments or place in besides or token.text in _MODIFIERS or is_filler(token.text)
        for place, token in enumerate(tokens)
    )


def is_modifier(phrase: str) -> bool:
    """Tell whether a phrase has only words that narrow a condition: "relapsed", "Stage IV"."""
    return all(token in _MODIFIERS or is_filler(token) for token in tokens_of(phrase))


def stands_alone(phrase: str, word: str) -> bool:
    """Tell whether only modifiers stand beside a word in its part of the phrase."""
    tokens = _tokens(phrase)
    own = tokens_of(word)
    places = [place for place, token in enumerate(tokens) if token.text in own]
    segments = {tokens[place].segment for place in places[: len(own)]}
    return bool(places) and _are_modifiers(tokens, segments, places)
