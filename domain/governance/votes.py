"""Quorum and votes as the charter counts them."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.charter.language import Body, Majority
from domain.charter.rules import Rules
from domain.governance.state import Ballot, Governance, Vote
from domain.replacing import replace

PERCENT = 100


def seats_of(state: Governance, body: str) -> int:
    """Return how many seats of a body are filled, as far as they were told."""
    known = state.bodies.get(body)
    return len(known.seats) if known else 0


def quorate(state: Governance, rules: Rules, body: str, present: Sequence[Mapping[str, Any]] | None) -> bool | None:
    """Say whether a meeting is quorate, or None where nobody told who was there. Proxies count as the body says."""
    if present is None:
        return None
    rule = rules.body(body)
    if rule is None or rule.quorum is None:
        return True
    there = [one for one in present if _counts(state, rule, body, one)]
    quorum = rule.quorum
    parties = state.parties(rules)
    per_party = {party: sum(one["party"] == party for one in there) for party in parties}
    seats = seats_of(state, body)
    enough = (
        quorum.total is None or len(there) >= quorum.total,
        _enough_of_each(quorum.per_party, per_party),
        quorum.of_seats != "majority" or len(there) * 2 > seats,
        quorum.of_seats != "all" or len(there) >= seats,
    )
    return all(enough)


def _enough_of_each(wanted: int | Mapping[str, int] | None, there: Mapping[str, int]) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return min(there.values(), default=0) >= wanted
    return all(there.get(party, 0) >= number for party, number in wanted.items())


def _counts(state: Governance, rule: Body, body: str, one: Mapping[str, Any]) -> bool:
    if not one.get("proxy") or rule.proxies == "any":
        return True
    granted = state.proxies.get((body, str(one.get("person"))))
    return rule.proxies == "written" and granted is not False


def tally(rules: Rules, ballot: Ballot) -> dict[str, int]:
    """Return the count per side, per party or per person as the body counts votes."""
    body = rules.body(ballot.body) or Body()
    cast = list(_last_votes(ballot.votes).values()) if body.votes == "per_member" else _party_votes(ballot.votes)
    if body.votes == "weighted":
        cast = [replace(vote, weight=body.weights.get(vote.party, vote.weight)) for vote in cast]
    return {side: sum(vote.weight for vote in cast if vote.vote == side) for side in ("yes", "no", "abstain")}


def _last_votes(votes: Sequence[Vote]) -> dict[tuple[str, str | None], Vote]:
    return {(vote.party, vote.person): vote for vote in votes}


def _party_votes(votes: Sequence[Vote]) -> list[Vote]:
    by_party: dict[str, list[Vote]] = {}
    for (party, _), vote in _last_votes(votes).items():
        by_party.setdefault(party, []).append(vote)
    return [
        Vote(party, None, cast[0].vote if len({one.vote for one in cast}) == 1 else "no", "", cast[0].weight)
        for party, cast in by_party.items()
    ]


def passed(state: Governance, rules: Rules, ballot: Ballot) -> bool:
    """Say whether the votes cast are enough for the body to have decided."""
    body = rules.body(ballot.body) or Body()
    return all(_met(state, rules, ballot, body, one) for one in body.passes)


def _met(state: Governance, rules: Rules, ballot: Ballot, body: Body, majority: Majority) -> bool:
    counts = tally(rules, ballot)
    if majority.unanimous:
        everybody = set(state.parties(rules)) if body.votes == "per_party" else set()
        voted = {vote.party for vote in ballot.votes}
        return counts["yes"] > 0 and counts["no"] == 0 and everybody <= voted
    yes, whole = _measured(state, rules, ballot, body, majority)
    if majority.at_least is not None and yes < majority.at_least:
        return False
    return majority.more_than_percent is None or yes * PERCENT > whole * majority.more_than_percent


def _measured(state: Governance, rules: Rules, ballot: Ballot, body: Body, majority: Majority) -> tuple[int, int]:
    counts = tally(rules, ballot)
    match majority.of:
        case "weight":
            cast = _party_votes(ballot.votes)
            yes = [body.weights.get(vote.party, vote.weight) for vote in cast if vote.vote == "yes"]
            whole = sum(body.weights.values()) or sum(vote.weight for vote in cast)
            return sum(yes), whole
        case "parties":
            return sum(vote.vote == "yes" for vote in _party_votes(ballot.votes)), len(state.parties(rules))
        case "seats":
            return counts["yes"], seats_of(state, ballot.body)
        case "present":
            return counts["yes"], len(ballot.present or ())
        case _:
            return counts["yes"], counts["yes"] + counts["no"]


def tied(rules: Rules, ballot: Ballot) -> bool:
    """Say whether everybody present has voted and the sides are equal, nobody abstaining."""
    counts = tally(rules, ballot)
    voters = len(ballot.present or ())
    if (rules.body(ballot.body) or Body()).votes == "per_party":
        voters = len({one["party"] for one in ballot.present or ()})
    return counts["yes"] == counts["no"] > 0 and counts["yes"] + counts["no"] == voters


def unacknowledged(state: Governance, rules: Rules, ballot: Ballot) -> tuple[str, ...]:
    """Return the parties that have not acknowledged a decision by e-mail, where the body asks for it."""
    body = rules.body(ballot.body) or Body()
    if not ballot.by_email or body.email is None or not body.email.acknowledged:
        return ()
    return tuple(party for party in state.parties(rules) if party not in ballot.acknowledged)


def too_few_senders(state: Governance, rules: Rules, ballot: Ballot) -> bool:
    """Say whether a decision by e-mail lacks the senders that the body asks of each party."""
    body = rules.body(ballot.body) or Body()
    if not ballot.by_email or body.email is None:
        return False
    senders = [{vote.person for vote in ballot.votes if vote.party == party} for party in state.parties(rules)]
    return any(len(persons) < body.email.senders_per_party for persons in senders)
