"""/sitemap.xml lists all trials and nothing else, in parts that cost only what they hold."""

from collections.abc import Iterator

import pytest
from lxml import etree
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.main import create_app
from app.pages import sitemap
from app.settings import Settings
from tests.conftest import Ingest
from tests.factories import study

BASE = "https://trials.hospital.example"


@pytest.fixture
def public(settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings.model_copy(update={"base_url": BASE}))
    with TestClient(app, raise_server_exceptions=False, base_url=BASE) as client:
        yield client


def texts(client: TestClient, address: str, name: str = "loc") -> list[str]:
    answer = client.get(address.removeprefix(BASE))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    root = etree.fromstring(answer.content)
    return [element.text or "" for element in root.iter(f"{{*}}{name}")]


def trials(client: TestClient) -> list[str]:
    pages, *parts = texts(client, "/sitemap.xml")
    assert texts(client, pages) == [
        f"{BASE}{path}" for path in ("/", "/trials", "/conditions", "/about/data")
    ]
    return [place.removeprefix(f"{BASE}/trials/") for part in parts for place in texts(client, part)]


def test_it_leads_to_every_trial_that_is_real_and_listed(
    public: TestClient, ingest: Ingest, engine: Engine
) -> None:
    ingest([study("NCT00000001"), study("NCT90000002"), study("NCT00000003"), study("NCT00000004")])
    with engine.begin() as connection:
        gone = text("INSERT INTO unlisted_trial SELECT id, '2026-01-01' FROM trial WHERE registry_id = :id")
        connection.execute(gone, {"id": "NCT00000003"})
    assert trials(public) == ["NCT00000001", "NCT00000004"]


def test_the_day_of_the_last_update_is_told(public: TestClient, ingest: Ingest) -> None:
    ingest([study("NCT00000001")])
    (day,) = texts(public, "/sitemap/1.xml", "lastmod")
    assert day == "2026-01-10"


def test_parts_together_hold_each_trial_once_and_none_is_empty(
    public: TestClient, ingest: Ingest, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "TRIALS_IN_PART", 2)
    names = [f"NCT{number:08d}" for number in range(1, 10)]
    ingest([study(name) for name in names])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM trial WHERE id IN (3, 4)"))
    parts = texts(public, "/sitemap.xml")
    assert parts == [f"{BASE}/sitemap/{part}.xml" for part in ("pages", 1, 3, 4, 5)]
    assert trials(public) == [name for name in names if name not in {names[2], names[3]}]
    assert public.get("/sitemap/2.xml").status_code == 404


@pytest.mark.parametrize("path", ["/sitemap/0.xml", "/sitemap/1.xml", f"/sitemap/{10**30}.xml"])
def test_a_part_that_is_not_there_is_404(public: TestClient, path: str) -> None:
    assert public.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap/pages.xml", "/sitemap/1.xml"])
def test_without_a_public_address_there_is_none_and_it_says_why(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "TRIALMARK_BASE_URL" in answer.text


def test_crawlers_are_told_where_it_is(public: TestClient, client: TestClient) -> None:
    assert f"Sitemap: {BASE}/sitemap.xml" in public.get("/robots.txt").text.splitlines()
    assert "Sitemap" not in client.get("/robots.txt").text
