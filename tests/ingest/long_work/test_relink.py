"""Links follow what later records and another MeSH teach, as if it had been known from the beginning."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.conditions.mesh.read import Descriptor
from app.ingest.checks.check import problems
from app.ingest.derived.settle import settle
from app.ingest.long_work.relink import relink_everything
from tests.conditions.factories import MESH, load_mesh
from tests.conditions.mesh.factories import descriptor
from tests.conftest import Ingest
from tests.factories import Study, study
from tests.support.file_runs import fresh_engine, run_over
from tests.support.tables import contents, meaning, rows_of

AML = ("AML",)


def trial(number: int, *conditions: str, keywords: Sequence[str] = (), **about: Any) -> Study:
    stated = {"conditions": list(conditions), "keywords": list(keywords)}
    return study(f"NCT{number:08d}", conditionsModule=stated, **about)


def explaining(number: int, text: str) -> Study:
    return trial(number, "Something else", title=text)


def named(engine: Engine, number: int) -> dict[str, str]:
    """Return the conditions that a trial is linked to, without broader ones, and the source of each link."""
    return dict(
        rows_of(
            engine,
            "SELECT condition.slug, source FROM trial_condition JOIN condition ON condition.id = condition_id "
            f"JOIN trial ON trial.id = trial_id WHERE source != 'broader' AND registry_id = 'NCT{number:08d}'",
        )
    )


def final(engine: Engine) -> dict[str, list[str]]:
    """Return what the rows say, without the time of the MeSH load and without suggestions, which only a run makes."""
    apart = {"vocabulary", "suggestion", "suggestion_word"}
    return {name: rows for name, rows in meaning(engine).items() if name not in apart}


@pytest.fixture
def mesh(engine: Engine, tmp_path: Path) -> None:
    load_mesh(engine, tmp_path, *MESH)


@pytest.fixture(autouse=True)
def whole(engine: Engine) -> Iterator[None]:
    """Require after each test that counts and postings agree with the tables."""
    yield
    assert problems(engine) == []


@pytest.mark.usefixtures("mesh")
class TestAbbreviations:
    def test_a_trial_that_only_writes_an_abbreviation_is_linked_once_another_explains_it(
        self, engine: Engine, ingest: Ingest
    ) -> None:
        ingest([trial(1, "AML"), trial(2, "Asthma", keywords=AML), trial(3, "Leukemia", keywords=AML)])
        assert named(engine, 1) == {"aml": "stated"}
        ingest([explaining(4, "Acute myeloid leukemia (AML)")])
        assert named(engine, 1) == {"acute-myeloid-leukemia": "stated"}
        assert named(engine, 2) == {"asthma": "stated"}
        assert named(engine, 3) == {"leukemia": "stated", "acute-myeloid-leukemia": "keyword"}

    def test_in_one_run_the_order_makes_no_difference(self, engine: Engine, ingest: Ingest) -> None:
        ingest([trial(1, "AML"), explaining(2, "Acute myeloid leukemia (AML)"), trial(3, "AML")])
        assert named(engine, 1) == named(engine, 3) == {"acute-myeloid-leukemia": "stated"}

    def test_the_meaning_follows_the_majority(self, engine: Engine, ingest: Ingest) -> None:
        ingest([trial(1, "AA"), explaining(2, "Aortic aneurysm (AA)")])
        assert named(engine, 1) == {"aortic-aneurysm": "stated"}
        ingest([explaining(3, "Alopecia areata (AA)")])
        assert named(engine, 1) == {"aa": "stated"}
        ingest([explaining(4, "Alopecia areata (AA)")])
        assert named(engine, 1) == {"alopecia-areata": "stated"}

    @pytest.mark.parametrize(
        "writing",
        [
            trial(1, "Alopecia areata", "AA"),
            trial(1, "AA", keywords=["Alopecia areata"]),
            trial(1, "AA", mesh=[("D000506", "Alopecia Areata")]),
        ],
    )
    def test_the_meaning_is_followed_also_where_the_new_one_was_linked_already(
        self, engine: Engine, ingest: Ingest, writing: Study
    ) -> None:
        ingest([writing, explaining(2, "Aortic aneurysm (AA)")])
        assert named(engine, 1).keys() >= {"aortic-aneurysm"}
        ingest([explaining(3, "Alopecia areata (AA)"), explaining(4, "Alopecia areata (AA)")])
        assert named(engine, 1) == {"alopecia-areata": "stated"}

    def test_its_own_name_goes_also_where_the_meaning_was_linked_already(
        self, engine: Engine, ingest: Ingest
    ) -> None:
        ingest([trial(1, "AA", keywords=["Alopecia areata"])])
        assert named(engine, 1) == {"aa": "stated", "alopecia-areata": "keyword"}
        ingest([explaining(2, "Alopecia areata (AA)")])
        assert named(engine, 1) == {"alopecia-areata": "stated"}

    def test_what_a_record_explains_itself_stays(self, engine: Engine, ingest: Ingest) -> None:
        ingest([trial(1, "AA", title="Aortic aneurysm (AA)")])
        ingest([explaining(number, "Alopecia areata (AA)") for number in (2, 3, 4)])
        assert named(engine, 1) == {"aortic-aneurysm": "stated"}

    def test_when_nothing_has_changed_nothing_is_written(self, engine: Engine, ingest: Ingest) -> None:
        ingest([trial(1, "AML", "AA"), explaining(2, "Acute myeloid leukemia (AML), aortic aneurysm (AA)")])
        before = contents(engine)
        assert settle(engine) == 0
        assert contents(engine) == before

    def test_only_trials_that_hold_a_changed_name_are_relinked(self, engine: Engine, ingest: Ingest) -> None:
        ingest([trial(1, "AML"), trial(2, "Asthma"), trial(3, "AML", title="Acute myeloid leukemia (AML)")])
        with_learned = contents(engine)["concept_name"]
        forget(engine)
        assert settle(engine) == 1
        assert contents(engine)["concept_name"] == with_learned


def forget(engine: Engine) -> None:
    """Leave the database as a run does that was killed before it stored what its records explain."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM concept_name WHERE kind = 'learned'")


class TestNames:
    def test_a_name_that_a_later_record_brings_links_earlier_trials(
        self, engine: Engine, ingest: Ingest
    ) -> None:
        ingest([trial(1, "Severe gouty thing"), trial(2, "Gouty Thing"), trial(3, keywords=["gouty things"])])
        ingest([trial(4, "Nothing else", mesh=[("D000001", "Thing, Gouty")])])
        assert named(engine, 1) == named(engine, 2) == {"gouty-thing": "stated"}
        assert named(engine, 3) == {"gouty-thing": "keyword"}

    def test_what_trials_explain_by_a_new_name_counts_at_once(self, engine: Engine, ingest: Ingest) -> None:
        ingest([trial(1, "GT"), trial(2, "Gouty Thing (GT)")])
        ingest([trial(3, "Nothing else", mesh=[("D000001", "Gouty Thing")])])
        assert named(engine, 1) == {"gouty-thing": "stated"}
        assert settle(engine) == 0


class TestKilledRuns:
    BEFORE = (trial(1, "AA"), trial(2, "AA"), trial(3, "AML"), trial(4, "AA", keywords=AML))
    TEACHING = (explaining(5, "Aortic aneurysm (AA)"), explaining(6, "Acute myeloid leukemia (AML)"))

    @pytest.mark.parametrize(
        ("step", "times"),
        [
            ("derived.relink_batches.write_anew", 0),
            ("derived.relink_batches.write_anew", 2),
            ("derived.settle._store_explanations", 0),
            ("runs.ending.renew_due_names", 0),
        ],
    )
    def test_settling_again_ends_as_if_nothing_had_happened(
        self, engine: Engine, empty_database: Path, monkeypatch: pytest.MonkeyPatch, step: str, times: int
    ) -> None:
        monkeypatch.setattr("app.database.bulk._CHUNK", 1)
        with _lived(empty_database, MESH, self.BEFORE, self.TEACHING) as uninterrupted:
            expected = final(uninterrupted)
        with _lived(empty_database, MESH, self.BEFORE) as killed:
            with monkeypatch.context() as patched:
                _fail_after(patched, step, times)
                with pytest.raises(KilledError):
                    run_over(killed, *self.TEACHING)
            assert problems(killed) == []
            run_over(killed, *self.TEACHING)
            assert final(killed) == expected
            assert problems(killed) == []
            assert settle(killed) == 0


@pytest.mark.parametrize("is_mesh_late", [False, True])
def test_trials_relinked_in_other_processes_are_linked_as_in_this_one(
    empty_database: Path, monkeypatch: pytest.MonkeyPatch, is_mesh_late: bool
) -> None:
    """Several processes learn again which concepts only records bring."""
    studies = [
        trial(
            number,
            "AA" if number % 2 else f"Odd thing {number % 3}",
            title="Aortic aneurysm (AA)" if number == 20 else "A trial",
            mesh=[(f"D90000{number % 3}", f"Odd thing {number % 3}")],
        )
        for number in range(1, 21)
    ]
    steps: list[Step] = [tuple(studies), MESH] if is_mesh_late else [MESH, tuple(studies)]
    with _lived(empty_database, *steps) as here:
        expected = final(here)
    monkeypatch.setattr("app.database.bulk._CHUNK", 2)
    monkeypatch.setattr("app.ingest.prepare.worker_pool.BATCHES_BEFORE_WORKERS", 1)
    with _lived(empty_database, *steps) as elsewhere:
        assert final(elsewhere) == expected
        assert problems(elsewhere) == []
        assert set(named(elsewhere, 1)) == {"aortic-aneurysm", "odd-thing-1"}


class KilledError(Exception):
    pass


def _fail_after(patched: pytest.MonkeyPatch, step: str, times: int) -> None:
    module, _, name = step.rpartition(".")
    real, calls = getattr(import_module(f"app.ingest.{module}"), name), count()

    def fail(*args: Any) -> None:
        if next(calls) >= times:
            raise KilledError
        real(*args)

    patched.setattr(f"app.ingest.{step}", fail)


Step = tuple[Descriptor, ...] | tuple[Study, ...]


@contextmanager
def _lived(empty_database: Path, *steps: Step) -> Iterator[Engine]:
    """Make a database by loads of MeSH, each with a relink of everything, and by runs over studies."""
    with fresh_engine(empty_database) as engine, TemporaryDirectory() as folder:
        for step in steps:
            if found := [item for item in step if isinstance(item, Descriptor)]:
                load_mesh(engine, Path(folder), *found)
                relink_everything(engine, lambda *_: None)
            else:
                run_over(engine, *[item for item in step if not isinstance(item, Descriptor)])
        yield engine


OLDER = (
    descriptor("Aortic Aneurysm", "D001014", trees=["C14.907.055"]),
    descriptor("Gout", "D006073", trees=["C05.550"]),
    descriptor("Alopecia", "D000506", trees=["C23.888"], synonyms=["Alopecia Areata"]),
)
STUDIES = st.builds(
    trial,
    st.integers(1, 5),
    st.sampled_from(["AML", "AA", "Asthma", "Severe gout", "Back pain", "Pulmonary Arterial Hypertension"]),
    st.sampled_from(["Alopecia Areata", "AA in adults", "Smoking", "Gout", "Leukemia"]),
    keywords=st.lists(st.sampled_from(["AML", "Gout", "Asthma", "relapsed"]), max_size=2),
    title=st.sampled_from(
        ["A trial", "Acute myeloid leukemia (AML)", "Aortic aneurysm (AA)", "Alopecia areata (AA)"]
    ),
    mesh=st.lists(
        st.sampled_from([("D001249", "Asthma"), ("D006973", "Hypertension"), ("D000506", "Alopecia Areata")]),
        unique=True,
        max_size=2,
    ),
    updated=st.sampled_from(["2026-01-10", "2026-01-11"]),
)
HISTORIES = st.lists(st.lists(STUDIES, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3)


@hypothesis_settings(max_examples=12, deadline=None)
@given(history=HISTORIES, is_second_load=st.booleans())
def test_loading_mesh_late_ends_as_loading_it_first(
    empty_database: Path, history: list[tuple[Study, ...]], is_second_load: bool
) -> None:
    earlier: list[Step] = [OLDER] if is_second_load else []
    with (
        _lived(empty_database, *earlier, *history, MESH) as late,
        _lived(empty_database, MESH, *history) as first,
    ):
        assert final(late) == final(first)
        assert problems(late) == problems(first) == []


def test_settling_while_a_load_of_another_mesh_is_half_done(empty_database: Path, tmp_path: Path) -> None:
    """The new MeSH lacks a concept for which trials explain an abbreviation, and the relink has not run yet."""
    teaching = (explaining(1, "Aortic aneurysm (AA)"), trial(2, "AA"))
    with _lived(empty_database, MESH, teaching) as engine:
        load_mesh(engine, tmp_path, *(found for found in MESH if found.name != "Aortic Aneurysm"))
        run_over(engine, trial(3, "AA"), trial(4, "Asthma"))
        assert named(engine, 4) == {"asthma": "stated"}
        relink_everything(engine, lambda *_: None)
        assert named(engine, 2) == {"aa": "stated"}
        assert problems(engine) == []
