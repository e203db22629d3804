"""Derived rows depend on the stored documents and the vocabulary alone, whatever happened before."""

import gzip
import os
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.conditions.mesh.read import Descriptor, open_mesh
from app.database.engine import open_engine
from app.ingest.checks.check import interruptions, problems
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.long_work.reindex import reindex
from app.ingest.long_work.relink import relink_everything
from app.ingest.runs.remove import remove_synthetic
from app.ingest.runs.sync import sync
from app.registries import CTGOV
from app.settings import Settings
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.factories import Study, source, study
from tests.support.contents import derived_contents, differences
from tests.support.reference_data import reference_file

MESH = (
    descriptor(
        "Leukemia, Myeloid, Acute", "D015470", trees=["C04.557.337.539.275"], tagged=[("ANLL", "ABB")]
    ),
    descriptor("Leukemia", "D007938", trees=["C04.557.337"]),
    descriptor("Aortic Aneurysm", "D001014", trees=["C14.907.055"]),
    descriptor("Alopecia Areata", "D000506", trees=["C17.800"], synonyms=["AA of the scalp"]),
    descriptor("Gout", "D006073", trees=["C05.550"], synonyms=["Podagra"]),
)
OTHER_MESH = (
    descriptor("Gout", "D006073", trees=["C05.550", "C18.452"], synonyms=["Gouty Thing"]),
    descriptor("Thing", "D000901", trees=["C23.888"]),
)
CONDITIONS = (
    *(
        "AML",
        "AA",
        "aa in adults",
        "GTH",
        "Gouty Thing",
        "gouty things, severe",
        "Thing",
        "Gout",
        "podagra",
        "PODAGRA",
    ),
    *(
        "Acute myeloid leukaemia",
        "Back pain",
        "back  pain",
        "Back Pain",
        "Thing carcinoma",
        "Cancer of the thing",
    ),
)
KEYWORDS = ("AML", "GTH", "AA", "gouty thing", "Leukemia", "relapsed", "GOUT", "Aaa")
TEXTS = (
    *("A trial", "Gouty thing (GTH)", "GTH (gouty things)", "Aortic aneurysm (AA)", "Alopecia areata (AA)"),
    *("Acute Myeloid Leukemia (AML)", "Another Mild Lesion (AML)", "Alopecia areata (Aa)"),
)
TERMS = (
    *(
        ("D000001", "Thing, Gouty"),
        ("D000001", "Gouty Thing"),
        ("D000001", "Thing"),
        ("D000002", "Thing, Gouty"),
    ),
    *(("D000003", "Thing"), ("D006073", "Gout"), ("D000006073", "Gout"), ("D999999", "Aortic Aneurysm")),
    *(
        ("D000004", "Another Mild Lesion"),
        ("D000005", "Cancer of Thing"),
        ("D015470", "Leukemia, Myeloid, Acute"),
    ),
)
SPONSORS = ("Acme Inc.", "ACME Inc", "Acme, Inc.", "Other")
DRUGS = ("Aspirin", "aspirin", "ASPIRIN 100 mg", "100 mg aspirin", "Tea")
WORLDS = int(os.environ.get("WORLDS", "8"))
"""How many histories are tried; `WORLDS=500` for a long search."""
NUMBERS = (*range(1, 6), 90_000_001, 90_000_002)
"""Numbers of trials; the last two are synthetic."""

MONTHS = st.integers(1, 3)


@st.composite
def studies(draw: st.DrawFn) -> Study:
    """Draw one of few trials in one of few versions; its contents depend only on its trial and day."""
    number, month = draw(st.sampled_from(NUMBERS)), draw(MONTHS)
    return _study(number, month, draw(st.integers(0, 3)))


def _study(number: int, month: int, world: int) -> Study:
    choice = random.Random(f"{number} {month} {world}")
    terms = choice.sample(TERMS, choice.randint(0, 2))
    conditions = choice.sample(CONDITIONS, choice.randint(0, 3))
    registry_id = f"NCT{number:08d}"
    other = choice.choice(["NCT00000077", "NCT00000078"])
    return study(
        registry_id,
        title=choice.choice(TEXTS),
        criteria=choice.choice(TEXTS),
        acronym=choice.choice([None, "STAR", "Star", "moon"]),
        mesh=terms,
        ancestors=choice.sample(TERMS, choice.randint(0, 2)),
        interventions=[("DRUG", choice.choice(DRUGS)) for _ in range(choice.randint(0, 2))],
        sponsor=choice.choice(SPONSORS),
        updated=f"2026-0{month}-0{world + 1}",
        conditionsModule={
            "conditions": conditions,
            "keywords": choice.sample(KEYWORDS, choice.randint(0, 2)),
        },
        identificationModule={
            "nctId": registry_id,
            "briefTitle": choice.choice(TEXTS),
            "nctIdAliases": [other] if choice.random() < 0.5 else [],
        },
    )


@dataclass(frozen=True)
class Step:
    """One event in the history of a database."""

    kind: str
    studies: tuple[Study, ...] = ()


MESH_STEPS = {"mesh": MESH, "other mesh": OTHER_MESH}
STEPS = st.one_of(
    st.lists(studies(), min_size=1, max_size=6).map(lambda found: Step("ingest", tuple(found))),
    st.sampled_from([Step("mesh"), Step("other mesh"), Step("reindex"), Step("remove")]),
)


class World:
    """A database with a history, and the documents that it should hold in the end."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.documents: dict[str, Study] = {}
        self.mesh: tuple[Descriptor, ...] = ()

    def take(self, step: Step) -> None:
        match step.kind:
            case "ingest":
                self.ingest(step.studies)
            case "reindex":
                reindex(self.engine, lambda *_: None)
            case "remove":
                remove_synthetic(self.engine)
                self.documents = {name: found for name, found in self.documents.items() if name < "NCT9"}
            case kind:
                self.load(MESH_STEPS[kind])

    def ingest(self, found: Sequence[Study]) -> None:
        sync(self.engine, CTGOV, source(found), lambda *_: None)
        for each in found:
            known = self.documents.get(_id(each))
            if known is None or _day(each) >= _day(known):
                self.documents[_id(each)] = each

    def load(self, mesh: tuple[Descriptor, ...]) -> None:
        self.mesh = mesh
        path = mesh_file(self.folder, *mesh)
        replace_vocabulary(self.engine, open_mesh(path), lambda *_: None)
        relink_everything(self.engine, lambda *_: None)


def _id(version: Study) -> str:
    return str(version["protocolSection"]["identificationModule"]["nctId"])


def _day(version: Study) -> str:
    return str(version["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"])


@contextmanager
def world(empty_database: Path) -> Iterator[World]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trialmark.db"
        shutil.copy(empty_database, path)
        engine = open_engine(Settings(database_url=f"sqlite:///{path}"))
        yield World(engine, Path(folder))
        engine.dispose()


@hypothesis_settings(
    max_examples=WORLDS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=2, max_size=6), seed=st.integers(0, 3))
def test_whatever_happened_everything_is_as_in_a_fresh_database_of_the_same_documents(
    empty_database: Path, steps: list[Step], seed: int
) -> None:
    with world(empty_database) as lived, world(empty_database) as fresh:
        for step in steps:
            lived.take(step)
        if lived.mesh:
            fresh.load(lived.mesh)
        documents = list(lived.documents.values())
        random.Random(seed).shuffle(documents)
        fresh.ingest(documents)
        assert differences(_contents(lived.engine), _contents(fresh.engine)) == {}
        assert problems(lived.engine, is_thorough=True) == []
        assert interruptions(lived.engine) == []


@hypothesis_settings(
    max_examples=WORLDS // 2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(found=st.lists(studies(), min_size=4, max_size=14), batch=st.integers(1, 3), here=st.integers(0, 2))
def test_the_size_of_batches_makes_no_difference(
    empty_database: Path, found: list[Study], batch: int, here: int
) -> None:
    with (
        world(empty_database) as one,
        world(empty_database) as other,
        pytest.MonkeyPatch.context() as patched,
    ):
        one.ingest(found)
        patched.setattr("app.ingest.runs.sync.BATCH", batch)
        patched.setattr("app.ingest.runs.sync.BATCHES_BEFORE_WORKERS", here)
        patched.setattr("app.database.bulk._CHUNK", batch)
        patched.setattr("app.ingest.derived.settle._TRIALS_PER_NEW_NAME", 1)
        other.ingest(found)
        assert differences(_contents(one.engine), _contents(other.engine)) == {}
        assert problems(other.engine, is_thorough=True) == []


def _contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    found = derived_contents(engine)
    if not found["trial"]:  # a database that has had trials records its derivation; an empty one does not
        del found["data_version"]
    return found


def test_real_records_give_the_same_in_any_order_in_many_runs_and_derived_anew(empty_database: Path) -> None:
    """A fifth of the real records, with successive versions of some."""
    records = gzip.decompress(reference_file("data/ctgov.ndjson.gz").read_bytes()).splitlines()[::5]
    versions = gzip.decompress(reference_file("data/ctgov_versions.ndjson.gz").read_bytes()).splitlines()
    lines = [*versions, *records]
    with world(empty_database) as fresh, world(empty_database) as lived:
        sync(fresh.engine, CTGOV, source(lines), lambda *_: None)
        expected = _contents(fresh.engine)
        random.Random(7).shuffle(lines)
        for start in range(0, len(lines), 200):
            sync(lived.engine, CTGOV, source(lines[start : start + 200]), lambda *_: None)
        assert differences(_contents(lived.engine), expected) == {}
        reindex(lived.engine, lambda *_: None)
        assert differences(_contents(lived.engine), expected) == {}
        assert problems(lived.engine, is_thorough=True) == []
