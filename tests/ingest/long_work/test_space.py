"""Long work checks for free disk space before it begins."""

import shutil
from collections import namedtuple

import pytest
from sqlalchemy import Engine

from app.ingest.long_work.space import REINDEX_SHARE, NotEnoughSpaceError, require_space
from tests.conftest import Ingest
from tests.factories import study

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024  as shutil returns it


def test_the_needed_and_the_free_space_are_named(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([study()])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 10**12))
    assert "may need 0.3 GB" in require_space(engine, REINDEX_SHARE, "reindex")
    assert "1,000.0 GB free" in require_space(engine, REINDEX_SHARE, "reindex")


def test_without_room_it_does_not_begin(
    engine: Engine, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([study()])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10**6))
    with pytest.raises(NotEnoughSpaceError, match=r"'trialmark mesh' may need .* free some space"):
        require_space(engine, REINDEX_SHARE, "mesh")
