"""A listener that demands TLS and a password, for a broker of tests."""

from dataclasses import dataclass, field
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
LOGIN_MODULES = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class SecureListener:
    """Who may log in at the second listener of each node, {name: password}; the first one stays open, for admin."""

    users: dict[str, str] = field(default_factory=lambda: {"partner": "partner-password"})

    def write_certificates(self, folder: Path) -> None:
        """Write `authority.pem`, which clients trust, and `node.pem`, which nodes show; made anew each time."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        shown = authority.issue_cert("127.0.0.1", "localhost")
        # Kafka reads keys as PKCS #8 only.
        key = load_pem_private_key(shown.private_key_pem.bytes(), password=None)
        lines = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())]
        lines += [blob.bytes() for blob in shown.cert_chain_pems]
        (folder / "node.pem").write_bytes(b"".join(lines))

    def properties(self, folder: Path) -> dict[str, object]:
        """Return what `server.properties` says of this listener."""
        passwords = " ".join(f'user_{name}="{password}"' for name, password in self.users.items())
        plain = f"{LOGIN_MODULES}.plain.PlainLoginModule required {passwords};"
        scram = f"{LOGIN_MODULES}.scram.ScramLoginModule required;"
        return {
            "listener.name.secure.ssl.keystore.type": "PEM",
            "listener.name.secure.ssl.keystore.location": folder / "node.pem",
            "listener.name.secure.sasl.enabled.mechanisms": ",".join(MECHANISMS),
            "listener.name.secure.plain.sasl.jaas.config": plain,
            "listener.name.secure.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.secure.scram-sha-512.sasl.jaas.config": scram,
        }

    def format_arguments(self) -> list[str]:
        """Return how the storage tool is told the SCRAM passwords, which live in the cluster's metadata."""
        return [
            argument
            for mechanism in MECHANISMS
            if mechanism.startswith("SCRAM")
            for name, password in self.users.items()
            for argument in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]
