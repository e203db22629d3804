"""Serves the pages: listening socket, connections with limits, worker processes, and scheduled ingest runs."""
