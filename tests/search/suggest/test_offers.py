"""Suggestions for the letters typed so far; each count is what choosing it gives."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.database.engine import open_engine, reading, writing
from app.index.suggestion_ids import words_to_search
from app.ingest.derived.suggestions import rebuild_suggestions
from app.search.counts.catalogue import Catalogues
from app.search.find import Search
from app.search.suggest.offers import MOST_OFFERS, Offer, suggest
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import Study, study

pytestmark = pytest.mark.slow

AML = ("D015470", "Leukemia, Myeloid, Acute")
LEUKEMIA = ("D007938", "Leukemia")
ASTHMA = ("D001249", "Asthma")


def named(acronym: str, registry_id: str, title: str, **other: object) -> Study:
    return study(
        registry_id,
        identificationModule={"nctId": registry_id, "briefTitle": title, "acronym": acronym},
        **other,  # type: ignore[arg-type]  # other fields that a test names
    )


@pytest.fixture
def some_trials(engine: Engine, ingest: Ingest) -> None:
    ingest(
        [
            study(
                conditions=["Acute Myeloid Leukemia"],
                mesh=[AML],
                ancestors=[LEUKEMIA],
                interventions=[("DRUG", "Imatinib"), ("DEVICE", "Imaging coil")],
                sponsor="Immuno Works",
            ),
            study(
                conditions=["Leukemia"],
                mesh=[LEUKEMIA],
                interventions=[("DRUG", "Imatinib mesylate"), ("BIOLOGICAL", "Immune globulin")],
                sponsor="Immuno Works",
            ),
            study(conditions=["Asthma"], mesh=[ASTHMA], interventions=[("DRUG", "imatinib")]),
            named("IMPACT", "NCT01230001", "Only one", conditions=["Asthma", "Chronic Pain"]),
            named("SOLAR", "NCT01230002", "First", conditions=["Pain"]),
            named("Solar", "NCT01240003", "Second", conditions=["Chronic Pain", "Ängste"]),
        ]
    )
    name_concepts(engine)


def name_concepts(engine: Engine) -> None:
    """Add names to the vocabulary, as a load of MeSH does."""
    names = [
        (AML[0], "AML"),
        (AML[0], "ANLL"),
        (AML[0], "Acute Nonlymphocytic Leukemia"),
        (AML[0], "Leukemia, Myeloid, Acute"),
        (ASTHMA[0], "Bronchial Asthma"),
    ]
    with writing(engine) as session:
        for mesh_id, name in names:
            session.execute(
                text(
                    "INSERT OR IGNORE INTO concept_name (slug, mesh_id, text, key, kind, count) "
                    "VALUES (:slug, :mesh_id, :name, :slug, 'synonym', 0)"
                ),
                {"slug": name.lower().replace(" ", "-"), "mesh_id": mesh_id, "name": name},
            )
        rebuild_suggestions(session)


def offered(engine: Engine, typed: str) -> list[Offer]:
    with reading(engine) as session:
        return suggest(session, typed)


def labels(engine: Engine, typed: str) -> list[tuple[str, str]]:
    return [(offer.kind, offer.label) for offer in offered(engine, typed)]


@pytest.mark.usefixtures("some_trials")
class TestWhatIsOffered:
    def test_diseases_stand_before_drugs_sponsors_and_trials(self, engine: Engine) -> None:
        assert labels(engine, "im") == [
            ("drug", "Imatinib"),
            ("drug", "Imatinib mesylate"),
            ("drug", "Immune globulin"),
            ("sponsor", "Immuno Works"),
            ("trial", "IMPACT"),
        ]
        assert [kind for kind, _ in labels(engine, "a")] == []
        assert [kind for kind, _ in labels(engine, "as")][:1] == ["condition"]

    def test_a_condition_is_offered_once_with_the_name_by_which_it_was_found(self, engine: Engine) -> None:
        (offer,) = offered(engine, "aml")
        assert (offer.label, offer.also, offer.count) == ("Acute Myeloid Leukemia", "AML", 1)
        assert offer.query is not None
        assert offer.query.url() == "/trials?condition=acute-myeloid-leukemia"

    def test_the_label_itself_needs_no_other_name(self, engine: Engine) -> None:
        offers = offered(engine, "leukem")
        assert [(offer.label, offer.also, offer.count) for offer in offers] == [
            ("Leukemia", "", 2),
            ("Acute Myeloid Leukemia", "", 1),
        ]

    def test_the_shortest_other_name_that_holds_the_words_is_shown(self, engine: Engine) -> None:
        (offer,) = offered(engine, "nonlymph")
        assert offer.also == "Acute Nonlymphocytic Leukemia"

    @pytest.mark.parametrize(
        "typed", ["acute mye", "myeloid acute", "ACUTE  MYELOID", "leukemia, myeloid", "acute m"]
    )
    def test_words_come_in_any_order_and_case_and_the_last_may_go_on(
        self, engine: Engine, typed: str
    ) -> None:
        assert labels(engine, typed) == [("condition", "Acute Myeloid Leukemia")]

    def test_only_the_last_word_may_go_on(self, engine: Engine) -> None:
        assert labels(engine, "myel acute") == []

    def test_the_very_words_come_before_a_longer_name_with_more_trials(self, engine: Engine) -> None:
        assert labels(engine, "pain") == [("condition", "Pain"), ("condition", "Chronic Pain")]

    def test_whole_words_come_before_beginnings(self, engine: Engine, ingest: Ingest) -> None:
        ingest([study(conditions=["Painters Colic"]) for _ in range(3)], name="more")
        assert [label for _, label in labels(engine, "pain")] == ["Pain", "Chronic Pain", "Painters Colic"]

    def test_a_filler_is_taken_as_a_beginning(self, engine: Engine, ingest: Ingest) -> None:
        ingest([study(conditions=["Injury as Such"])], name="more")
        assert [label for _, label in labels(engine, "as")] == ["Asthma", "Injury as Such", "Aspirin"]

    def test_accents_make_no_difference(self, engine: Engine) -> None:
        assert labels(engine, "angste") == labels(engine, "ÄNGSTE") == [("condition", "Ängste")]

    @pytest.mark.parametrize(
        "typed", ["lekemia", "leukaemia", "luekemia", "lekem", "acute myelod", "actue mye"]
    )
    def test_one_mistake_in_a_long_word_is_forgiven(self, engine: Engine, typed: str) -> None:
        assert ("condition", "Acute Myeloid Leukemia") in labels(engine, typed)

    def test_beside_a_mistake_a_known_word_means_itself(self, engine: Engine, ingest: Ingest) -> None:
        ingest([study(conditions=["Chronic Strain", "Chronic Strains"])], name="known")
        assert labels(engine, "chornic strain") == [
            ("condition", "Chronic Strain"),
            ("condition", "Chronic Strains"),
        ]
        assert labels(engine, "chornic strains") == [
            ("condition", "Chronic Strains"),
            ("condition", "Chronic Strain"),
        ]

    def test_what_a_known_word_leads_to_does_not_hide_what_it_may_be_a_mistake_for(
        self, engine: Engine, ingest: Ingest
    ) -> None:
        rare = [study(conditions=["Heart Pump Failures"])]
        ingest([*rare, *(study(conditions=["Heart Failure"]) for _ in range(4))], name="failures")
        both = [("condition", "Heart Pump Failures"), ("condition", "Heart Failure")]
        assert labels(engine, "haert failures") == both
        with writing(engine) as session:
            session.execute(text("DELETE FROM facet_posting WHERE value = 'heart-pump-failures'"))
        assert labels(engine, "haert failures") == both[1:]

    def test_a_name_that_no_trial_has_any_more_does_not_hide_what_it_may_be_a_mistake_for(
        self, engine: Engine, ingest: Ingest
    ) -> None:
        ingest([study(conditions=["Strains", "Strain"])], name="both")
        with writing(engine) as session:
            session.execute(text("DELETE FROM facet_posting WHERE value = 'strains'"))
        assert labels(engine, "strains") == [("condition", "Strain")]

    def test_a_known_word_that_fits_nothing_may_be_the_mistake(self, engine: Engine, ingest: Ingest) -> None:
        ingest([study(conditions=["Chronic Strain", "Broken Strait"])], name="known")
        assert labels(engine, "chronic strait") == [("condition", "Chronic Strain")]

    @pytest.mark.parametrize("trials", [3, 60])
    def test_a_last_word_goes_on_however_many_the_words_before_it_leave(
        self, engine: Engine, ingest: Ingest, trials: int
    ) -> None:
        ingest([study(conditions=[f"Kappa {number:02}" for number in range(trials)])], name="k")
        ingest([study(conditions=["Kappa Zeta"], sponsor="Kappa Zeta Trust")], name="z")
        offers = [("condition", "Kappa Zeta"), ("sponsor", "Kappa Zeta Trust")]
        assert labels(engine, "kappa ze") == offers
        assert labels(engine, "kapa ze") == []

    @pytest.mark.parametrize("typed", ["pian", "lkmia", "", " ", "x", "!!", "zzzzzzzz"])
    def test_what_is_too_short_or_too_far_gives_nothing(self, engine: Engine, typed: str) -> None:
        assert labels(engine, typed) == []

    def test_devices_and_procedures_are_not_drugs(self, engine: Engine) -> None:
        assert labels(engine, "imaging") == []

    def test_no_kind_takes_all_the_places(self, engine: Engine, ingest: Ingest) -> None:
        many = [f"Kappa {number}" for number in range(30)]
        ingest(
            [study(conditions=many, interventions=[("DRUG", "Kappa blocker")], sponsor="Kappa Trust")],
            name="k",
        )
        offers = labels(engine, "kappa")
        assert len(offers) <= MOST_OFFERS
        assert [kind for kind, _ in offers] == ["condition"] * 7 + ["drug", "sponsor"]


@pytest.mark.usefixtures("some_trials")
class TestTrials:
    def test_an_acronym_leads_to_its_trial(self, engine: Engine) -> None:
        (offer,) = offered(engine, "impact")
        assert (offer.registry_id, offer.also, offer.query) == ("NCT01230001", "Only one", None)

    def test_an_acronym_of_several_trials_leads_to_all_of_them(self, engine: Engine) -> None:
        (offer,) = offered(engine, "sol")
        assert offer.query is not None
        assert (offer.kind, offer.query.q, offer.count) == ("acronym", "SOLAR", 2)

    @pytest.mark.parametrize("typed", ["NCT0123", "nct0123", "nct 0123", "NCT-0123", " nct:0123 "])
    def test_a_registry_id_is_found_by_its_beginning(self, engine: Engine, typed: str) -> None:
        found = [(offer.label, offer.also) for offer in offered(engine, typed)]
        assert found == [("NCT01230001", "Only one"), ("NCT01230002", "First")]

    @pytest.mark.parametrize(
        "typed", ["NCT01", "nct", "NCT012x", "NCT99", "NCT01239999", "NCT0\u0661\u0662\u0663"]
    )
    def test_fewer_digits_or_another_id_are_not_enough(self, engine: Engine, typed: str) -> None:
        assert labels(engine, typed) == []


def test_every_count_is_what_choosing_it_gives(engine: Engine, some_trials: None, ingest: Ingest) -> None:
    ingest([study(conditions=["Asthma"], title="imatinib and solar light")], name="later")
    for typed in ("as", "le", "im", "sol", "pain", "aml", "a uni"):
        for offer in offered(engine, typed):
            if offer.query:
                with reading(engine) as session:
                    search = Search(session, Catalogues().current(session), offer.query)
                    assert search.total == offer.count > 0, offer


def test_counts_are_true_while_a_run_has_not_finished(engine: Engine, some_trials: None) -> None:
    with writing(engine) as session:
        session.execute(text("DELETE FROM trial_text WHERE rowid = 1"))
        session.execute(text("UPDATE facet_posting SET count = 77 WHERE value = 'asthma'"))
        session.execute(text("UPDATE data_version SET version = version + 1"))
    assert [offer.count for offer in offered(engine, "imatinib")] == [2, 1]
    assert [offer.count for offer in offered(engine, "asthma")] == [77]


def test_what_has_gone_since_is_not_offered(engine: Engine, some_trials: None) -> None:
    with writing(engine) as session:
        session.execute(text("DELETE FROM facet_posting WHERE value = 'asthma'"))
    assert labels(engine, "asthma") == []


def test_a_rare_name_of_common_words_alone_is_not_offered(
    engine: Engine, some_trials: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.search.suggest.offers._COMMON", 2)
    with writing(engine) as session:
        session.execute(text("UPDATE suggestion SET count = NULL"))
    assert [offer.label for offer in offered(engine, "imatinib")] == ["Imatinib mesylate"]


@pytest.mark.parametrize(
    ("name", "searched"),
    [
        ("Imatinib", "Imatinib"),
        ("Interferon beta-1a", "Interferon beta-1a"),
        ('Drug (Xolair®) "new"', "Drug Xolair new"),
        ("-placebo", "placebo"),
        ("this OR that AND NOT those", "this or that and not those"),
        ("5-FU* 10%", "5-FU 10"),
        ("***", ""),
    ],
)
def test_a_name_to_search_for_holds_no_operator(name: str, searched: str) -> None:
    assert words_to_search(name) == searched


@pytest.fixture(scope="module")
def read_only(empty_database: Path) -> Iterator[Engine]:
    engine = open_engine(Settings(database_url=f"sqlite:///{empty_database}"), read_only=True)
    yield engine
    engine.dispose()


@given(typed=st.text(max_size=300) | st.text('"*^():-+AND OR NOT NEAR{}nct0123', max_size=60))
def test_whatever_is_typed_is_answered(typed: str, read_only: Engine) -> None:
    with reading(read_only) as session:
        assert suggest(session, typed) == []
