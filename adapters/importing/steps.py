"""The facts that the steps of a row add to the life of its decision, or why they cannot have happened."""

from typing import Any

from adapters.importing.life import Happened, Life, becoming
from adapters.importing.reading import BadCell, shown
from adapters.importing.saying import Said
from domain.events import decision as told
from domain.events.decision import ENDED_WHEN_FIRST_SEEN
from domain.events.event import Event
from domain.events.obligation import ClockPaused, ClockResumed

STATUSES_WHEN_FIRST_SEEN = ENDED_WHEN_FIRST_SEEN | {"open", "paused", "unknown"}
FIRST_SEEN_DECIDED = "first seen decided"
TRANSFERRED_OUT = "transferred out"
BEGINNINGS = frozenset({"raised", "inherited"})
MOVES = BEGINNINGS | {"escalated", "returned", "transferred", "by_rank", "reopened"}
AFTER_THE_END = BEGINNINGS | {
    "superseded",
    "voided",
    "reversed",
    "reopened",
    "communicated",
    "implemented",
    "held",
}


class Telling:
    """The facts of one row, added to the life of its decision step by step."""

    def __init__(
        self,
        life: Life,
        said: Said,
        *,
        entered_at: int | None,
        seen_from: int | None,
        first_row: str,
        after_end: str,
    ) -> None:
        self.life, self.said = life, said
        self.facts: list[Event] = []
        self.after_end_ignored = 0
        self._entered_at, self._seen_from = entered_at, seen_from
        self._first_row, self._after_end = first_row, after_end

    def tell(self, steps: list[Happened], *, by_rank: bool) -> None:
        """Add the facts of the steps, then what else the row changes. Raise BadCell where they cannot have happened."""
        if by_rank and self.life.status == "open" and not any(step.verb in MOVES for step in steps):
            self.by_rank({})
        for step in steps:
            self._step(step.verb, step.words)
        self._state_the_rest()

    def worked(self, working: tuple[str, int], until: int) -> None:
        """Add that a party worked on it since an instant, where time went by."""
        party, since = working
        if until > since:
            self.facts.append(told.WorkReported(decision=self.life.decision, party=party, from_=since, to=until))

    def _step(self, verb: str, words: dict[str, Any]) -> None:
        if verb == "becomes":
            for inner in becoming(self.life, words["state"]):
                self._step(inner.verb, inner.words)
            return
        if self.life.status == "unraised" and verb not in BEGINNINGS:
            self._begin(verb)
            if verb == "held":
                return
        if self.life.status == "ended" and verb not in AFTER_THE_END:
            if self._after_end == "ignored":
                self.after_end_ignored += 1
                return
            raise BadCell(
                "open_decisions_only",
                f"the row says `{verb}`, but the decision has ended ({self.life.outcome}): add a rule with "
                "`so_far: ended` before "
                "(`ignored` for closing work, `reopened` for a new cycle), let the ending hold "
                "`only_if_last`, or say `after_end: ignored`",
            )
        getattr(self, verb)(words)

    def _begin(self, verb: str) -> None:
        match self._first_row:
            case "raises":
                self.raised({})
            case "inherits":
                self.inherited({"status": "open"})
            case _:
                raise BadCell(
                    "raised_first",
                    f"the decision was never raised, and this row of it says `{verb}`: add a rule with "
                    "`so_far: unraised` before, or say "
                    "`first_row: raises` or `first_row: inherits`",
                )

    def _handover(self) -> dict[str, Any]:
        life, said = self.life, self.said
        if said.holder_stays and said.held_by is None:
            said.held_by, said.holder = life.held_by, life.holder
        if said.held_by is not None:
            life.held_by, life.holder = said.held_by, said.holder
        if said.tier is not None:
            life.tier, life.rank = said.tier, said.rank
        return {"held_by": said.held_by, "holder": said.holder, "tier": said.tier, "rank": said.rank}

    def _beginning(self) -> dict[str, Any]:
        life, said = self.life, self.said
        life.status = "open"
        life.body = said.body
        life.matter, life.work_stream, life.phase = said.matter, said.work_stream, said.phase
        life.attributes = dict(said.attributes)
        return self._handover() | {
            "decision": life.decision,
            "body": said.body,
            "matter": said.matter,
            "title": said.title,
            "work_stream": said.work_stream,
            "phase": said.phase,
            "attributes": said.attributes,
            "entered_at": self._entered_at,
        }

    def _once(self) -> None:
        if self.life.status != "unraised":
            raise BadCell(
                "raised_once",
                "a second start: the decision was raised already: let the rule that raises hold `so_far: "
                "unraised`, and say what a later row like it means (`held`, `returned`, `reopened` ...)",
            )

    def raised(self, _words: dict[str, Any]) -> None:
        self._once()
        words = self._beginning() | {"kind": self.said.kind or "approve", "by": self.said.party}
        self.facts.append(told.DecisionRaised.model_validate(words))

    def inherited(self, words: dict[str, Any]) -> None:
        self._once()
        status = words["status"]
        if status not in STATUSES_WHEN_FIRST_SEEN:
            raise BadCell(
                "inherited_status",
                f"inherited: {shown(str(status))} is none of {', '.join(sorted(STATUSES_WHEN_FIRST_SEEN))}",
            )
        if status not in ENDED_WHEN_FIRST_SEEN and self._entered_at is None:
            self._entered_at = self._seen_from
        self.facts.append(told.DecisionInherited(**self._beginning(), status=status, since=words.get("since")))
        if status in ENDED_WHEN_FIRST_SEEN:
            self.life.first_ending = FIRST_SEEN_DECIDED
            self.life.ends(status)
        elif status == "paused":
            self.life.pauses.add("all")

    def _move(self, kind: type[told.Handover], **words: Any) -> None:
        start = self.life.body
        self.life.body = self.said.body or start
        self.facts.append(
            kind.model_validate(
                {"decision": self.life.decision, "from": start, "to": self.said.body} | self._handover() | words
            )
        )

    def escalated(self, _words: dict[str, Any]) -> None:
        self._move(told.DecisionEscalated, by=self.said.party)

    def returned(self, _words: dict[str, Any]) -> None:
        self._move(told.DecisionReturned, by=self.said.party)

    def transferred(self, words: dict[str, Any]) -> None:
        if words.get("outside"):
            self.said.held_by, self.said.holder = "outside", self.said.body
            self.life.first_ending = self.life.first_ending or TRANSFERRED_OUT
        self._move(told.DecisionTransferred, outside=bool(words.get("outside")))

    def by_rank(self, _words: dict[str, Any]) -> None:
        life, said = self.life, self.said
        if said.tier is None or life.tier is None or said.tier == life.tier:
            return
        if said.rank is None or life.rank is None:
            raise BadCell("tier_known", f"by_rank: tier {shown(said.tier)} has no rank: add it to columns.tier.ranks")
        if said.rank > life.rank:
            self.escalated({})
        elif said.rank < life.rank:
            self.returned({})
        else:
            self.transferred({})

    def paused(self, words: dict[str, Any]) -> None:
        pause = words.get("pause") or "all"
        if pause not in self.life.pauses:
            self.life.pauses.add(pause)
            self.facts.append(
                ClockPaused(decision=self.life.decision, pause=pause, cause=words.get("cause"), by=self.said.party)
            )

    def resumed(self, words: dict[str, Any]) -> None:
        pause = words.get("pause") or "all"
        if pause in self.life.pauses:
            self.life.pauses.discard(pause)
            self.facts.append(ClockResumed(decision=self.life.decision, pause=pause, by=self.said.party))

    def information_requested(self, words: dict[str, Any]) -> None:
        of = words.get("of")
        if of is not None and self.said.held_by is None:
            self.said.held_by, self.said.holder = "party", of
        self.life.waiting = True
        self.facts.append(
            told.InformationRequested(decision=self.life.decision, of=of, by=self.said.party, **self._handover())
        )

    def information_provided(self, _words: dict[str, Any]) -> None:
        self.life.waiting = False
        if self.said.held_by is None and self.life.body is not None:
            self.said.held_by, self.said.holder = "body", self.life.body
        self.facts.append(told.InformationProvided(decision=self.life.decision, by=self.said.party, **self._handover()))

    def approval(self, _words: dict[str, Any]) -> None:
        self.facts.append(
            told.ApprovalGiven(
                decision=self.life.decision, party=self.said.party, body=self.life.body or self.said.body
            )
        )

    def made(self, words: dict[str, Any]) -> None:
        outcome = words.get("outcome")
        if not outcome:
            raise BadCell(
                "outcome", "made: the row says no outcome: say one as a word, or map the empty cell with `if_empty`"
            )
        self.facts.append(
            told.DecisionMade(
                decision=self.life.decision,
                outcome=outcome,
                method=words.get("method", "unstated"),
                by=self.said.party,
                body=self.said.body or self.life.body,
            )
        )
        self.life.ends(outcome)

    def status_quo(self, _words: dict[str, Any]) -> None:
        self.facts.append(told.StatusQuoImposed(decision=self.life.decision, by=self.said.party, body=self.said.body))
        self.life.ends("status_quo")

    def withdrawn(self, _words: dict[str, Any]) -> None:
        self.facts.append(told.DecisionWithdrawn(decision=self.life.decision, by=self.said.party))
        self.life.ends("withdrawn")

    def superseded(self, words: dict[str, Any]) -> None:
        self.facts.append(told.DecisionSuperseded(decision=self.life.decision, superseded_by=words.get("by")))
        self.life.ends("superseded")

    def voided(self, _words: dict[str, Any]) -> None:
        self.facts.append(told.DecisionVoided(decision=self.life.decision))
        self.life.ends("voided")

    def _ended_before(self, verb: str) -> None:
        if self.life.status != "ended":
            raise BadCell(
                f"ended_before_{verb}",
                f"the row says `{verb}`, but the decision is open: let the rule hold `so_far: ended`",
            )

    def reversed(self, words: dict[str, Any]) -> None:
        self._ended_before("reversed")
        self.facts.append(told.DecisionReversed(decision=self.life.decision, outcome=words["outcome"]))
        self.life.outcome = words["outcome"]

    def reopened(self, _words: dict[str, Any]) -> None:
        self._ended_before("reopened")
        self.life.status, self.life.outcome = "open", None
        self.life.body = self.said.body or self.life.body
        self.facts.append(
            told.DecisionReopened(
                decision=self.life.decision, body=self.said.body, by=self.said.party, **self._handover()
            )
        )

    def communicated(self, _words: dict[str, Any]) -> None:
        self.facts.append(told.DecisionCommunicated(decision=self.life.decision, to=self.said.party))

    def implemented(self, _words: dict[str, Any]) -> None:
        self.facts.append(told.DecisionImplemented(decision=self.life.decision))

    def held(self, _words: dict[str, Any]) -> None:
        """Say nothing of its own: `_state_the_rest` says who holds it, and what else changed."""

    def _state_the_rest(self) -> None:
        life, said = self.life, self.said
        if life.status == "unraised":
            return
        changed: dict[str, Any] = {
            name: value
            for name in ("matter", "work_stream", "phase")
            if (value := getattr(said, name)) is not None and value != getattr(life, name)
        }
        attributes = {name: value for name, value in said.attributes.items() if life.attributes.get(name) != value}
        moved = life.status == "open" and (
            (said.held_by is not None and (said.held_by, said.holder) != (life.held_by, life.holder))
            or (said.tier is not None and said.tier != life.tier)
        )
        if not (changed or attributes or moved):
            return
        for name, value in changed.items():
            setattr(life, name, value)
        life.attributes |= attributes
        handover = self._handover() if moved else {}
        if moved and said.body is not None:
            life.body = said.body
            if life.tier is None:
                handover["tier"] = said.body
        self.facts.append(told.AttributesStated(decision=life.decision, attributes=attributes, **changed, **handover))
