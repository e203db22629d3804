"""Turns for costly requests: few at once, one queue for each client, a bounded wait."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.web.limits.turns import BusyError, Turns


class Crowd:
    """Requests that hold their turn until they are told to let go, in the order in which they got it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.working: list[str] = []
        self.refused: list[str] = []
        self._let_go: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def add(self, *names: str) -> None:
        """Add requests; a name's letter is its client."""
        for name in names:
            self._let_go[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._request(name))
            await settled()

    async def finish(self, name: str) -> None:
        self._let_go[name].set()
        await settled()

    async def finish_all(self) -> None:
        for event in self._let_go.values():
            event.set()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    async def _request(self, name: str) -> None:
        try:
            async with self._turns.turn(name[0]):
                self.working.append(name)
                await self._let_go[name].wait()
        except BusyError:
            self.refused.append(name)


async def settled() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def in_a_crowd(
    story: Callable[[Crowd], Awaitable[None]],
    *,
    at_once: int = 1,
    most_waiting: int = 10,
    longest_wait: float = 60,
) -> Crowd:
    async def told() -> Crowd:
        turns = Turns(at_once=at_once, most_waiting=most_waiting, longest_wait=longest_wait)
        crowd = Crowd(turns)
        await story(crowd)
        await crowd.finish_all()
        assert turns.waiting == 0
        async with asyncio.timeout(10), turns.turn("z"):  # whatever happened, a turn is free in the end
            return crowd

    return asyncio.run(told())


def test_only_so_many_work_at_once() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a1", "b1", "c1")
        assert crowd.working == ["a1", "b1"]
        await crowd.finish("b1")
        assert crowd.working == ["a1", "b1", "c1"]

    in_a_crowd(story, at_once=2)


def test_one_client_with_many_requests_does_not_keep_another_waiting() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a1", "a2", "a3", "a4", "b1", "b2", "c1")

    assert in_a_crowd(story).working == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


def test_requests_of_one_address_come_in_their_order() -> None:
    """All readers have one address behind a proxy that does not say who they are."""

    async def story(crowd: Crowd) -> None:
        await crowd.add(*(f"a{number}" for number in range(9)))

    assert in_a_crowd(story).working == [f"a{number}" for number in range(9)]


def test_when_no_place_is_left_the_longest_line_loses_its_last() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a0", "a1", "a2", "a3", "b1")
        assert crowd.refused == ["a3"]

    assert in_a_crowd(story, most_waiting=3).working == ["a0", "a1", "b1", "a2"]


def test_the_client_with_the_longest_line_is_refused_itself() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a0", "a1", "a2", "b1", "a3")
        assert crowd.refused == ["a3"]

    in_a_crowd(story, most_waiting=3)


def test_clients_with_lines_of_one_length_do_not_push_each_other_out() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a0", "a1", "b1", "c1")
        assert crowd.refused == ["c1"]

    in_a_crowd(story, most_waiting=2)


def test_a_wait_that_becomes_too_long_ends() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a1", "b1")
        await crowd.tasks["b1"]
        assert crowd.refused == ["b1"]

    in_a_crowd(story, longest_wait=0.01)


def test_a_request_that_goes_away_leaves_the_line() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a1", "b1", "c1")
        crowd.tasks["b1"].cancel()
        await settled()
        await crowd.finish("a1")
        assert crowd.working == ["a1", "c1"]

    in_a_crowd(story)


def test_a_turn_given_to_a_request_that_goes_away_is_handed_on() -> None:
    async def story(crowd: Crowd) -> None:
        await crowd.add("a1", "b1", "c1")
        crowd._let_go["a1"].set()  # noqa: SLF001  without letting b1 run in between
        crowd.tasks["a1"].add_done_callback(lambda _: crowd.tasks["b1"].cancel())
        await settled()
        assert "c1" in crowd.working

    in_a_crowd(story)


def test_a_turn_is_free_again_after_a_failure() -> None:
    async def story(crowd: Crowd) -> None:
        with pytest.raises(ZeroDivisionError):
            async with crowd._turns.turn("a"):  # noqa: SLF001  as a page that fails
                raise ZeroDivisionError

    in_a_crowd(story)
