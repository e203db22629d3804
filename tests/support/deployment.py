"""Serves a test's database under other settings and host names, as an administrator would set it up."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.conftest import TODAY


@contextmanager
def deployed(settings: Settings, host: str = "testserver", **changes: str) -> Iterator[TestClient]:
    """Serve the database of `settings` with these changes, which are checked as the environment's are."""
    changed = Settings.model_validate({"database_url": settings.database_url, **changes})
    app = create_app(changed, today=lambda: TODAY)
    with TestClient(app, base_url=f"http://{host}", raise_server_exceptions=False) as client:
        yield client
