"""The syntax of the search box, parsed into an expression; `thesaurus` widens it, `text` runs it.

It has words that must all occur, "quoted phrases", AND, OR, NOT or a leading minus, parentheses, and `leuk*`. Text that
is not well formed is taken as plain words, so every text has a meaning.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from app.search.budget import DEEPEST_PARENTHESES, MOST_WORDS, SHORTEST_PREFIX

_ACCENTS = "\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331"
"""The combining marks that FTS5's unicode61 tokenizer takes as part of a word and drops."""
_WORD_PATTERN = rf"[^\W_](?:[^\W_]|[{_ACCENTS}])*"
_QUOTES = '"\u201c\u201d\u201e'
_HYPHENS = "-\u2010-\u2013\u2212"
_JOINERS = f"{_HYPHENS}'\u2019._"
_WORD = re.compile(_WORD_PATTERN)
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s$", re.IGNORECASE)
_LEXEME = re.compile(
    rf"""
    (?P<quoted>  [{_QUOTES}] (?P<inside> [^{_QUOTES}]* ) [{_QUOTES}] \*? )
    | (?P<quote> [{_QUOTES}] )
    | (?P<open>  \( )
    | (?P<close> \) )
    | (?P<operator> \b(?: AND | OR | NOT )\b (?![{_HYPHENS}'*]\w) )
    | (?P<minus> (?<![^\s(]) - (?= [^\W\d_] | [({_QUOTES}] ) )
    | (?P<word>  {_WORD_PATTERN} (?: [{_JOINERS}] {_WORD_PATTERN} )* \*? )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """Words that must stand next to each other: one word, a hyphenated one, or a quoted phrase."""

    written: str
    words: tuple[str, ...]
    start: int
    end: int
    """`start` and `end` are its place in the reader's text."""
    is_prefix: bool = False
    """The last word is a prefix."""
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Adjacent plain words; each must occur somewhere."""

    terms: tuple[SearchTerm, ...]


@dataclass(frozen=True, slots=True)
class Widened:
    """Plain words that name a disease or a drug: all of them must occur, or one of its other names."""

    terms: tuple[SearchTerm, ...]
    label: str
    names: tuple[str, ...]

    @property
    def written(self) -> str:
        return " ".join(term.written for term in self.terms)


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Without:
    kept: "Expression"
    left_out: "Expression"


Expression: TypeAlias = SearchTerm | Words | Widened | All | Either | Without


@dataclass(frozen=True, slots=True)
class Parsed:
    q: str
    expression: Expression | None
    """None if there is no word to search for."""
    is_plain: bool
    """The text has only words: no quotes, operators, parentheses or prefixes."""
    is_taken_as_words: bool = False
    """The text looks like syntax but is not well formed."""
    is_cut: bool = False
    """The text had more than MOST_WORDS words."""


class _Lexeme(NamedTuple):
    kind: str
    """`term`, or the text itself: `AND`, `OR`, `NOT`, `(`, `)`, a lone quotation mark."""
    term: SearchTerm | None = None


class _NotWellFormedError(Exception):
    """The text is not a well-formed expression."""


@lru_cache(maxsize=64)
def parse(q: str) -> Parsed:
    """Parse a text into an expression; text that is not well formed is taken as plain words."""
    lexemes, is_cut = _cut(list(_lexemes(q)))
    is_plain = all(lexeme.term and _is_plain(lexeme.term) for lexeme in lexemes)
    try:
        expression = _Parser(lexemes).whole() if lexemes else None
        return Parsed(q, expression, is_plain, is_cut=is_cut)
    except _NotWellFormedError:
        words, is_cut = _cut(list(_lexemes(q, has_syntax=False)))
        terms = tuple(lexeme.term for lexeme in words if lexeme.term)
        expression = Words(terms) if terms else None
        return Parsed(q, expression, is_plain=False, is_taken_as_words=bool(terms), is_cut=is_cut)


def count_prefixes(q: str) -> int:
    """Count the prefix queries; a phrase that ends in `*` counts twice because it costs twice as much."""
    expression = parse(q).expression
    prefixes = [term for term in terms_of(expression) if term.is_prefix] if expression else []
    return sum(2 if len(term.words) > 1 else 1 for term in prefixes)


def count_phrases(expression: Expression) -> int:
    """Count the lookups in the index: every word and phrase, and every other name of a disease or drug."""
    match expression:
        case SearchTerm():
            return 1
        case Words(terms):
            return len(terms)
        case Widened(terms, _, names):
            return len(terms) + len(names)
        case All(parts) | Either(parts):
            return sum(map(count_phrases, parts))
        case Without(kept, left_out):
            return count_phrases(kept) + count_phrases(left_out)


def terms_of(expression: Expression) -> Iterator[SearchTerm]:
    """Yield all words and phrases as they were written, including those that a trial must not contain."""
    match expression:
        case SearchTerm():
            yield expression
        case Words(terms) | Widened(terms):
            yield from terms
        case All(parts) | Either(parts):
            for part in parts:
                yield from terms_of(part)
        case Without(kept, left_out):
            yield from terms_of(kept)
            yield from terms_of(left_out)


def words_of(q: str) -> list[str]:
    """Return the words that are searched for, each once."""
    return list(dict.fromkeys(words_in_order(q)))[:MOST_WORDS]


def words_in_order(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, split as the full-text index splits it."""
    return tuple(_WORD.findall(text.lower()))


def to_fts(expression: Expression) -> str:
    """Return the expression as an FTS5 query; every word is quoted, so FTS5 takes no word of the reader as syntax."""
    match expression:
        case SearchTerm(words=words, is_prefix=is_prefix):
            return _phrase(words) + ("*" if is_prefix else "")
        case Words(terms):
            return _joined(" AND ", map(to_fts, terms))
        case Widened(terms, _, names):
            named = (_phrase(words_in_order(name)) for name in names)
            return _joined(" OR ", (_joined(" AND ", map(to_fts, terms)), *named))
        case All(parts):
            return _joined(" AND ", map(to_fts, parts))
        case Either(parts):
            return _joined(" OR ", map(to_fts, parts))
        case Without(kept, left_out):
            return f"({to_fts(kept)} NOT {to_fts(left_out)})"


def _phrase(words: Sequence[str]) -> str:
    return f'"{" ".join(words)}"'


def _joined(operator: str, parts: Iterator[str] | Sequence[str]) -> str:
    distinct = list(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else f"({operator.join(distinct)})"


def _is_plain(term: SearchTerm) -> bool:
    return not (term.is_quoted or term.is_prefix)


def _lexemes(q: str, *, has_syntax: bool = True) -> Iterator[_Lexeme]:
    for match in _LEXEME.finditer(q):
        kind = match.lastgroup or ""
        if kind == "word":
            yield _Lexeme("term", _term(match, match["word"]))
        elif has_syntax and kind == "quoted":
            yield _Lexeme("term", _term(match, match["inside"], is_quoted=True))
        elif has_syntax:
            yield _Lexeme("NOT" if kind == "minus" else match[0])
        elif kind == "operator":
            yield _Lexeme("term", _term(match, match["operator"].lower()))
        elif kind == "quoted":
            yield from _lexemes(match["inside"], has_syntax=False)


def _term(match: re.Match[str], written: str, *, is_quoted: bool = False) -> SearchTerm:
    words = words_in_order(written if is_quoted else _POSSESSIVE.sub("", written))
    is_prefix = match[0].rstrip(_QUOTES).endswith("*") and bool(words) and len(words[-1]) >= SHORTEST_PREFIX
    return SearchTerm(written, words, match.start(), match.end(), is_prefix, is_quoted)


def _cut(lexemes: list[_Lexeme]) -> tuple[list[_Lexeme], bool]:
    """Return the lexemes up to MOST_WORDS words, and whether any are left out."""
    left = MOST_WORDS
    for place, lexeme in enumerate(lexemes):
        if lexeme.term:
            if len(lexeme.term.words) > left:
                term = replace(lexeme.term, words=lexeme.term.words[:left], is_prefix=False)
                return [*lexemes[:place], *([_Lexeme("term", term)] if left else [])], True
            left -= len(lexeme.term.words)
    return lexemes, False


class _Parser:
    """A recursive-descent parser: OR binds loosest, then AND (written or not), then NOT."""

    def __init__(self, lexemes: list[_Lexeme]) -> None:
        self._lexemes = lexemes
        self._place = 0
        self._depth = 0

    def whole(self) -> Expression:
        expression = self._either()
        if self._next is not None:
            raise _NotWellFormedError
        return expression

    @property
    def _next(self) -> str | None:
        return self._lexemes[self._place].kind if self._place < len(self._lexemes) else None

    def _takes(self, kind: str) -> bool:
        is_next = self._next == kind
        self._place += is_next
        return is_next

    def _either(self) -> Expression:
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _all(self) -> Expression:
        kept = [self._one()]
        left_out: list[Expression] = []
        while self._next not in {None, "OR", ")"}:
            self._takes("AND")
            if self._takes("NOT"):
                left_out.append(self._one(longest_run=1))
            else:
                kept.append(self._one())
        found = kept[0] if len(kept) == 1 else All(tuple(kept))
        if not left_out:
            return found
        return Without(found, left_out[0] if len(left_out) == 1 else Either(tuple(left_out)))

    def _one(self, longest_run: int = MOST_WORDS) -> Expression:
        if self._takes("("):
            return self._parenthesised()
        run = list(self._plain_words(longest_run))
        if run:
            return Words(tuple(run))
        term = self._lexemes[self._place].term if self._next == "term" else None
        if term is None or not term.words:
            raise _NotWellFormedError
        self._place += 1
        return term

    def _plain_words(self, longest: int) -> Iterator[SearchTerm]:
        for lexeme in self._lexemes[self._place : self._place + longest]:
            if lexeme.term is None or not _is_plain(lexeme.term):
                return
            self._place += 1
            yield lexeme.term

    def _parenthesised(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST_PARENTHESES:
            raise _NotWellFormedError
        expression = self._either()
        if not self._takes(")"):
            raise _NotWellFormedError
        self._depth -= 1
        return expression
