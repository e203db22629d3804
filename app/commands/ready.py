"""The settings of commands that work on a database which stands already."""

from app.database import open_engine, require_current_schema
from app.settings import Settings, read_settings


def ready_settings() -> Settings:
    settings = read_settings()
    require_current_schema(open_engine(settings, read_only=True))
    return settings
