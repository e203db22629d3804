"""Synthetic trials are removed without a trace when real ones come."""

from sqlalchemy import Engine

from app.ingest.checks.check import problems
from app.ingest.runs.remove import real_count, remove_synthetic
from tests.conftest import Ingest
from tests.factories import study
from tests.support.tables import contents, meaning, rows_of

REAL = study("NCT00000001", title="Real", conditions=["Asthma"])
SYNTHETIC = [
    study(
        f"NCT9000000{number}",
        title="Made up",
        conditions=["Asthma", "Gout"],
        countries=["Peru"],
        identificationModule={"nctId": f"NCT9000000{number}", "nctIdAliases": [f"NCT9100000{number}"]},
    )
    for number in range(3)
]


def test_nothing_of_a_synthetic_trial_is_left(engine: Engine, ingest: Ingest) -> None:
    ingest([REAL], name="real")
    real_alone = meaning(engine)
    ingest(SYNTHETIC, name="demo")
    assert remove_synthetic(engine) == 3
    assert meaning(engine) == real_alone
    assert problems(engine) == []
    linked = {name: rows for name, rows in contents(engine).items() if any("trial_id" in row for row in rows)}
    assert {row["trial_id"] for rows in linked.values() for row in rows} == {1}


def test_pages_are_told_that_the_data_changed(engine: Engine, ingest: Ingest) -> None:
    ingest([REAL, *SYNTHETIC])
    ((before,),) = rows_of(engine, "SELECT version FROM data_version")
    remove_synthetic(engine)
    assert rows_of(engine, "SELECT version FROM data_version") > [(before,)]


def test_without_synthetic_trials_nothing_is_written(engine: Engine, ingest: Ingest) -> None:
    ingest([REAL])
    before = contents(engine)
    assert remove_synthetic(engine) == 0
    assert contents(engine) == before


def test_only_those_from_an_id_on_can_be_taken(engine: Engine, ingest: Ingest) -> None:
    ingest([REAL, *SYNTHETIC])
    assert remove_synthetic(engine, from_id="NCT90000001") == 2
    assert rows_of(engine, "SELECT registry_id FROM trial") == [("NCT00000001",), ("NCT90000000",)]
    assert problems(engine) == []


def test_real_trials_are_counted_without_the_synthetic(engine: Engine, ingest: Ingest) -> None:
    assert real_count(engine) == 0
    ingest([REAL, *SYNTHETIC])
    assert real_count(engine) == 1


def test_more_than_one_batch_goes(engine: Engine, ingest: Ingest) -> None:
    ingest([REAL, *(study(f"NCT9000{number:04d}") for number in range(450))])
    assert remove_synthetic(engine) == 450
    assert rows_of(engine, "SELECT value, count FROM facet_posting WHERE facet = 'trial' AND count > 0") == [
        ("all", 1)
    ]
