"""The configuration, read once from the environment. No other module reads the environment."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.failures import ExpectedError
from app.runtime.interval import parse_interval, parse_time

_HOST = re.compile(r"[a-z0-9][a-z0-9._-]{0,252}|\[[0-9a-f:.]{2,45}\]")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


class SettingsError(ExpectedError):
    """An invalid value in the environment. The message is one line that names the variable."""


def _age(value: object) -> object:
    """Read `3d`, `36h` or `90m`; an empty text means None."""
    return (parse_time(value) if value else None) if isinstance(value, str) else value


def _interval(value: object) -> object:
    return (parse_interval(value) if value else None) if isinstance(value, str) else value


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TRIALMARK_", frozen=True, extra="ignore")

    database_url: str = "sqlite:///trialmark.db"
    ctgov_base_url: str = "https://clinicaltrials.gov/api/v2"
    mesh_url: str = "https://nlmpubs.nlm.nih.gov/projects/mesh/MESH_FILES/xmlmesh"
    base_url: str = Field(
        default="",
        description="The address at which readers reach the service, including the path under which a proxy shows it. "
        "Set it in production: canonical links, citations and exports use it, and other hosts are refused.",
    )
    root_path: str = Field(
        default="",
        description="The path under which a proxy shows the service, if base_url does not include it",
    )
    allowed_hosts: str = Field(
        default="",
        description="Hosts to answer for besides that of base_url, separated by commas; *.example.org means every "
        "host below example.org, * any host",
    )
    log_format: Literal["console", "json"] = "console"
    log_queries: bool = Field(
        default=False, description="Write paths and queries, which are health data, to the log"
    )
    max_data_age: Annotated[timedelta | None, BeforeValidator(_age)] = Field(
        default=None,
        description="/readyz fails if the last comparison with the source is longer ago than this",
    )
    request_seconds: float = Field(
        default=5,
        ge=0.1,
        le=600,
        allow_inf_nan=False,
        description="The time a page may take; then its statement is interrupted and it answers 503",
    )
    forwarded_allow_ips: str = Field(
        default="", description="Proxies whose X-Forwarded-* headers are trusted: addresses, networks, or *"
    )
    arrival_seconds: float = Field(
        default=20, gt=0, description="The time for a request to arrive completely"
    )
    unread_seconds: float = Field(default=30, gt=0, description="The time for a client to read its answer")
    idle_seconds: float = Field(
        default=5, gt=0, description="The time between an answer and the connection's next request"
    )
    connections_per_worker: int = Field(default=1_000, ge=1)
    sync_every: Annotated[timedelta | None, BeforeValidator(_interval)] = Field(
        default=None, description="How often the service syncs with the registry; empty means never"
    )
    stop_seconds: int = Field(
        default=30, ge=1, description="The time for requests under way when the service stops"
    )

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

    @field_validator("base_url")
    @classmethod
    def _public(cls, value: str) -> str:
        address = _split(value)
        if value and not (value.isascii() and value.isprintable() and _HOST.fullmatch(_host(address))):
            raise ValueError("has no host name in ASCII letters, for example https://trials.hospital.example")
        if "@" in address.netloc or address.query or address.fragment or not _PREFIX.fullmatch(address.path):
            raise ValueError("may have a host, a port and a plain path, nothing else")
        return value

    @field_validator("root_path")
    @classmethod
    def _prefix(cls, value: str) -> str:
        path = "/" + value.strip("/") if value.strip("/") else ""
        if not _PREFIX.fullmatch(path):
            raise ValueError("not a plain path, for example /trials-browser")
        return path

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        names = [name.strip().lower().rstrip(".") for name in value.split(",") if name.strip()]
        for name in names:
            if name != "*" and not _HOST.fullmatch(name.removeprefix("*.")):
                raise ValueError(
                    f"{name!r} is not a host name without a port, such as trials.hospital.example"
                )
        return ",".join(names)

    @model_validator(mode="after")
    def _one_prefix(self) -> Self:
        path = urlsplit(self.base_url).path
        if path and self.root_path and path != self.root_path:
            raise ValueError(
                f"TRIALMARK_BASE_URL has the path {path}, TRIALMARK_ROOT_PATH is {self.root_path}"
            )
        return self

    def live_base_url(self, registry: str) -> str:
        """Return the address of a registry's live interface; empty where no setting names one."""
        return self.ctgov_base_url if registry == "ctgov" else ""

    @property
    def prefix(self) -> str:
        """The path under which a proxy shows the service, such as `/trials-browser`; empty at the root of a host."""
        return self.root_path or urlsplit(self.base_url).path

    @property
    def public_url(self) -> str:
        """The address at which readers reach the service, with the prefix; empty if base_url is not set."""
        address = urlsplit(self.base_url)
        return f"{address.scheme}://{address.netloc}{self.prefix}" if self.base_url else ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts to answer for; empty if every host is allowed."""
        own = (_host(urlsplit(self.base_url)),) if self.base_url else ()
        return (*own, *filter(None, self.allowed_hosts.split(",")))

    @property
    def database_path(self) -> Path:
        return Path(make_url(self.database_url).database or "")


def _split(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        _ = address.port
    except ValueError as error:
        raise ValueError("not a valid address") from error
    return address


def _host(address: SplitResult) -> str:
    """Return the host in the form in which a request names it."""
    name = (address.hostname or "").rstrip(".")
    return f"[{name}]" if ":" in name else name


def read_settings(root_path: str = "") -> Settings:
    """Read the environment. A root path from the command line has priority.

    Raises:
        SettingsError: a variable holds a value that cannot be used.
    """
    try:
        return Settings(root_path=root_path) if root_path else Settings()
    except ValidationError as error:
        first = error.errors()[0]
        reason = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # an error about several variables; the reason names them
            raise SettingsError(reason) from error
        variable = f"TRIALMARK_{str(first['loc'][0]).upper()}"
        raise SettingsError(f"{variable}: {reason} (it is {first['input']!r})") from error
