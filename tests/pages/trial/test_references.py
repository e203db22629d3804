"""References of a record, and which of them become links."""

from dataclasses import replace

from app.pages.trial.references import link_lines, reference_lines, sharing_facts
from app.record.trial import (
    AvailableData,
    DataSharing,
    PartialDate,
    Reference,
    StudyDocument,
    TrialRecord,
    WebLink,
)

EMPTY = TrialRecord("ctgov", "NCT00000001", "https://example.org/")


def test_a_publication_has_its_kind_and_leads_to_pubmed() -> None:
    references = (
        Reference("A paper.", "result", "12345"),
        Reference("Withdrawn.", "derived", "678", retractions=(("999", "Source"),)),
        Reference(type=None, pubmed_id="12 <script>"),
    )
    first, second, third = reference_lines(replace(EMPTY, references=references))
    assert (first.citation, first.type, first.url, first.retractions) == (
        "A paper.",
        "Results",
        "https://pubmed.ncbi.nlm.nih.gov/12345/",
        (),
    )
    assert second.type == "Linked by the registry"
    assert [(notice.label, notice.url) for notice in second.retractions] == [
        ("Source", "https://pubmed.ncbi.nlm.nih.gov/999/")
    ]
    assert (third.citation, third.type, third.url) == ("Citation not stated", "Not stated", "")


def test_a_retraction_that_names_nothing_is_still_said() -> None:
    (line,) = reference_lines(replace(EMPTY, references=(Reference("A.", retractions=((None, None),)),)))
    (notice,) = line.retractions
    assert notice.label
    assert "None" not in notice.label + notice.detail
    assert notice.url == ""


def test_links_documents_and_data_are_one_list() -> None:
    record = replace(
        EMPTY,
        links=(WebLink("https://example.org/", "Home"), WebLink("javascript:alert(1)"), WebLink()),
        documents=(
            StudyDocument(
                label="Protocol",
                date=PartialDate("2024-03"),
                url="https://example.org/a.pdf",
                size=1_572_864,
            ),
            StudyDocument(filename="b.pdf"),
            StudyDocument(),
        ),
        available_data=(
            AvailableData("7", "Dataset", "https://example.org/d", "On request"),
            AvailableData(),
        ),
    )
    assert [(line.label, line.url, line.detail) for line in link_lines(record)] == [
        ("Home", "https://example.org/", ""),
        ("javascript:alert(1)", "", ""),
        ("Not stated", "", ""),
        ("Protocol", "https://example.org/a.pdf", "of Mar 2024, 1.5 MB"),
        ("b.pdf", "", ""),
        ("Document", "", ""),
        ("Dataset, 7", "https://example.org/d", "On request"),
        ("Not stated", "", ""),
    ]


def test_a_small_document_is_not_said_to_be_empty() -> None:
    (line,) = link_lines(replace(EMPTY, documents=(StudyDocument(label="Consent", size=20_000),)))
    assert line.detail != "0.0 MB"


def test_sharing_is_said_as_stated() -> None:
    (plan,) = sharing_facts(EMPTY)
    assert plan.values == ()
    sharing = DataSharing(
        "undecided", "Later.", ("study-protocol", "csr"), "5 years", "Anyone", "example.org"
    )
    facts = sharing_facts(replace(EMPTY, data_sharing=sharing))
    assert [(fact.label, fact.values, fact.detail) for fact in facts] == [
        ("Plan to share participants' data", ("Undecided",), "Later."),
        ("Also shared", ("Study protocol", "Clinical study report"), None),
        ("Shared when", ("5 years",), None),
        ("Shared with whom", ("Anyone",), None),
        ("Shared where", ("example.org",), None),
    ]
