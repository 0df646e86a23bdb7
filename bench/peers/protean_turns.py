"""Protean's own rebuild of the read model that our benchmarks fold. Run by the Python of .cache/peers/protean only.

Arguments: the URL of a PostgreSQL database, and how many events. Events are held in Protean's memory, which is the
fastest store it has; rows are in the database, as ours are. It says `ready`; then, for each line that comes, it
rebuilds and says how many events it has dispatched.
"""
# mypy: ignore-errors

import logging
import sys

from protean.core.aggregate import apply
from protean.core.projector import on
from protean.domain import Domain
from protean.fields import Identifier, Integer, String

logging.disable(logging.WARNING)
ALLIANCES, DECISIONS_PER_ALLIANCE = 8, 100
domain = Domain(name="alliances")
domain.config["databases"]["default"] = {"provider": "postgresql", "database_uri": sys.argv[1]}
domain.config["event_processing"] = "async"


@domain.event(part_of="Decision")
class DecisionRaised:
    decision = Identifier(identifier=True)
    alliance = String()
    body = String()
    matter = String()
    title = String()
    effective_at = Integer()


@domain.event(part_of="Decision")
class DecisionEscalated:
    decision = Identifier(identifier=True)
    to = String()
    by = String()
    effective_at = Integer()


@domain.event(part_of="Decision")
class DecisionMade:
    decision = Identifier(identifier=True)
    outcome = String()
    method = String()
    effective_at = Integer()


@domain.aggregate(event_sourced=True)
class Decision:
    decision = Identifier(identifier=True)
    body = String()

    @apply
    def raised(self, event: DecisionRaised):
        self.body = event.body

    @apply
    def escalated(self, event: DecisionEscalated):
        self.body = event.to

    @apply
    def made(self, event: DecisionMade):
        pass


@domain.projection
class Turn:
    decision = Identifier(identifier=True)
    raised_at = Integer()
    last_at = Integer()
    events = Integer()
    body = String()
    outcome = String()


@domain.projector(projector_for=Turn, aggregates=[Decision])
class Turns:
    @on(DecisionRaised)
    def raised(self, event):
        self.told(event, event.body, None)

    @on(DecisionEscalated)
    def escalated(self, event):
        self.told(event, None, None)

    @on(DecisionMade)
    def made(self, event):
        self.told(event, None, event.outcome)

    def told(self, event, body, outcome):
        repository = domain.repository_for(Turn)
        at = event.effective_at
        row = repository.find_by(decision=event.decision) if event.decision in SEEN else None
        SEEN.add(event.decision)
        if row is None:
            repository.add(
                Turn(decision=event.decision, raised_at=at, last_at=at, events=1, body=body, outcome=outcome)
            )
            return
        row.last_at = at
        row.events += 1
        row.body = body or row.body
        row.outcome = outcome or row.outcome
        repository.add(row)


SEEN = set()


def fact(number):
    """Return the nth event, as bench/following/turns.py has it."""
    at = 1_700_000_000 + number * 60
    decision = f"D{number // ALLIANCES % DECISIONS_PER_ALLIANCE}-{number % ALLIANCES}"
    alliance = f"alliance-{number % ALLIANCES}"
    match number % 3:
        case 0:
            words = {"alliance": alliance, "body": "JSC", "matter": "pricing", "title": "The price of the year"}
            return DecisionRaised(decision=decision, effective_at=at, **words)
        case 1:
            return DecisionEscalated(decision=decision, to="executives", by="acme", effective_at=at)
        case _:
            return DecisionMade(decision=decision, outcome="approved", method="consensus", effective_at=at)


def main():
    from protean.utils.projection_rebuilder import rebuild_projection

    domain.init(traverse=False)
    with domain.domain_context():
        domain.providers["default"]._create_database_artifacts()
        held = {}
        for number in range(int(sys.argv[2])):
            event = fact(number)
            decision = held.setdefault(event.decision, Decision(decision=event.decision))
            decision.raise_(event)
            domain.event_store.store.append(decision._events[-1])
        print("ready", flush=True)
        for _ in sys.stdin:
            SEEN.clear()
            result = rebuild_projection(domain, Turn)
            assert result.success, result.errors
            assert not result.events_skipped, result
            print(result.events_dispatched, flush=True)


main()
