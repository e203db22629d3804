"""A small MeSH, ways to load one, and the concepts that a database then has."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from app.conditions.mesh.read import Descriptor, open_mesh
from app.conditions.names.same_name import key_of
from app.database.engine import reading
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.models import Concept, ConceptName
from app.record.trial import TrialRecord
from app.registries import CTGOV
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.factories import study

MESH = (
    descriptor("Leukemia", "D007938", trees=["C04.557.337"]),
    descriptor("Leukemia, Myeloid", "D007951", trees=["C04.557.337.539"]),
    descriptor(
        "Leukemia, Myeloid, Acute",
        "D015470",
        trees=["C04.557.337.539.275"],
        synonyms=["Acute Nonlymphocytic Leukemia"],
        tagged=[("ANLL", "ABB")],
    ),
    descriptor("Asthma", "D001249", trees=["C08.127.108", "C20.543.480.680.095"]),
    descriptor("Hypertension", "D006973", trees=["C14.907.489"]),
    descriptor("Pulmonary Arterial Hypertension", "D000081029", trees=["C08.381.423.847"]),
    descriptor("Aortic Aneurysm", "D001014", trees=["C14.907.055"]),
    descriptor("Alopecia Areata", "D000506", trees=["C17.800.329"]),
    descriptor("Smoking", "D012907", trees=["F01.145.805"]),
    descriptor("Insulin", "D007328", trees=["D12.644.548"]),
)


def record_of(*conditions: str, keywords: tuple[str, ...] = (), **about: Any) -> TrialRecord:
    stated = {"conditions": list(conditions), "keywords": list(keywords)}
    return CTGOV.normalize(study(conditionsModule=stated, **about))


def load_mesh(engine: Engine, folder: Path, *found: Descriptor) -> None:
    replace_vocabulary(engine, open_mesh(mesh_file(folder, *found)), lambda *_: None)


def rows(engine: Engine, model: type[Any]) -> list[dict[str, Any]]:
    with reading(engine) as session:
        found = [row.model_dump() for row in session.execute(select(model)).scalars()]
    return sorted(found, key=lambda row: [str(row[name]) for name in model.model_fields])


def concepts(engine: Engine) -> dict[str, dict[str, Any]]:
    return {row["mesh_id"]: row for row in rows(engine, Concept)}


def names(engine: Engine, mesh_id: str) -> dict[str, str]:
    return {row["text"]: row["kind"] for row in rows(engine, ConceptName) if row["mesh_id"] == mesh_id}


def named(mesh_id: str, text: str, slug: str, kind: str, count: int = 0) -> ConceptName:
    return ConceptName(mesh_id=mesh_id, text=text, slug=slug, key=key_of(text), kind=kind, count=count)
