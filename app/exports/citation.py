"""A registry record as a citation, for reference managers (RIS, BibTeX) and for a reference list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from urllib.parse import quote

from app.record.trial import PartialDate, TrialRecord
from app.registries import registry_named
from app.text.prose import line
from app.text.wording import date_words, earliest_day

SYNTHETIC = "Synthetic record, made up by Trialmark: no such trial exists."

# LaTeX2e commands for characters that TeX would read as markup. Braces are not even allowed with a backslash, because
# BibTeX counts braces and ignores the backslash.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
_LATEX_ESCAPES = str.maketrans(_LATEX)
_LIGATURE = re.compile(r"([-',])(?=\1)")  # `--` would become a dash, `''` a quotation mark
_ADDRESS_CHARACTERS = ":/?#[]@!$&'()*+,=%"
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Work:
    author: str
    """The lead sponsor, who answers for the record; else the responsible party; else the registering organization."""
    title: str
    registry: str
    registry_id: str
    posted: PartialDate | None
    updated: PartialDate | None
    url: str
    registry_url: str
    """Empty where `url` is the registry's own, or where the registry has no such record."""
    is_synthetic: bool

    @property
    def dated(self) -> PartialDate | None:
        """The date of first posting, else of the last update."""
        return self.posted or self.updated

    @property
    def year(self) -> str:
        return self.dated.text[:4] if self.dated else ""

    @property
    def history(self) -> str:
        """Both dates in words, as in `First posted 21 Nov 2023. Last update posted 3 Jul 2025.`."""
        return " ".join(
            f"{what} {date_words(when.text)}."
            for what, when in (("First posted", self.posted), ("Last update posted", self.updated))
            if when
        )


class Cite(Protocol):
    """A function that writes a record as a citation in one format."""

    def __call__(self, record: TrialRecord, *, url: str, retrieved: date) -> str: ...


def ris(record: TrialRecord, *, url: str, retrieved: date) -> str:
    """Write one RIS record, to be sent as UTF-8.

    RIS Format Specifications (Research Information Systems, 2001): tags have six characters, lines end in CRLF, `TY`
    comes first and `ER` last, dates are YYYY/MM/DD/, and an author has no asterisk. The type, from the 2011 list, is
    DBASE, "online database": the citation is for an entry of a database (DB) under an accession number (AN), as it
    was on a day (Y2). ELEC would be a web page, DATA a data file, and GEN says nothing.
    """
    work = _work(record, url)
    notes = (work.history, SYNTHETIC if work.is_synthetic else "")
    tags = (
        ("TY", "DBASE"),
        ("AU", " ".join(work.author.replace("*", " ").split())),
        ("TI", work.title),
        ("PY", work.year),
        ("DA", _slashed(work.dated.text) if work.dated else ""),
        ("DB", work.registry),
        ("AN", work.registry_id),
        ("UR", work.url),
        ("UR", work.registry_url),
        ("Y2", _slashed(retrieved.isoformat())),
        *(("N1", note) for note in notes),
    )
    return "".join(f"{tag}  - {value}\r\n" for tag, value in tags if value) + "ER  - \r\n"


def bibtex(record: TrialRecord, *, url: str, retrieved: date) -> str:
    """Write one `@misc` entry in UTF-8; `urldate` is a BibLaTeX field, which BibTeX ignores."""
    work = _work(record, url)
    key = re.sub(r"[^A-Za-z0-9]", "", work.registry_id) or "trial"
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _bibtex_fields(work, retrieved) if value)
    return f"@misc{{{key},\n{fields}}}\n"


def plain_citation(record: TrialRecord, *, url: str, retrieved: date) -> str:
    """Write one line for a reference list, as the AMA Manual of Style (11th edition) cites a trial registry.

    Its parts are author, title, registry and identifier, dates, date of access, and address.
    """
    work = _work(record, url)
    parts = (
        SYNTHETIC if work.is_synthetic else "",
        _sentence(work.author),
        _sentence(work.title),
        f"{work.registry} identifier: {work.registry_id}.",
        work.history,
        f"Accessed {date_words(retrieved.isoformat())}.",
        work.url,
    )
    return " ".join(filter(None, parts))


def _work(record: TrialRecord, url: str) -> _Work:
    dates = record.dates
    registry_url = "" if record.is_synthetic else _address(record.registry_url)
    url = _address(url)
    return _Work(
        author=_author(record),
        title=line(record.title) or record.registry_id,
        registry="Trialmark" if record.is_synthetic else registry_named(record.registry).label,
        registry_id=line(record.registry_id),
        posted=_real(dates.first_posted),
        updated=_real(dates.last_update_posted),
        url=url,
        registry_url="" if registry_url == url else registry_url,
        is_synthetic=record.is_synthetic,
    )


def _author(record: TrialRecord) -> str:
    party = record.responsible_party
    names = (
        record.lead_sponsor.name if record.lead_sponsor else None,
        (party.name or party.affiliation) if party else None,
        record.organization.name if record.organization else None,
    )
    return next((author for name in names if name and (author := line(name))), "")


def _real(when: PartialDate | None) -> PartialDate | None:
    return when if when and _PARTIAL_DATE.fullmatch(when.text) and earliest_day(when.text) else None


def _slashed(text: str) -> str:
    """Write `2023-09` as `2023/09//`; the slashes stay where a part is not known."""
    match = _PARTIAL_DATE.fullmatch(text)
    return "/".join((*match.groups(default=""), "")) if match else ""


def _address(url: str) -> str:
    """Escape the characters of an address that RIS or BibTeX would interpret: `;`, braces, backslash, space."""
    return quote(url, safe=_ADDRESS_CHARACTERS)


def _bibtex_fields(work: _Work, retrieved: date) -> Iterator[tuple[str, str]]:
    # Braces keep a name from being split, and keep the capitals of a title.
    yield "author", f"{{{_latex(work.author)}}}" if work.author else ""
    yield "title", f"{{{_latex(work.title)}}}"
    yield "year", work.year
    yield "howpublished", _latex(f"{work.registry}, {work.registry_id}")
    yield "url", work.url
    yield "urldate", retrieved.isoformat()
    notes = (
        SYNTHETIC if work.is_synthetic else "",
        work.history,
        f"Registry record: {work.registry_url}" if work.registry_url else "",
    )
    yield "note", _latex(" ".join(filter(None, notes)))


def _latex(text: str) -> str:
    return _LIGATURE.sub(r"\1{}", text.translate(_LATEX_ESCAPES))


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."
