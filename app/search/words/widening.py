"""Widening of words that name a disease or drug to its other names, which the reader need not type."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from app.search.words.syntax import All, Either, Expression, Parsed, SearchTerm, Widened, Without, Words


class Widening(NamedTuple):
    consumed: int
    """The number of words, from the first, that name the disease or drug."""
    label: str
    names: tuple[str, ...]


class Thesaurus(Protocol):
    def find(self, words: Sequence[str]) -> Widening | None:
        """Return the disease or drug with whose name these words begin; the longest name wins."""


def plain_runs(expression: Expression) -> Iterator[tuple[SearchTerm, ...]]:
    """Yield each run of neighboring plain words that may be widened.

    Words that a trial must not contain are not widened: that would lose trials.
    """
    match expression:
        case Words(terms):
            yield terms
        case All(parts) | Either(parts):
            for part in parts:
                yield from plain_runs(part)
        case Without(kept, _):
            yield from plain_runs(kept)
        case _:
            return


def widen(expression: Expression, thesaurus: Thesaurus) -> Expression:
    """Return the expression with its names widened; it finds what it found before, and more."""
    match expression:
        case Words(terms):
            parts = tuple(_widened(terms, thesaurus))
            return parts[0] if len(parts) == 1 else All(parts)
        case All(parts):
            return All(tuple(widen(part, thesaurus) for part in parts))
        case Either(parts):
            return Either(tuple(widen(part, thesaurus) for part in parts))
        case Without(kept, left_out):
            return Without(widen(kept, thesaurus), left_out)
        case _:
            return expression


def widenings(expression: Expression) -> Iterator[Widened]:
    """Yield the widened names in the order of the reader's text."""
    match expression:
        case Widened():
            yield expression
        case All(parts) | Either(parts):
            for part in parts:
                yield from widenings(part)
        case Without(kept, _):
            yield from widenings(kept)
        case _:
            return


def with_fewer_names(expression: Expression, most: int) -> Expression:
    """Share at most `most` other names equally among the widened names; each keeps its simplest ones."""
    widened = list(widenings(expression))
    if sum(len(one.names) for one in widened) <= most:
        return expression
    return _with_names(expression, most // len(widened))


def _with_names(expression: Expression, most_of_each: int) -> Expression:
    match expression:
        case Widened(names=names):
            return replace(expression, names=names[:most_of_each])
        case All(parts):
            return All(tuple(_with_names(part, most_of_each) for part in parts))
        case Either(parts):
            return Either(tuple(_with_names(part, most_of_each) for part in parts))
        case Without(kept, left_out):
            return Without(_with_names(kept, most_of_each), left_out)
        case _:
            return expression


def without_widening(parsed: Parsed, widened: Widened) -> str:
    """Return the reader's text with these words in quotes, which turns off their widening."""
    if parsed.is_taken_as_words and isinstance(parsed.expression, Words):
        return " ".join(_requoted(parsed.expression.terms, widened))
    start, end = widened.terms[0].start, widened.terms[-1].end
    return f'{parsed.q[:start]}"{parsed.q[start:end]}"{parsed.q[end:]}'


def _widened(terms: tuple[SearchTerm, ...], thesaurus: Thesaurus) -> Iterator[Expression]:
    plain: list[SearchTerm] = []
    place = 0
    while place < len(terms):
        found = thesaurus.find([term.written for term in terms[place:]])
        if found is None:
            plain.append(terms[place])
            place += 1
            continue
        if plain:
            yield Words(tuple(plain))
            plain = []
        yield Widened(terms[place : place + found.consumed], found.label, found.names)
        place += found.consumed
    if plain:
        yield Words(tuple(plain))


def _requoted(terms: tuple[SearchTerm, ...], widened: Widened) -> Iterator[str]:
    for term in terms:
        opening = '"' if term == widened.terms[0] else ""
        closing = '"' if term == widened.terms[-1] else ""
        yield f"{opening}{term.written}{closing}"
