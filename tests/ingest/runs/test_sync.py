"""A run: what it writes, what it leaves alone, and what readers see meanwhile."""

import gzip
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.database.engine import open_engine, reading
from app.ingest.checks.check import problems
from app.ingest.runs.sync import Summary, sync
from app.ingest.sources.files import open_files
from app.registries import CTGOV
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import Study, source, study
from tests.support.file_runs import fresh_engine, run_over
from tests.support.reference_data import reference_file
from tests.support.tables import contents, meaning, rows_of, stored


def _nested(depth: int) -> bytes:
    deep = b"[" * depth + b"]" * depth
    return b'{"deep": ' + deep + b', "protocolSection": {"identificationModule": {"nctId": "NCT00000009"}}}'


class TestCounts:
    def test_a_first_run_finds_everything_new(self, ingest: Ingest) -> None:
        assert ingest([study(), study()]) == Summary(read=2, new=2)

    def test_of_a_second_run_only_what_differs_is_changed(self, ingest: Ingest, engine: Engine) -> None:
        ingest([study("NCT00000001", title="As it was"), study("NCT00000002", title="Left alone")])
        changed = study("NCT00000001", title="As it is", updated="2026-02-01")
        summary = ingest(
            [changed, study("NCT00000002", title="Left alone"), study("NCT00000003", title="Late")]
        )
        assert summary == Summary(read=3, new=1, changed=1, unchanged=1)
        assert stored(engine) == ["As it is", "Left alone", "Late"]

    def test_the_registrys_own_data_moving_on_is_no_change_of_a_trial(
        self, ingest: Ingest, engine: Engine
    ) -> None:
        ingest([study("NCT00000001", version="2026-02-01")])
        before = contents(engine)
        assert ingest([study("NCT00000001", version="2026-02-02")]) == Summary(read=1, unchanged=1)
        after = contents(engine)
        assert {name for name in after if after[name] != before[name]} == {"sync_run", "data_version"}
        assert rows_of(engine, "SELECT max(data_version) FROM sync_run") == [("2026-02-02",)]

    def test_the_order_of_keys_is_no_change_of_a_trial(self, ingest: Ingest) -> None:
        one = study("NCT00000001")
        ingest([one])
        assert ingest([dict(reversed(one.items()))]).unchanged == 1

    @pytest.mark.parametrize(
        "older", [{"updated": "2025-12-31"}, {"version": "2026-01-31"}], ids=["updated", "version"]
    )
    def test_an_older_version_does_not_replace_a_later_one(
        self, ingest: Ingest, engine: Engine, older: dict[str, Any]
    ) -> None:
        ingest([study("NCT00000001", title="Later")])
        assert ingest([study("NCT00000001", title="Older", **older)]) == Summary(read=1, older=1)
        assert stored(engine) == ["Later"]

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    @pytest.mark.parametrize("batch", [500, 1])
    def test_of_several_versions_in_one_file_the_latest_stays(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...], batch: int
    ) -> None:
        monkeypatch.setattr("app.ingest.runs.sync.BATCH", batch)
        versions = [
            study("NCT00000001", title=f"Version {number}", updated=f"2026-0{number}-01")
            for number in (1, 2, 3)
        ]
        assert run_over(engine, *(versions[place] for place in order)).read == 3
        assert stored(engine) == ["Version 3"]
        assert problems(engine) == []

    def test_real_versions_end_with_the_latest_in_any_order(self, engine: Engine) -> None:
        path = reference_file("data/ctgov_versions.ndjson.gz")
        with gzip.open(path) as lines:
            versions = [orjson.loads(line) for line in lines]
        latest: dict[str, tuple[tuple[str, str], Study]] = {}
        for version in versions:
            protocol = version["protocolSection"]
            updated = protocol["statusModule"].get("lastUpdatePostDateStruct", {}).get("date", "")
            age = (updated, version["derivedSection"]["miscInfoModule"]["versionHolder"])
            nct_id = protocol["identificationModule"]["nctId"]
            latest[nct_id] = max(
                latest.get(nct_id, (("", ""), {})), (age, version), key=lambda known: known[0]
            )
        run_over(engine, *reversed(versions))
        backwards = meaning(engine)
        assert sync(engine, CTGOV, open_files(path), lambda *_: None).changed == 0
        assert meaning(engine) == backwards
        titles = [version["protocolSection"]["identificationModule"] for _, version in latest.values()]
        expected = {module["nctId"]: module["briefTitle"].strip() for module in titles}
        assert dict(rows_of(engine, "SELECT registry_id, title FROM trial")) == expected

    def test_a_run_is_remembered_with_its_counts(self, ingest: Ingest, engine: Engine) -> None:
        ingest([study("NCT00000001"), study("NCT00000002")], name="monday.ndjson")
        changed = study("NCT00000001", title="Another", updated="2026-03-01")
        older = study("NCT00000002", title="Older", updated="2020-01-01")
        ingest([changed, older, study("NCT00000003", version="2026-03-02"), b"{"], name="tuesday.ndjson")
        columns = "source, read, new, changed, unchanged, rejected, data_version"
        assert rows_of(engine, f"SELECT {columns} FROM sync_run ORDER BY id") == [
            ("monday.ndjson", 2, 2, 0, 0, 0, "2026-02-01"),
            ("tuesday.ndjson", 4, 1, 1, 1, 1, "2026-03-02"),
        ]


class TestNothingNew:
    def test_a_second_run_of_the_same_file_leaves_the_database_file_as_it_is(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        file = tmp_path / "some.ndjson"
        file.write_bytes(b"\n".join([orjson.dumps(study()) for _ in range(7)] + [b"{broken"]))
        digests = []
        with closing(sqlite3.connect(settings.database_path)) as watcher:
            for _ in range(2):
                engine = open_engine(settings)
                sync(engine, CTGOV, open_files(file), lambda *_: None)
                engine.dispose()
                watcher.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                commits = watcher.execute("PRAGMA data_version").fetchone()
                digests.append((sha256(settings.database_path.read_bytes()).hexdigest(), commits))
        assert digests[0] == digests[1]

    def test_a_run_without_news_leaves_no_trace(self, ingest: Ingest, engine: Engine) -> None:
        studies: list[Study | bytes] = [study("NCT00000001"), study("NCT00000002"), b"not JSON"]
        ingest(studies)
        before = contents(engine)
        assert ingest(studies) == Summary(read=3, unchanged=2, rejected=1)
        assert contents(engine) == before


class TestRejectedRecords:
    def test_three_bad_lines_are_named_and_the_rest_is_stored(self, ingest: Ingest, engine: Engine) -> None:
        wrong_kind = study("NCT00000004", eligibilityModule={"sex": "ALL", "stdAges": "ADULT"})
        lines: list[Study | bytes] = [
            study("NCT00000001"),
            b'{"protocolSection": {"identificationModule": {"nctId": "NCT00000002"',
            b"[1, 2]",
            wrong_kind,
            study("NCT00000005"),
        ]
        assert ingest(lines) == Summary(read=5, new=2, rejected=3)
        found = rows_of(
            engine, "SELECT source, position, registry_id, reason FROM rejected_record ORDER BY id"
        )
        assert [row[:3] for row in found] == [
            ("factory.ndjson", "line 2", "NCT00000002"),
            ("factory.ndjson", "line 3", None),
            ("factory.ndjson", "line 4", "NCT00000004"),
        ]
        reasons = [row[3] for row in found]
        assert reasons[0].startswith("not JSON: ")
        assert reasons[1:] == ["not a JSON object", "stdAges: expected a list of texts, found text"]
        assert rows_of(engine, "SELECT registry_id FROM trial ORDER BY 1") == [
            ("NCT00000001",),
            ("NCT00000005",),
        ]

    def test_a_repaired_file_settles_the_complaints(self, ingest: Ingest, engine: Engine) -> None:
        ingest([study("NCT00000001"), b'{"hasResults": 1}', b"{"])
        repaired = [study("NCT00000001"), study("NCT00000002"), study("NCT00000003")]
        assert ingest(repaired) == Summary(read=3, new=2, unchanged=1)
        assert rows_of(engine, "SELECT * FROM rejected_record") == []

    def test_complaints_of_another_file_stay(self, ingest: Ingest, engine: Engine) -> None:
        ingest([b"{"], name="one.ndjson")
        ingest([study()], name="other.ndjson")
        assert rows_of(engine, "SELECT source FROM rejected_record") == [("one.ndjson",)]

    def test_a_trial_stays_as_it_was_when_its_next_version_cannot_be_read(
        self, ingest: Ingest, engine: Engine
    ) -> None:
        ingest([study("NCT00000001", title="Readable")])
        ingest(
            [study("NCT00000001", title="Broken", updated="2026-09-01", conditionsModule={"conditions": 3})]
        )
        assert stored(engine) == ["Readable"]

    @pytest.mark.parametrize(
        "hostile",
        [
            pytest.param(
                study("NCT00000009", designModule={"enrollmentInfo": {"count": 2**63}}),
                id="integer-too-large",
            ),
            pytest.param(_nested(400), id="nested-too-deep"),
            pytest.param(_nested(4000), id="nested-far-too-deep"),
            pytest.param(b'{"protocolSection": "\\ud800"}', id="half-a-surrogate-pair"),
            pytest.param(b'{"protocolSection": "\xff\xfe"}', id="not-utf-8"),
            pytest.param(b"\x00" * 50, id="zero-bytes"),
        ],
    )
    def test_no_single_record_can_stop_a_run(
        self, ingest: Ingest, engine: Engine, hostile: Study | bytes
    ) -> None:
        summary = ingest([study("NCT00000001"), hostile, study("NCT00000002")])
        assert (summary.new, summary.rejected) == (2, 1)
        assert problems(engine) == []


class TestBatches:
    @pytest.fixture(autouse=True)
    def batches_of_three(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.ingest.runs.sync.BATCH", 3)

    def test_a_batch_that_fails_is_not_there_at_all_and_the_next_run_completes_it(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        studies = [study(f"NCT0000000{number}", title=str(number)) for number in range(1, 8)]
        studies[4] = study("NCT00000002", title="2, changed", updated="2026-05-01", conditions=["Gout"])
        run_over(engine, *studies[:3])
        earlier = contents(engine)
        with monkeypatch.context() as patched:
            patched.setattr("app.ingest.write.trials.add_texts", _fail_after_writing)
            with pytest.raises(RuntimeError, match="in the middle"):
                run_over(engine, *studies)
        assert contents(engine) == earlier
        assert problems(engine) == []
        assert run_over(engine, *studies) == Summary(read=7, new=3, changed=1, unchanged=3)
        assert stored(engine) == ["1", "2, changed", "3", "4", "6", "7"]
        assert problems(engine) == []

    def test_what_was_written_before_a_failure_stays(self, engine: Engine) -> None:
        studies = [study(f"NCT0000000{number}", title=str(number)) for number in range(1, 8)]

        def fail_after_two_batches(_done: int, records: int) -> None:
            if records == 6:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sync(engine, CTGOV, source(studies), fail_after_two_batches)
        assert stored(engine) == list("123456")
        assert rows_of(engine, "SELECT * FROM sync_run") == []
        assert run_over(engine, *studies) == Summary(read=7, new=1, unchanged=6)

    def test_a_reader_sees_one_snapshot_while_a_run_goes_on(self, engine: Engine, settings: Settings) -> None:
        count = text("SELECT count(*), (SELECT max(count) FROM facet_posting) FROM trial")
        pages = open_engine(settings, read_only=True)
        seen_by_new_readers: list[tuple[int, int]] = []

        def look(_done: int, _records: int) -> None:
            assert tuple(early.execute(count).one()) == (1, 1)
            with reading(pages) as late:
                seen_by_new_readers.append(tuple(late.execute(count).one()))

        run_over(engine, study())
        with reading(pages) as early:
            assert tuple(early.execute(count).one()) == (1, 1)
            sync(engine, CTGOV, source([study() for _ in range(7)]), look)
        pages.dispose()
        assert seen_by_new_readers == [(4, 4), (7, 7), (8, 8)]

    def test_a_concept_that_an_older_record_brings_is_there_for_the_next_that_names_it(
        self, engine: Engine
    ) -> None:
        run_over(engine, study("NCT00000001"))
        gout = [("D006073", "Gout")]
        older = study("NCT00000001", updated="2020-01-01", mesh=gout)
        run_over(engine, older, *(study("NCT00000001") for _ in range(2)), study("NCT00000002", mesh=gout))
        assert rows_of(engine, "SELECT slug FROM concept WHERE mesh_id = 'D006073'") == [("gout",)]

    def test_each_batch_with_news_and_the_run_itself_move_the_revision_once(self, engine: Engine) -> None:
        run_over(engine, *(study() for _ in range(7)))
        assert rows_of(engine, "SELECT version FROM data_version") == [(4,)]


def _fail_after_writing(session: Any, _rows: Any) -> None:
    session.flush()
    raise RuntimeError("in the middle")


@st.composite
def versions(draw: st.DrawFn) -> Study:
    """Draw one of few trials in one of few versions, whose contents depend only on its number and update."""
    number, month = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    kind = (number * month) % 5
    mesh = {"Asthma": ("D001249", "Asthma"), "Gout": ("D006073", "Gout")}
    conditions = [["Asthma"], ["Gout"], ["Asthma", "Gout"], [], ["Back pain", "Asthma"]][kind]
    return study(
        f"NCT0000000{number}",
        title=f"Trial {number}, version {month}",
        updated=f"2026-0{month}-01",
        version=f"2026-0{draw(st.integers(4, 6))}-01",
        status=[None, "RECRUITING", "COMPLETED", "UNKNOWN", "RECRUITING"][kind],
        phases=[(), ("PHASE1", "PHASE2"), ("PHASE2",), ("NA",), ("PHASE2", "PHASE2")][kind],
        conditions=conditions,
        mesh=[mesh[name] for name in conditions if name in mesh],
        ancestors=[("D012140", "Respiratory Tract Diseases")] if "Asthma" in conditions else [],
        interventions=[("DRUG", "Aspirin"), ("DEVICE", f"Device {month}")][: month % 3],
        sponsor=f"Sponsor {month % 2}",
        countries=["France", "Peru", "France"][: number - 1],
        enrollment=None if kind == 2 else month,
        has_results=month == 4,
    )


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(runs=st.lists(st.lists(versions() | st.just(b"{"), max_size=5), min_size=1, max_size=4))
def test_whatever_the_history_the_rows_are_those_of_the_final_documents(
    empty_database: Path, runs: list[list[Study | bytes]]
) -> None:
    with fresh_engine(empty_database) as lived, fresh_engine(empty_database) as fresh:
        for number, studies in enumerate(runs):
            run_over(lived, *studies, name=f"{number}.ndjson")
        run_over(fresh, *_final(runs))
        assert meaning(lived) == meaning(fresh)
        assert problems(lived) == []


def _final(runs: Sequence[Sequence[Study | bytes]]) -> Iterator[Study]:
    latest: dict[str, Study] = {}
    for version in (item for studies in runs for item in studies if not isinstance(item, bytes)):
        known = latest.get(_registry_id(version))
        if known is None or _day(version) >= _day(known):
            latest[_registry_id(version)] = version
    yield from latest.values()


def _registry_id(version: Study) -> str:
    return str(version["protocolSection"]["identificationModule"]["nctId"])


def _day(version: Study) -> str:
    return str(version["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"])
