"""Nothing that a record says is lost on its page."""

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from tests.conftest import Ingest
from tests.every_field import STUDY
from tests.pages.trial.leaves import Leaf, expected, fold, is_shown, leaves, text_of
from tests.support.reference_data import reference_file

MOST_LOST = {"protocolSection.eligibilityModule.eligibilityCriteria": 0.003}
"""Share of a field's leaves that may differ on the page; 0 for other fields. A line of the criteria may be taken apart
where a heading and its first criterion stand on one line, as in "Exclusion Criteria: None".
"""
SECTIONS = ("protocolSection.", "documentSection.", "annotationSection.")


def leaves_on_page(client: TestClient, document: dict[str, Any]) -> tuple[list[Leaf], list[Leaf]]:
    """Return the leaves that the trial's page must show, and those of them that it does not show."""
    registry_id = document["protocolSection"]["identificationModule"]["nctId"]
    answer = client.get(f"/trials/{registry_id}")
    assert answer.status_code == 200
    text = text_of(answer.text)
    close = text.replace(" ", "")
    wanted = [(path, value) for path, value in leaves(document) if is_shown(path)]
    lost = [
        (path, value)
        for path, value in wanted
        if not any(words in text or fold(words).replace(" ", "") in close for words in expected(path, value))
    ]
    return wanted, lost


def documents(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in names:
        path = reference_file(f"data/{name}")
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            yield from map(orjson.loads, lines)


@pytest.mark.parametrize("part", range(4))
def test_every_leaf_of_the_real_records_is_on_their_pages(real_client: TestClient, part: int) -> None:
    wanted, lost = Counter[str](), Counter[str]()
    examples: dict[str, tuple[str, Any]] = {}
    for number, document in enumerate(documents(["seeds.ndjson", "ctgov.ndjson.gz"])):
        if number % 4 != part:
            continue
        all_leaves, missing = leaves_on_page(real_client, document)
        wanted.update(path for path, _ in all_leaves)
        for path, value in missing:
            lost[path] += 1
            examples.setdefault(path, (document["protocolSection"]["identificationModule"]["nctId"], value))
    worst = "\n".join(
        f"{times:5} of {wanted[path]:,} {path} e.g. {examples[path]!r:.300}"
        for path, times in lost.most_common(10)
    )
    print(f"{wanted.total():,} leaves, {lost.total()} not found\n{worst}")
    too_many = [path for path, times in lost.items() if times > wanted[path] * MOST_LOST.get(path, 0)]
    assert too_many == [], worst


@pytest.mark.parametrize("study_type", ["INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS"])
def test_every_field_of_a_study_that_has_them_all_is_on_its_page(
    client: TestClient, ingest: Ingest, study_type: str
) -> None:
    study = deepcopy(STUDY)
    study["protocolSection"]["designModule"]["studyType"] = study_type
    ingest([study])
    _, lost = leaves_on_page(client, study)
    assert lost == []


def test_the_study_with_every_field_has_every_field_of_the_registrys_list() -> None:
    listed = orjson.loads(reference_file("spec/studies_fieldlist.json").read_bytes())
    in_list = {path for path in paths_of(listed) if path.startswith(SECTIONS)}
    filled = {path.removesuffix(".lat").removesuffix(".lon") for path, _ in leaves(STUDY)}
    assert in_list - filled == set()


def paths_of(fields: list[dict[str, Any]], parent: str = "") -> Iterator[str]:
    for field in fields:
        path = f"{parent}{field['name']}"
        if field.get("children"):
            yield from paths_of(field["children"], f"{path}.")
        else:
            yield path
