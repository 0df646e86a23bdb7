"""What can be set from outside: `CYNOSURE_...` in the environment, or the options of the command line, which win."""

from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASE_URL_DEFAULT = "sqlite:///cynosure.db"


class Settings(BaseSettings):
    """Where the database is, how logs are written, and what is read when rows do not reach the head in time."""

    model_config = SettingsConfigDict(env_prefix="CYNOSURE_", extra="ignore", frozen=True)

    database_url: str = DATABASE_URL_DEFAULT
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    timeout_seconds: float = 5.0
    stale: Literal["fail", "serve"] = "fail"
