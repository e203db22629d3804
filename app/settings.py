"""The configuration, read once from the environment; nothing else in the program reads it."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.failures import ExpectedError


class SettingsError(ExpectedError):
    """A bad value in the environment, in one line that names the variable."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TRIALMARK_", frozen=True, extra="ignore")

    database_url: str = "sqlite:///trialmark.db"
    ctgov_base_url: str = "https://clinicaltrials.gov/api/v2"
    mesh_url: str = "https://nlmpubs.nlm.nih.gov/projects/mesh/MESH_FILES/xmlmesh"
    base_url: str = Field(
        default="", description="Public origin for canonical links; empty: the request's own"
    )
    log_format: Literal["console", "json"] = "console"

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError as error:
            raise ValueError("not a database URL, for example sqlite:///trialmark.db") from error
        if url.drivername not in {"sqlite", "sqlite+pysqlite"}:
            raise ValueError(f"{url.drivername} is not supported, use sqlite:///PATH")
        if not url.database or url.database == ":memory:":
            raise ValueError("names no file, use sqlite:///PATH")
        return value

    @field_validator("base_url", "ctgov_base_url", "mesh_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("not an address that starts with http:// or https://")
        return value.rstrip("/")

    @property
    def database_path(self) -> Path:
        return Path(make_url(self.database_url).database or "")


def read_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a variable holds a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"TRIALMARK_{str(first['loc'][0]).upper()}"
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{variable}: {reason} (it is {first['input']!r})") from error
