"""Connections to PostgreSQL: how they are made, and the library's pool of them with its one dangerous switch welded."""

from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

SCHEMA = CHANNEL = "cynosure_log"
READERS_MAX = 20
IDLE_IN_TRANSACTION_SECONDS_MAX = 30

# A process that is paused while it holds the lock stops every writer. Between two commands the server ends its session,
# inside one whoever has waited so long for the lock. A peer that has vanished is found by keepalives. The plans of the
# append function must not turn to scans over a young table; without `jit=off` the price that PostgreSQL below 18 puts
# on a forbidden scan would have it compile what is scanned.
WRITER_OPTIONS = (
    f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS_MAX}s"
    f" -c lock_timeout={IDLE_IN_TRANSACTION_SECONDS_MAX}s -c enable_seqscan=off -c jit=off"
)
_CONNECTING: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def connecting(url: str) -> dict[str, Any]:
    """Return what a URL says about connecting, over our own defaults."""
    return {**_CONNECTING, **conninfo_to_dict(url)}


class OrderedDatastore(PostgresDatastore):
    """The library's pool of connections, for reading. Appending without the lock cannot be switched on."""

    def __init__(self, url: str) -> None:
        named = connecting(url)
        wanted = {name: named.get(name) for name in ("dbname", "host", "port", "user", "password")}
        super().__init__(
            **wanted,  # type: ignore[arg-type]  # what is not named is left to libpq
            pool_size=1,
            max_overflow=READERS_MAX - 1,
            connect_timeout=30.0,
            schema=SCHEMA,
            originator_id_type="text",
        )
        self.pool.kwargs = {**named, "row_factory": dict_row}

    @property
    def enable_db_functions(self) -> bool:
        """Return False: the library's own append function takes no lock, and a reader of the tail would miss events."""
        return False

    @enable_db_functions.setter
    def enable_db_functions(self, asked: bool) -> None:
        if asked:
            raise ValueError("appending without the lock would let readers miss events: it cannot be switched on")

    def register_type_adapters(self) -> None:
        """Do nothing: no composite type of the library's is used, and looking for one would open a connection."""
