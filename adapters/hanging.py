"""Ends sessions of PostgreSQL whose client hangs inside a transaction, where no timeout of the server's own would.

The server's clock for idle transactions runs only between two commands. A client that is stopped inside a COPY, between
two statements that it sends without waiting, or before it has read a long result leaves a session that counts as active
and waits for its client for ever, with every lock it holds. Whoever waits for such a lock looks for its holder here.
"""

import time
from typing import Any

import psycopg
from psycopg.rows import tuple_row

LOOK_AGAIN_SECONDS = 1.0
END_MILLISECONDS_MAX = 5_000

_LOOK = """
    SELECT a.pid, a.xact_start, a.state_change, coalesce(c.bytes_processed, 0)
    FROM pg_stat_activity a LEFT JOIN pg_stat_progress_copy c ON c.pid = a.pid
    WHERE a.datname = current_database() AND a.usename = current_user AND a.pid <> pg_backend_pid()
        AND a.xact_start IS NOT NULL AND a.wait_event_type = 'Client'
        AND a.state_change < clock_timestamp() - make_interval(secs => %s) AND """


def end_hanging(connection: psycopg.Connection[Any], holding: str, *, seconds: float) -> list[int]:
    """End the sessions that have waited so long for their client inside a transaction, and return their processes.

    `holding` is a condition on `a`, a row of pg_stat_activity. Who still copies is not ended: it is looked at twice.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        first = cursor.execute(_LOOK.encode() + holding.encode(), (seconds,)).fetchall()
        if not first:
            return []
        time.sleep(LOOK_AGAIN_SECONDS)
        again = cursor.execute(_LOOK.encode() + holding.encode(), (seconds,)).fetchall()
        hanging = [pid for pid, *_ in set(first) & set(again)]
        ended = "SELECT pg_terminate_backend(pid, %s) FROM unnest(%s::int[]) AS pid"
        cursor.execute(ended, (END_MILLISECONDS_MAX, hanging))
        return hanging
