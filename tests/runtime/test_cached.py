"""Cached values are computed once an instance, and no instance waits for another."""

import re
from pathlib import Path
from threading import Event, Thread

from app.runtime.cached import cached_property

APP = Path(__file__).parents[2] / "app"


class Search:
    computed = 0

    def __init__(self, *, is_long: bool = False) -> None:
        self._is_long = is_long
        self.has_started, self.may_end = Event(), Event()

    @cached_property
    def total(self) -> int:
        self.computed += 1
        self.has_started.set()
        if self._is_long:
            assert self.may_end.wait(60)
        return 7


def test_a_value_is_computed_once() -> None:
    search = Search()
    assert (search.total, search.total, search.computed) == (7, 7, 1)


def test_one_instance_does_not_wait_for_another() -> None:
    long = Search(is_long=True)
    thread = Thread(target=lambda: long.total)
    thread.start()
    assert long.has_started.wait(60)
    assert Search().total == 7  # while the other is still being computed
    long.may_end.set()
    thread.join()
    assert long.total == 7


def test_every_cached_property_of_the_program_is_of_this_kind() -> None:
    modules = [path for path in APP.rglob("*.py") if path.name != "cached.py"]
    assert modules
    locking = re.compile("functools import .*cached_property|functools.cached_property")
    assert [path.name for path in modules if locking.search(path.read_text(encoding="utf-8"))] == []
