"""What tests are given: a fresh database of each kind, a broker, and how many examples a property gets.

CYNOSURE_POSTGRES (a URL) and CYNOSURE_KAFKA (host:port) name services to use instead of starting some;
CYNOSURE_HYPOTHESIS=thorough asks for many more examples of each property.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.services.kafka import KAFKA_CURRENT, KafkaCluster, jars_at_hand
from tests.services.postgres import Databases, PostgresServer, installations

settings.register_profile("default", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("thorough", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("CYNOSURE_HYPOTHESIS", "default"))

os.environ["COLUMNS"] = "200"  # the console measures its width when it is first loaded, by whichever test comes first

KAFKA_NAMED = os.environ.get("CYNOSURE_KAFKA")
POSTGRES_NAMED = os.environ.get("CYNOSURE_POSTGRES")
POSTGRES_AT_HAND = installations()
POSTGRES_KINDS = ["postgres"] if POSTGRES_NAMED else [f"postgres-{major}" for major in sorted(POSTGRES_AT_HAND)]


class Servers:
    """The PostgreSQL servers of one test run, each started when a test first asks for it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._databases: dict[str, Databases] = {}

    def databases(self, kind: str) -> Databases:
        """Return where databases of *kind* (`postgres-18`, or `postgres` for the named server) can be made."""
        if kind not in self._databases:
            self._databases[kind] = Databases(POSTGRES_NAMED) if POSTGRES_NAMED else self._start(kind)
        return self._databases[kind]

    def _start(self, kind: str) -> Databases:
        bin_folder = POSTGRES_AT_HAND[int(kind.removeprefix("postgres-"))]
        return self._stack.enter_context(PostgresServer(bin_folder)).databases


@pytest.fixture(scope="session")
def postgres_servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(params=POSTGRES_KINDS)
def postgres_url(request: pytest.FixtureRequest, postgres_servers: Servers) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database, once for each version at hand."""
    databases = postgres_servers.databases(request.param)
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'cynosure.db'}"


@pytest.fixture(params=["sqlite", *POSTGRES_KINDS])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of an empty database, once for SQLite and once for each PostgreSQL version at hand."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    databases: Databases = request.getfixturevalue("postgres_servers").databases(request.param)
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Give the address of a broker that all tests of a run share: make topics of your own, and leave it alive."""
    if KAFKA_NAMED:
        yield KAFKA_NAMED
        return
    with KafkaCluster() as kafka:
        yield kafka.bootstrap


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs a broker; leave out what has to kill one where one is named and none can be started."""
    for item in items:
        if item.get_closest_marker("own_broker") or "kafka_bootstrap" in getattr(item, "fixturenames", ()):
            item.add_marker("kafka")
    if KAFKA_NAMED and not jars_at_hand(KAFKA_CURRENT):
        left_out = [item for item in items if item.get_closest_marker("own_broker")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
