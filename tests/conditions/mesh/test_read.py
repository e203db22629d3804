"""NLM's file is read as descriptors; for any other file one line says what to do."""

import gzip
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.conditions.mesh import MeshError
from app.conditions.mesh.read import Descriptor, descriptors, open_mesh
from tests.conditions.mesh.factories import HEAD, descriptor, mesh_file, mesh_xml
from tests.support.reference_data import reference_file

GOUT = descriptor(
    "Gout & Co",
    "D006073",
    trees=["C05.550.354.500", "C16.320.565.798.368"],
    synonyms=["Podagra"],
    permuted=["Gouts"],
    tagged=[("GT", "ABB")],
    narrower=["Tophus"],
)


def read(path: Path) -> list[Descriptor]:
    return list(descriptors(open_mesh(path), lambda _: None))


@pytest.mark.parametrize("name", ["desc2026.gz", "desc2026.xml", "packed.xml"])
def test_everything_of_a_descriptor_is_read_packed_or_not(tmp_path: Path, name: str) -> None:
    others = [descriptor(), descriptor("Female", trees=[])]
    path = mesh_file(tmp_path, GOUT, *others, name=name)
    if name == "packed.xml":
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path) == [GOUT, *others]


@given(st.lists(st.text("aB ,&<>'\"éλ-1\n", min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_any_name_comes_back_with_its_spaces_tidied(names: list[str]) -> None:
    written = [descriptor(name, f"D{number}") for number, name in enumerate(names)]
    tidied = [descriptor(" ".join(name.split()), f"D{number}") for number, name in enumerate(names)]
    with TemporaryDirectory() as folder:
        assert read(mesh_file(Path(folder), *written)) == tidied


@pytest.mark.parametrize(
    ("file_name", "name"),
    [("desc2025.gz", "MeSH 2025"), ("mesh_desc2022.xml", "MeSH 2022"), ("vocabulary.xml", "MeSH 2026")],
)
def test_the_year_is_the_file_names_or_the_dtds(tmp_path: Path, file_name: str, name: str) -> None:
    assert open_mesh(mesh_file(tmp_path, GOUT, name=file_name)).name == name


def test_a_file_that_tells_no_year_is_mesh_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "some.xml"
    path.write_bytes(mesh_xml(GOUT).replace(HEAD.encode(), b""))
    assert open_mesh(path).name == "MeSH"
    assert read(path) == [GOUT]


def test_progress_is_told_in_bytes_of_the_file(tmp_path: Path) -> None:
    file = open_mesh(mesh_file(tmp_path, *(descriptor() for _ in range(50))))
    told: list[int] = []
    assert len(list(descriptors(file, told.append))) == len(told) == 50
    assert told == sorted(told)
    assert told[-1] == file.size


LAUGHS = b'<!DOCTYPE DescriptorRecordSet [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
NO_ID = mesh_xml(GOUT).replace(b"<DescriptorUI>D006073</DescriptorUI>", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (gzip.compress(b" \n", mtime=0), "is empty"),
        (b"<html><body>404</body></html>", "contains html, not MeSH's DescriptorRecordSet"),
        (b"<SupplementalRecordSet/>", "contains SupplementalRecordSet, not MeSH's"),
        (b"D006073;Gout", "not well-formed XML"),
        (mesh_xml(GOUT)[:-40], "not well-formed XML"),
        (mesh_xml(), "contains no descriptors"),
        (NO_ID, "record 1 has no DescriptorUI"),
        (gzip.compress(mesh_xml(GOUT), mtime=0)[:-20], "damaged or cut short"),
        (gzip.compress(mesh_xml(GOUT), mtime=0)[:30] + b"\0" * 50, "damaged or cut short"),
        (LAUGHS + b"<DescriptorRecordSet>&b;</DescriptorRecordSet>", "defines XML entities of its own"),
    ],
)
def test_what_is_not_a_whole_file_of_descriptors_says_so_and_what_to_do(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    path = tmp_path / "bad.xml"
    path.write_bytes(data)
    with pytest.raises(MeshError) as caught:
        read(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert reason in said
    assert said.endswith("leave the path out to download it")
    assert "\n" not in said


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match=r"none\.xml: no such file; leave the path out to download MeSH"):
        read(tmp_path / "none.xml")
    with pytest.raises(MeshError, match="Is a directory"):
        read(tmp_path)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(records: int) -> int:
        file = open_mesh(mesh_file(tmp_path, *(descriptor(synonyms=["x" * 500]) for _ in range(records))))
        tracemalloc.start()
        for _ in descriptors(file, lambda _: None):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(4_000) < 2 * peak(400)


def test_the_real_file_is_read_whole() -> None:
    found = read(reference_file("data/mesh_desc2022.xml.gz"))
    assert len({one.mesh_id for one in found}) == len(found) == 19_236
    assert all(one.name and one.terms for one in found)
