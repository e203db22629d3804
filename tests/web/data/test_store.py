"""Pages stay right when something happens to the database file under a running server."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import orjson
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.database.engine import open_engine
from app.ingest.runs.sync import sync
from app.main import create_app
from app.registries import CTGOV
from tests.conftest import engine_of, warmed
from tests.factories import source, study
from tests.support.databases import as_ordinary_user, make_database, overwrite, settings_of

ROOT = Path(__file__).parents[3]
PAGES = (
    "/",
    "/trials",
    "/trials?status=recruiting",
    "/trials?q=disease",
    "/trials/filter/condition",
    "/trials/suggest?q=disease",
    "/trials/NCT00000001",
    "/trials/NCT00000001.json",
    "/conditions",
    "/about/data",
    "/api/v1/trials",
)
PLAIN = {"Accept-Encoding": "identity"}
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def originals(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("originals")
    return {word: make_database(empty_database, folder / f"{word}.db", word) for word in ("Alpha", "Beta")}


@pytest.fixture
def path(originals: dict[str, Path], tmp_path: Path) -> Path:
    """Copy Alpha as the database that is served."""
    folder = tmp_path / "data"
    folder.mkdir()
    return Path(shutil.copy(originals["Alpha"], folder / "trialmark.db"))


@pytest.fixture
def other(originals: dict[str, Path], path: Path) -> Path:
    """Copy Beta beside it, ready to be moved into its place."""
    return Path(shutil.copy(originals["Beta"], path.with_name("other.db")))


@pytest.fixture
def served(path: Path) -> Iterator[TestClient]:
    with warmed(settings_of(path)) as client:
        assert words(client) == {"Alpha"}
        yield client


def words(client: TestClient, pages: tuple[str, ...] = PAGES) -> set[str]:
    """Return the databases that pages are made of; no page may mix two or fail."""
    found: set[str] = set()
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, (page, answer.text)
        on_page = set(re.findall("Alpha|Beta", answer.text))
        assert len(on_page) <= 1, page
        found |= on_page
    return found


def code(client: TestClient) -> str:
    """Return what /readyz says: "ready", or the code of the reason."""
    answer = client.get("/readyz")
    body = answer.json()
    assert (answer.status_code == 200) is (body["status"] == "ready")
    return str(body.get("code", body["status"]))


def assert_unreadable(client: TestClient, tags: dict[str, str]) -> None:
    """Require that every page says so in all its forms, and that pages without data go on."""
    for page in PAGES:
        for headers in ({}, FRAGMENT, {"If-None-Match": tags.get(page, '"x"')}):
            assert_says_so(client.get(page, headers=PLAIN | headers))
        if not page.startswith("/api/"):
            assert client.head(page).status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/app.css").status_code == 200
    assert client.get("/robots.txt").status_code == 200
    assert client.get("/no/such/page").status_code == 404
    assert client.get("/trials?status=banana").status_code in {400, 503}


def assert_says_so(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"] == "10"
    assert answer.headers["cache-control"] == "no-cache"
    assert "etag" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)
    reference = answer.headers["x-request-id"]
    if answer.headers["content-type"] == "application/problem+json":
        assert answer.json()["reference"] == reference
        assert "cannot be read at the moment" in answer.json()["detail"]
    else:
        assert "<h1>The data cannot be read at the moment</h1>" in answer.text
        assert reference in answer.text
    for inside in ("trialmark restore", "sqlite", "trialmark.db"):
        assert inside not in answer.text.lower()


def tags_of(client: TestClient) -> dict[str, str]:
    answers = {page: client.get(page) for page in PAGES}
    return {page: answer.headers["etag"] for page, answer in answers.items() if "etag" in answer.headers}


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


@contextmanager
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the database from a program beside the server."""
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


class TestAnotherFile:
    def test_pages_are_wholly_of_the_file_that_was_moved_into_place(
        self, served: TestClient, path: Path, other: Path
    ) -> None:
        tags = tags_of(served)
        other.rename(path)
        assert words(served) == {"Beta"}
        assert code(served) == "ready"
        for page, tag in tags.items():
            answer = served.get(page, headers={"If-None-Match": tag})
            assert answer.status_code == 200
            assert "Alpha" not in answer.text

    def test_two_swaps_lead_back_to_the_first_database(
        self, served: TestClient, path: Path, other: Path
    ) -> None:
        kept = path.with_name("kept.db")
        for _ in range(3):
            path.rename(kept)
            other.rename(path)
            assert words(served) == {"Beta"}
            path.rename(other)
            kept.rename(path)
            assert words(served) == {"Alpha"}

    def test_a_symbolic_link_that_leads_elsewhere_is_noticed(
        self, originals: dict[str, Path], tmp_path: Path
    ) -> None:
        files = [Path(shutil.copy(file, tmp_path)) for file in originals.values()]
        link = tmp_path / "trialmark.db"
        link.symlink_to(files[0])
        with warmed(settings_of(link)) as client:
            assert words(client) == {"Alpha"}
            new = tmp_path / "new"
            new.symlink_to(files[1])
            new.rename(link)
            assert words(client) == {"Beta"}

    def test_what_the_database_before_left_in_its_log_is_not_read_into_the_new_one(
        self, served: TestClient, path: Path, other: Path
    ) -> None:
        with writer(path) as connection:
            connection.execute("UPDATE trial_listing SET facts = replace(facts, 'Alpha', 'Alphabet')")
            assert "Alphabet trial" in served.get("/trials?phase=phase2").text
            other.rename(path)
            assert words(served) == {"Beta"}
            assert code(served) == "ready"
        (kept,) = path.parent.glob("*-wal.of-*")
        assert kept.stat().st_size > 0
        engine = open_engine(settings_of(path))
        with engine.connect() as new:
            assert new.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert new.execute(text("SELECT count(*) FROM trial WHERE title LIKE 'Beta%'")).scalar() == 30
        engine.dispose()

    def test_a_log_that_comes_with_the_new_file_is_read_and_kept(
        self, served: TestClient, path: Path, other: Path
    ) -> None:
        with writer(other) as connection:
            connection.execute("UPDATE trial_listing SET facts = replace(facts, 'Beta trial', 'Beta study')")
            other.rename(path)
            log_of(other).rename(log_of(path))
            assert words(served) == {"Beta"}
            assert "Beta study" in served.get("/trials").text
        assert not list(path.parent.glob("*-wal.of-*"))

    def test_a_file_that_is_no_database_of_ours_leaves_the_log_for_the_right_one(
        self, served: TestClient, path: Path
    ) -> None:
        with writer(path) as connection:
            connection.execute(
                "UPDATE trial_listing SET facts = replace(facts, 'Alpha trial', 'Alpha study')"
            )
            kept = path.with_name("kept.db")
            path.rename(kept)
            path.write_text("the wrong file " * 1_000)
            assert code(served) == "not-a-database"
            kept.rename(path)
            assert code(served) == "ready"
            assert "Alpha study" in served.get("/trials?phase=phase2").text

    def test_a_request_under_way_ends_on_the_database_that_it_began_with(
        self, served: TestClient, path: Path, other: Path
    ) -> None:
        store = served.app.state.trialmark.store  # type: ignore[attr-defined]  # typed as any ASGI app
        before = store.opened()
        first = text("SELECT min(title), max(title) FROM trial")
        with before.reading() as session:
            assert session.execute(first).one() == ("Alpha trial 1", "Alpha trial 9")
            other.rename(path)
            assert words(served) == {"Beta"}
            assert session.execute(first).one() == ("Alpha trial 1", "Alpha trial 9")
            assert before.engine.pool.checkedout() == 1
        assert before.engine.pool.checkedout() == before.engine.pool.checkedin() == 0

    def test_a_copy_over_the_file_is_noticed(self, served: TestClient, path: Path, other: Path) -> None:
        """Nothing tells SQLite of the copy; its connections would go on with pages that they have in memory."""
        shutil.copyfile(other, path)
        assert words(served) == {"Beta"}
        assert code(served) == "ready"

    def test_sqlite_s_own_writing_into_the_file_keeps_what_is_in_memory(
        self, served: TestClient, path: Path
    ) -> None:
        database = served.app.state.trialmark.store.opened()  # type: ignore[attr-defined]  # as above
        engine = open_engine(settings_of(path))
        sync(engine, CTGOV, source([study(title="Alpha more")], name="more"), lambda *_: None)
        with engine.connect() as connection:
            connection.execute(text("COMMIT"))
            assert connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0] == 0
        engine.dispose()
        assert words(served) == {"Alpha"}
        assert "31 trials" in served.get("/trials").text
        assert served.app.state.trialmark.store.opened() is database  # type: ignore[attr-defined]  # as above


Harm = Callable[[Path], None]


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    os.truncate(path, 0)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def damage_the_header(path: Path) -> None:
    overwrite(path, 0, 200)


def damage_the_middle(path: Path) -> None:
    """Damage all but the first page, on which the schema begins."""
    overwrite(path, 8_192, path.stat().st_size - 8_192)


def put_a_text_in_its_place(path: Path) -> None:
    path.unlink()
    path.write_text("not a database " * 10_000)


def put_a_folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_older(path: Path) -> None:
    with writer(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0007'")


def make_newer(path: Path) -> None:
    with writer(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (delete, "missing"),
        (empty, "no-tables"),
        (halve, "damaged"),
        (damage_the_header, "not-a-database"),
        (damage_the_middle, "damaged"),
        (put_a_text_in_its_place, "not-a-database"),
        (put_a_folder_in_its_place, "unreadable"),
        (make_older, "older-schema"),
        (make_newer, "newer-schema"),
    ],
)
def test_what_cannot_be_read_is_a_503_and_comes_back_by_itself(
    served: TestClient, path: Path, originals: dict[str, Path], harm: Harm, said: str
) -> None:
    tags = tags_of(served)
    harm(path)
    assert_unreadable(served, tags)
    assert code(served) == said
    if path.is_dir():
        path.rmdir()
    Path(shutil.copy(originals["Alpha"], path.with_name("new.db"))).rename(path)
    assert words(served) == {"Alpha"}
    assert code(served) == "ready"


def test_a_server_that_starts_without_its_database_serves_as_soon_as_it_is_there(
    tmp_path: Path, originals: dict[str, Path]
) -> None:
    path = tmp_path / "later" / "trialmark.db"
    path.parent.mkdir()
    with TestClient(create_app(settings_of(path)), raise_server_exceptions=False) as client:
        assert_unreadable(client, {})
        shutil.copy(originals["Beta"], path)
        assert words(client) == {"Beta"}


def test_a_locked_database_is_a_503_until_it_is_free(path: Path) -> None:
    with ExitStack() as stack:
        with writer(path) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("UPDATE trial SET acronym = 'X'")
            client = stack.enter_context(
                TestClient(create_app(settings_of(path)), raise_server_exceptions=False)
            )
            assert_says_so(client.get("/trials", headers=PLAIN))
            assert code(client) == "locked"
            assert client.get("/healthz").status_code == 200
        assert words(client) == {"Alpha"}
        assert code(client) == "ready"


class TestDamageInTheMiddle:
    def test_damage_met_by_one_page_is_reported_by_readyz_until_the_data_changes(
        self, served: TestClient, path: Path
    ) -> None:
        with writer(path) as connection:
            connection.execute("UPDATE source_document SET document = x'00' WHERE trial_id = 7")
        assert served.get("/trials/NCT00000007").status_code == 503
        assert served.get("/trials/NCT00000008").status_code == 200
        for _ in range(3):
            assert code(served) == "damaged"
        engine = engine_of(served)
        assert engine is not None
        with writer(path) as connection:
            connection.execute(
                "UPDATE source_document SET document = (SELECT document FROM source_document "
                "WHERE trial_id = 8) WHERE trial_id = 7"
            )
            connection.execute("UPDATE data_version SET version = version + 1, token = 'repaired'")
        assert code(served) == "ready"


_INGEST = """
import resource, signal, sys
from app.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
main()
"""


def test_a_run_on_a_full_disk_ends_in_one_line_and_pages_go_on(
    served: TestClient, path: Path, tmp_path: Path
) -> None:
    """A limit on the size of files stands in for a full disk; SQLite meets both in the same way."""
    file = tmp_path / "more.ndjson"
    file.write_bytes(b"\n".join(orjson.dumps(study(title=f"Alpha {'much text ' * 500}")) for _ in range(200)))
    most = path.stat().st_size + 100_000
    run = subprocess.run(
        [sys.executable, "-c", _INGEST, str(most), "ingest", str(file)],
        env={**os.environ, "TRIALMARK_DATABASE_URL": f"sqlite:///{path}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert "trialmark: the database cannot be used: " in run.stderr
    assert words(served) == {"Alpha"}
    assert code(served) == "ready"
    assert "30 trials" in served.get("/trials").text


@contextmanager
def readable_folder(original: Path) -> Iterator[Path]:
    """Put the database where any user can reach it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(shutil.copy(original, Path(folder) / "trialmark.db"))


class TestRights:
    def test_a_file_that_may_only_be_read_is_served(self, originals: dict[str, Path]) -> None:
        with ExitStack() as stack:
            path = stack.enter_context(readable_folder(originals["Alpha"]))
            path.chmod(0o444)
            stack.enter_context(as_ordinary_user(owned=path.parent))
            client = stack.enter_context(warmed(settings_of(path)))
            assert words(client) == {"Alpha"}
            assert code(client) == "ready"

    def test_a_folder_that_may_not_be_written_to_is_said(self, originals: dict[str, Path]) -> None:
        with ExitStack() as stack:
            path = stack.enter_context(readable_folder(originals["Alpha"]))
            stack.enter_context(as_ordinary_user(owned=path.parent))
            path.parent.chmod(0o555)
            client = stack.enter_context(
                TestClient(create_app(settings_of(path)), raise_server_exceptions=False)
            )
            assert_unreadable(client, {})
            assert code(client) == "unreadable"
            assert "see that the file, its folder" in client.get("/readyz").json()["reason"]
            path.parent.chmod(0o755)
            assert words(client) == {"Alpha"}

    def test_a_file_that_may_not_be_read_is_said(self, originals: dict[str, Path]) -> None:
        with ExitStack() as stack:
            path = stack.enter_context(readable_folder(originals["Alpha"]))
            stack.enter_context(as_ordinary_user(owned=path.parent))
            client = stack.enter_context(warmed(settings_of(path)))
            assert words(client) == {"Alpha"}
            new = Path(shutil.copy(path, path.with_name("new.db")))
            new.chmod(0o000)
            new.rename(path)
            assert_unreadable(client, {})
            assert code(client) == "unreadable"
            path.chmod(0o644)
            assert words(client) == {"Alpha"}


class TestTheEnd:
    def test_a_stopped_server_leaves_one_file(self, path: Path) -> None:
        """A log left behind would be read into whatever database is put there while the server is down."""
        with warmed(settings_of(path)) as client, writer(path) as connection:
            connection.execute("UPDATE trial SET acronym = 'X'")
            client.get("/trials")
            connection.close()
            assert log_of(path).exists()
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_every_connection_is_closed(self, path: Path, other: Path) -> None:
        def held() -> list[str]:
            links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
            return [link for link in links if link.startswith(str(path.parent))]

        with warmed(settings_of(path)) as client:
            words(client)
            other.rename(path)
            words(client)
            assert not [link for link in held() if "deleted" in link]
        assert held() == []
