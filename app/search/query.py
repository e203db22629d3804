"""TrialQuery: the reader's search as a frozen value that round-trips with the URL."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from app.index.facets import FACETS, Facet, facet_named
from app.record.code_lists import NOT_STATED, canonical
from app.search.budget import LARGEST_PAGE, LONGEST_PAGE_NUMBER, LONGEST_VALUE, MOST_VALUES
from app.search.counts.sort import DEFAULT_SORT, RELEVANCE, SORTS, sort_named
from app.text.visible import visible_words

PER_PAGE = 25
PER_PAGE_CHOICES = (10, 25, 50, LARGEST_PAGE)

NARROWER, EXACT, RELATED = "narrower", "exact", "related"
CONDITION_MATCHES = (NARROWER, EXACT, RELATED)
"""A condition with narrower ones (the default), exactly that condition, or with narrower and broader ones."""
YES, NO = "yes", "no"


class BadParameterError(ValueError):
    """A parameter with an invalid value; `query` is the same search without it."""

    def __init__(self, name: str, value: str, reason: str, query: "TrialQuery") -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.value = value
        self.reason = reason
        self.query = query


@dataclass(frozen=True, slots=True)
class TrialQuery:
    q: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(facet name, its values), in the order of FACETS, none empty. Values of one facet are alternatives."""
    condition_all: tuple[str, ...] = ()
    """Conditions that a trial must all have."""
    condition_match: str = NARROWER
    with_unlisted: bool = False
    """The results include trials that the registry no longer lists."""
    sort: str = ""
    """A name from SORTS; if empty, relevance if there are words to rank by, else the default."""
    page: int = 1
    per_page: int = PER_PAGE

    def values(self, facet: str) -> tuple[str, ...]:
        return dict(self.filters).get(facet, ())

    @property
    def effective_sort(self) -> str:
        return self.sort or (RELEVANCE if self.q else DEFAULT_SORT)

    @property
    def is_everything(self) -> bool:
        return not (self.q or self.filters or self.condition_all or self.with_unlisted)

    @property
    def conditions(self) -> tuple[str, ...]:
        """All conditions asked for, alternatives first."""
        return tuple(dict.fromkeys((*self.values("condition"), *self.condition_all)))

    def with_values(self, facet: str, values: Iterable[str]) -> "TrialQuery":
        """Return the query with just these values for a facet, from page one."""
        chosen = dict(self.filters) | {facet: _in_order(facet, values)}
        filters = tuple((f.name, chosen[f.name]) for f in FACETS if chosen.get(f.name))
        return replace(self, filters=filters, page=1).without_idle_match()

    def with_condition_all(self, conditions: Iterable[str]) -> "TrialQuery":
        return replace(self, condition_all=_in_order("condition", conditions), page=1).without_idle_match()

    def with_condition_match(self, match: str) -> "TrialQuery":
        return replace(self, condition_match=match, page=1).without_idle_match()

    def without_idle_match(self) -> "TrialQuery":
        """Return the query with the default way of matching conditions if it has no condition."""
        is_idle = self.condition_match != NARROWER and not self.conditions
        return replace(self, condition_match=NARROWER) if is_idle else self

    def toggled(self, facet: str, value: str) -> "TrialQuery":
        values = self.values(facet)
        if value in values:
            return self.with_values(facet, (other for other in values if other != value))
        return self.with_values(facet, (*values, value))

    def including_unlisted(self, *, is_included: bool) -> "TrialQuery":
        """Return the same search with or without the trials that the registry no longer lists."""
        return replace(self, with_unlisted=is_included, page=1)

    def with_q(self, q: str) -> "TrialQuery":
        sort = "" if self.sort == RELEVANCE and not q else self.sort
        return replace(self, q=visible_words(q), sort=sort, page=1)

    def with_sort(self, sort: str) -> "TrialQuery":
        implied = replace(self, sort="").effective_sort
        return replace(self, sort="" if sort == implied else sort, page=1)

    def with_page(self, page: int) -> "TrialQuery":
        return replace(self, page=page)

    def without_filters(self) -> "TrialQuery":
        return TrialQuery(per_page=self.per_page)

    def parameters(self) -> list[tuple[str, str]]:
        """Return the canonical URL parameters, in a fixed order, without defaults and empty values."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.filters for value in values]
        pairs += [("condition_all", value) for value in self.condition_all]
        if self.condition_match != NARROWER:
            pairs.append(("condition_match", self.condition_match))
        if self.with_unlisted:
            pairs.append(("unlisted", YES))
        if self.sort:
            pairs.append(("sort", self.sort))
        if self.page != 1:
            pairs.append(("page", str(self.page)))
        if self.per_page != PER_PAGE:
            pairs.append(("per_page", str(self.per_page)))
        return pairs

    def url(self, path: str = "/trials") -> str:
        parameters = self.parameters()
        return f"{path}?{urlencode(parameters)}" if parameters else path

    @classmethod
    def parse(cls, items: Iterable[tuple[str, str]]) -> "TrialQuery":
        """Read URL parameters; empty ones and those of other programs are ignored.

        Raises:
            BadParameterError: a value is invalid; the error names the first such value.
        """
        given: dict[str, list[str]] = {}
        for name, value in items:
            if cleaned := visible_words(value):
                given.setdefault(name, []).append(cleaned)
        query, problems = cls._read(given)
        if problems:
            name, value, reason = problems[0]
            raise BadParameterError(name, value, reason, query)
        return query

    @classmethod
    def _read(cls, given: dict[str, list[str]]) -> tuple["TrialQuery", list[tuple[str, str, str]]]:
        """Return the query of all valid values, and (name, value, reason) for each invalid one."""
        query = cls(q=given.get("q", [""])[-1])
        problems: list[tuple[str, str, str]] = []
        for facet in FACETS:
            values = []
            for raw in given.get(facet.name, ()):
                value = _value(facet, raw[:LONGEST_VALUE])
                if value is None:
                    problems.append((facet.name, raw, f"“{_short(raw)}” is not one of its values"))
                else:
                    values.append(value)
            if len(values) > MOST_VALUES:
                problems.append(
                    (facet.name, f"{len(values)} values", f"it takes at most {MOST_VALUES} values")
                )
            query = query.with_values(facet.name, values[:MOST_VALUES])
        together = [
            canonical(raw) if canonical(raw) == NOT_STATED else raw[:LONGEST_VALUE]
            for raw in given.get("condition_all", ())
        ]
        if len(together) > MOST_VALUES:
            problems.append(
                ("condition_all", f"{len(together)} values", f"it takes at most {MOST_VALUES} values")
            )
        query = query.with_condition_all(together[:MOST_VALUES])
        match = canonical(given.get("condition_match", [NARROWER])[-1])
        query = query.with_condition_match(match if match in CONDITION_MATCHES else NARROWER)
        if match not in CONDITION_MATCHES:
            problems.append(("condition_match", match, f"it takes one of {', '.join(CONDITION_MATCHES)}"))
        unlisted = canonical(given.get("unlisted", [NO])[-1])
        query = query.including_unlisted(is_included=unlisted == YES)
        if unlisted not in {YES, NO}:
            problems.append(("unlisted", unlisted, f"it takes {YES} or {NO}"))
        query = cls._read_order(query, given, problems)
        return query, problems

    @staticmethod
    def _read_order(
        query: "TrialQuery", given: dict[str, list[str]], problems: list[tuple[str, str, str]]
    ) -> "TrialQuery":
        """Return the query with the sort and the page; add invalid values to the problems."""
        if sort := given.get("sort", [""])[-1]:
            if sort_named(sort) is None:
                problems.append(("sort", sort, f"“{_short(sort)}” is not a sort order"))
            elif sort != RELEVANCE or query.q:
                query = query.with_sort(sort)
        per_page = _number(given, "per_page", PER_PAGE)
        if per_page is None or not min(PER_PAGE_CHOICES) <= per_page <= max(PER_PAGE_CHOICES):
            problems.append(("per_page", given["per_page"][-1], "it takes a number from 10 to 100"))
        else:
            query = replace(query, per_page=per_page)
        page = _number(given, "page", 1)
        if page is None or page < 1:
            problems.append(("page", given["page"][-1], "it takes a number from 1 upward"))
        else:
            query = replace(query, page=page)
        return query


def _value(facet: Facet, raw: str) -> str | None:
    """Return the canonical value, or None if the facet has a closed list of values without it."""
    value = canonical(raw)
    if value == NOT_STATED:
        return NOT_STATED
    if facet.code_list is None:
        return raw
    return value if value in facet.code_list else None


def _in_order(facet_name: str, values: Iterable[str]) -> tuple[str, ...]:
    facet = facet_named(facet_name)
    code_list = facet.code_list if facet else None
    distinct = dict.fromkeys(values)
    if code_list:
        return tuple(sorted(distinct, key=code_list.position))
    return tuple(sorted(distinct))


def _number(given: dict[str, list[str]], name: str, default: int) -> int | None:
    raw = given.get(name, [str(default)])[-1]
    if not raw.isascii() or not raw.isdigit() or len(raw) > LONGEST_PAGE_NUMBER:
        return None
    return int(raw)


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:39]}…"


__all__ = [
    "CONDITION_MATCHES",
    "EXACT",
    "NARROWER",
    "PER_PAGE",
    "PER_PAGE_CHOICES",
    "RELATED",
    "SORTS",
    "BadParameterError",
    "TrialQuery",
]
