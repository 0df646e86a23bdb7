"""What can be set from outside: `CYNOSURE_...` in the environment, or the options of the command line, which win."""

import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import Unreadable

DATABASE_URL_DEFAULT = "sqlite:///cynosure.db"
PREFIX = "CYNOSURE_"


class Settings(BaseModel):
    """Where the database is, how logs are written, and what is read when rows do not reach the head in time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: str = DATABASE_URL_DEFAULT
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    timeout_seconds: float = 5.0
    stale: Literal["fail", "serve"] = "fail"


def settings() -> Settings:
    """Return what the environment says. Raise Unreadable by the name of each variable that cannot be."""
    named = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    said = {name: os.environ[variable] for name, variable in named.items() if variable in os.environ}
    try:
        return Settings.model_validate(said)
    except ValidationError as invalid:
        faults = invalid.errors(include_url=False)
        raise Unreadable(*(f"{named[str(fault['loc'][0])]}: {fault['msg']}" for fault in faults)) from invalid
