"""Every read model, over the example that ships: a rebuild equals what was followed, and nothing sealed is read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.event_log import Log, open_log
from adapters.follower import Follower
from adapters.follower.rebuild import rebuild, verify
from adapters.handling import Handler
from adapters.items import read_items
from adapters.read_models import read_models
from adapters.read_store.canonical import RowText
from adapters.read_store.opening import open_rows
from adapters.read_store.store import RowStore

EXAMPLE = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a log that holds the example; copy it before changing it."""
    path = tmp_path_factory.mktemp("example") / "log.db"
    with open_log(f"sqlite:///{path}", simulated_clock=True) as log:
        handler = Handler(log)
        for item in read_items(EXAMPLE.read_text(), "example"):
            handler.handle(item.message, item.envelope, digest=item.digest)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return path


@pytest.fixture
def url(example: Path, tmp_path: Path) -> str:
    path = tmp_path / "log.db"
    path.write_bytes(example.read_bytes())
    return f"sqlite:///{path}"


@contextmanager
def opened(url: str) -> Iterator[tuple[Log, RowStore]]:
    with open_log(url) as log, closing(open_rows(url, log.identity())) as store:
        yield log, store


def followed(url: str, *, page_events: int = 1_000) -> dict[str, str]:
    with opened(url) as (log, store):
        follower = Follower(log, store, list(read_models().values()), page_events=page_events, strict=True)
        follower.claim()
        follower.catch_up()
        follower.release()
        return {name: store.digest(each) for name in read_models() if (each := store.serving(name))}


def test_live_following_and_a_rebuild_give_equal_bytes_whatever_the_pages(url: str, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(Path(url.removeprefix("sqlite:///")).read_bytes())
    whole = followed(url)
    assert followed(f"sqlite:///{other}", page_events=7) == whole
    for projection in read_models().values():
        assert verify(url, projection), projection.NAME
    rebuilt = {name: rebuild(url, projection).digest for name, projection in read_models().items()}
    assert rebuilt == whole
    assert len(whole) >= 4


def test_rows_are_equal_with_everything_sealed_emptied(url: str, tmp_path: Path) -> None:
    whole = followed(url)
    emptied = tmp_path / "emptied.db"
    emptied.write_bytes(Path(url.removeprefix("sqlite:///")).read_bytes())
    with closing(sqlite3.connect(emptied)) as connection, connection:
        changed = connection.execute("UPDATE events SET sealed = NULL WHERE sealed IS NOT NULL").rowcount
    assert changed > 0, "the example seals something"
    assert followed(f"sqlite:///{emptied}") == whole


def test_every_row_comes_back_from_its_text_and_its_key_begins_with_the_alliance(url: str) -> None:
    followed(url)
    rows = 0
    with opened(url) as (log, store):
        for name, projection in read_models().items():
            text, build = RowText(projection.Row), store.serving(name)
            assert build is not None
            with store.snapshot():
                for key, row in store.rows(build):
                    assert key[0] in log.alliances()
                    assert text.text(text.row(row)) == row
                    rows += 1
    assert rows > 200


def test_sql_users_find_each_read_model_under_its_name(url: str) -> None:
    followed(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///").replace("log.db", "log.rows.db"))) as connection:
        for name in read_models():
            (rows,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
            columns = {each[1] for each in connection.execute(f"PRAGMA table_info({name})")}
            assert {"key", "alliance"} <= columns, name
            assert rows >= 0
        (spread,) = connection.execute("SELECT count(DISTINCT decision) FROM decision_times").fetchone()
    assert spread > 5
