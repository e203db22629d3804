"""The concept that a reader means by the name of a condition."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from app.conditions.meaning import ConditionMeaning, Other, meanings
from app.conditions.names.same_name import key_of
from app.database.engine import reading, writing
from app.models import Concept, ConceptName
from app.text.slugs import slug_of

CONCEPTS = {
    "D015470": ("Leukemia, Myeloid, Acute", "Acute myeloid leukemia"),
    "D006973": ("Hypertension", "Hypertension"),
    "D009103": ("Multiple Sclerosis", "Multiple sclerosis"),
    "D008946": ("Mitral Valve Stenosis", "Mitral valve stenosis"),
    "D010300": ("Parkinson Disease", "Parkinson disease"),
    "D059350": ("Chronic Pain", "Chronic pain"),
    "D001943": ("Breast Neoplasms", "Breast cancer"),
}
NAMES = [
    ("D015470", "Leukemia, Myeloid, Acute", "name", 0),
    ("D015470", "Acute Myeloid Leukemia", "name", 0),
    ("D015470", "Acute nonlymphocytic leukemia", "synonym", 0),
    ("D015470", "AML", "learned", 24),
    ("D006973", "Hypertension", "name", 0),
    ("D006973", "High blood pressure", "synonym", 0),
    ("D009103", "Multiple sclerosis", "name", 0),
    ("D009103", "MS", "learned", 9),
    ("D008946", "Mitral valve stenosis", "name", 0),
    ("D008946", "MS", "learned", 3),
    ("D010300", "Parkinson disease", "name", 0),
    ("D010300", "PD", "learned", 2),
    ("D059350", "Chronic pain", "name", 0),
    ("D059350", "PD", "learned", 2),
    ("D001943", "Breast neoplasms", "name", 0),
    ("D001943", "Breast cancer", "synonym", 0),
]
STATED = {slug_of(label) for _, label in CONCEPTS.values()} | {"long-covid", "breast-neoplasms"}


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with writing(engine) as session:
        for mesh_id, (name, label) in CONCEPTS.items():
            slug = slug_of(" ".join(reversed(name.split(", "))))
            session.add(Concept(mesh_id=mesh_id, name=name, label=label, slug=slug, origin="mesh"))
        for mesh_id, text, kind, count in NAMES:
            session.add(
                ConceptName(
                    slug=slug_of(text), mesh_id=mesh_id, text=text, key=key_of(text), kind=kind, count=count
                )
            )
    with reading(engine) as session:
        yield session


def meant(session: Session, name: str, stated: set[str] | None = None) -> ConditionMeaning | None:
    return meanings(session, [name], STATED if stated is None else stated).get(name)


@pytest.mark.parametrize(
    ("name", "manner"),
    [
        ("Leukemia, Myeloid, Acute", "name"),
        ("acute-myeloid-leukemia", "name"),
        ("ACUTE MYELOID LEUKAEMIA", "name"),
        ("D015470", "name"),
        ("d000015470", "name"),
        ("Acute Nonlymphocytic Leukemias", "synonym"),
        ("aml", "abbreviation"),
        ("Relapsed/refractory acute myeloid leukemia", "closest"),
    ],
)
def test_every_way_to_name_a_concept_leads_to_it_and_says_how(
    session: Session, name: str, manner: str
) -> None:
    found = meant(session, name)
    assert found
    assert (found.slug, found.label, found.manner) == (
        "acute-myeloid-leukemia",
        "Acute myeloid leukemia",
        manner,
    )


def test_an_abbreviation_means_what_most_trials_say_and_the_others_are_named(session: Session) -> None:
    found = meant(session, "MS")
    assert found
    assert found.slug == "multiple-sclerosis"
    assert found.others == (Other("mitral-valve-stenosis", "Mitral valve stenosis", 3),)


def test_an_abbreviation_without_a_majority_is_what_trials_state_if_they_state_it(session: Session) -> None:
    undecided, stated = meant(session, "PD"), meant(session, "PD", {*STATED, "pd"})
    assert undecided
    assert undecided.slug == "chronic-pain"
    assert [other.slug for other in undecided.others] == ["parkinson-disease"]
    assert stated
    assert (stated.slug, stated.manner) == ("pd", "stated")


def test_a_stated_name_that_is_no_concept_is_itself(session: Session) -> None:
    found = meant(session, "Long COVID")
    assert found
    assert (found.slug, found.manner) == ("long-covid", "stated")


def test_a_concept_that_no_trial_has_is_known_all_the_same(session: Session) -> None:
    found = meant(session, "high blood pressure", set())
    assert found
    assert (found.slug, found.label) == ("hypertension", "Hypertension")


@pytest.mark.parametrize(
    "name",
    ["nothing of the kind", "", "…", "%", "all", "all ms patients", "ms and hypertension and chronic pain"],
)
def test_what_names_none_or_several_means_nothing(session: Session, name: str) -> None:
    assert meant(session, name) is None


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=3_000), max_size=4))
def test_no_text_is_too_odd_to_ask_about(session: Session, names: list[str]) -> None:
    assert set(meanings(session, names, STATED)) <= set(names)
