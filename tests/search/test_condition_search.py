"""Disease search on the real records with the real MeSH is complete, in order, and gives true reasons."""

import gzip
import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest
from sqlalchemy import Engine
from sqlmodel import Session
from starlette.testclient import TestClient

from app.conditions.names.same_name import key_of, tokens_of
from app.database.engine import open_engine, reading
from app.search.counts.catalogue import Catalogue, Catalogues
from app.search.find import Search
from app.search.query import EXACT, RELATED, TrialQuery
from app.settings import Settings
from tests.support.reference_data import reference_file

Record = dict[str, Any]


@pytest.fixture(scope="module")
def engine(mesh_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(mesh_settings, read_only=True)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with reading(engine) as session:
        yield session


@pytest.fixture
def catalogue(session: Session) -> Catalogue:
    return Catalogues().current(session)


@pytest.fixture(scope="module")
def database(mesh_settings: Settings) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(mesh_settings.database_path)) as database:
        yield database


@pytest.fixture(scope="module")
def records() -> dict[str, Record]:
    found = {}
    with gzip.open(reference_file("data/ctgov.ndjson.gz")) as lines:
        for line in lines:
            record = orjson.loads(line)
            found[record["protocolSection"]["identificationModule"]["nctId"]] = record
    for line in reference_file("data/seeds.ndjson").read_bytes().splitlines():
        record = orjson.loads(line)
        found[record["protocolSection"]["identificationModule"]["nctId"]] = record
    return found


@pytest.fixture(scope="module")
def entry_terms() -> dict[str, list[str]]:
    """Return all names of each descriptor, from NLM's file itself."""
    terms = {}
    with gzip.open(reference_file("data/mesh_desc2022.xml.gz")) as file:
        for _, element in ET.iterparse(file):  # noqa: S314  NLM's own file
            if element.tag == "DescriptorRecord":
                names = [term.text or "" for term in element.iterfind(".//Term/String")]
                terms[element.findtext("DescriptorUI", "")] = [
                    element.findtext("DescriptorName/String", ""),
                    *names,
                ]
                element.clear()
    return terms


def often_studied(database: sqlite3.Connection, least: int) -> list[tuple[str, str]]:
    """Return (MeSH id, slug) of the diseases with so many trials."""
    return database.execute(
        "SELECT DISTINCT mesh_id, slug FROM condition JOIN facet_posting ON facet = 'condition' AND value = slug "
        "JOIN concept_tree USING (mesh_id) WHERE count >= ? AND (number LIKE 'C%' OR number LIKE 'F03%') "
        "ORDER BY mesh_id",
        [least],
    ).fetchall()


def conditions_of(record: Record) -> list[str]:
    module = record["protocolSection"].get("conditionsModule", {})
    return [*module.get("conditions", []), *module.get("keywords", [])]


def indexed_of(record: Record) -> list[str]:
    module = record.get("derivedSection", {}).get("conditionBrowseModule", {})
    return [term["term"] for term in (*module.get("meshes", []), *module.get("ancestors", []))]


class TestEveryNameOfACondition:
    def test_every_name_gives_the_trials_of_the_condition(
        self,
        session: Session,
        catalogue: Catalogue,
        database: sqlite3.Connection,
        entry_terms: dict[str, list[str]],
    ) -> None:
        sample = random.Random(2026).sample(often_studied(database, 5), 200)
        differing = []
        for mesh_id, slug in sample:
            expected = Search(session, catalogue, TrialQuery().with_values("condition", [slug])).trials
            assert len(expected) >= 5
            names = (*entry_terms.get(mesh_id, ()), mesh_id, mesh_id.lower(), slug.upper())
            asked = {
                name: Search(session, catalogue, TrialQuery().with_values("condition", [name]))
                for name in names
            }
            differing += [(slug, name) for name, search in asked.items() if search.trials != expected]
        assert differing == []

    def test_every_abbreviation_that_records_explain_gives_them_too(
        self, session: Session, catalogue: Catalogue, database: sqlite3.Connection
    ) -> None:
        learned = database.execute(
            "SELECT text, concept.slug, max(count) * 1.0 / sum(count) FROM concept_name AS own "
            "JOIN concept USING (mesh_id) WHERE kind = 'learned' AND NOT EXISTS (SELECT 1 FROM concept_name "
            "WHERE slug = own.slug AND kind IN ('name', 'synonym', 'abbreviation')) GROUP BY own.slug"
        ).fetchall()
        assert len(learned) > 100
        differing = []
        for abbreviation, slug, share in learned:
            asked = Search(session, catalogue, TrialQuery().with_values("condition", [abbreviation]))
            expected = Search(session, catalogue, TrialQuery().with_values("condition", [slug])).trials
            if share >= 0.6 and expected and asked.trials != expected:
                differing.append((abbreviation, slug, asked.query.values("condition")))
        assert differing == []


class TestTheOrder:
    def test_trials_linked_only_by_a_broader_condition_come_last(
        self, session: Session, catalogue: Catalogue, database: sqlite3.Connection
    ) -> None:
        sample = random.Random(7).sample(often_studied(database, 3), 100)
        with_broader = 0
        for _, slug in sample:
            query = TrialQuery(per_page=100).with_values("condition", [slug])
            strict = Search(session, catalogue, query).trials
            related = Search(session, catalogue, query.with_condition_match(RELATED))
            pages = range(1, -(-related.total // 100) + 1)
            order = [
                trial_id
                for page in pages
                for trial_id in Search(session, catalogue, related.asked.with_page(page)).page_ids()
            ]
            assert sorted(order) == sorted(related.trials)
            assert set(order[: len(strict)]) == set(strict)
            with_broader += len(order) > len(strict)
        assert with_broader > 50

    def test_hypertension_alone_is_not_pulmonary_arterial_hypertension(
        self, mesh_client: TestClient, records: dict[str, Record]
    ) -> None:
        url = "/api/v1/trials?condition=hypertension&condition_match=exact&per_page=100"
        found = mesh_client.get(url).json()["trials"]
        assert len(found) >= 10
        for trial in found:
            stated = [tokens_of(text) for text in conditions_of(records[trial["registry_id"]])]
            mentions = [
                words for words in stated if "hypertension" in words or {"blood", "pressure"} <= {*words}
            ]
            assert not mentions or any("pulmonary" not in words for words in mentions), trial["registry_id"]

    def test_exact_matches_are_among_narrower_matches_and_those_among_related_ones(
        self, session: Session, catalogue: Catalogue, database: sqlite3.Connection
    ) -> None:
        for _, slug in random.Random(11).sample(often_studied(database, 5), 100):
            query = TrialQuery().with_values("condition", [slug])
            exact, usual, related = (
                Search(session, catalogue, asked).trials
                for asked in (query.with_condition_match(EXACT), query, query.with_condition_match(RELATED))
            )
            assert exact <= usual <= related


class TestTheReason:
    def test_the_reason_of_every_row_is_given_and_true(
        self, mesh_client: TestClient, database: sqlite3.Connection, records: dict[str, Record]
    ) -> None:
        names = names_of_conditions(database)
        rows = 0
        for query in random_searches(random.Random(20261120), database, records):
            for trial in mesh_client.get(f"/api/v1/trials?{query}").json()["trials"]:
                record = records[trial["registry_id"]]
                assert trial["reasons"], (query, trial["registry_id"])
                for reason in trial["reasons"]:
                    assert is_true(reason, record, names), (query, trial["registry_id"], reason)
                rows += 1
        assert rows > 1_500


def names_of_conditions(database: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the keys of all names of each condition by its label, learned abbreviations included."""
    names: dict[str, set[str]] = {}
    for label, text in database.execute(
        "SELECT condition.name, concept_name.text FROM condition JOIN concept_name USING (mesh_id)"
    ):
        names.setdefault(label, set()).add(key_of(text))
    return names


def random_searches(
    chance: random.Random, database: sqlite3.Connection, records: dict[str, Record]
) -> Iterator[str]:
    slugs = [slug for _, slug in often_studied(database, 1)]
    own = [
        slug for (slug,) in database.execute("SELECT slug FROM condition WHERE mesh_id IS NULL ORDER BY slug")
    ]
    modules = [record["protocolSection"]["identificationModule"] for record in records.values()]
    titles = [module.get("briefTitle", "") for module in modules]
    for _ in range(50):
        yield f"condition={chance.choice(slugs)}"
        yield f"condition={chance.choice(own)}&condition={chance.choice(slugs)}"
        match = chance.choice(["exact", "related"])
        yield f"condition={chance.choice(slugs)}&condition_match={match}"
        words = [word for word in chance.choice(titles).split() if word.isalpha() and word.isascii()]
        yield f"q={'+'.join(chance.sample(words, min(2, len(words))) or ['asthma'])}"


def words_alone(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def is_true(reason: dict[str, Any], record: Record, names: dict[str, set[str]]) -> bool:
    kind, label = reason["kind"], reason["label"]
    if kind in {"condition", "synonym", "keyword"}:
        return label in conditions_of(record)
    if kind == "text":
        text = words_alone(orjson.dumps(record).decode())
        marked = [part[0] for part in reason["parts"] if part[1]]
        return bool(marked) and all(words_alone(words) in text for words in marked)
    keys = names.get(label, set()) | {key_of(label)}
    said = [set(tokens_of(text)) for text in (*conditions_of(record), *indexed_of(record))]
    said += [{"cancer" if word.endswith("carcinoma") else word for word in words} for words in said]
    is_named = any(set(key.split()) <= words for key in keys for words in said)
    return is_named if kind in {"narrower", "broader", "registry's indexing"} else False
