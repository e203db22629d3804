"""A condition takes the name that trials' own records use, where enough of them agree."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.database.engine import writing
from app.ingest.checks.check import problems
from app.ingest.derived.names import renew_names
from app.ingest.long_work.relink import relink_everything
from app.ingest.write.due import mark_all_due
from tests.conditions.factories import load_mesh
from tests.conditions.mesh.factories import descriptor
from tests.conftest import Ingest
from tests.factories import study
from tests.support.tables import derived, rows_of

MESH = (
    descriptor(
        "Carcinoma, Non-Small-Cell Lung",
        "D002289",
        trees=["C04.588.894.797.520.109.220.249"],
        synonyms=["Non-Small Cell Lung Cancer", "Nonsmall Cell Lung Cancer", "Lung Cancer, Non-Small-Cell"],
        tagged=[("NSCLC", "ABB")],
    ),
    descriptor("Gout", "D006073", trees=["C05.550.354.500"], synonyms=["Podagra"]),
)
OWN = "Non-small-cell lung carcinoma"


@pytest.fixture(autouse=True)
def mesh(engine: Engine, tmp_path: Path) -> None:
    load_mesh(engine, tmp_path, *MESH)


def relabel(engine: Engine) -> None:
    """Derive all names again, as after many changes."""
    with writing(engine) as session:
        mark_all_due(session)
    renew_names(engine)


def label_after(engine: Engine, ingest: Ingest, stated: Sequence[str], slug: str) -> str:
    ingest([study(conditions=[condition]) for condition in stated])
    relabel(engine)
    assert problems(engine) == []
    labels = {
        *rows_of(engine, f"SELECT label FROM concept WHERE slug = '{slug}'"),
        *rows_of(engine, f"SELECT name FROM condition WHERE slug = '{slug}'"),
        *rows_of(
            engine,
            f"SELECT label FROM facet_posting WHERE value = '{slug}' AND facet IN ('condition', 'exact_condition')",
        ),
    }
    assert len(labels) == 1
    return str(labels.pop()[0])


@pytest.mark.parametrize(
    ("stated", "label"),
    [
        (["Non-small cell lung cancer"] * 3, "Non-small cell lung cancer"),
        (["NON-SMALL CELL LUNG CANCER"] * 3, "Non-small cell lung cancer"),
        (["Non-small cell lung cancer"] * 2, OWN),
        ([*["Non-small cell lung cancer"] * 3, *[OWN] * 4], OWN),
        ([*["Non-small cell lung cancer"] * 4, *[OWN] * 3], "Non-small cell lung cancer"),
        (
            [*["Non-small cell lung cancer"] * 3, *["Nonsmall cell lung cancer"] * 3],
            "Non-small cell lung cancer",
        ),
        (["NSCLC"] * 3, OWN),
        (["Lung cancer, non-small-cell"] * 3, OWN),
        (["Non-small cell lung cancer, stage IV"] * 3, OWN),
    ],
)
def test_the_name_that_most_trials_state_takes_the_place_of_meshs_own(
    engine: Engine, ingest: Ingest, stated: list[str], label: str
) -> None:
    assert label_after(engine, ingest, stated, "non-small-cell-lung-carcinoma") == label


def test_the_address_stays_and_others_keep_their_names(engine: Engine, ingest: Ingest) -> None:
    label_after(engine, ingest, ["Podagra", "Podagra", "Podagra", "Back pain"], "gout")
    assert rows_of(
        engine, "SELECT slug, name FROM condition WHERE mesh_id = 'D006073' OR mesh_id IS NULL"
    ) == [
        ("gout", "Podagra"),
        ("back-pain", "Back pain"),
    ]


def test_a_database_without_trials_keeps_the_names_of_mesh(engine: Engine) -> None:
    before = derived(engine)
    relabel(engine)
    assert derived(engine) == before


def test_labeling_twice_changes_nothing(engine: Engine, ingest: Ingest) -> None:
    label_after(engine, ingest, ["Podagra"] * 3, "gout")
    before = derived(engine)
    relabel(engine)
    assert derived(engine) == before


def test_relinking_everything_labels_conditions_as_trials_do(engine: Engine, ingest: Ingest) -> None:
    ingest([study(conditions=["Podagra"]) for _ in range(3)])
    relink_everything(engine, lambda *_: None)
    assert rows_of(engine, "SELECT label FROM concept WHERE slug = 'gout'") == [("Podagra",)]
    assert problems(engine) == []


def test_a_run_with_many_changes_labels_its_conditions_itself(engine: Engine, ingest: Ingest) -> None:
    ingest([study(conditions=["Non-Small Cell Lung Cancer"]) for _ in range(3)])
    labels = "SELECT DISTINCT label FROM facet_posting WHERE value = 'non-small-cell-lung-carcinoma'"
    assert rows_of(engine, labels) == [("Non-small cell lung cancer",)]
