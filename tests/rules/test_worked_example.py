"""The worked example is what its script writes, and the rules take it whole."""

from pathlib import Path

from adapters.items import read_items
from domain.book import Book
from domain.deciding import decide, turn_page
from domain.recorded import Meta, Recorded
from examples.digital_health.generate import tell_it_all
from projections import alignment

WRITTEN = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"


def test_the_file_is_what_the_script_writes() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == tell_it_all(), "run python -m examples.digital_health.generate"


def test_every_item_is_recorded_without_a_finding_and_leaves_the_two_sides_apart_where_the_story_says_so() -> None:
    book = Book("digital-health")
    rows: dict[str, alignment.Row | None] = {}
    for item in read_items(tell_it_all(), "alliance.yaml"):
        for decided in decide(item.message, book, item.envelope):
            assert decided.findings == (), item.where
            stream = decided.fact.stream(book.alliance_id)
            event = Recorded(
                fact=decided.fact,
                name=decided.fact.NAME,
                meta=Meta(
                    alliance=book.alliance_id,
                    event_id=f"e{book.position + 1}",
                    effective_at=item.envelope.effective_at,
                    actor=item.envelope.actor,
                ),
                position=book.position + 1,
                stream=stream,
                version=book.versions.get(stream, 0) + 1,
                recorded_at=item.envelope.recorded_at or 0,
            )
            turn_page(book, [event])
            if event.name in alignment.READS:
                rows |= {key[1]: alignment.evolve(rows.get(key[1]), event) for key in alignment.keys(event)}
    states = {name: row.state for name, row in rows.items() if row}
    assert len(book.work_streams) == 23
    assert (states["charter"], states["kits-in-time"], states["priority-decision"]) == (
        "aligned",
        "unsettled",
        "divergent",
    )
