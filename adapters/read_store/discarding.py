"""Throwing rows away: they can be folded anew from the log, whatever became of them."""

from adapters.read_store.opening import connect
from adapters.read_store.tables import transaction

TABLES = ("folded_from", "builds", "positions", "serving", "parked")


def discard(database_url: str) -> None:
    """Drop every table and view of the rows of a log, in one transaction. A follower that runs then stops."""
    database = connect(database_url)
    try:
        with transaction(database):
            database.lock_schema()
            if database.has_table("builds"):
                for name, table in database.execute("SELECT projection, rows_table FROM builds"):
                    database.execute(f"DROP VIEW IF EXISTS {name}")
                    database.execute(f"DROP TABLE IF EXISTS {table}")
            for table in TABLES:
                database.execute(f"DROP TABLE IF EXISTS {table}")
    finally:
        database.close()
