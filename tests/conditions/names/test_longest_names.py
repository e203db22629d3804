"""The words of a phrase that are taken for names are those of a second implementation that is slow and plain."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.conditions.mesh.read import descriptors, open_mesh
from app.conditions.names.phrases import Lexicon, keys_in
from app.conditions.names.same_name import key_of
from tests.support.reference_data import reference_file

WORDS = ("alpha", "beta", "gamma", "delta", "kappa")
BREAKS = {", ": "mark", "; ": "mark", " with ": "complement", " and ": "none"}

Parts = list[tuple[str, list[str]]]
"""(the word before the part, the words of the part)"""

NAMES = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), max_size=8)
PARTS = st.lists(
    st.tuples(
        st.sampled_from(list(BREAKS)),
        st.lists(st.sampled_from((*WORDS, "severe", "of")), min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=3,
)


def _phrase(parts: Parts) -> str:
    return "".join(mark + " ".join(words) for mark, words in parts).removeprefix(parts[0][0])


@hypothesis_settings(max_examples=200, deadline=None)
@given(names=NAMES, parts=PARTS)
def test_names_are_taken_from_the_longest_down_and_no_word_twice(
    names: list[list[str]], parts: Parts
) -> None:
    keys = {" ".join(sorted(name)) for name in names}
    found = Lexicon((key, key) for key in keys).found_in(_phrase(parts))
    assert {finding.mesh_id: finding.is_whole for finding in found} == _by_hand(keys, parts)


def _by_hand(keys: set[str], parts: Parts) -> dict[str, bool]:
    """Try every set of words that may be a name, the best first; take it if its words are still free."""
    words = [(word, part) for part, (_, of_part) in enumerate(parts) for word in of_part if word != "of"]
    if (whole := " ".join(sorted(word for word, _ in words))) in keys:
        return {whole: True}
    named: dict[str, bool] = {}
    taken: set[int] = set()
    for places in sorted(_sets(words), key=lambda places: (-len(places), not _is_run(places), places)):
        key = " ".join(sorted(words[place][0] for place in places))
        is_one_sentence = len({_sentence(words[place][1], parts) for place in places}) == 1
        if key in keys and is_one_sentence and taken.isdisjoint(places):
            taken.update(places)
            named[key] = named.get(key, False) or _is_all_that_is_said(places, words, parts)
    return named


def _sentence(part: int, parts: Parts) -> int:
    """Return the number of the sentence that a part stands in; a semicolon ends one, and no name goes beyond it."""
    return sum(mark == "; " for mark, _ in parts[1 : part + 1])


def _sets(words: Sequence[tuple[str, int]]) -> Iterator[tuple[int, ...]]:
    sizes = Counter(part for _, part in words)
    for length in range(1, 5):
        for places in combinations(range(len(words)), length):
            of_parts = {words[place][1] for place in places}
            if _is_run(places) or (len(of_parts) == 1 and sizes[min(of_parts)] <= 7):
                yield places


def _is_run(places: Sequence[int]) -> bool:
    return places[-1] - places[0] == len(places) - 1


def _is_all_that_is_said(places: Sequence[int], words: Sequence[tuple[str, int]], parts: Parts) -> bool:
    of_parts = {words[place][1] for place in places}
    others = [word for place, (word, part) in enumerate(words) if part in of_parts and place not in places]
    return set(others) <= {"severe"} and not of_parts <= _complements(parts)


def _complements(parts: Parts) -> set[int]:
    found, is_one = set(), False
    for number, (mark, _) in enumerate(parts[1:], start=1):
        is_one = {"mark": False, "complement": True, "none": is_one}[BREAKS[mark]]
        if is_one:
            found.add(number)
    return found


def _of_just(keys: set[str], by_key: Mapping[str, Sequence[str]]) -> Lexicon:
    return Lexicon((key, mesh_id) for key in sorted(keys) for mesh_id in by_key.get(key, ()))


@hypothesis_settings(max_examples=200, deadline=None)
@given(names=NAMES, parts=PARTS)
def test_the_names_that_a_phrase_may_hold_are_enough_to_look_for(
    names: list[list[str]], parts: Parts
) -> None:
    by_key = {" ".join(sorted(name)): [" ".join(sorted(name))] for name in names}
    phrase = _phrase(parts)
    assert _of_just(keys_in(phrase), by_key).found_in(phrase) == _of_just(set(by_key), by_key).found_in(
        phrase
    )


@pytest.fixture(scope="module")
def mesh() -> Mapping[str, Sequence[str]]:
    """Return the concepts of each key of MeSH's names."""
    by_key: dict[str, list[str]] = defaultdict(list)
    for descriptor in descriptors(open_mesh(reference_file("data/mesh_desc2022.xml.gz")), lambda _: None):
        for key in {key_of(term.text) for term in descriptor.terms}:
            by_key[key].append(descriptor.mesh_id)
    return by_key


@pytest.fixture(scope="module")
def mesh_lexicon(mesh: Mapping[str, Sequence[str]]) -> Lexicon:
    return _of_just(set(mesh), mesh)


@pytest.fixture(scope="module")
def short_names(mesh: Mapping[str, Sequence[str]]) -> list[str]:
    return sorted(key for key in mesh if 0 < len(key.split()) <= 4)


@hypothesis_settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_they_are_enough_among_the_real_names_too(
    mesh: Mapping[str, Sequence[str]], mesh_lexicon: Lexicon, short_names: list[str], data: st.DataObject
) -> None:
    names = st.sampled_from(short_names)
    others = st.sampled_from(["severe", "carcinoma of", "due to", "and", ", ", "(", "education", "non-"])
    phrase = " ".join(data.draw(st.lists(names | others, min_size=1, max_size=5)))
    assert _of_just(keys_in(phrase), mesh).found_in(phrase) == mesh_lexicon.found_in(phrase)
