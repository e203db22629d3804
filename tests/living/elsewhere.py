"""Renders the same pages in another process, whose sets and hashes have another order."""

import logging
from collections.abc import Sequence

import structlog
from anyio.from_thread import start_blocking_portal

from app.settings import Settings
from app.web.rendering import Renderer
from tests.living.sites import Answer, Asked, started
from tests.living.thresholds import Thresholds

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

_renderers: list[Renderer] = []
"""The renderer of this process, once there is one."""


def answers_elsewhere(settings: Settings, thresholds: Thresholds, asked: Sequence[Asked]) -> list[Answer]:
    """Answer requests in a spawned process."""
    if not _renderers:
        _renderers.append(Renderer.of(settings))
    with (
        thresholds.applied(),
        start_blocking_portal() as portal,
        started(settings, portal, _renderers[0]) as site,
    ):
        return [site.get(each) for each in asked]
