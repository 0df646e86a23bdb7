"""Whether every name inside a rule stands for something: a condition, an event, a holder, a calendar, a clock."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic import BaseModel

from domain.charter.language import (
    Body,
    BodyEnds,
    CarveOut,
    Charter,
    ConfirmationRule,
    Declined,
    Matter,
    Succession,
    Toll,
)
from domain.charter.words import BUILT_IN_ENDS, Condition, Effect, EndOf, EventIs, Right
from domain.events import EVENTS

WORDS_FOR_HOLDERS = (
    "any_party", "all_parties", "either_party", "owed_by", "owed_to", "other_party", "proposer", "mover", "party",
    "sender", "recipient", "accused",
)  # fmt: skip

ALIKE = 0.7

_EVENT_NAMES = frozenset({"EveryPartySubmitted", *(one.__name__ for one in EVENTS.values())})

Named = tuple[str, str | None, BaseModel]
Wanted = tuple[str, tuple[str, ...], frozenset[str], str]


def unknown_names(charter: Charter) -> Iterator[tuple[str, str | None, str]]:
    """Yield path, clause and sentence of each name in a rule that nothing in the charter declares."""
    holders = frozenset({*charter.parties, *charter.bodies, *WORDS_FOR_HOLDERS})
    clocks = frozenset(clock_names(charter))
    for path, clause, part in parts_of(charter):
        for key, names, known, says in _wanted(charter, part, holders, clocks):
            for name in names:
                if name not in known:
                    yield f"{path}.{key}", clause, says.format(repr(name)) + meant(charter, name, sorted(known))


def parts_of(node: object, path: str = "", clause: str | None = None) -> Iterator[Named]:
    """Yield every part inside a part of a charter, with its path and the clause nearest to it."""
    if isinstance(node, BaseModel):
        near = getattr(node, "clause", None) or clause
        yield path, near, node
        for field, told in type(node).model_fields.items():
            name = told.alias or field
            yield from parts_of(getattr(node, field), f"{path}.{name}" if path else name, near)
    elif isinstance(node, dict):
        for key, one in node.items():
            yield from parts_of(one, f"{path}.{key}", clause)
    elif isinstance(node, tuple):
        for index, one in enumerate(node):
            yield from parts_of(one, f"{path}.{index}", clause)


def clock_names(charter: Charter) -> Iterator[str]:
    """Yield the names by which a clock may be meant: its id, its kind, the body that it belongs to."""
    for step in charter.ladder:
        yield from (*step.at, step.kind, *filter(None, (step.id,)))
        yield from (f"{name} window" for name in (*step.at, step.id) if step.window and name)
    for rule in (
        *charter.deadlines,
        *charter.obligations,
        *(one for each in charter.minutes for one in each.deadlines),
    ):
        yield from (*rule.at, rule.kind, *filter(None, (rule.id,)))


def _wanted(charter: Charter, part: BaseModel, holders: frozenset[str], clocks: frozenset[str]) -> Iterator[Wanted]:
    no_holder = "{} is no party and no body of this charter: declare it"
    match part:
        case Condition():
            yield from _in_condition(charter, part, holders, clocks)
        case EventIs():
            yield "event", (part.event,), _EVENT_NAMES, "{} is the name of no event"
        case EndOf():
            yield "end_of", (part.end_of,), clocks, "{} is the id of no deadline, and no body with a limit"
        case Right():
            yield "who", part.who, holders, no_holder
        case Effect(effect="right_opens"):
            yield "to", part.to, holders, no_holder
        case Effect(effect="escalate"):
            yield (
                "to",
                part.to,
                frozenset({*charter.bodies, *BUILT_IN_ENDS}),
                "{} is no body of this charter, and no built-in end",
            )
        case CarveOut():
            yield "to", _one(part.to), holders | set(BUILT_IN_ENDS), no_holder
            yield "unless_approved_by", _one(part.unless_approved_by), holders, no_holder
        case Declined():
            yield (
                "to",
                _one(part.to),
                frozenset({*charter.bodies, *BUILT_IN_ENDS}),
                "{} is no body of this charter, and no built-in end",
            )
        case Toll():
            yield "by", part.by, holders, no_holder
            yield "resumes_for", part.resumes_for, holders, no_holder
        case BodyEnds():
            yield "by", part.by, holders, no_holder
        case Matter():
            yield "classified_by", part.classified_by, holders, no_holder
        case ConfirmationRule():
            yield "functions", tuple(part.functions), frozenset(charter.parties), "{} is no party of this charter"
        case Succession():
            says = frozenset(say.id for one in charter.matters.values() for say in one.final_say or () if say.id)
            yield "rights_kept_by_old", part.rights_kept_by_old, says, "{} is the `id` of no final say"
        case Body():
            yield "of", _one(part.of), frozenset(charter.parties), "{} is no party of this charter: declare it"
            yield (
                "weights",
                tuple(part.weights),
                frozenset(charter.parties),
                "{} is no party of this charter: declare it",
            )
    if isinstance(calendar := getattr(part, "calendar", None), str):
        known = frozenset({"default", *charter.calendars})
        yield "calendar", (calendar,), known, "calendar {} is not declared under `calendars`"


def near(name: object, known: Iterable[str]) -> str:
    """Return the question whether a name like this one was meant, or nothing where none is like it."""
    found = get_close_matches(str(name), [str(one) for one in known], n=1, cutoff=ALIKE)
    return f"; did you mean {found[0]!r}?" if found else ""


def meant(charter: Charter, name: str, known: Iterable[str]) -> str:
    """Return what may have been meant by a name that is not declared: the id behind a label, a name like it."""
    labels: dict[str, str | None] = {key: one.name for key, one in charter.parties.items()}
    labels |= {key: one.name for key, one in charter.bodies.items()}
    labelled = [key for key in known if labels.get(key) == name]
    like = [one for one in known if one.lower() == name.lower()]
    if labelled:
        return f"; that is the name of {labelled[0]!r}: write the id"
    return f"; did you mean {like[0]!r}?" if like else near(name, known)


def _one(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()


def _in_condition(
    charter: Charter, part: Condition, holders: frozenset[str], clocks: frozenset[str]
) -> Iterator[Wanted]:
    matters = frozenset({"default", *charter.matters, *(name for one in charter.matters.values() for name in one.also)})
    yield "matters", part.matters, matters, "matter {} is not declared under `matters`"
    yield "except_matters", part.except_matters, matters, "matter {} is not declared under `matters`"
    yield "held", _one(part.held), frozenset(charter.bodies), "body {} is not declared under `bodies`"
    yield "lapsed", _one(part.lapsed), clocks, "{} is the id or kind of no deadline, and no body with a limit"
    yield "counter", _one(part.counter), frozenset(charter.counters), "counter {} is not declared under `counters`"
    for key in ("approved_by", "positions_of", "raised_by", "opted_out"):
        yield key, getattr(part, key), holders, "{} is no party and no body of this charter: declare it"
