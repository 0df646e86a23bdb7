"""What can be set from outside: `CYNOSURE_...` in the environment, or the options of the command line, which win."""

from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

DATABASE_URL_DEFAULT = "sqlite:///cynosure.db"


class Settings(BaseSettings):
    """Where the database is, and how logs are written."""

    model_config = SettingsConfigDict(env_prefix="CYNOSURE_", extra="ignore", frozen=True)

    database_url: str = DATABASE_URL_DEFAULT
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
