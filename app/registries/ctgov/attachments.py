"""Reads a record's references, shared data, documents, results submission and violations."""

import re
from urllib.parse import quote

from app.record.trial import (
    AvailableData,
    DataSharing,
    OtherId,
    Reference,
    ResultsSubmission,
    StudyDocument,
    Submission,
    SubmissionEvent,
    Violation,
)
from app.registries.ctgov.document import (
    Node,
    date_struct,
    enum,
    enums,
    flag,
    integer,
    node,
    nodes,
    plain_date,
    text,
)

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .()-]{0,199}")


def read_other_id(info: Node) -> OtherId | None:
    identifier = text(info, "id")
    if identifier is None:
        return None
    return OtherId(identifier, enum(info, "type"), text(info, "domain"), text(info, "link"))


def read_reference(reference: Node) -> Reference:
    return Reference(
        citation=text(reference, "citation"),
        type=enum(reference, "type"),
        pubmed_id=text(reference, "pmid"),
        retractions=tuple(
            (text(item, "pmid"), text(item, "source")) for item in nodes(reference, "retractions")
        ),
    )


def read_available_data(item: Node) -> AvailableData:
    return AvailableData(text(item, "id"), text(item, "type"), text(item, "url"), text(item, "comment"))


def read_data_sharing(sharing: Node) -> DataSharing:
    return DataSharing(
        plan=enum(sharing, "ipdSharing"),
        description=text(sharing, "description"),
        documents=enums(sharing, "infoTypes"),
        time_frame=text(sharing, "timeFrame"),
        access_criteria=text(sharing, "accessCriteria"),
        url=text(sharing, "url"),
    )


def read_results_submission(annotation: Node, misc: Node) -> ResultsSubmission:
    unposted = node(annotation, "unpostedAnnotation")
    tracking = node(misc, "submissionTracking")
    return ResultsSubmission(
        responsible_party=text(unposted, "unpostedResponsibleParty"),
        events=tuple(
            SubmissionEvent(enum(event, "type"), plain_date(event, "date"), flag(event, "dateUnknown"))
            for event in nodes(unposted, "unpostedEvents")
        ),
        estimated_date=plain_date(tracking, "estimatedResultsFirstSubmitDate"),
        first_review_posted=date_struct(node(tracking, "firstMcpInfo"), "postDateStruct"),
        submissions=tuple(
            Submission(
                released=plain_date(info, "releaseDate"),
                unreleased=plain_date(info, "unreleaseDate"),
                is_unrelease_date_unknown=flag(info, "unreleaseDateUnknown"),
                reset=plain_date(info, "resetDate"),
                release_number=integer(info, "mcpReleaseN"),
            )
            for info in nodes(tracking, "submissionInfos")
        ),
    )


def read_violation(event: Node) -> Violation:
    return Violation(
        type=enum(event, "type"),
        description=text(event, "description"),
        created=plain_date(event, "creationDate"),
        issued=plain_date(event, "issuedDate"),
        released=plain_date(event, "releaseDate"),
        posted=plain_date(event, "postedDate"),
    )


def read_documents(module: Node, registry_id: str) -> tuple[StudyDocument, ...]:
    return tuple(_study_document(item, registry_id) for item in nodes(module, "largeDocs"))


def _study_document(item: Node, registry_id: str) -> StudyDocument:
    filename = text(item, "filename")
    return StudyDocument(
        label=text(item, "label"),
        type_abbreviation=text(item, "typeAbbrev"),
        date=plain_date(item, "date"),
        uploaded=text(item, "uploadDate"),
        filename=filename,
        url=_document_url(registry_id, filename),
        size=integer(item, "size"),
        has_protocol=flag(item, "hasProtocol"),
        has_analysis_plan=flag(item, "hasSap"),
        has_consent_form=flag(item, "hasIcf"),
    )


def _document_url(registry_id: str, filename: str | None) -> str | None:
    """Return the address of a document; None if its name is not a plain file name or leads to another folder."""
    if not filename or not _FILE_NAME.fullmatch(filename) or ".." in filename:
        return None
    return f"https://cdn.clinicaltrials.gov/large-docs/{registry_id[-2:]}/{registry_id}/{quote(filename)}"
