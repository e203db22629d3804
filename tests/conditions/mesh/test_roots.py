"""The tree roots written down in our code are those that NLM's own indexing names."""

import gzip

import orjson

from app.conditions.mesh.roots import ROOTS, missing_roots
from tests.support.reference_data import reference_file


def test_numbers_ids_and_names_are_each_there_once() -> None:
    for column in zip(*ROOTS, strict=True):
        assert len(set(column)) == len(ROOTS)


def test_a_root_is_missing_where_only_places_below_it_are_there() -> None:
    found = [root.number for root in missing_roots({"C04.588", "F03", "F03.080", "D02.033", "C19"})]
    assert found == ["C04"]


def test_ids_and_names_agree_with_the_registrys_records() -> None:
    stated: dict[str, set[str]] = {}
    with gzip.open(reference_file("data/ctgov.ndjson.gz")) as lines:
        for line in lines:
            browse = orjson.loads(line).get("derivedSection", {}).get("conditionBrowseModule", {})
            for term in browse.get("ancestors", []):
                stated.setdefault(term["term"], set()).add(f"D{int(term['id'][1:]):06d}")
    known = [root for root in ROOTS if root.name in stated]
    assert len(known) >= 15
    for root in known:
        assert stated[root.name] == {f"D{int(root.mesh_id[1:]):06d}"}
