"""The defects D1 to D18 of three existing sites, on the same five trials, occur on none of our pages."""

import re
from functools import partial

import pytest
from lxml.html import HtmlElement
from starlette.testclient import TestClient

from tests.conftest import Browse
from tests.pages.trial.leaves import fold

PLERIXAFOR, BLINATUMOMAB, NK_CELLS, REGIMEN, CIK_CELLS = SEEDS = (
    "NCT06141304",
    "NCT06075238",
    "NCT05744440",
    "NCT06861348",
    "NCT06389305",
)
on_every_seed = pytest.mark.parametrize("registry_id", SEEDS)


@pytest.fixture
def page(browse_real: Browse) -> partial[HtmlElement]:
    return partial(lambda registry_id: browse_real.get(f"/trials/{registry_id}"))


def text(page: HtmlElement) -> str:
    for script in page.xpath("//script"):
        script.drop_tree()
    return fold(" ".join(page.xpath("//main")[0].itertext()))


def fact(page: HtmlElement, label: str) -> str:
    """Return the value beside a label, where the label stands first."""
    (value, *_) = page.xpath("//dt[normalize-space()=$label]/following-sibling::dd[1]", label=label)
    return fold(value.text_content())


def numbers(page: HtmlElement) -> dict[str, str]:
    rows = page.xpath("//dl[@class='numbers']/div")
    return {fold(row.findtext("dt")): fold(row.find("dd").text_content()) for row in rows}


def test_d1_each_headline_number_stands_beside_its_label(page: partial[HtmlElement]) -> None:
    assert numbers(page(PLERIXAFOR)) == {
        "participants, planned": "28",
        "site": "1",
        "arm": "1",
        "months, planned": "22",
        "participants per site per month, planned": "1.3",
    }


def test_d2_condition_and_intervention_are_not_empty(page: partial[HtmlElement]) -> None:
    shown = page(PLERIXAFOR)
    conditions = shown.xpath("//aside//section[h2='Conditions']")[0]
    assert fold(conditions.text_content()) == "Conditions Not stated"
    assert "Drug: Plerixafor" in text(shown)


@pytest.mark.parametrize(
    ("registry_id", "name"),
    [
        (BLINATUMOMAB, "blinatumomab"),
        (CIK_CELLS, "peripheral blood lymphocytes"),
        (CIK_CELLS, "CIK cell"),
    ],
)
def test_d3_interventions_have_their_names(page: partial[HtmlElement], registry_id: str, name: str) -> None:
    names = page(registry_id).xpath("//div[@aria-label='Interventions']//tbody/tr/th")
    assert name.lower() in [fold(cell.text_content()).lower() for cell in names]


def test_d4_no_mesh_heading_stands_above_nothing(page: partial[HtmlElement]) -> None:
    assert "MeSH" not in text(page(PLERIXAFOR))


@on_every_seed
def test_d5_no_raw_enum_is_shown(page: partial[HtmlElement], registry_id: str) -> None:
    raw = r"NOT_YET_RECRUITING|RECRUITING|INTERVENTIONAL|SINGLE_GROUP|PARALLEL|TREATMENT|NONE|\bNA\b|[A-Z]+_[A-Z]+"
    assert not re.search(raw, text(page(registry_id)))


@on_every_seed
def test_d6_the_status_is_said_once_in_words(page: partial[HtmlElement], registry_id: str) -> None:
    assert len(page(registry_id).xpath("//article/header//*[@data-status]")) == 1


@on_every_seed
def test_d7_every_date_has_its_line(page: partial[HtmlElement], registry_id: str) -> None:
    shown = page(registry_id)
    labels = (
        "Start",
        "Primary completion",
        "Study completion",
        "First posted",
        "Last update posted",
        "Last verified",
    )
    dates = [fact(shown, label) for label in labels]
    expected = registry_id == PLERIXAFOR
    assert all((value != "Not stated") == expected for value in dates), dates


@on_every_seed
def test_d8_ages_have_a_line_and_missing_ones_are_not_all_ages(
    page: partial[HtmlElement], registry_id: str
) -> None:
    assert fact(page(registry_id), "Ages") == (
        "14 to 60 years" if registry_id == PLERIXAFOR else "Not stated"
    )


@on_every_seed
def test_d9_allocation_masking_and_purpose_have_their_lines(
    page: partial[HtmlElement], registry_id: str
) -> None:
    shown = page(registry_id)
    design = tuple(fact(shown, label) for label in ("Allocation", "Masking", "Purpose"))
    stated = ("Not applicable", "None (open label)", "Treatment")
    assert design == (stated if registry_id in {PLERIXAFOR, REGIMEN} else ("Not stated",) * 3)


@on_every_seed
def test_d10_no_escape_leaks(page: partial[HtmlElement], registry_id: str) -> None:
    assert "\\" not in text(page(registry_id))


def test_d11_exponents_survive_and_none_is_made_up(page: partial[HtmlElement]) -> None:
    assert page(BLINATUMOMAB).xpath("//data[@value='10^9']")[0].text == "10⁹"
    assert "10⁷/kg" in page(REGIMEN).text_content()
    assert text(page(NK_CELLS)).count("×109/L") >= 2
    assert "×10⁹/L" not in text(page(NK_CELLS))


def test_d12_the_model_description_stands_once(page: partial[HtmlElement]) -> None:
    sentence = "Plerixafor plus donor lymphocyte infusion for patients with relapsed acute leukemia"
    assert text(page(PLERIXAFOR)).count(sentence) == 1


def test_d13_a_record_without_a_title_has_a_heading_an_id_and_a_line_for_what_is_missing(
    page: partial[HtmlElement],
) -> None:
    shown = page(REGIMEN)
    assert shown.xpath("string(//h1)") == REGIMEN
    words = text(shown)
    assert "Status not stated" in words
    assert "Criteria: Not stated" in words
    assert "No contact listed in the registry" in words


def test_d14_the_regimen_is_a_list_of_four_items(page: partial[HtmlElement]) -> None:
    items = page(REGIMEN).xpath("//div[@aria-label='Interventions']//tbody//li")
    assert [
        fold(item.text_content())[0] for item in items if "①②③".find(fold(item.text_content())[0]) >= 0
    ] == [
        "①",
        "②",
        "③",
    ]
    assert len(items) == 4


@on_every_seed
def test_d15_headings_are_words_and_header_cells_are_cells(
    page: partial[HtmlElement], registry_id: str
) -> None:
    shown = page(registry_id)
    assert "&&" not in text(shown)
    for table in shown.xpath("//section[@id='arms']//table"):
        assert len(table.xpath("./thead/tr/th[@scope='col']")) == 4


@on_every_seed
def test_d16_missing_contacts_and_site_status_are_said(page: partial[HtmlElement], registry_id: str) -> None:
    words = text(page(registry_id))
    assert "No contact listed in the registry" in words
    assert "Status not stated" in words


def test_d17_a_date_is_no_more_precise_than_the_record(
    page: partial[HtmlElement], real_client: TestClient
) -> None:
    assert fact(page(PLERIXAFOR), "Last verified") == "1 Nov 2023"
    months = real_client.get("/api/v1/trials?q=NCT02513394").json()
    assert months["total"] >= 1
    assert fact(page("NCT02513394"), "Start") == "Aug 2015"


@on_every_seed
def test_d18_a_missing_value_has_one_wording(page: partial[HtmlElement], registry_id: str) -> None:
    shown = page(registry_id)
    assert not re.search(r"None provided|\(none\)|Not available|\bNone\b(?! \(open label\))", text(shown))
    assert not shown.xpath("//dd[normalize-space()='-' or normalize-space()='']")
