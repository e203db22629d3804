"""A small world of diseases, drugs, sponsors and places, from which studies and vocabularies are drawn.

The world is small so that trials share values all the time: a value is offered, drops below the threshold for offers,
goes with its last trial and comes back. A study is a pure function of its number and edition, so that Hypothesis can
shorten and replay a failing run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from app.conditions.mesh.read import Descriptor
from tests.conditions.mesh.factories import descriptor
from tests.factories import Study, study

FIRST_REAL, FIRST_SYNTHETIC = 1_000_001, 90_000_001
SYNTHETIC_SHARE = 5
"""One trial in so many is synthetic."""
_FIRST_DAY = date(2026, 1, 1)

Term = tuple[str, str]
"""(MeSH id, the registry's term)"""


@dataclass(frozen=True)
class Disease:
    term: Term
    trees: tuple[str, ...]
    names: tuple[str, ...]
    """Its names, as records state them."""
    above: tuple[Term, ...] = ()
    """Its ancestors, as the registry gives them."""
    abbreviation: str = ""


_NEOPLASMS: Term = ("D009369", "Neoplasms")
_BY_SITE: Term = ("D009371", "Neoplasms by Site")
_LEUKEMIA: Term = ("D007938", "Leukemia")
_MYELOID: Term = ("D007951", "Leukemia, Myeloid")
_LUNG: Term = ("D008171", "Lung Diseases")
_RESPIRATORY: Term = ("D012140", "Respiratory Tract Diseases")
_FOO: Term = ("D999001", "Foo Diseases")

DISEASES = (
    Disease(_NEOPLASMS, ("C04",), ("Cancer", "Neoplasms", "cancer", "Tumors")),
    Disease(_BY_SITE, ("C04.588",), ("Neoplasms by Site",), (_NEOPLASMS,)),
    Disease(
        ("D001943", "Breast Neoplasms"),
        ("C04.588.180", "C17.800.090"),
        (
            "Breast Cancer",
            "breast cancer",
            "BREAST NEOPLASMS",
            "Neoplasms, Breast",
            "Metastatic Breast Cancer",
        ),
        (_NEOPLASMS, _BY_SITE),
    ),
    Disease(_LEUKEMIA, ("C04.557.337",), ("Leukemia", "Leukaemia"), (_NEOPLASMS,)),
    Disease(_MYELOID, ("C04.557.337.539",), ("Myeloid Leukemia",), (_LEUKEMIA, _NEOPLASMS)),
    Disease(
        ("D015470", "Leukemia, Myeloid, Acute"),
        ("C04.557.337.539.275",),
        (
            "Acute Myeloid Leukemia",
            "Acute Myeloid Leukemia (AML)",
            "AML",
            "Relapsed AML",
            "acute myeloid leukaemia",
        ),
        (_MYELOID, _LEUKEMIA, _NEOPLASMS),
        "AML",
    ),
    Disease(_RESPIRATORY, ("C08",), ("Respiratory Disease",)),
    Disease(_LUNG, ("C08.381",), ("Lung Disease", "Lung Diseases"), (_RESPIRATORY,)),
    Disease(
        ("D001249", "Asthma"),
        ("C08.381.100", "C20.543.480"),
        ("Asthma", "asthma", "Asthma, Severe", "Severe Asthma", "Bronchial Asthma"),
        (_LUNG, _RESPIRATORY),
    ),
    Disease(
        ("D029424", "Pulmonary Disease, Chronic Obstructive"),
        ("C08.381.495",),
        ("COPD", "Chronic Obstructive Pulmonary Disease (COPD)", "Chronic obstructive pulmonary disease"),
        (_LUNG, _RESPIRATORY),
        "COPD",
    ),
    Disease(("D006073", "Gout"), ("C05.550.354",), ("Gout", "gout", "Acute Gout")),
    Disease(
        ("D015210", "Arthritis, Gouty"), ("C05.550.354.500",), ("Gouty Arthritis",), (("D006073", "Gout"),)
    ),
    Disease(("D003863", "Depression"), ("F01.145.126",), ("Depression", "depressed mood")),
    Disease(
        ("D003866", "Depressive Disorder"), ("F03.600.300",), ("Depressive Disorder", "Major Depression")
    ),
    Disease(
        ("D008575", "Meniere Disease"), ("C09.218.568",), ("Ménière Disease", "Meniere's disease", "MENIERE")
    ),
    Disease(_FOO, (), ("Foo Diseases",)),
    Disease(
        ("D999002", "Foo Bar Disease"),
        (),
        ("Foo Bar Disease", "Foo Bar Disease (FBD)", "FBD", "foo-bar disease", "Foo-Bar Disease, Late"),
        (_FOO,),
        "FBD",
    ),
    Disease(
        ("D999003", "Fused Baz Disorder"),
        (),
        ("Fused Baz Disorder (FBD)", "Fused Baz Disorder"),
        (_FOO,),
        "FBD",
    ),
)
DRUG_DESCRIPTORS = (
    ("Aspirin", "D001241", ("D02.455.426",), ("Acetylsalicylic Acid",)),
    ("Cisplatin", "D002945", ("D01.210.375",), ("CDDP", "cis-Platinum")),
)

UNMAPPED = (
    "Healthy",
    "healthy volunteers",
    "Rare thing",
    "Überlastungssyndrom",
    "日本の病気",
    "COVID-19",
    "Covid 19",
    "all",
    "C\u202edroffo",
    "x" * 180,
    "—",
)
DRUGS = (
    "Aspirin",
    "aspirin",
    "Cisplatin",
    "Cis-platin 20 mg",
    "Foobarumab",
    "FBR-101",
    "Placebo",
    "Vitamin D",
    "Ünal",
)
INTERVENTION_TYPES = ("DRUG", "BIOLOGICAL", "DEVICE", "BEHAVIORAL", "PROCEDURE", "OTHER")
SPONSORS = (
    "University of Foo",
    "UNIVERSITY OF FOO",
    "University of foo",
    "Acme, Inc.",
    "Acme Inc",
    "Åbo Akademi",
    "北京",
)
SPONSOR_CLASSES = ("OTHER", "INDUSTRY", "NIH", "UNKNOWN")
COUNTRIES = (
    "France",
    "Germany",
    "Turkey",
    "Türkiye",
    "South Korea",
    "Korea, Republic of",
    "Côte d'Ivoire",
    "Japan",
)
STATUSES = (
    "RECRUITING",
    "COMPLETED",
    "NOT_YET_RECRUITING",
    "WITHDRAWN",
    "UNKNOWN",
    "SHINY_NEW",
    "ANOTHER_NEW",
    None,
)
PHASES: tuple[tuple[str, ...], ...] = (
    (),
    ("PHASE1",),
    ("PHASE1", "PHASE2"),
    ("PHASE2",),
    ("PHASE3",),
    ("NA",),
)
STUDY_TYPES = ("INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS")
ACRONYMS = ("FOO-1", "foo-1", "BAR", "HOPE", "Hope")
WORDS = (
    "gout",
    "tumor",
    "tumour",
    "placebo",
    "randomised",
    "versus",
    "hope",
    "severe",
    "naïve",
    "10^9/L",
    "children",
)
STARTS = ("2024-01-15", "2024-01", "2023", "1999-12-31", None)
ENROLLMENTS = (None, 0, 10, 10, 250, 99_999_999)


def registry_id_of(number: int) -> str:
    """Return the registry id of a number; every fifth trial is synthetic."""
    first = FIRST_SYNTHETIC if number % SYNTHETIC_SHARE == 0 else FIRST_REAL
    return f"NCT{first + number:08d}"


def study_of(number: int, edition: int, day: int) -> Study:
    """Make one edition of a trial, last updated on a day of the run: a later edition replaces the stored one."""
    random = Random(f"{number}/{edition}")
    diseases = random.sample(DISEASES, random.choice((0, 1, 1, 1, 2, 3)))
    updated = (_FIRST_DAY + timedelta(days=day)).isoformat()
    made = study(
        registry_id_of(number),
        title=_title(random, diseases),
        acronym=random.choice(ACRONYMS) if random.random() < 0.3 else None,
        status=random.choice(STATUSES),
        study_type=random.choice(STUDY_TYPES),
        phases=random.choice(PHASES),
        conditions=_conditions(random, diseases),
        mesh=[disease.term for disease in diseases if random.random() < 0.6],
        ancestors=_ancestors(random, diseases),
        interventions=[
            (random.choice(INTERVENTION_TYPES), random.choice(DRUGS))
            for _ in range(random.choice((0, 1, 1, 2)))
        ],
        sponsor=random.choice(SPONSORS) if random.random() < 0.7 else f"Hospital {number % 13}",
        sponsor_class=random.choice(SPONSOR_CLASSES),
        countries=random.choices(COUNTRIES, k=random.choice((0, 1, 1, 3))),
        enrollment=random.choice(ENROLLMENTS),
        start=random.choice(STARTS),
        updated=updated,
        version=updated,
        criteria=_criteria(random, diseases),
        has_results=random.random() < 0.1,
    )
    protocol = made["protocolSection"]
    protocol["conditionsModule"]["keywords"] = random.sample(WORDS, random.choice((0, 1, 2)))
    protocol["descriptionModule"]["briefSummary"] = " ".join(random.choices(WORDS, k=6))
    protocol["eligibilityModule"]["sex"] = random.choice(("ALL", "FEMALE", "MALE"))
    protocol["eligibilityModule"]["stdAges"] = random.choice(
        (["CHILD"], ["ADULT"], ["ADULT", "OLDER_ADULT"], [])
    )
    return made


def _title(random: Random, diseases: Sequence[Disease]) -> str:
    named = [random.choice(disease.names) for disease in diseases]
    return " ".join([random.choice(DRUGS), "in", *named, random.choice(WORDS)])


def _conditions(random: Random, diseases: Sequence[Disease]) -> list[str]:
    stated = [random.choice(disease.names) for disease in diseases if random.random() < 0.85]
    if random.random() < 0.25:
        stated.append(random.choice(UNMAPPED))
    if random.random() < 0.25:
        stated.append(f"Rare thing {random.randrange(40)}")
    return stated


def _ancestors(random: Random, diseases: Sequence[Disease]) -> list[Term]:
    """Return all, some or no ancestors, for records are indexed at different times."""
    above = dict.fromkeys(term for disease in diseases for term in disease.above)
    known = [term for term in above if random.random() < 0.8]
    return [*known, _rare_group(random)] if random.random() < 0.3 else known


def _rare_group(random: Random) -> Term:
    """Draw a group that few trials have and none names: no choice offers it, and it often goes with its only trial."""
    number = random.randrange(60)
    return f"D98{number:04d}", f"Group {number} Diseases"


def _criteria(random: Random, diseases: Sequence[Disease]) -> str | None:
    if random.random() < 0.1:
        return None
    explained = [
        f"* {disease.names[0].partition(' (')[0]} ({disease.abbreviation})"
        for disease in diseases
        if disease.abbreviation and random.random() < 0.7
    ]
    return "\n".join(["Inclusion Criteria:", "", *explained, f"* {random.choice(WORDS)}"])


def _of_mesh(disease: Disease) -> Descriptor:
    abbreviations = [(disease.abbreviation, "ABB")] if disease.abbreviation else []
    mesh_id, name = disease.term
    return descriptor(name, mesh_id, trees=disease.trees, synonyms=disease.names[1:2], tagged=abbreviations)


_ALL = tuple(_of_mesh(disease) for disease in DISEASES if disease.trees)
_DRUGS = tuple(
    descriptor(name, mesh_id, trees=trees, synonyms=synonyms)
    for name, mesh_id, trees, synonyms in DRUG_DESCRIPTORS
)
_MOVED = (
    descriptor("Gouty Diseases", "D006073", trees=("C05.550.354",), synonyms=("Gout", "Podagra")),
    descriptor("Asthma", "D001249", trees=("C20.543.480",), synonyms=("Foo Bar Disease",)),
    descriptor("Foo Bar Disease", "D999002", trees=("C08.381.900",), tagged=(("FBD", "ABB"),)),
)
VOCABULARIES: dict[str, tuple[Descriptor, ...]] = {
    "whole": (*_ALL, *_DRUGS),
    "half": _ALL[::2],
    "diseases moved": (*(one for one in _ALL if one.mesh_id not in {"D006073", "D001249"}), *_MOVED),
}
