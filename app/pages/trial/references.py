"""Publications, links, documents and data that a record names. `app.text.links` decides which become links."""

import re
from dataclasses import dataclass

from app.pages.trial.facts import Fact
from app.record.code_lists import DATA_SHARING, NOT_STATED_LABEL, REFERENCE_TYPE, SHARED_DOCUMENT
from app.record.trial import Reference, StudyDocument, TrialRecord
from app.text.links import web_link
from app.text.wording import date_words

_PUBMED_ID = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class LinkLine:
    label: str
    url: str
    """Empty where a browser should not follow the record's address."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    citation: str
    type: str
    pubmed_id: str
    url: str
    retractions: tuple[LinkLine, ...]
    """Links to the notices that retract the publication."""


def reference_lines(record: TrialRecord) -> tuple[ReferenceLine, ...]:
    return tuple(_reference_line(reference) for reference in record.references)


def link_lines(record: TrialRecord) -> tuple[LinkLine, ...]:
    links = [LinkLine(link.label or _shown(link.url), web_link(link.url)) for link in record.links]
    links += [_document_line(document) for document in record.documents]
    links += [
        LinkLine(
            ", ".join(filter(None, (data.type, data.id))) or _shown(data.url),
            web_link(data.url),
            data.comment or "",
        )
        for data in record.available_data
    ]
    if record.has_no_analysis_plan:
        links.append(LinkLine("No statistical analysis plan", ""))
    return tuple(links)


def sharing_facts(record: TrialRecord) -> tuple[Fact, ...]:
    sharing = record.data_sharing
    plan = (DATA_SHARING.label(sharing.plan),) if sharing.plan else ()
    facts = [Fact("Plan to share participants' data", plan, detail=sharing.description)]
    if sharing.documents:
        labels = tuple(SHARED_DOCUMENT.label(document) for document in sharing.documents)
        facts.append(Fact("Also shared", labels))
    for label, text in (
        ("Shared when", sharing.time_frame),
        ("Shared with whom", sharing.access_criteria),
        ("Shared where", sharing.url),
    ):
        if text:
            facts.append(Fact(label, (text,)))
    return tuple(facts)


def _reference_line(reference: Reference) -> ReferenceLine:
    return ReferenceLine(
        citation=reference.citation or "Citation not stated",
        type=REFERENCE_TYPE.label(reference.type),
        pubmed_id=reference.pubmed_id or "",
        url=_pubmed(reference.pubmed_id),
        retractions=tuple(
            LinkLine(
                source or "Retraction notice",
                _pubmed(pubmed_id),
                f"PubMed {pubmed_id}" if pubmed_id else "",
            )
            for pubmed_id, source in reference.retractions
        ),
    )


def _shown(url: str | None) -> str:
    """Show an address as text; a host name in another script as ASCII, so that no lookalike can deceive."""
    return web_link(url) or url or NOT_STATED_LABEL


def _pubmed(pubmed_id: str | None) -> str:
    return f"https://pubmed.ncbi.nlm.nih.gov/{pubmed_id}/" if _PUBMED_ID.fullmatch(pubmed_id or "") else ""


def _document_line(document: StudyDocument) -> LinkLine:
    size = _size_words(document.size) if document.size else ""
    dated = f"of {date_words(document.date.text)}" if document.date else ""
    uploaded = f"uploaded {date_words(document.uploaded)}" if document.uploaded else ""
    return LinkLine(
        document.label or document.filename or "Document",
        web_link(document.url),
        ", ".join(filter(None, (dated, uploaded, size))),
    )


def _size_words(size: int) -> str:
    return f"{size / 1_048_576:,.1f} MB" if size >= 1_048_576 else f"{max(1, round(size / 1024)):,} kB"
