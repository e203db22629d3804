"""Telemetry for the administrator: a log line and a count for each request, metrics, and request ids to quote."""
