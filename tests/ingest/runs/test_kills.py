"""A run that is killed leaves a consistent database, and its repetition ends as if nothing had happened.

The whole campaign is a command: `python -m tests.campaigns.kills`.
"""

import random
from pathlib import Path

import orjson
import pytest

from tests.campaigns.kills import kill_at_random, scenarios
from tests.conditions.mesh.factories import descriptor, mesh_file
from tests.factories import study

MESH = (
    descriptor("Aortic Aneurysm", "D001014", trees=["C14.907.055"]),
    descriptor("Gout", "D006073", trees=["C05.550"], synonyms=["Podagra"]),
)


@pytest.mark.parametrize("name", ["increment", "mesh"])
def test_a_killed_run_leaves_nothing_wrong_and_ends_the_same_when_it_is_repeated(
    tmp_path: Path, name: str
) -> None:
    records = [
        orjson.dumps(
            study(
                f"NCT{number:08d}",
                title="Aortic aneurysm (AA)" if number % 3 else "A trial",
                conditions=["AA", "podagra", f"Thing {number % 7}"],
                mesh=[(f"D90000{number % 5}", f"Thing {number % 5}")],
            )
        )
        for number in range(1, 301)
    ]
    (scenario,) = scenarios(records, mesh_file(tmp_path, *MESH), tmp_path, [name])
    outcome = kill_at_random(scenario, random.Random(name), tmp_path)
    assert outcome.is_good, str(outcome)
