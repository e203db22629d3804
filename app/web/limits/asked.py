"""The search that an address asks for: it is parsed, checked against the budget, and queued if it is heavy."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated

from fastapi import Depends, Request

from app.database.deadline import unhurried
from app.search.cost import is_heavy
from app.search.narrower import check_search
from app.search.query import TrialQuery
from app.web.limits.turns import BusyError, Turns


async def read_query(request: Request) -> AsyncIterator[TrialQuery]:
    """Read the search of an address; a heavy one waits for its turn and keeps it until its page is built.

    Raises:
        BadParameterError: a parameter has an impossible value.
        OverBudgetError: the search asks for too much.
        BusyError: too many heavy searches are ahead of this one.
    """
    query = TrialQuery.parse(request.query_params.multi_items())
    check_search(query)
    async with AsyncExitStack() as turn:
        if is_heavy(query):
            await _take_turn(request, turn)
        yield query


async def _take_turn(request: Request, turn: AsyncExitStack) -> None:
    turns: Turns = request.app.state.turns
    client = request.client.host if request.client else ""
    with unhurried():
        await turn.enter_async_context(turns.turn(client))
    if await request.is_disconnected():
        raise BusyError  # nobody reads it: the reader left while waiting


Query = Annotated[TrialQuery, Depends(read_query, scope="function")]
