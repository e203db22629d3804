"""The descriptors come from NLM's server as a file, or one line says why not."""

from datetime import date
from pathlib import Path

import pytest

from app import __version__
from app.conditions.mesh import MeshError
from app.conditions.mesh.fetch import download
from tests.conditions.mesh.server import MeshServer

TODAY = date(2026, 11, 20)


def fetch(server: MeshServer, folder: Path) -> Path:
    return download(server.url, TODAY, folder, first_wait=0.001)


def test_the_descriptors_of_this_year_are_stored_as_they_are(tmp_path: Path) -> None:
    with MeshServer({"desc2026.gz": b"\x1f\x8bpacked", "desc2025.gz": b"old"}) as server:
        path = fetch(server, tmp_path)
    assert (path.name, path.read_bytes()) == ("desc2026.gz", b"\x1f\x8bpacked")
    assert server.asked == ["desc2026.gz"]
    assert server.user_agents == {f"trialmark/{__version__}"}


@pytest.mark.parametrize("name", ["desc2026.xml", "desc2025.gz", "desc2025.xml"])
def test_unpacked_descriptors_and_those_of_last_year_are_taken_too(tmp_path: Path, name: str) -> None:
    with MeshServer({name: b"<xml/>"}) as server:
        assert fetch(server, tmp_path).name == name


@pytest.mark.parametrize("failure", [500, 503, 429, 0])
def test_a_failure_that_passes_is_tried_again(tmp_path: Path, failure: int) -> None:
    with MeshServer({"desc2026.gz": b"whole file"}, failure, failure) as server:
        assert fetch(server, tmp_path).read_bytes() == b"whole file"
    assert len(server.asked) == 3


def test_a_failure_that_does_not_pass_is_one_line(tmp_path: Path) -> None:
    with MeshServer({}, *[503] * 4) as server, pytest.raises(MeshError) as caught:
        fetch(server, tmp_path)
    assert "HTTP 503 Service Unavailable, after 4 attempts; try again later, or fetch" in str(caught.value)


def test_a_refusal_is_not_asked_again(tmp_path: Path) -> None:
    with (
        MeshServer({"desc2026.gz": b""}, 403) as server,
        pytest.raises(MeshError, match="HTTP 403 Forbidden; correct TRIALMARK_MESH_URL"),
    ):
        fetch(server, tmp_path)
    assert len(server.asked) == 1


def test_a_server_without_descriptors_is_named_with_what_was_asked(tmp_path: Path) -> None:
    with MeshServer({}) as server, pytest.raises(MeshError) as caught:
        fetch(server, tmp_path)
    assert "has none of desc2026.gz, desc2026.xml, desc2025.gz, desc2025.xml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_address_that_is_none_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match="correct TRIALMARK_MESH_URL"):
        download("nowhere://x", TODAY, tmp_path)
