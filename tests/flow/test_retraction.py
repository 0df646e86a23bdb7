"""For every read model, the rows after an event and its retraction equal the rows before it."""

from contextlib import closing
from pathlib import Path

from adapters.event_log import Log, open_log
from adapters.follower import Follower
from adapters.handling import Handler
from adapters.items import Item, read_item, read_items
from adapters.read_models import read_models
from adapters.read_store.opening import open_rows

EXAMPLE = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"
EVERY = 17


def retraction(log: Log, position: int) -> Item:
    (row,) = log.pages(position - 1, 1)
    words = {"at": "2027-01-01", "report": "RecordCorrected", "of": row.event_id, "of_stream": row.stream}
    return read_item(words | {"action": "retracted"}, f"retraction of {position}", alliance=row.alliance)


def test_a_retraction_undoes_its_event_in_every_read_model_and_retracting_it_brings_the_event_back(
    sqlite_url: str,
) -> None:
    items = read_items(EXAMPLE.read_text(), "example")
    with open_log(sqlite_url) as log, closing(open_rows(sqlite_url, log.identity())) as store:
        handler, follower = Handler(log), Follower(log, store, list(read_models().values()), strict=True)
        follower.claim()

        def digests() -> dict[str, str]:
            follower.catch_up()
            return {name: store.digest(followed.claim.build) for name, followed in follower.followed.items()}

        def handle(item: Item) -> int:
            return handler.handle(item.message, item.envelope, digest=item.digest).last

        tried = 0
        for number, item in enumerate(items):
            if number % EVERY or number == 0:
                handle(item)
                continue
            before = digests()
            position = handle(item)
            there = digests()
            assert there != before
            taken_back = handle(retraction(log, position))
            assert digests() == before, item.where
            handle(retraction(log, taken_back))
            assert digests() == there, item.where
            tried += 1
    assert tried > 20
