"""A reader who knows a trial finds it: on the real records, by rare words of its title and by its other names."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine, select
from sqlalchemy import text as sql
from sqlmodel import col

from app.database.engine import open_engine, reading
from app.models import Trial
from app.search.words import text
from app.settings import Settings

SAMPLE = 300
SHOWN = 3


@pytest.fixture(scope="module")
def real(real_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(real_settings, read_only=True)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def sample(real: Engine) -> list[int]:
    with reading(real) as session:
        ids = session.execute(select(col(Trial.id)).order_by(col(Trial.registry_id))).scalars()
        return random.Random(2026).sample([trial_id for trial_id in ids if trial_id], SAMPLE)


def part_found(engine: Engine, queries: Sequence[tuple[int, str]]) -> float:
    """Return the share of (trial, query) whose trial is among the first ones, and print the others."""
    missed = []
    with reading(engine) as session:
        for trial_id, q in queries:
            found = text.search(session, q)
            if trial_id not in found[:SHOWN]:
                place = found.index(trial_id) + 1 if trial_id in found else "not found"
                missed.append(f"{q!r}: trial {trial_id}, place {place} of {len(found)}")
    print(*missed, sep="\n")
    return 1 - len(missed) / len(queries)


def test_the_rarest_words_of_a_title_find_it(real: Engine, sample: list[int]) -> None:
    with reading(real) as session:
        titles = dict(session.execute(select(col(Trial.id), col(Trial.title))).all())
    frequency = Counter(word for title in titles.values() for word in text.words_of(title))
    queries = [
        (
            trial_id,
            " ".join(sorted(text.words_of(titles[trial_id]), key=lambda word: (frequency[word], word))[:5]),
        )
        for trial_id in sample
    ]
    assert part_found(real, queries) >= 0.99


def test_an_acronym_or_an_organization_id_finds_its_trial(real: Engine, sample: list[int]) -> None:
    with reading(real) as session:
        rows = session.execute(sql("SELECT rowid, acronym, ids FROM trial_text"))
        names = {trial_id: [acronym, *ids.split("\n")] for trial_id, acronym, ids in rows}
    queries = [(trial_id, name) for trial_id in sample for name in names[trial_id] if name]
    assert part_found(real, queries) >= 0.98
