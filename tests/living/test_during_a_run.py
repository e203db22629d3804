"""Pages are right while a run goes on, and after one that broke off."""

from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col
from starlette.testclient import TestClient

from app.conditions.mesh.read import open_mesh
from app.database.engine import reading
from app.ingest.long_work.load_mesh import replace_vocabulary
from app.ingest.long_work.relink import relink_everything
from app.ingest.runs.sync import sync
from app.ingest.sources.source import Source
from app.models import NAME_KINDS, ConceptName
from app.registries import CTGOV
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conftest import Browse, Ingest
from tests.factories import Study, source, study
from tests.living.machine import Killed, then_broken


@pytest.fixture
def names_of_all_kinds(engine: Engine, ingest: Ingest, tmp_path: Path) -> list[Study]:
    """Store names of every kind but `new`, and return the studies that bring new ones."""
    leukemia = descriptor(
        "Leukemia, Myeloid, Acute",
        "D015470",
        trees=("C04.557",),
        synonyms=("Acute Myelogenous Leukemia",),
        tagged=(("ANLL", "ABB"),),
    )
    replace_vocabulary(engine, open_mesh(mesh_file(tmp_path, leukemia)), lambda *_: None)
    relink_everything(engine, lambda *_: None)
    ingest([study(criteria="Acute myeloid leukemia (AML)", conditions=["AML"])])
    return [study(conditions=["Gout"], mesh=[("D006073", "Gout")])]


def stored_names(engine: Engine) -> dict[str, str]:
    """Return one stored name of each kind."""
    with reading(engine) as session:
        return dict(session.execute(select(col(ConceptName.kind), col(ConceptName.text))).all())


def fetch_every_page_by_name(browse: Browse, names: dict[str, str]) -> None:
    for name in map(quote, names.values()):
        for address in (f"/trials?q={name}", f"/trials?condition={name}", f"/trials?q={name}+OR+x"):
            browse.get(address)
            browse.get(address, htmx=True)
        for address in (f"/trials/suggest?q={name}", f"/conditions?q={name}", f"/trials?q={name[:-1]}*"):
            browse.get(address)


def test_names_of_every_kind_are_searched_for_while_a_run_brings_them(
    engine: Engine, browse: Browse, names_of_all_kinds: list[Study]
) -> None:
    seen: list[set[str]] = []

    def report(_done: int, _records: int) -> None:
        names = stored_names(engine)
        seen.append(set(names))
        fetch_every_page_by_name(browse, names)

    sync(engine, CTGOV, source(names_of_all_kinds), report)
    assert seen == [set(NAME_KINDS)]


def test_names_of_every_kind_are_searched_for_after_a_run_that_was_killed(
    engine: Engine, browse: Browse, names_of_all_kinds: list[Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ingest.runs.sync.BATCH", 1)
    records = then_broken(source(names_of_all_kinds).records, 1, Killed())
    with pytest.raises(Killed):
        sync(engine, CTGOV, Source("broken", "broken", 1, records, is_whole=False), lambda *_: None)
    names = stored_names(engine)
    assert set(names) == set(NAME_KINDS)
    fetch_every_page_by_name(browse, names)


def test_a_list_stays_when_a_condition_that_was_never_offered_goes_with_its_only_trial(
    ingest: Ingest, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.search.counts.of_result._MANY_VALUES", 1)
    ancestor = ("D009369", "Neoplasms")
    narrow = study("NCT00000001", conditions=["Gout"], mesh=[("D006073", "Gout")], ancestors=[ancestor])
    ingest([narrow, *(study(f"NCT0000001{number}") for number in range(10))])
    assert client.get("/trials?status=recruiting").status_code == 200
    changed = study("NCT00000001", conditions=["Gout"], mesh=[("D006073", "Gout")], updated="2026-03-01")
    ingest([changed])
    assert client.get("/trials?status=recruiting").status_code == 200
