"""The compiler: from a charter document to rules, or to every fault it has, each by path and clause."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from domain.calendars import FrozenCalendar
from domain.charter.doubles import doubles
from domain.charter.language import CalendarOf, Charter
from domain.charter.naming import WORDS_FOR_HOLDERS, meant, unknown_names
from domain.charter.rules import Rules
from domain.charter.slips import slips
from domain.charter.wording import said_of
from domain.charter.words import BUILT_IN_ENDS
from domain.errors import Unreadable


def parsed(document: Mapping[str, Any]) -> Charter:
    """Return a charter document as its model. Raise Unreadable with one sentence per fault, by path and clause."""
    try:
        return Charter.model_validate(document)
    except ValidationError as wrong:
        raise Unreadable(*dict.fromkeys(_fault(document, one) for one in wrong.errors())) from None


def calendars_of(charter: Charter) -> dict[str, CalendarOf]:
    """Return the calendars of a charter by name; the plain one is `default`."""
    return {"default": charter.calendar, **charter.calendars}


def checked(charter: Charter) -> Charter:
    """Return a charter that is about to be recorded. Raise Unreadable with every fault, and with every slip.

    A slip says nothing, or two things at once. A charter that was recorded with one still compiles.
    """
    faults = [
        *_faults(charter),
        *(_said(path, clause, says) for path, clause, says in (*doubles(charter), *slips(charter))),
    ]
    if faults:
        raise Unreadable(*faults)
    return charter


def compiled(charter: Charter, frozen: Mapping[str, FrozenCalendar], warnings: tuple[str, ...] = ()) -> Rules:
    """Return the rules of a charter whose calendars have been frozen. Raise Unreadable with every fault."""
    faults = list(_faults(charter))
    if faults:
        raise Unreadable(*faults)
    opened = {name: calendar.opened(name) for name, calendar in frozen.items()}
    return Rules(charter, opened, (*warnings, *_out_of_reach(charter), *_never_started(charter), *_downwards(charter)))


def _out_of_reach(charter: Charter) -> Iterator[str]:
    """Yield the final says that no step leads to: the charter compiles, and nobody could ever use them."""
    for name, matter in charter.matters.items():
        reached = {
            *matter.start_bodies,
            *(step.to for step in charter.ladder if not step.matters or {name, *matter.also} & set(step.matters)),
            *(body.on_end.to for body in charter.bodies.values() if body.on_end),
        }
        carved = {carve.to for say in matter.final_say or () for carve in say.carve_outs if carve.to}
        levels = {say.level for say in matter.final_say or () if say.state == "held"} | carved
        for level in sorted(levels - reached):
            says = f"no step of the ladder leads a decision on {name} to {level}, where its final say is used"
            yield _said(f"matters.{name}.final_say", matter.clause, says)


def _never_started(charter: Charter) -> Iterator[str]:
    """Yield the limits of which nothing says when they begin: the charter compiles, and nobody would ever be late."""
    for index, step in enumerate(charter.ladder):
        if step.limit.value is not None and "clock_starts" not in step.model_fields_set:
            says = (
                "is missing, so this limit never begins: write what starts it, or `unspecified` where nothing says so"
            )
            yield _said(f"ladder.{index}.clock_starts", step.clause, says)


def _downwards(charter: Charter) -> Iterator[str]:
    """Yield the steps that lead to a lower tier, and those that wait for a tier before the first."""
    reached = {step.to for step in charter.ladder}
    for index, step in enumerate(charter.ladder):
        to = charter.bodies.get(step.to or "")
        for name in step.at:
            here = charter.bodies.get(name)
            if here and to and (here.tier or 0) > (to.tier if to.tier is not None else here.tier or 0):
                says = f"the step leads down, from tier {here.tier} to tier {to.tier}: DecisionReturned tells a return"
                yield _said(f"ladder.{index}.to", step.clause, says)
            if step.clock_starts == "end_of_previous_tier" and name not in reached:
                says = f"no step leads to {name}, so no limit ended before it: its clock starts on the day it is raised"
                yield _said(f"ladder.{index}.clock_starts", step.clause, says)


def _fault(document: Mapping[str, Any], error: Any) -> str:
    loc, says = said_of(error)
    path = ".".join(str(one) for one in loc)
    return _said(path or "charter", _clause_near(document, error["loc"]), says)


def _clause_near(document: Any, loc: tuple[Any, ...]) -> str | None:
    found = None
    for step in loc:
        if isinstance(document, Mapping):
            found = document.get("clause", found)
            document = document.get(step)
        elif isinstance(document, list) and isinstance(step, int) and step < len(document):
            document = document[step]
        else:
            break
    if isinstance(document, Mapping):
        found = document.get("clause", found)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _faults(charter: Charter) -> Iterator[str]:
    yield from _parties(charter)
    yield from _places(charter)
    yield from _calendars(charter)
    yield from _cycles(charter)
    yield from _history(charter)
    for path, clause, says in unknown_names(charter):
        yield _said(path, clause, says)


def _said(path: str, clause: str | None, says: str) -> str:
    return f"{path}{f' (clause {clause})' if clause else ''}: {says}"


def _parties(charter: Charter) -> Iterator[str]:
    if len(charter.parties) < 2:  # noqa: PLR2004 - an alliance has two parties or more
        yield _said("parties", None, "an alliance has two parties or more")
    known = {*charter.parties, *charter.bodies, *WORDS_FOR_HOLDERS, *BUILT_IN_ENDS}
    for path, clause, names in _holders(charter):
        for name in names:
            if name not in known:
                yield _said(
                    path,
                    clause,
                    f"{name!r} is no party and no body of this charter: declare it{meant(charter, name, known)}",
                )


def _holders(charter: Charter) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    for name, matter in charter.matters.items():
        for index, say in enumerate(matter.final_say or ()):
            yield f"matters.{name}.final_say.{index}.who", say.clause or matter.clause, say.who
        yield f"matters.{name}.decides", matter.clause, (matter.decides,) if matter.decides else ()
        yield f"matters.{name}.needs_approval_of", matter.clause, matter.needs_approval_of
    for index, step in enumerate(charter.ladder):
        yield f"ladder.{index}.by", step.clause, (*step.by, *step.early_by)
    for index, flip in enumerate(charter.flips):
        yield f"flips.{index}.final_say.who", flip.clause, flip.final_say.who


def _places(charter: Charter) -> Iterator[str]:
    known = {*charter.bodies, *BUILT_IN_ENDS}
    for path, clause, names in _named_places(charter):
        for name in names:
            if name not in known:
                says = f"body {name!r} is not declared under `bodies`, and is no built-in end"
                yield _said(path, clause, says + meant(charter, name, sorted(known)))
    for index, step in enumerate(charter.ladder):
        if step.to is None and step.then is None:
            yield _said(f"ladder.{index}", step.clause, "a step leads somewhere (`to`) or has an effect (`then`)")
    for path, clause, matters in _named_matters(charter):
        for name in matters:
            if name not in charter.matters and not any(name in one.also for one in charter.matters.values()):
                says = f"matter {name!r} is not declared under `matters`"
                yield _said(path, clause, says + meant(charter, name, charter.matters))


def _named_places(charter: Charter) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    for index, step in enumerate(charter.ladder):
        yield f"ladder.{index}.from", step.clause, step.at
        yield f"ladder.{index}.to", step.clause, (step.to,) if step.to else ()
    for name, matter in charter.matters.items():
        yield f"matters.{name}.start_bodies", matter.clause, matter.start_bodies
        yield f"matters.{name}.skip", matter.clause, matter.skip
        for index, say in enumerate(matter.final_say or ()):
            yield f"matters.{name}.final_say.{index}.level", say.clause, (say.level,)
    for index, deadline in enumerate(charter.deadlines):
        yield f"deadlines.{index}.at", deadline.clause, deadline.at
    for name, body in charter.bodies.items():
        to = body.on_end.to if body.on_end else "final_say"
        yield f"bodies.{name}.on_end.to", body.clause, () if to == "parties" else (to,)
        yield f"bodies.{name}.ends.with_last_of", body.clause, body.ends.with_last_of if body.ends else ()
    for index, rule in enumerate(charter.minutes):
        yield f"minutes.{index}.bodies", rule.clause, rule.bodies
    for index, seat in enumerate(charter.seats):
        yield f"seats.{index}.bodies", seat.clause, (*seat.bodies, *seat.excluded_from)


def _named_matters(charter: Charter) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    for index, step in enumerate(charter.ladder):
        yield f"ladder.{index}.matters", step.clause, (*step.matters, *step.except_matters)
    for index, deadline in enumerate(charter.deadlines):
        yield f"deadlines.{index}.matters", deadline.clause, (*deadline.matters, *deadline.except_matters)
    for index, flip in enumerate(charter.flips):
        yield f"flips.{index}.matters", flip.clause, (*flip.matters, *flip.except_matters)


def _calendars(charter: Charter) -> Iterator[str]:
    for name, calendar in calendars_of(charter).items():
        if calendar.first and calendar.last and calendar.last < calendar.first:
            path = "calendar" if name == "default" else f"calendars.{name}"
            yield _said(f"{path}.to", calendar.clause, f"{calendar.last} lies before {calendar.first}")


def _cycles(charter: Charter) -> Iterator[str]:
    """Yield automatic loops: a ladder whose steps come back by themselves would climb for ever."""
    for matter in [*charter.matters, "default"]:
        seen: list[str] = []
        for start in charter.bodies:
            seen = _climb(charter, matter, start)
            if seen and seen[-1] in seen[:-1]:
                yield _said("ladder", None, f"for {matter} the steps come back: {' > '.join(seen)}")
                break


def _climb(charter: Charter, matter: str, start: str) -> list[str]:
    path = [start]
    while path.count(path[-1]) == 1:
        here = [
            step for step in charter.ladder
            if path[-1] in step.at and step.to and (not step.matters or matter in step.matters) and step.mode != "gated"
        ]  # fmt: skip
        named = [step for step in here if step.matters] or here
        if not named or named[0].to is None:
            break
        path.append(named[0].to)
    return path


def _history(charter: Charter) -> Iterator[str]:
    for name, counter in charter.counters.items():
        if counter.window.value is None:
            yield _said(f"counters.{name}.window", counter.clause, "a counter needs a window of known length")
