"""The servers that other tests rely on, tried themselves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.services import leash
from tests.services.postgres import PostgresServer, installations


def test_a_database_is_empty_utf8_and_one_of_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        encoding = connection.execute("SHOW server_encoding").fetchone()
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        connection.execute("CREATE TABLE left_behind ()")
    assert encoding == ("UTF8",)
    assert tables == (0,)


def test_each_kind_is_the_version_it_says(request: pytest.FixtureRequest, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        assert not Path(database_url.removeprefix("sqlite:///")).exists()
        return
    with psycopg.connect(database_url) as connection:
        told = connection.execute("SHOW server_version").fetchone()
    assert told is not None
    assert request.node.name.endswith((f"-{told[0].split('.')[0]}]", "[postgres]"))


def test_a_crashed_server_keeps_what_was_committed() -> None:
    newest = max(installations())
    with PostgresServer(installations()[newest]) as server:
        url = server.databases.create()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        server.crash()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
        folder = server.folder
    assert not folder.exists()


def test_what_is_on_a_leash_dies_with_its_parent(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    parent = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({leash.command(['/bin/sleep', '600'])!r})\n"
        f"open({str(told)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent])
    child = int(str(_when(lambda: told.exists() and told.read_text())))
    _when(lambda: b"sleep" in Path(f"/proc/{child}/cmdline").read_bytes()[:10])
    process.send_signal(signal.SIGKILL)
    process.wait()
    _when(lambda: not _running(child))


def _running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def _when(condition: Callable[[], object]) -> object:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise AssertionError("it never happened")
