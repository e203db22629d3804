"""Reads what a request to the stand-in registry asks for: which studies, in which order, with which fields.

Of the registry's search syntax this knows words and quoted phrases, AND, OR, NOT, parentheses, and
`AREA[SomeDate]RANGE[from, to]`. All else is refused, so that no test passes for what was not understood.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Study = dict[str, Any]
Matches = Callable[[Study], bool]

NCT_ID = re.compile(r"[Nn][Cc][Tt]0*([1-9]\d{0,7})")
_ONLY_IDS = re.compile(r"(?:[Nn][Cc][Tt]\d{1,8}[,\s]*)+")
_TOKEN = re.compile(
    r"\s*(AREA\[(?P<area>\w+)\]\s*RANGE\[\s*(?P<first>[\w-]+)\s*,\s*(?P<last>[\w-]+)\s*\]"
    r'|(?P<sign>[()])|"(?P<phrase>[^"]*)"|(?P<word>[^\s()"\[\]]+))'
)
_DAY = re.compile(r"MIN|MAX|\d{4}(-\d\d(-\d\d)?)?")

DATES = {
    "LastUpdatePostDate": "lastUpdatePostDateStruct",
    "StudyFirstPostDate": "studyFirstPostDateStruct",
    "ResultsFirstPostDate": "resultsFirstPostDateStruct",
    "StartDate": "startDateStruct",
    "PrimaryCompletionDate": "primaryCompletionDateStruct",
    "CompletionDate": "completionDateStruct",
}


class NotUnderstoodError(ValueError):
    """Raised for what the registry refuses, in the registry's own words."""


def identification(study: Study) -> Study:
    found: Study = study.get("protocolSection", {}).get("identificationModule", {})
    return found


def ids_of(study: Study) -> set[str]:
    own = identification(study)
    return {own.get("nctId", ""), *own.get("nctIdAliases", [])}


def canonical(written: str) -> str:
    number = NCT_ID.fullmatch(written.strip())
    if not number:
        raise NotUnderstoodError(f"NCT number {written} has incorrect format")
    return f"NCT{int(number[1]):08d}"


def selected(studies: Sequence[Study], query: dict[str, str]) -> list[Study]:
    """Return the studies that pass all queries and filters, in the order asked for."""
    queries = {name: value for name, value in query.items() if name.startswith("query.") and value.strip()}
    if any(_ONLY_IDS.fullmatch(value.strip()) for value in queries.values()):  # "filters are ignored"
        filters: list[Matches] = []
    else:
        filters = [
            _filter(name, value)
            for name, value in query.items()
            if name.startswith(("filter.", "postFilter."))
        ]
    tests = [*(_query(name, value) for name, value in queries.items()), *filters]
    return _sorted([study for study in studies if all(test(study) for test in tests)], query.get("sort", ""))


def only_fields(study: Study, fields: str) -> Study:
    """Return the named fields and all below them, within their parents."""
    wanted = {name.strip().casefold() for name in re.split(r"[,|]", fields) if name.strip()}
    if not wanted:
        raise NotUnderstoodError("`fields` is empty")
    kept = _kept(study, wanted)
    return kept if isinstance(kept, dict) else {}


def _kept(value: Any, wanted: set[str]) -> Any:
    if isinstance(value, list):
        return [kept for item in value if (kept := _kept(item, wanted)) is not None] or None
    if not isinstance(value, dict):
        return None
    found = {key: item if key.casefold() in wanted else _kept(item, wanted) for key, item in value.items()}
    return {key: item for key, item in found.items() if item is not None} or None


def _query(name: str, expression: str) -> Matches:
    if _ONLY_IDS.fullmatch(expression.strip()):
        ids = {canonical(written) for written in re.split(r"[,\s]+", expression.strip()) if written}
        return lambda study: not ids.isdisjoint(ids_of(study))
    texts = {"query.cond": _condition_texts, "query.term": _all_texts, "query.titles": _titles}.get(name)
    if texts is None:
        raise NotUnderstoodError(f"`{name}` is not supported here")
    return _Expression(name, expression, texts).read()


def _filter(name: str, value: str) -> Matches:
    kind = name.partition(".")[2]
    values = [item.strip() for item in re.split(r"[,|]", value) if item.strip()]
    if kind == "ids":
        ids = {canonical(item) for item in values}
        return lambda study: not ids.isdisjoint(ids_of(study))
    if kind == "overallStatus":
        return lambda study: _status(study).get("overallStatus") in values
    if kind == "advanced":
        return _Expression(name, value, _all_texts).read()
    raise NotUnderstoodError(f"`{name}` is not supported here")


class _Expression:
    """One expression, read from left to right: OR binds least, then AND, then NOT."""

    def __init__(self, name: str, text: str, texts: Callable[[Study], Iterator[str]]) -> None:
        self._name, self._text, self._texts = name, text, texts
        self._tokens = self._split()
        self._at = 0

    def read(self) -> Matches:
        matches = self._any()
        if self._at < len(self._tokens):
            raise self._refusal()
        return matches

    def _split(self) -> list[re.Match[str]]:
        tokens, at = [], 0
        while self._text[at:].strip():
            token = _TOKEN.match(self._text, at)
            if token is None:
                raise self._refusal()
            tokens.append(token)
            at = token.end()
        return tokens

    def _refusal(self) -> NotUnderstoodError:
        return NotUnderstoodError(f"`{self._name}`: cannot parse {self._text}")

    def _is(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][0].strip() == word:
            self._at += 1
            return True
        return False

    def _any(self) -> Matches:
        parts = [self._all()]
        while self._is("OR"):
            parts.append(self._all())
        return lambda study: any(part(study) for part in parts)

    def _all(self) -> Matches:
        parts = [self._one()]
        while self._at < len(self._tokens) and self._tokens[self._at][0].strip() not in {"OR", ")"}:
            self._is("AND")
            parts.append(self._one())
        return lambda study: all(part(study) for part in parts)

    def _one(self) -> Matches:
        if self._is("NOT"):
            other = self._one()
            return lambda study: not other(study)
        if self._is("("):
            inner = self._any()
            if not self._is(")"):
                raise self._refusal()
            return inner
        if self._at == len(self._tokens):
            raise self._refusal()
        token = self._tokens[self._at]
        self._at += 1
        if token["area"]:
            return self._between(token["area"], token["first"], token["last"])
        sought = (token["phrase"] if token["phrase"] is not None else token["word"] or "").casefold()
        if not sought:
            raise self._refusal()
        return lambda study: any(sought in text.casefold() for text in self._texts(study))

    def _between(self, area: str, first: str, last: str) -> Matches:
        if area not in DATES or not _DAY.fullmatch(first) or not _DAY.fullmatch(last):
            raise self._refusal()

        def matches(study: Study) -> bool:
            day = _date(study, area)
            return day is not None and (first == "MIN" or first <= day) and (last == "MAX" or day <= last)

        return matches


def _sorted(studies: list[Study], sort: str) -> list[Study]:
    for option in reversed([option for option in re.split(r"[,|]", sort) if option]):
        field, _, direction = option.partition(":")
        if field == "@relevance":
            continue
        if field != "EnrollmentCount" and field not in DATES:
            raise NotUnderstoodError(f"`sort`: {field} is not a date or numeric field")
        is_descending = (direction or ("asc" if field == "EnrollmentCount" else "desc")) == "desc"
        having = [study for study in studies if _sort_value(study, field) is not None]
        lacking = [study for study in studies if _sort_value(study, field) is None]
        having.sort(key=lambda study, field=field: _sort_value(study, field), reverse=is_descending)  # type: ignore[misc]  # the field of this round
        studies = [*having, *lacking]
    return studies


def _sort_value(study: Study, field: str) -> Any:
    if field == "EnrollmentCount":
        return study.get("protocolSection", {}).get("designModule", {}).get("enrollmentInfo", {}).get("count")
    return _date(study, field)


def _status(study: Study) -> Study:
    found: Study = study.get("protocolSection", {}).get("statusModule", {})
    return found


def _date(study: Study, area: str) -> str | None:
    found: str | None = _status(study).get(DATES[area], {}).get("date")
    return found


def _titles(study: Study) -> Iterator[str]:
    for title in ("briefTitle", "officialTitle", "acronym"):
        yield identification(study).get(title, "")


def _condition_texts(study: Study) -> Iterator[str]:
    conditions = study.get("protocolSection", {}).get("conditionsModule", {})
    yield from conditions.get("conditions", [])
    yield from conditions.get("keywords", [])
    yield from _titles(study)
    browse = study.get("derivedSection", {}).get("conditionBrowseModule", {})
    for term in (*browse.get("meshes", []), *browse.get("ancestors", [])):
        yield term.get("term", "")


def _all_texts(study: Study) -> Iterator[str]:
    yield json.dumps(study, ensure_ascii=False)
