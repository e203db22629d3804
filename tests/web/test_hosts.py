"""Only some hosts are answered, and no other one leaves anything in the cache."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from app.web.security import HEADERS
from tests.conftest import Ingest
from tests.factories import study
from tests.support.deployment import deployed


@pytest.fixture
def public(settings: Settings) -> Iterator[TestClient]:
    changes = {
        "base_url": "https://Trials.Hospital.example:8443/x",
        "allowed_hosts": "intranet, *.wards.example",
    }
    with deployed(settings, **changes) as client:
        yield client


def test_the_public_host_those_added_and_this_machine_are_answered(public: TestClient) -> None:
    hosts = [
        "trials.hospital.example",
        "TRIALS.hospital.example:8443",
        "trials.hospital.example.:80",
        "intranet",
        "north.wards.example",
        "localhost:8000",
        "127.0.0.1",
        "[::1]:8000",
    ]
    assert {
        host: public.get("/trials", headers={"Host": host}).status_code for host in hosts
    } == dict.fromkeys(hosts, 200)


def test_any_other_host_is_told_where_the_service_is(public: TestClient) -> None:
    for host in (
        "evil.example",
        "trials.hospital.example.evil.example",
        "eviltrials.hospital.example",
        "wards.example",
        "evilwards.example",
        "10.0.0.7",
        "intranet.evil.example",
        "",
    ):
        answer = public.get("/trials", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "https://trials.hospital.example:8443/x/" in answer.text.lower()
        assert "TRIALMARK_ALLOWED_HOSTS" in answer.text
        assert "evil" not in answer.text
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_probes_ask_under_any_name(public: TestClient) -> None:
    for host in ("10.0.0.7:8000", "trialmark-5f6d8", "evil.example", ""):
        for url in ("/healthz", "/readyz", "/x/healthz"):
            assert public.get(url, headers={"Host": host}).status_code == 200


MALFORMED = [
    "evil.example/",
    "evil.example/path",
    "user@evil.example",
    "user:pass@evil.example:80",
    "evil.example:",
    "evil.example:port",
    "evil.example:80:80",
    "evil.example:123456",
    "evil example",
    "evil.example#",
    "evil.example?x",
    "evil.example\\x",
    "evil.example,trials.hospital.example",
    '"><script>',
    "-evil.example",
    ".evil.example",
    "[::1",
    "[evil]",
    "évil.example",
    "a" * 300,
]


@pytest.mark.parametrize("url", ["/trials", "/trials/", "/healthz", "/static/icon.svg"])
def test_what_is_no_host_is_refused_everywhere(client: TestClient, public: TestClient, url: str) -> None:
    for host in MALFORMED:
        for each in (client, public):
            answer = each.get(url, headers={b"Host": host.encode()}, follow_redirects=False)
            assert answer.status_code == 400, host
            assert "evil" not in answer.text + str(answer.headers)


def test_a_host_said_twice_is_refused(client: TestClient, public: TestClient) -> None:
    twice = [("Host", "trials.hospital.example"), ("Host", "evil.example")]
    for each in (client, public):
        for hosts in (twice, twice[::-1], twice[:1] * 2):
            assert each.get("/trials", headers=hosts).status_code == 400


def test_without_a_public_address_any_host_is_answered(client: TestClient) -> None:
    for host in ("anything.example:81", "10.0.0.7", "server_1"):
        assert client.get("/trials", headers={"Host": host}).status_code == 200


def test_allowed_hosts_alone_refuse_others_and_a_star_refuses_none(settings: Settings) -> None:
    for allowed, status in (("intranet", 400), ("*", 200), ("intranet, *", 200)):
        with deployed(settings, allowed_hosts=allowed) as client:
            assert client.get("/trials", headers={"Host": "evil.example"}).status_code == status


@pytest.mark.parametrize("changes", [{}, {"base_url": "https://testserver"}, {"root_path": "/x"}])
def test_no_host_leaves_anything_in_the_cache_for_others(
    settings: Settings, ingest: Ingest, changes: dict[str, str]
) -> None:
    ingest([study("NCT00000001")])
    pages = ["/", "/trials", "/trials/NCT00000001", "/conditions"]
    poison = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    with deployed(settings, **changes) as client:
        for headers in (poison, poison | {"Host": "testserver"}, poison | {"HX-Request": "true"}):
            tags = [client.get(url, headers=headers).headers.get("etag", "") for url in pages]
            for url, tag in zip(pages, tags, strict=True):
                assert "evil" not in client.get(url).text
                known = client.get(url, headers={"If-None-Match": tag})
                assert known.status_code == 200 or headers["Host"] == "testserver"
