"""What was known at a position is answered alike for ever, by every read model, however the log grows."""

import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.event_log import open_log
from adapters.handling import Handler
from adapters.items import digest_of, read_items
from adapters.read_models import read_models
from adapters.read_store.opening import open_rows
from adapters.reading import Reading, known_at_position
from domain.events.correction import RecordCorrected
from domain.recorded import Envelope

EXAMPLE = Path(__file__).parents[2] / "examples" / "digital_health" / "alliance.yaml"
RETRACTABLE = ("confirmed", "divergence-stated", "decision-escalated", "term-reading-stated", "observation-reported")
CUTS, RETRACTED = 3, 12


@pytest.mark.parametrize("seed", [1, 2])
def test_the_answer_for_a_known_at_never_changes_as_the_log_grows(seed: int, tmp_path: Path) -> None:
    chance, url = random.Random(seed), f"sqlite:///{tmp_path / 'log.db'}"
    items = read_items(EXAMPLE.read_text(encoding="utf-8"), "example")
    cuts = {*chance.sample(range(len(items)), CUTS)}
    with open_log(url, simulated_clock=True) as log, closing(open_rows(url, log.identity())) as store:
        handler, reading = Handler(log), Reading(log, store)

        def answers(position: int) -> dict[str, Any]:
            known = known_at_position(log, position)
            return {name: reading.answer(model, dict, known_at=known) for name, model in read_models().items()}

        first: dict[int, dict[str, Any]] = {}
        for number, item in enumerate(items):
            handler.handle(item.message, item.envelope, digest=item.digest)
            if number in cuts:
                first[log.head()] = answers(log.head())
        grown = log.head()
        told = [row for row in log.pages(0, grown) if row.name in RETRACTABLE]
        for row in chance.sample(told, RETRACTED):
            said = {"of": row.event_id, "of_stream": row.stream, "action": "retracted"}
            taken_back = Envelope(alliance=row.alliance, effective_at=row.recorded_at // 1_000_000, reason="a slip")
            handler.handle(RecordCorrected.model_validate(said), taken_back, digest=digest_of(said))
        assert log.head() == grown + RETRACTED
        for position, answer in first.items():
            assert answers(position) == answer
        assert answers(log.head()) != answers(grown)
