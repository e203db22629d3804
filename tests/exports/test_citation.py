import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import rispy  # type: ignore[import-untyped]  # the package carries no type information
from bibtexparser.entrypoint import parse_string
from hypothesis import given, settings
from hypothesis import strategies as st
from pylatexenc.latex2text import (  # type: ignore[import-untyped]  # as above
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from app.exports.citation import SYNTHETIC, bibtex, plain_citation, ris
from app.record.trial import Dates, Organization, PartialDate, ResponsibleParty, TrialRecord
from app.registries.ctgov.normalize import normalize
from app.text.prose import line
from tests.support.reference_data import reference_file

URL = "https://trialmark.example/trials/NCT00000001"
REGISTRY_URL = "https://clinicaltrials.gov/study/NCT00000001"
TODAY = date(2026, 11, 20)


def trial(**fields: Any) -> TrialRecord:
    record = TrialRecord(
        registry="ctgov",
        registry_id="NCT00000001",
        registry_url=REGISTRY_URL,
        brief_title="Aspirin for Migraine",
        lead_sponsor=Organization("A University"),
        dates=Dates(first_posted=PartialDate("2023-11-21"), last_update_posted=PartialDate("2025-07-03")),
    )
    return replace(record, **fields)


def real_records() -> Iterator[TrialRecord]:
    with gzip.open(reference_file("data/ctgov.ndjson.gz"), "rt") as studies:
        yield from (normalize(json.loads(study)) for study in studies)
    with reference_file("data/seeds.ndjson").open() as studies:
        yield from (normalize(json.loads(study)) for study in studies)


def _decoder() -> LatexNodes2Text:
    """Make a LaTeX reader, and add the LaTeX2e text symbols that it lacks (fntguide, table of text symbols)."""
    symbols = {
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciicircum": "^",
        "textless": "<",
        "textgreater": ">",
        "textbar": "|",
    }
    macros = [MacroTextSpec(name, simplify_repl=symbol) for name, symbol in symbols.items()]
    context = get_default_latex_context_db()
    context.add_context_category("symbols", prepend=True, macros=macros)
    return LatexNodes2Text(latex_context=context)


DECODER = _decoder()


def decoded(latex: str) -> str:
    is_plain = "\\" not in latex and "{}" not in latex  # nothing to decode, and the reader is slow
    return latex.strip("{}") if is_plain else str(DECODER.latex_to_text(latex))


def read_ris(text: str) -> dict[str, Any]:
    (entry,) = rispy.loads(text)
    return dict(entry)


def read_bibtex(text: str) -> dict[str, str]:
    """Return the fields as LaTeX would set them; addresses stay as they are."""
    library = parse_string(text)
    assert not library.failed_blocks
    (entry,) = library.entries
    assert len(library.blocks) == 1
    fields = {
        field.key: field.value if field.key == "url" else decoded(field.value) for field in entry.fields
    }
    return {"ENTRYTYPE": entry.entry_type, "ID": entry.key, **fields}


def test_ris_is_a_record_of_an_online_database_with_lines_as_the_format_asks() -> None:
    assert ris(trial(), url=URL, retrieved=TODAY) == (
        "TY  - DBASE\r\n"
        "AU  - A University\r\n"
        "TI  - Aspirin for Migraine\r\n"
        "PY  - 2023\r\n"
        "DA  - 2023/11/21/\r\n"
        "DB  - ClinicalTrials.gov\r\n"
        "AN  - NCT00000001\r\n"
        f"UR  - {URL}\r\n"
        f"UR  - {REGISTRY_URL}\r\n"
        "Y2  - 2026/11/20/\r\n"
        "N1  - First posted 21 Nov 2023. Last update posted 3 Jul 2025.\r\n"
        "ER  - \r\n"
    )


def test_bibtex_is_one_misc_entry_under_the_registry_id() -> None:
    assert bibtex(trial(), url=URL, retrieved=TODAY) == (
        "@misc{NCT00000001,\n"
        "  author = {{A University}},\n"
        "  title = {{Aspirin for Migraine}},\n"
        "  year = {2023},\n"
        "  howpublished = {ClinicalTrials.gov, NCT00000001},\n"
        f"  url = {{{URL}}},\n"
        "  urldate = {2026-11-20},\n"
        "  note = {First posted 21 Nov 2023. Last update posted 3 Jul 2025. "
        f"Registry record: {REGISTRY_URL}}},\n"
        "}\n"
    )


def test_the_plain_citation_is_one_line_in_the_order_of_a_reference_list() -> None:
    assert plain_citation(trial(), url=URL, retrieved=TODAY) == (
        "A University. Aspirin for Migraine. ClinicalTrials.gov identifier: NCT00000001. "
        "First posted 21 Nov 2023. Last update posted 3 Jul 2025. "
        f"Accessed 20 Nov 2026. {URL}"
    )


def test_a_title_that_ends_a_sentence_gets_no_second_full_stop() -> None:
    citation = plain_citation(trial(brief_title="Does Aspirin Help?"), url=URL, retrieved=TODAY)
    assert ". Does Aspirin Help? ClinicalTrials.gov" in citation


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ({"responsible_party": ResponsibleParty(name="Ann Lee")}, "A University"),
        ({"lead_sponsor": None, "responsible_party": ResponsibleParty(name="Ann Lee")}, "Ann Lee"),
        ({"lead_sponsor": None, "responsible_party": ResponsibleParty(affiliation="A Clinic")}, "A Clinic"),
        ({"lead_sponsor": None, "organization": Organization("A Registrar")}, "A Registrar"),
    ],
)
def test_the_author_is_the_sponsor_else_who_else_answers_for_the_record(
    fields: dict[str, Any], author: str
) -> None:
    record = trial(**fields)
    assert read_ris(ris(record, url=URL, retrieved=TODAY))["authors"] == [author]
    assert read_bibtex(bibtex(record, url=URL, retrieved=TODAY))["author"] == author
    assert plain_citation(record, url=URL, retrieved=TODAY).startswith(f"{author}. ")


def test_what_the_record_does_not_say_is_left_out_without_a_trace() -> None:
    record = trial(lead_sponsor=None, dates=Dates(), brief_title=None)
    assert set(read_ris(ris(record, url=URL, retrieved=TODAY))) == {
        "type_of_reference",
        "title",
        "name_of_database",
        "accession_number",
        "urls",
        "access_date",
    }
    assert not {"author", "year"} & set(read_bibtex(bibtex(record, url=URL, retrieved=TODAY)))
    assert plain_citation(record, url=URL, retrieved=TODAY) == (
        f"NCT00000001. ClinicalTrials.gov identifier: NCT00000001. Accessed 20 Nov 2026. {URL}"
    )


def test_a_month_stays_a_month_and_no_date_is_invented() -> None:
    month = trial(dates=Dates(first_posted=PartialDate("2023-11")))
    assert read_ris(ris(month, url=URL, retrieved=TODAY))["date"] == "2023/11//"
    assert "First posted Nov 2023." in plain_citation(month, url=URL, retrieved=TODAY)
    nonsense = trial(dates=Dates(first_posted=PartialDate("soon"), last_update_posted=PartialDate("2023-13")))
    assert "year" not in read_ris(ris(nonsense, url=URL, retrieved=TODAY))


def test_a_record_without_a_first_posting_has_the_year_of_its_last_version() -> None:
    record = trial(dates=Dates(last_update_posted=PartialDate("2025-07-03")))
    assert read_ris(ris(record, url=URL, retrieved=TODAY))["year"] == "2025"
    assert read_bibtex(bibtex(record, url=URL, retrieved=TODAY))["year"] == "2025"


def test_a_synthetic_record_says_so_and_is_cited_from_no_registry() -> None:
    record = trial(is_synthetic=True)
    for citation in (ris, bibtex, plain_citation):
        text = citation(record, url=URL, retrieved=TODAY)
        assert SYNTHETIC in text
        assert "clinicaltrials.gov" not in text.lower()


def test_the_registry_address_stands_once_where_it_is_the_one_cited() -> None:
    assert read_ris(ris(trial(), url=REGISTRY_URL, retrieved=TODAY))["urls"] == [REGISTRY_URL]


def test_an_address_cannot_end_its_field_early() -> None:
    url = "https://trialmark.example/trials/a;b}c{d\\e f%20g?x=1&y=_~"
    cited = "https://trialmark.example/trials/a%3Bb%7Dc%7Bd%5Ce%20f%20g?x=1&y=_~"
    assert read_ris(ris(trial(), url=url, retrieved=TODAY))["urls"][0] == cited
    assert read_bibtex(bibtex(trial(), url=url, retrieved=TODAY))["url"] == cited


def test_an_author_in_ris_has_no_asterisk() -> None:
    record = trial(lead_sponsor=Organization("A*STAR"))
    assert read_ris(ris(record, url=URL, retrieved=TODAY))["authors"] == ["A STAR"]


HOSTILE = st.lists(
    st.sampled_from(
        [
            *(
                "{",
                "}",
                "{}",
                '"',
                "'",
                "''",
                "``",
                "`",
                "\\",
                "\\\\",
                "\\{",
                "%",
                "&",
                "#",
                "$",
                "_",
                "~",
                "^",
            ),
            *("-", "--", "---", ",,", "<", ">", "<<", "|", "@", "@misc{x,", "=", ",", "\\textbf{x}", "$x^2$"),
            *("\n", "\r\n", "\nER  - \n", "\nTY  - JOUR\n", "AU  - ", "\x0b", "\x85", "\u2028", "\x00", ";"),
            *(
                "word",
                " ",
                "\u00a0",
                "😭",
                "👩\u200d👧",
                "שלום",
                "\u200f",
                "\u202e",
                "é",
                "10\\^9/L",
                "½",
                "≥",
            ),
        ]
    ),
    max_size=15,
).map("".join)


def check_round_trip(record: TrialRecord) -> None:
    url = f"https://trialmark.example/trials/{record.registry_id}"
    title = line(record.title) or record.registry_id
    author = line(record.lead_sponsor.name) if record.lead_sponsor else ""
    posted = record.dates.first_posted.text if record.dates.first_posted else ""

    text = ris(record, url=url, retrieved=TODAY)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", tag) for tag in text.removesuffix("\r\n").split("\r\n"))
    assert len(text.splitlines()) == text.count("\r\n")
    entry = read_ris(text)
    assert entry["type_of_reference"] == "DBASE"
    assert entry["title"] == title
    assert entry.get("authors", [""]) == [" ".join(author.replace("*", " ").split())]
    assert entry.get("year", "") == posted[:4]
    assert entry["name_of_database"] == "ClinicalTrials.gov"
    assert entry["accession_number"] == record.registry_id
    assert entry["urls"] == [url, record.registry_url]
    assert entry["access_date"] == "2026/11/20/"

    text = bibtex(record, url=url, retrieved=TODAY)
    assert text.count("{") == text.count("}"), "BibTeX counts braces, escaped or not"
    fields = read_bibtex(text)
    assert fields["ENTRYTYPE"] == "misc"
    assert fields["ID"] == record.registry_id
    assert fields["title"] == title
    assert fields.get("author", "") == author
    assert fields.get("year", "") == posted[:4]
    assert fields["howpublished"] == f"ClinicalTrials.gov, {record.registry_id}"
    assert fields["url"] == url
    assert fields["urldate"] == "2026-11-20"
    assert record.registry_url in fields["note"]

    citation = plain_citation(record, url=url, retrieved=TODAY)
    assert title in citation
    assert len(citation.splitlines()) == 1


@settings(deadline=None)
@given(HOSTILE, HOSTILE)
def test_hostile_titles_and_sponsors_come_back_from_both_readers_as_they_are(
    title: str, sponsor: str
) -> None:
    check_round_trip(trial(brief_title=title, lead_sponsor=Organization(sponsor)))


def test_every_real_record_comes_back_from_both_readers() -> None:
    for record in real_records():
        check_round_trip(record)
