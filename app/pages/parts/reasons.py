"""Reasons why a row is in the list, in words: the condition that it has, the field with the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from app.conditions import matches
from app.conditions.matches import ConditionReason, condition_reasons
from app.record.code_lists import NOT_STATED
from app.search.find import Search
from app.search.words.reasons import Part, reasons


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, such as "synonym: AML", or "text: criteria" with an excerpt that has the words."""

    kind: str
    label: str
    parts: tuple[Part, ...] = ()


def row_reasons(session: Session, search: Search, trial_ids: Sequence[int]) -> dict[int, tuple[Reason, ...]]:
    """Return what each trial of a page matched of the query; nothing for one without conditions and words."""
    found: dict[int, list[Reason]] = {trial_id: [] for trial_id in trial_ids}
    slugs = [slug for slug in search.query.conditions if slug != NOT_STATED]
    if slugs:
        for trial_id, conditions in condition_reasons(session, trial_ids, slugs).items():
            found[trial_id] += [_of_condition(condition) for condition in conditions]
    meaning = search.text_meaning if search.query.q else None
    if meaning and meaning.expression:
        texts = reasons(session, trial_ids, meaning.expression, meaning.identity)
        for trial_id, text in texts.items():
            found[trial_id].append(Reason("text", text.label, text.parts))
    return {trial_id: tuple(dict.fromkeys(of_trial)) for trial_id, of_trial in found.items()}


def _of_condition(reason: ConditionReason) -> Reason:
    is_other_name = reason.manner in {"synonym", "abbreviation"}
    if reason.kind == matches.NAMED:
        if is_other_name and reason.words.casefold() != reason.condition.casefold():
            return Reason("synonym", reason.words)
        return Reason("condition", reason.words or reason.condition)
    if reason.kind == matches.KEYWORD:
        return Reason("keyword", reason.words)
    if reason.kind == matches.INDEXED:
        return Reason("registry's indexing", reason.condition)
    return Reason(reason.kind, reason.condition)
