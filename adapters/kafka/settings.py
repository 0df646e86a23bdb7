"""How Kafka is reached and what its topics are called: `CYNOSURE_KAFKA...` in the environment."""

from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SCHEMAS_URI_DEFAULT = "urn:cynosure:contracts:"
TOPICS_DEFAULT = "cynosure"


class KafkaSettings(BaseSettings):
    """Where the brokers are, how they know us, and what our topics begin with.

    A log that belongs to one party alone publishes under a `topics` of its own, so that nothing of it is ever joint.
    """

    model_config = SettingsConfigDict(env_prefix="CYNOSURE_KAFKA_", extra="ignore", frozen=True, populate_by_name=True)

    bootstrap: str = Field(
        default="localhost:9092", validation_alias=AliasChoices("CYNOSURE_KAFKA", "CYNOSURE_KAFKA_BOOTSTRAP")
    )
    topics: str = Field(default=TOPICS_DEFAULT, pattern=r"^[a-zA-Z0-9._-]{1,100}$")
    schemas_uri: str = SCHEMAS_URI_DEFAULT
    security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: SecretStr | None = None
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    user: str | None = None
    password: SecretStr | None = None
    partitions: int = Field(default=12, ge=1, le=10_000)
    replicas: int = Field(default=-1, ge=-1, le=100)

    @model_validator(mode="after")
    def _says_who_we_are(self) -> "KafkaSettings":
        if self.security.startswith("SASL") and (self.user is None or self.password is None):
            rule = "CYNOSURE_KAFKA_SECURITY=SASL_... needs CYNOSURE_KAFKA_USER and CYNOSURE_KAFKA_PASSWORD"
            raise ValueError(rule)
        return self

    def client(self) -> dict[str, Any]:
        """Return the words in which the client library is told all this."""
        said: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap.split(","),
            "security_protocol": self.security,
            "ssl_cafile": _text(self.ca_file),
            "ssl_certfile": _text(self.certificate_file),
            "ssl_keyfile": _text(self.key_file),
            "ssl_password": self.key_password.get_secret_value() if self.key_password else None,
        }
        if self.security.startswith("SASL") and self.password is not None:
            said |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password.get_secret_value(),
            }
        return said

    def topic(self, name: str) -> str:
        """Return the full name of one of our topics, `events.v1` -> `cynosure.events.v1`."""
        return f"{self.topics}.{name}"


def dead_letter_topic(topic: str) -> str:
    """Return where the messages of a topic go that were parked."""
    return f"{topic}.dlq"


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
