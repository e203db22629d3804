"""The application as an administrator sets it up: other settings on a test's database, asked under some host."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.conftest import TODAY


@contextmanager
def deployed(settings: Settings, host: str = "testserver", **changes: str) -> Iterator[TestClient]:
    """Serve the database of `settings` with these changes, which are checked as those of the environment are."""
    changed = Settings.model_validate({"database_url": settings.database_url, **changes})
    app = create_app(changed, today=lambda: TODAY)
    with TestClient(app, base_url=f"http://{host}", raise_server_exceptions=False) as client:
        yield client
