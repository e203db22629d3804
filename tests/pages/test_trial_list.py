"""The list of trials, over HTTP."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from tests.conftest import Browse, Ingest
from tests.factories import study

AML = ("Acute Myeloid Leukemia",)
AML_TERM = (("D015470", "Leukemia, Myeloid, Acute"),)
LEUKEMIA_TERM = (("D007938", "Leukemia"),)


def ids(page: HtmlElement) -> list[str]:
    return [url.removeprefix("/trials/") for url in page.xpath("//article//h2/a/@href")]


def said(page: HtmlElement) -> str:
    return " ".join(page.xpath("string(//*[@class='said'])").split())


@pytest.fixture
def three_trials(ingest: Ingest) -> None:
    ingest(
        [
            study(
                "NCT00000001", conditions=AML, mesh=AML_TERM, ancestors=LEUKEMIA_TERM, updated="2026-03-01"
            ),
            study(
                "NCT00000002",
                status="COMPLETED",
                interventions=[("BIOLOGICAL", "A vaccine")],
                updated="2026-02-01",
            ),
            study(
                "NCT00000003", status=None, phases=["PHASE1", "PHASE2"], enrollment=None, updated="2026-01-01"
            ),
        ]
    )


@pytest.mark.usefixtures("three_trials")
class TestFilters:
    def test_without_a_filter_every_trial_is_listed_the_last_updated_first(self, browse: Browse) -> None:
        page = browse.get("/trials")
        assert ids(page) == ["NCT00000001", "NCT00000002", "NCT00000003"]
        assert said(page) == "3 trials. Most recently updated first."

    @pytest.mark.parametrize(
        "written",
        [
            "acute myeloid leukemia",
            "Leukemia, Myeloid, Acute",
            "D015470",
            "acute-myeloid-leukemia",
            "d015470",
        ],
    )
    def test_a_condition_is_found_by_name_inverted_name_mesh_id_and_slug(
        self, browse: Browse, written: str
    ) -> None:
        assert ids(browse.get(f"/trials?condition={written}")) == ["NCT00000001"]

    def test_a_broader_condition_brings_the_trials_of_the_narrower(self, browse: Browse) -> None:
        assert ids(browse.get("/trials?condition=leukemia")) == ["NCT00000001"]

    @pytest.mark.parametrize("written", ["COMPLETED", "completed", "Completed"])
    def test_enumerated_values_are_accepted_in_any_case(self, browse: Browse, written: str) -> None:
        assert ids(browse.get(f"/trials?status={written}")) == ["NCT00000002"]

    def test_not_stated_is_a_value_like_any_other(self, browse: Browse) -> None:
        assert ids(browse.get("/trials?status=not-stated")) == ["NCT00000003"]

    def test_values_of_one_filter_are_alternatives(self, browse: Browse) -> None:
        page = browse.get("/trials?status=completed&status=recruiting")
        assert ids(page) == ["NCT00000001", "NCT00000002"]

    def test_a_trial_of_two_phases_counts_in_both(self, browse: Browse) -> None:
        assert ids(browse.get("/trials?phase=phase1")) == ["NCT00000003"]
        assert "NCT00000003" in ids(browse.get("/trials?phase=phase2"))

    def test_the_sentence_says_every_filter_in_words(self, browse: Browse) -> None:
        page = browse.get(
            "/trials?condition=leukemia&status=recruiting&intervention_type=drug&sponsor=a+university"
        )
        assert said(page) == (
            "1 trial of Leukemia, testing a drug, recruiting, sponsored by A University. Most recently updated first."
        )

    def test_each_chip_takes_one_filter_away(self, browse: Browse) -> None:
        page = browse.get("/trials?condition=leukemia&status=recruiting")
        chips = page.xpath("//ul[@class='chips']//a/@href")
        assert chips == ["/trials?status=recruiting", "/trials?condition=leukemia", "/trials"]

    def test_missing_values_sort_last_both_ways(self, browse: Browse) -> None:
        assert ids(browse.get("/trials?sort=enrollment-largest"))[-1] == "NCT00000003"
        assert ids(browse.get("/trials?sort=enrollment-smallest"))[-1] == "NCT00000003"

    def test_the_other_rows_are_shown_where_one_is_missing_in_the_database(
        self, browse: Browse, engine: Engine
    ) -> None:
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM trial_listing WHERE trial_id = 1"))
        assert ids(browse.get("/trials")) == ["NCT00000002", "NCT00000003"]
        assert ids(browse.get("/trials?condition=leukemia")) == []

    def test_an_unknown_disease_is_an_answer_not_an_error(self, browse: Browse) -> None:
        page = browse.get("/trials?condition=no+such+disease")
        assert ids(page) == []
        assert "No trial here has the condition “no such disease”" in page.text_content()

    def test_an_empty_result_shows_what_each_filter_leaves_and_costs(self, browse: Browse) -> None:
        page = browse.get("/trials?condition=leukemia&status=completed")
        cells = [
            " ".join(row.text_content().split()) for row in page.xpath("//section[@class='empty']//tbody/tr")
        ]
        assert cells == [
            "Condition: Leukemia 1 1 without Condition: Leukemia",
            "Status: Completed 0 1 without Status: Completed",
        ]


class TestAddresses:
    def test_the_canonical_address_has_a_fixed_order_and_no_defaults(self, browse: Browse) -> None:
        page = browse.get("/trials?per_page=25&page=1&status=RECRUITING&phase=phase2&phase=PHASE1")
        (canonical,) = page.xpath("//link[@rel='canonical']/@href")
        assert canonical.endswith("/trials?status=recruiting&phase=phase1&phase=phase2")

    def test_the_empties_of_a_plain_form_are_dropped_from_the_address(self, client: TestClient) -> None:
        answer = client.get("/trials?q=&status=recruiting&sort=last-updated-newest", follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/trials?status=recruiting"

    def test_htmx_is_told_the_canonical_address(self, client: TestClient) -> None:
        answer = client.get(
            "/trials?q=&status=RECRUITING", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
        )
        assert answer.headers["HX-Push-Url"] == "/trials?status=recruiting"

    def test_a_fragment_holds_the_same_list_without_the_head(self, browse: Browse, ingest: Ingest) -> None:
        ingest([study() for _ in range(3)])
        assert ids(browse.get("/trials", htmx=True)) == ids(browse.get("/trials"))
        assert not browse.get("/trials", htmx=True).xpath("//link[@rel='stylesheet']")

    def test_a_history_restore_gets_the_whole_page(self, client: TestClient) -> None:
        headers = {"HX-History-Restore-Request": "true", "HX-Request-Type": "full", "HX-Request": "true"}
        assert client.get("/trials", headers=headers).text.startswith("<!doctype html>")

    def test_a_page_that_has_not_changed_answers_304(self, client: TestClient, ingest: Ingest) -> None:
        first = client.get("/trials")
        again = client.get("/trials", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.text) == (304, "")
        ingest([study()])
        assert client.get("/trials", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200

    def test_page_and_fragment_have_different_entity_tags(self, client: TestClient) -> None:
        fragment = client.get("/trials", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
        assert fragment.headers["ETag"] != client.get("/trials").headers["ETag"]
        assert "HX-Request" in fragment.headers["Vary"]


class TestPages:
    def test_pages_hold_every_trial_once(self, browse: Browse, ingest: Ingest) -> None:
        ingest([study() for _ in range(33)])
        first, second, last = (ids(browse.get(f"/trials?per_page=15&page={page}")) for page in (1, 2, 3))
        assert len(first) == len(second) == 15
        assert len(set(first + second + last)) == 33

    def test_a_page_beyond_the_end_leads_back(self, browse: Browse, ingest: Ingest) -> None:
        ingest([study()])
        page = browse.get("/trials?status=recruiting&page=99999", status=404)
        assert "/trials?status=recruiting" in page.xpath("//main//a/@href")

    @pytest.mark.parametrize(
        ("parameters", "name"),
        [
            ("status=banana", "status"),
            ("page=0", "page"),
            ("page=-1", "page"),
            ("page=two", "page"),
            ("page=%C2%B2", "page"),
            ("page=9999999999999999999999", "page"),
            ("per_page=1000", "per_page"),
            ("sort=banana", "sort"),
        ],
    )
    @pytest.mark.parametrize("htmx", [True, False])
    def test_a_value_that_cannot_be_meant_is_named_and_the_page_links_on(
        self, browse: Browse, parameters: str, name: str, htmx: bool
    ) -> None:
        page = browse.get(f"/trials?phase=phase2&{parameters}", status=400, htmx=htmx)
        assert f"“{name}”" in page.text_content()
        assert "/trials?phase=phase2" in page.xpath("//main//a/@href")

    def test_contradictory_and_repeated_parameters_are_answered(self, browse: Browse, ingest: Ingest) -> None:
        ingest([study(study_type="OBSERVATIONAL", phases=())])
        assert ids(browse.get("/trials?study_type=observational&phase=phase3")) == []
        browse.get("/trials?q=a&q=b&page=1&page=1&sort=start-newest&sort=start-oldest")

    def test_very_long_text_and_nul_bytes_are_answered(self, browse: Browse) -> None:
        browse.get("/trials?q=" + "a" * 3000)
        browse.get("/trials?q=" + "a%20" * 1000)
        browse.get("/trials?q=%00&condition=%00x%00&sponsor=%FF%FE")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parameters=st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "condition", "sponsor", "status", "country", "page", "sort", "per_page", "start_year"]
            ),
            st.text(max_size=60)
            | st.sampled_from(['"', "'", "AND", "NEAR(", "*", "a*", "-", "NOT x", "\x00", "title:x"]),
        ),
        max_size=5,
    )
)
def test_no_parameters_at_all_make_the_server_fail(
    client: TestClient, parameters: list[tuple[str, str]]
) -> None:
    answer = client.get("/trials", params=list(parameters), follow_redirects=False)
    assert answer.status_code in {200, 303, 400, 404}
    assert "sqlite" not in answer.text.lower()


class TestWordsOfVeryManyTrials:
    @pytest.fixture(autouse=True)
    def trials(self, ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.search.words.text.MOST_RANKED", 2)
        monkeypatch.setattr("app.pages.parts.list_notices.MOST_RANKED", 2)
        ingest([*(study(title="Gout") for _ in range(3)), *(study() for _ in range(7))])

    def test_a_list_that_is_ranked_in_part_says_so(self, browse: Browse) -> None:
        page = browse.get("/trials?q=gout")
        assert said(page) == "3 trials with the words “gout”. Best match first."
        assert "The words are in 3 trials. First come the 2 newest" in page.text_content()

    def test_a_list_that_cannot_be_ranked_is_not_called_so(self, browse: Browse) -> None:
        page = browse.get("/trials?q=adults")
        assert said(page) == "10 trials with the words “adults”. Most recently updated first."
        assert "too many to put the best matches first" in page.text_content()

    def test_in_another_order_there_is_nothing_to_say(self, browse: Browse) -> None:
        page = browse.get("/trials?q=gout&sort=start-newest")
        assert "First come" not in page.text_content()
