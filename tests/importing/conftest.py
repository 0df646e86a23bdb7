"""A desk to work at, and a log to import into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.event_log import Log, open_log
from tests.importing.given import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def log(sqlite_url: str) -> Iterator[Log]:
    with open_log(sqlite_url) as opened:
        yield opened
