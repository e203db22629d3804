"""How pages reach people: the listening socket, connections with limits, worker processes, the sync beside them."""
