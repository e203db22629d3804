"""The command line as a user has it: a program that is started, prints lines and ends with an exit code."""

import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import orjson
import pytest
from typer.testing import CliRunner

from app.cli import program
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.conditions.mesh.server import MeshServer
from tests.conftest import Ingest
from tests.ctgov_server import CtgovServer, text
from tests.factories import study
from tests.support.program import PROGRAM, Trialmark

COMMANDS = ("demo", "ingest", "mesh", "serve", "migrate", "reindex", "status", "check", "backup", "restore")
CLOSING = r"2 read, 2 new, 0 changed, 0 unchanged, 0 rejected in \d+\.\d seconds\n"


def ndjson(folder: Path, *items: object) -> Path:
    path = folder / "some.ndjson"
    path.write_bytes(b"\n".join(item if isinstance(item, bytes) else orjson.dumps(item) for item in items))
    return path


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_shows_an_example(self, command: str) -> None:
        answer = CliRunner().invoke(program, [command, "--help"])
        assert answer.exit_code == 0
        assert f"Example: trialmark {command}" in answer.stdout

    def test_the_program_names_its_commands(self) -> None:
        answer = CliRunner().invoke(program, ["--help"])
        assert all(f" {command} " in answer.stdout for command in COMMANDS)


class TestIngest:
    def test_a_file_fills_a_new_database_and_the_closing_line_counts(self, trialmark: Trialmark) -> None:
        done = trialmark("ingest", ndjson(trialmark.folder, study(), study()))
        assert re.fullmatch(CLOSING, done.stdout)
        assert done.stderr == ""
        assert trialmark.rows("SELECT count(*) FROM trial") == [(2,)]

    def test_some_rejected_records_are_a_warning(self, migrated: Trialmark) -> None:
        done = migrated("ingest", ndjson(migrated.folder, study(), b"{", study(), b"[]"))
        assert "4 read, 2 new, 0 changed, 0 unchanged, 2 rejected in" in done.stdout
        (warning,) = done.stderr.splitlines()
        assert warning.startswith("Warning: 2 records could not be read")

    def test_a_file_of_which_nothing_can_be_read_fails(self, migrated: Trialmark) -> None:
        done = migrated("ingest", ndjson(migrated.folder, b"<html>", b"</html>"), code=1)
        assert done.stderr.splitlines()[-1] == "trialmark: no record could be read"

    def test_a_missing_file_is_one_line_that_names_it(self, migrated: Trialmark) -> None:
        name = "missing [1], part [/2].json"
        assert f"{name}: no such file or folder" in migrated.fails("ingest", name)

    def test_what_was_read_before_a_file_is_found_damaged_stays(self, migrated: Trialmark) -> None:
        good = ndjson(migrated.folder, study(), study())
        bad = migrated.folder / "bad.zip"
        bad.write_bytes(b"PK")
        assert "bad.zip: damaged or cut short" in migrated.fails("ingest", good, bad)
        assert migrated.rows("SELECT count(*) FROM trial") == [(2,)]

    def test_real_trials_replace_the_demonstration(self, migrated: Trialmark, ingest: Ingest) -> None:
        ingest([study("NCT90000001"), study("NCT90000002")])
        done = migrated("ingest", ndjson(migrated.folder, study("NCT00000001")))
        assert "The demonstration's 2 synthetic trials were removed." in done.stdout
        assert migrated.rows("SELECT registry_id FROM trial") == [("NCT00000001",)]


class TestLiveIngest:
    @pytest.fixture
    def server(self) -> Iterator[CtgovServer]:
        with CtgovServer([study(conditions=["Gout"]), study(conditions=["Asthma"])]) as server:
            yield server

    def test_the_live_registry_is_read_as_the_options_say(
        self, migrated: Trialmark, server: CtgovServer
    ) -> None:
        options = ("--condition", "gout", "--since", "2025-01-31")
        done = migrated("ingest", "ctgov", *options, TRIALMARK_CTGOV_BASE_URL=server.base_url)
        assert "1 read, 1 new" in done.stdout
        asked = server.requests[-1].query
        assert asked["query.cond"] == "gout"
        assert asked["filter.advanced"] == "AREA[LastUpdatePostDate]RANGE[2025-01-31,MAX]"

    def test_a_refusal_is_one_line_with_the_registrys_words(
        self, migrated: Trialmark, server: CtgovServer
    ) -> None:
        server.fail_next(
            *[text(400, "`query.cond`: [cannot] parse [/this]")] * 2
        )  # this server refuses the question for its version, too
        said = migrated.fails("ingest", "ctgov", TRIALMARK_CTGOV_BASE_URL=server.base_url)
        assert "HTTP 400 Bad Request: `query.cond`: [cannot] parse [/this]" in said


class TestMesh:
    def test_a_file_is_loaded_trials_are_linked_and_status_says_so(
        self, migrated: Trialmark, ingest: Ingest
    ) -> None:
        ingest([study(conditions=["Gout"])])
        done = migrated("mesh", mesh_file(migrated.folder, descriptor("Gout"), descriptor("Asthma")))
        assert re.search(r"MeSH 2026: 2 concepts, 1 trials linked in \d+\.\d seconds\n", done.stdout)
        assert done.stderr == ""
        (line,) = [line for line in migrated("status").stdout.splitlines() if line.startswith("Vocabulary")]
        assert re.fullmatch(r"Vocabulary:     MeSH 2026, 2 concepts, loaded \d\d? [A-Z][a-z]{2} \d{4}", line)

    def test_without_a_path_the_current_ones_are_downloaded(self, migrated: Trialmark) -> None:
        packed = mesh_file(migrated.folder, descriptor("Gout")).read_bytes()
        year = datetime.now(UTC).year
        with MeshServer({f"desc{year}.gz": packed}) as server:
            done = migrated("mesh", TRIALMARK_MESH_URL=server.url)
        assert f"MeSH {year}: 1 concepts, 0 trials linked in" in done.stdout
        assert migrated.rows("SELECT name FROM concept") == [("Gout",)]

    def test_a_missing_file_is_one_line_and_makes_no_database(self, trialmark: Trialmark) -> None:
        assert "none.xml: no such file; leave the path out" in trialmark.fails("mesh", "none.xml")
        assert not trialmark.database.exists()

    def test_a_file_of_something_else_is_one_line(self, migrated: Trialmark) -> None:
        (migrated.folder / "page.xml").write_text("<html>[red]</html>")
        assert "page.xml: contains html, not MeSH's DescriptorRecordSet; fetch" in migrated.fails(
            "mesh", "page.xml"
        )


class TestBadSettings:
    @pytest.mark.parametrize(
        "variable",
        [
            {"TRIALMARK_DATABASE_URL": "not a url"},
            {"TRIALMARK_DATABASE_URL": "sqlite+nosuch:///x.db"},
        ],
        ids=lambda variable: "=".join(next(iter(variable.items()))),
    )
    def test_a_bad_value_is_one_line_that_names_the_variable(
        self, trialmark: Trialmark, variable: dict[str, str]
    ) -> None:
        assert trialmark.fails("migrate", **variable).startswith(f"trialmark: {next(iter(variable))}: ")

    def test_a_file_that_is_no_database_is_one_line(self, trialmark: Trialmark) -> None:
        trialmark.database.parent.mkdir()
        trialmark.database.write_text("This is not a database. " * 100)
        assert "is not an SQLite database (file is not a database)" in trialmark.fails("migrate")

    def test_a_folder_that_cannot_be_made_is_one_line(self, trialmark: Trialmark) -> None:
        (trialmark.folder / "file").write_text("in the way")
        url = f"sqlite:///{trialmark.folder}/file/below/trialmark.db"
        assert "file/below" in trialmark.fails("migrate", TRIALMARK_DATABASE_URL=url)


class TestUpkeep:
    def test_migrate_makes_the_folder_and_the_tables_and_can_be_repeated(self, trialmark: Trialmark) -> None:
        for _ in range(2):
            assert trialmark("migrate").stdout == "The schema is up to date.\n"
        assert trialmark.rows("SELECT count(*) FROM trial") == [(0,)]

    @pytest.mark.parametrize("command", ["status", "serve"])
    def test_without_a_schema_the_command_that_helps_is_named(
        self, trialmark: Trialmark, command: str
    ) -> None:
        trialmark.database.parent.mkdir()
        trialmark.database.touch()
        assert trialmark.fails(command).endswith("the database has no tables yet: run 'trialmark migrate'")

    def test_status_counts_the_trials_and_names_what_could_not_be_read(
        self, migrated: Trialmark, ingest: Ingest
    ) -> None:
        ingest([study("NCT00000001"), study("NCT90000001"), b"[]"], name="some.ndjson")
        lines = migrated("status").stdout.splitlines()[3:]
        assert lines[:2] == ["Trials:         2 (1 synthetic)", "Registry data:  2026-02-01"]
        assert re.fullmatch(r"Last run:       \d{4}-\d\d-\d\d \d\d:\d\d UTC, from some\.ndjson", lines[2])
        assert lines[3].startswith("Vocabulary:     none: ")
        assert lines[4] == "Not readable:   1 records"
        assert [line.strip() for line in lines[5:]] == ["some.ndjson, line 3: not a JSON object"]

    def test_markup_in_a_record_is_printed_as_text(self, migrated: Trialmark, ingest: Ingest) -> None:
        ingest([study("[/red]:smile:")])
        assert "nctId: '[/red]:smile:' is not NCT followed by eight digits" in migrated("status").stdout

    def test_a_problem_is_named_with_the_command_that_fixes_it(
        self, migrated: Trialmark, ingest: Ingest
    ) -> None:
        ingest([study("NCT00000001")])
        with closing(sqlite3.connect(migrated.database)) as connection:
            connection.execute("DELETE FROM facet_posting WHERE facet = 'status'")
            connection.commit()
        problem, advice = migrated("check", code=1).stderr.splitlines()
        assert problem == "the counts of status=recruiting are out of date"
        assert advice == "trialmark: run 'trialmark reindex', then check again"
        assert migrated("reindex").stdout.endswith("\n1 trials reindexed.\n")
        assert migrated("check").stdout == "Everything agrees.\n"


class TestServe:
    @pytest.fixture
    def served(self, request: pytest.FixtureRequest) -> Iterator[tuple[subprocess.Popen[str], str]]:
        name, command = request.param
        trialmark: Trialmark = request.getfixturevalue(name)
        process = subprocess.Popen(
            [*PROGRAM, *command, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=trialmark.environment(PYTHONUNBUFFERED="1"),
            cwd=trialmark.folder,
        )
        assert process.stdout
        with process.stdout as lines:
            address = next(
                found[1] for line in lines if (found := re.search(r"http://localhost(:\d+)/", line))
            )
            yield process, f"http://127.0.0.1{address}"
            process.kill()
            process.wait()

    @pytest.mark.parametrize(
        ("served", "title"),
        [
            (("migrated", ["serve"]), "Clinical trials"),
            (("migrated", ["serve", "--workers", "2"]), "Clinical trials"),
            (("migrated", ["serve", "--workers", "2", "--root-path", "/x"]), "Clinical trials"),
            (("trialmark", ["demo", "--trials", "30"]), "Clinical trials"),
        ],
        indirect=["served"],
        ids=["serve", "two-workers", "two-workers-under-a-path", "demo"],
    )
    def test_it_says_where_it_is_answers_and_stops_on_a_signal(
        self, served: tuple[subprocess.Popen[str], str], title: str
    ) -> None:
        process, address = served
        answer = _get(f"{address}/")
        assert answer.status_code == 200
        assert f"<title>{title}" in answer.text
        prefix = "/x" if "--root-path" in process.args else ""  # type: ignore[operator]  # it is a list
        assert f'href="{prefix}/trials"' in answer.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}

    def test_a_port_in_use_is_one_line(self, migrated: Trialmark) -> None:
        with CtgovServer([]) as server:
            port = server.base_url.split(":")[2].split("/")[0]
            said = migrated.fails("serve", "--port", port)
        assert f"cannot listen on 127.0.0.1 port {port}: address already in use; choose another" in said

    def test_an_interval_that_cannot_be_kept_is_one_line(self, migrated: Trialmark) -> None:
        said = migrated.fails("serve", "--sync-every", "soon")
        assert said == "trialmark: --sync-every: not a time such as 3d, 36h or 90m (it is 'soon')"

    def test_the_demonstration_is_not_mixed_with_real_trials(
        self, migrated: Trialmark, ingest: Ingest
    ) -> None:
        ingest([study("NCT00000001")])
        assert "holds 1 real trials" in migrated.fails("demo", "--port", "0")


def _get(url: str) -> httpx2.Response:
    """Ask until the server listens; its address is printed a moment before."""
    deadline = time.monotonic() + 100
    while True:
        try:
            return httpx2.get(url, timeout=30, trust_env=False)
        except httpx2.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
