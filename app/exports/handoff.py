"""The handoff card: short plain text for a referral letter, with what a colleague needs to decide and whom to ask.

The card stays under 1,200 characters. Required lines get their room first, then single facts, and the criteria get what
is left: as many whole items as fit, then the number of the others.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.reading.criteria import Criteria, Criterion, Kind
from app.record.code_lists import INTERVENTION_TYPE, NOT_STATED_LABEL, SEX, STATUS, STUDY_TYPE, CodeList
from app.record.trial import Contact, Location, TrialRecord
from app.text.prose import line
from app.text.wording import age_range, counted, date_words, phase_words

LONGEST = 1_199
SYNTHETIC = "SYNTHETIC RECORD, made up by Trialmark: no such trial exists."
NO_CONTACT = "No contact listed in the registry"
DISCLAIMER = "For information only; not medical advice."

_ELLIPSIS = "..."
_LONGEST_WORD = 80
"""A longer run without spaces is not a word, or its script has no spaces, so it may be cut anywhere."""
_SHORT = 90
_LEAST_SHOWN = 40
_OPEN = ("recruiting", "available")
_JOINERS = "\u200c\u200d"  # parts of Persian and Indic words and of emoji
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
_RAISED = re.compile(rf"(?<=[\w)\]])(?<![{_SUPERSCRIPTS}])[{_SUPERSCRIPTS}]+")
_TO_DIGITS = str.maketrans(_SUPERSCRIPTS, "0123456789+-")
_PARTS = re.compile(r"\n\s*\n|\n(?=\s*[*•-]\s)")
_WORD = re.compile(r"[^\W\d_]{3}")


def handoff_card(
    record: TrialRecord,
    criteria: Criteria | None,
    *,
    url: str,
    registry_label: str,
    retrieved: str,
) -> str:
    """Write the card, at most LONGEST characters for any record; `url`, label and date are short and kept whole."""
    title = _plain(record.brief_title or record.official_title)
    registry_id = _clipped(_plain(record.registry_id), _SHORT)
    head = [
        *([SYNTHETIC] if record.is_synthetic else []),
        _clipped(title, 200) or f"Title: {NOT_STATED_LABEL}",
        f"{registry_id} ({'synthetic' if record.is_synthetic else registry_label})",
        f"Status: {_clipped(_status(record), 150)}",
    ]
    foot = [url, f"{_source(record, registry_label)}, retrieved {retrieved}. {DISCLAIMER}"]
    site = _site(record)
    facts = {
        "study": f"Study: {_clipped(_study(record), 110)}",
        "conditions": f"Conditions: {_listed(map(_plain, record.conditions), 130)}",
        "interventions": f"Interventions: {_listed(_interventions(record), 150)}",
        "who": f"Ages: {_clipped(_ages(record), _SHORT)}; sex: {_clipped(_sex(record), _SHORT)}",
        "site": f"Site: {_site_words(record, site)}",
        "contact": _contact_line(record, site),
    }
    room = LONGEST - sum(len(text) + 1 for text in (*head, *foot)) - 3  # the blank lines between the blocks
    for name in ("who", "contact", "site", "conditions", "interventions", "study"):
        if len(facts[name]) < room:
            room -= len(facts[name]) + 1
        else:
            del facts[name]
    about = [facts[name] for name in ("study", "conditions", "interventions", "who") if name in facts]
    where = [facts[name] for name in ("site", "contact") if name in facts]
    blocks = (head, about, _criteria_lines(criteria, room), where, foot)
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _plain(text: str | None) -> str:
    """Make one line of visible characters; write `10⁹` as `10^9`, because a letter may lose raised digits."""
    text = line(text or "")
    if not text.isprintable():
        seen = "".join(character for character in text if character.isprintable() or character in _JOINERS)
        text = " ".join(seen.split())
    return _RAISED.sub(lambda raised: "^" + raised[0].translate(_TO_DIGITS), text)


def _clipped(text: str, room: int) -> str:
    """Return the text, or its first words and an ellipsis; empty where not one word fits.

    The cut text never ends with a number or a sign whose unit or limit was cut off.
    """
    if len(text) <= room:
        return text
    if room <= len(_ELLIPSIS):
        return ""
    cut = text[: room - len(_ELLIPSIS) + 1]
    words = cut.split()
    if not cut[-1].isspace():
        words.pop()
    while len(words) > 1 and not _WORD.search(words[-1]):
        words.pop()
    if words:
        return " ".join(words).rstrip(".,;:-(/") + _ELLIPSIS
    is_word = len(text.split(maxsplit=1)[0]) <= _LONGEST_WORD
    return "" if is_word else cut[:-1] + _ELLIPSIS


def _label(vocabulary: CodeList, value: str | None) -> str:
    return _plain(vocabulary.label(value)) or NOT_STATED_LABEL


def _listed(names: Iterable[str], room: int) -> str:
    """Join as many whole names as fit, then say how many more there are."""
    distinct = list(dict.fromkeys(filter(None, names)))
    if not distinct:
        return NOT_STATED_LABEL
    room -= len("; and 9,999 more")
    shown = [_clipped(distinct[0], room)]
    for name in distinct[1:]:
        if len("; ".join((*shown, name))) > room:
            break
        shown.append(name)
    more = len(distinct) - len(shown)
    return "; ".join(shown) + (f"; and {more:,} more" if more else "")


def _source(record: TrialRecord, registry_label: str) -> str:
    if record.is_synthetic:
        return "Source: Trialmark"
    data_date = _clipped(_plain(date_words(record.release)), 40) if record.release else ""
    return f"Source: {registry_label}" + (f", data of {data_date}" if data_date else "")


def _status(record: TrialRecord) -> str:
    label = _label(STATUS, record.status)
    if record.last_known_status:
        label += f" (last known: {_label(STATUS, record.last_known_status)})"
    updated = record.dates.last_update_posted or record.dates.last_update_submitted
    words = _plain(date_words(updated.text)) if updated else ""
    return f"{label}, {f'updated {words}' if words else 'update date not stated'}"


def _study(record: TrialRecord) -> str:
    design = record.design
    kind = _label(STUDY_TYPE, design.study_type)
    if design.study_type not in (None, "interventional"):
        return kind
    phase = _plain(phase_words(design.phases)) or NOT_STATED_LABEL
    if design.study_type and phase.startswith(("Phase", "Early phase")):
        return f"{phase}, {kind.lower()}"
    return f"{kind}; phase: {phase}"


def _interventions(record: TrialRecord) -> list[str]:
    return [
        (_plain(item.name) or "Name not stated")
        + (f" ({_label(INTERVENTION_TYPE, item.type).lower()})" if item.type else "")
        for item in record.interventions
    ]


def _ages(record: TrialRecord) -> str:
    minimum, maximum = _plain(record.eligibility.minimum_age), _plain(record.eligibility.maximum_age)
    return age_range(minimum, maximum) if minimum or maximum else NOT_STATED_LABEL


def _sex(record: TrialRecord) -> str:
    sex = record.eligibility.sex
    return _label(SEX, sex).lower() if sex else NOT_STATED_LABEL


def _site(record: TrialRecord) -> Location | None:
    """Return the first open site with a contact, else the first open one; where none is open, do so for all sites."""
    sites = [site for site in record.locations if site.status in _OPEN] or list(record.locations)
    return next((site for site in sites if _reachable(site.contacts)), sites[0] if sites else None)


def _reachable(contacts: Sequence[Contact]) -> Contact | None:
    return next((contact for contact in contacts if _plain(contact.phone) or _plain(contact.email)), None)


def _site_words(record: TrialRecord, site: Location | None) -> str:
    if not site:
        return NOT_STATED_LABEL
    place = (_plain(part) for part in (site.facility, site.city, site.state, site.country))
    name = _clipped(", ".join(dict.fromkeys(filter(None, place))) or NOT_STATED_LABEL, 160)
    status = f" ({_clipped(_label(STATUS, site.status).lower(), _SHORT)})" if site.status else ""
    others = len(record.locations) - 1
    return name + status + (f", and {counted(others, 'more site')}" if others else "")


def _contact_line(record: TrialRecord, site: Location | None) -> str:
    of_site = site.contacts if site else ()
    if contact := _reachable(of_site):
        return f"Contact: {_contact_words(contact)}"
    if contact := _reachable(record.central_contacts):
        return f"Study contact: {_contact_words(contact)}"
    named = next((contact for contact in (*of_site, *record.central_contacts) if _plain(contact.name)), None)
    if named:
        return f"Contact: {_contact_words(named)}, no phone or e-mail in the registry"
    return f"Contact: {NO_CONTACT}"


def _contact_words(contact: Contact) -> str:
    """Word name, phone and e-mail; leave out, but never cut, a phone or e-mail that is too long to be one."""
    extension = _plain(contact.phone_extension)
    phone = _plain(contact.phone) + (f" ext. {extension}" if extension else "") if contact.phone else ""
    reach = [text for text in (phone, _plain(contact.email)) if text and len(text) <= 100]
    if not reach and (contact.phone or contact.email):
        reach = ["phone or e-mail in the registry"]
    return ", ".join(filter(None, (_clipped(_plain(contact.name), _SHORT), *reach)))


@dataclass(frozen=True, slots=True)
class _CardEntry:
    """One criterion and the notes above it: a cohort's name, or "not eligible if" in an inclusion list."""

    notes: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class _List:
    heading: str
    entries: list[_CardEntry]
    more: tuple[str, str] = ("more criterion", "more criteria")

    def rest(self, shown: int) -> list[str]:
        left = len(self.entries) - shown
        return [f"and {counted(left, *self.more)}"] if left else []


def _criteria_lines(criteria: Criteria | None, room: int) -> list[str]:
    """List the inclusion, then the exclusion criteria, which get at least two fifths of the room if they need it."""
    first = _List("Inclusion criteria:", _entries(criteria, "inclusion") if criteria else [])
    second = _List("Exclusion criteria:", _entries(criteria, "exclusion") if criteria else [])
    if criteria and not first.entries:
        first = _List("Criteria:", _unsorted_entries(criteria.before), ("more item", "more items"))
    if not first.entries and not second.entries:
        text = f"Criteria: {NOT_STATED_LABEL}"
        return [text] if len(text) < room else []
    reserved = min(_size(_list_lines(second, room)), room * 2 // 5)
    lines = _list_lines(first, room - reserved)
    return lines + _list_lines(second, room - _size(lines))


def _size(lines: Sequence[str]) -> int:
    return sum(len(text) + 1 for text in lines)


def _entries(criteria: Criteria, kind: Kind) -> list[_CardEntry]:
    groups = [group for group in criteria.groups if group.kind == kind]
    entries: list[_CardEntry] = []
    notes: list[str] = []
    for group in groups:
        if len([other for other in groups if other.items]) > 1:
            notes = [_plain(group.heading)]
        for part in group.body:
            if isinstance(part, Criterion):
                entries.append(_CardEntry(tuple(filter(None, notes)), _whole(part)))
                notes = []
            else:
                notes.append(_clipped(_plain(part.text), 160))
    return entries or [_CardEntry((), note) for note in notes if note]


def _unsorted_entries(text: str) -> list[_CardEntry]:
    """Return the paragraphs and bullets of a text in which no heading was found."""
    parts = (_plain(part).lstrip("*•- ") for part in _PARTS.split(text))
    return [_CardEntry((), part) for part in parts if part]


def _whole(item: Criterion) -> str:
    """Return an item with everything nested in it, as `One of: fever; cough`."""
    return _plain("".join(_nested(item))).rstrip(" ;,")


def _nested(item: Criterion) -> Iterator[str]:
    yield item.text
    between = " " if item.text.rstrip().endswith(":") else "; "
    for child in item.children:
        yield between
        yield "".join(_nested(child)) if isinstance(child, Criterion) else child.text
        between = "; "


def _list_lines(criteria: _List, room: int) -> list[str]:
    """Return the heading, as many whole items as fit, and the number of the others.

    The first item is clipped if it alone is too long.
    """
    heading, entries = criteria.heading, criteria.entries
    if not entries:
        return []
    lines = [heading]
    for number, entry in enumerate(entries, start=1):
        longer = [*lines, *entry.notes, f"- {entry.text}"]
        if _size([*longer, *criteria.rest(number)]) > room:
            break
        lines = longer
    else:
        return lines
    if number > 1:
        return [*lines, *criteria.rest(number - 1)]
    text = " - ".join(filter(None, (" ".join(entries[0].notes), entries[0].text)))
    clipped = _clipped(text, room - _size([heading, "- ", *criteria.rest(1)]))
    if clipped == text or len(clipped) >= _LEAST_SHOWN:
        return [heading, f"- {clipped}", *criteria.rest(1)]
    count = f"{heading} {counted(len(entries), 'item')}, see the link"
    return [count] if len(count) < room else []
