"""A MeSH file becomes the vocabulary as a whole or not at all, and replaces the one before."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlmodel import col

from app.conditions.mesh import MeshError
from app.conditions.mesh.read import Descriptor, open_mesh
from app.conditions.names.same_name import key_of
from app.database.engine import reading, writing
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.models import Concept, ConceptName, ConceptTree, LoadedVocabulary, Revision
from tests.conditions.factories import concepts, named, names, rows
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import Ingest
from tests.factories import study
from tests.support.reference_data import reference_file

AML = descriptor(
    "Leukemia, Myeloid, Acute",
    "D015470",
    trees=["C04.557.337.539.275"],
    synonyms=["ANLL", "Acute Nonlymphocytic Leukemia"],
    permuted=["Leukemias, Acute Myeloid", "Acute Myeloid Leukemia"],
    tagged=[("AML", "ABB"), ("FLT3 Positive AML", "ABX"), ("ATLL", "ACR"), ("AML Type M1", "ACX")],
    narrower=["Leukemia, Myeloblastic, Acute"],
)
GOUT = descriptor("Gout", "D006073", trees=["C05.550.354.500", "C18.452"])


@pytest.fixture
def load(engine: Engine, tmp_path: Path) -> Any:
    def run(*found: Descriptor, name: str = "desc2026.gz") -> int:
        return replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, *found, name=name)), lambda *_: None)

    return run


def contents(engine: Engine) -> list[list[dict[str, Any]]]:
    return [rows(engine, model) for model in (Concept, ConceptTree, ConceptName)]


def add(engine: Engine, *items: Concept | ConceptName) -> None:
    with writing(engine) as session:
        session.add_all(items)


def of_records(mesh_id: str, name: str, slug: str) -> Concept:
    return Concept(mesh_id=mesh_id, name=name, label=name, slug=slug, origin="registry")


class TestLoading:
    def test_a_descriptor_is_a_concept_with_its_places_and_names(self, engine: Engine, load: Any) -> None:
        assert load(AML, GOUT) == 2
        assert concepts(engine)["D015470"] == {
            "mesh_id": "D015470",
            "name": "Leukemia, Myeloid, Acute",
            "label": "Acute myeloid leukemia",
            "own_label": "Acute myeloid leukemia",
            "slug": "acute-myeloid-leukemia",
            "origin": "mesh",
        }
        places = {row["number"]: row["mesh_id"] for row in rows(engine, ConceptTree)}
        assert places.items() >= {"C04.557.337.539.275": "D015470", "C18.452": "D006073"}.items()
        assert names(engine, "D015470") == {
            "Leukemia, myeloid, acute": "name",
            "Acute myeloid leukemia": "name",
            "AML": "abbreviation",
            "FLT3 positive AML": "synonym",
            "ATLL": "abbreviation",
            "AML type M1": "synonym",
            "ANLL": "synonym",
            "Acute nonlymphocytic leukemia": "synonym",
            "Leukemias, acute myeloid": "synonym",
            "Leukemia, myeloblastic, acute": "synonym",
        }

    def test_names_that_share_a_slug_are_one_row(self, engine: Engine, load: Any) -> None:
        load(descriptor("Gout", "D1", synonyms=["GOUT", "Göut"], tagged=[("M.S.", "ABB"), ("m s", "NON")]))
        assert names(engine, "D1") == {"Gout": "name", "M.S.": "abbreviation"}

    def test_names_have_the_key_that_their_variants_share(self, engine: Engine, load: Any) -> None:
        load(descriptor("Tumors, Oesophageal", "D1"))
        assert {row["key"] for row in rows(engine, ConceptName)} == {key_of("esophageal tumor")}

    def test_of_two_concepts_with_one_slug_the_later_one_is_told_by_its_id(
        self, engine: Engine, load: Any
    ) -> None:
        load(descriptor("Cytochrome c", "D000001"), descriptor("Cytochrome C'", "D000002"))
        slugs = {mesh_id: row["slug"] for mesh_id, row in concepts(engine).items()}
        assert slugs == {"D000001": "cytochrome-c", "D000002": "cytochrome-c-d000002"}

    def test_roots_that_the_file_leaves_out_are_added(self, engine: Engine, load: Any) -> None:
        neoplasms = descriptor("Neoplasms", "D009369", trees=["C23.999"])
        assert load(AML, GOUT, neoplasms) == 3
        places = {row["number"]: row["mesh_id"] for row in rows(engine, ConceptTree)}
        assert places["C04"] == "D009369"
        assert places["C05"] == "D009140"
        assert "C06" not in places
        assert concepts(engine)["D009140"]["label"] == "Musculoskeletal diseases"
        assert names(engine, "D009140") == {"Musculoskeletal diseases": "name"}

    def test_the_load_is_recorded_and_the_revision_moves(self, engine: Engine, load: Any) -> None:
        load(AML, name="desc2025.xml")
        load(AML, GOUT)
        (vocabulary,) = rows(engine, LoadedVocabulary)
        assert isinstance(vocabulary.pop("loaded_at"), datetime)
        assert vocabulary == {"id": 1, "name": "MeSH 2026", "concepts": 2}
        (version,) = rows(engine, Revision)
        assert version["version"] == 2

    def test_progress_ends_at_twice_the_size(self, engine: Engine, tmp_path: Path) -> None:
        file = open_mesh(mesh_file(tmp_path, AML, GOUT))
        told: list[int] = []
        replace_vocabulary(engine, file, lambda done, _: told.append(done))
        assert told == sorted(told)
        assert told[-1] == 2 * file.size

    def test_the_number_of_statements_grows_with_batches_not_with_concepts(
        self, engine: Engine, load: Any
    ) -> None:
        statements: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        load(*(descriptor(f"Thing {number}") for number in range(900)))
        assert len(statements) < 60


class TestLoadingAgain:
    def test_the_same_file_changes_nothing(self, engine: Engine, load: Any) -> None:
        twins = descriptor("Cytochrome c", "D000001"), descriptor("Cytochrome C'", "D000002")
        load(AML, GOUT, *twins)
        before = contents(engine)
        load(AML, GOUT, *twins)
        assert contents(engine) == before

    def test_what_the_new_file_leaves_out_goes(self, engine: Engine, load: Any) -> None:
        load(AML, GOUT)
        load(descriptor("Gout", "D006073", trees=["C16.320"], synonyms=["Podagra"]))
        assert concepts(engine).keys() == {"D006073", "D009358"}
        assert {row["number"] for row in rows(engine, ConceptTree)} == {"C16", "C16.320"}
        assert names(engine, "D006073") == {"Gout": "name", "Podagra": "synonym"}
        assert names(engine, "D015470") == {}

    def test_a_file_cut_off_leaves_everything_as_it_was(
        self, engine: Engine, load: Any, tmp_path: Path
    ) -> None:
        load(AML)
        before = [*contents(engine), rows(engine, LoadedVocabulary), rows(engine, Revision)]
        path = mesh_file(tmp_path, GOUT, AML, name="cut.xml")
        path.write_bytes(path.read_bytes()[:-50])
        with pytest.raises(MeshError, match="not well-formed XML"):
            replace_vocabulary(engine, open_mesh(path), lambda *_: None)
        assert [*contents(engine), rows(engine, LoadedVocabulary), rows(engine, Revision)] == before

    def test_a_file_with_a_concept_twice_is_refused(self, engine: Engine, load: Any) -> None:
        with pytest.raises(MeshError, match="contains D006073 twice; fetch"):
            load(GOUT, AML, GOUT)
        assert concepts(engine) == {}


class TestConceptsOfRecords:
    def test_a_concept_that_mesh_has_is_taken_over(self, engine: Engine, load: Any) -> None:
        add(engine, of_records("D006073", "Gouty Thing", "gouty-thing"))
        add(engine, named("D006073", "Gouty Thing", "gouty-thing", "name"))
        load(GOUT)
        assert concepts(engine)["D006073"]["slug"] == "gout"
        assert concepts(engine)["D006073"]["origin"] == "mesh"
        assert names(engine, "D006073") == {"Gout": "name"}

    def test_a_concept_that_mesh_lacks_stays_under_an_address_of_its_own(
        self, engine: Engine, load: Any, ingest: Ingest
    ) -> None:
        """MeSH has an "Insulin" of its own, which is no condition."""
        ingest([study(mesh=[("D999999", "Insulin")])])
        assert concepts(engine)["D999999"]["slug"] == "insulin"
        for _ in range(2):
            load(GOUT, descriptor("Insulin", "D007328", trees=["D06.472.699.587.200.500.625"]))
            assert concepts(engine)["D999999"]["slug"] == "insulin-d999999"
            assert concepts(engine)["D999999"]["origin"] == "registry"
            assert concepts(engine)["D007328"]["slug"] == "insulin"
            assert names(engine, "D999999") == {"Insulin": "name"}

    def test_a_concept_that_no_stored_trial_is_indexed_with_goes(self, engine: Engine, load: Any) -> None:
        add(engine, of_records("D999999", "Gout", "gout"), named("D999999", "Gout", "gout", "name"))
        load(GOUT)
        assert "D999999" not in concepts(engine)
        assert concepts(engine)["D006073"]["slug"] == "gout"

    def test_a_root_known_from_records_is_taken_over_too(self, engine: Engine, load: Any) -> None:
        add(engine, of_records("D009140", "Musculoskeletal Diseases", "musculoskeletal-diseases"))
        load(GOUT)
        assert concepts(engine)["D009140"]["origin"] == "mesh"

    def test_a_learned_name_stays_unless_mesh_has_it_for_that_concept(
        self, engine: Engine, load: Any
    ) -> None:
        add(engine, *(named(mesh_id, "AML", "aml", "learned", 7) for mesh_id in ("D015470", "D006073")))
        add(engine, named("D015470", "Leuk", "leuk", "learned", 3))
        for _ in range(2):
            load(AML, GOUT)
            learned = [row for row in rows(engine, ConceptName) if row["kind"] == "learned"]
            assert [(row["text"], row["mesh_id"], row["count"]) for row in learned] == [
                ("AML", "D006073", 7),
                ("Leuk", "D015470", 3),
            ]
            assert names(engine, "D015470")["AML"] == "abbreviation"


def test_the_real_file_makes_a_whole_hierarchy(engine: Engine) -> None:
    file = open_mesh(reference_file("data/mesh_desc2022.xml.gz"))
    assert replace_vocabulary(engine, file, lambda *_: None) == 19_236
    with reading(engine) as session:
        places = {row.number for row in session.execute(select(ConceptTree)).scalars()}
        homeless = select(ConceptTree).where(col(ConceptTree.mesh_id).not_in(select(col(Concept.mesh_id))))
        assert session.execute(homeless).all() == []
    diseases = {number for number in places if number[0] == "C" or number.startswith("F03")}
    above = {number.rpartition(".")[0] for number in diseases if "." in number}
    assert above <= diseases
