"""Wording that all contradictions share."""

from app.reading.notes import Evidence, TrustNote

_LONGEST = 120


def contradiction(kind: str, text: str, one: Evidence, other: Evidence) -> TrustNote:
    return TrustNote(f"contradiction-{kind}", "Possible contradiction", text, (one, other))


def wrong_in_one_place(kind: str, subject: str, says: str, field: Evidence, said: Evidence) -> TrustNote:
    """Word a note on a field and a text that disagree; `says` is the field's side as a clause."""
    place = said.place[0].lower() + said.place[1:]
    text = f"The {subject} may be wrong in one place: {says}, but the {place} says {said.text}."
    return contradiction(kind, text, field, said)


def quoted(text: str) -> str:
    """Quote the text on one line, without its end if it is long."""
    return f"“{clipped(' '.join(text.split()))}”"


def clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"
