"""What each event means for the understandings it touches: which ones, and the marks it leaves on them."""

from typing import Any

from domain.alignment.standing import Mark, plain
from domain.recorded import Recorded

CHARTER = "charter"
"""The id of the understanding whose versions are those of the charter."""

OF_AN_UNDERSTANDING = (
    "understanding-stated",
    "confirmed",
    "divergence-stated",
    "divergence-reconciled",
    "understanding-unsettled",
    "understanding-retired",
)
OF_A_METRIC = (
    "metric-proposed",
    "definition-stated",
    "target-stated",
    "target-revised",
    "horizon-stated",
    "metric-agreed",
    "metric-rebaselined",
    "metric-retired",
)
OF_A_TERM = ("term-reading-stated", "term-reconciled")
OF_THE_CHARTER = ("alliance-formed", "charter-adopted", "charter-amended", "charter-ratified")
OF_A_DECISION = ("decision-superseded", "decision-voided", "decision-reopened")
DRIFT = ("scope-declared", "person-departed", "priority-changed")


def touched(event: Recorded[Any]) -> tuple[str, ...]:
    """Return the ids of the understandings that an event touches, each once."""
    fact, name = event.fact, event.name
    if name in OF_AN_UNDERSTANDING:
        return (fact.understanding,)
    if name in OF_A_METRIC:
        return (fact.metric,)
    if name in OF_A_TERM:
        return (fact.term,)
    if name in OF_THE_CHARTER:
        return (CHARTER,)
    if name in OF_A_DECISION:
        return (fact.decision,)
    if name in DRIFT or name == "party-succeeded":
        return tuple(dict.fromkeys(fact.unsettles))
    return ()


def marks_of(event: Recorded[Any]) -> tuple[Mark, ...]:
    """Return the marks that an event leaves on each understanding it touches."""
    if event.name in OF_A_METRIC:
        return _of_a_metric(event)
    if event.name in OF_A_TERM:
        return _of_a_term(event)
    if event.name in OF_THE_CHARTER:
        return _of_the_charter(event)
    if event.name in OF_AN_UNDERSTANDING:
        return _of_an_understanding(event)
    if event.name in OF_A_DECISION:
        return (_mark(event, "retired"),)
    return _of_drift(event) if touched(event) else ()


def _mark(event: Recorded[Any], what: Any, **said: Any) -> Mark:  # noqa: ANN401
    return Mark(at=event.meta.effective_at, position=event.position, what=what, **said)


def _of_an_understanding(event: Recorded[Any]) -> tuple[Mark, ...]:
    fact = event.fact
    match event.name:
        case "understanding-stated":
            said = {
                "kind": fact.kind,
                "version": fact.version,
                "text": fact.text,
                "parties": tuple(fact.parties),
                "functions": {party: tuple(named) for party, named in fact.functions.items()},
                "immaterial": fact.immaterial,
            }
            return (_mark(event, "stated", **said),)
        case "confirmed":
            actor = event.meta.actor
            said = {"seat": fact.seat, "person": actor.person if actor else None, "function": fact.function or ""}
            return (_mark(event, "confirmed", version=fact.version, parties=(fact.party,), **said),)
        case "divergence-stated":
            said = {"function": fact.function or "", "text": fact.reading}
            return (_mark(event, "diverged", parties=(fact.party,), **said),)
        case "divergence-reconciled":
            return (_mark(event, "reconciled", parties=(fact.party,), function=fact.function or ""),)
        case "understanding-unsettled":
            return (_mark(event, "unsettled", parties=tuple(fact.parties), cause=fact.cause, of=fact.of),)
        case _:
            return (_mark(event, "retired"),)


def _of_a_metric(event: Recorded[Any]) -> tuple[Mark, ...]:
    fact = event.fact
    match event.name:
        case "metric-proposed":
            said = {
                "kind": "metric",
                "parties": tuple(fact.parties),
                "functions": {party: tuple(named) for party, named in fact.functions.items()},
                "tolerance_days": fact.tolerance_days,
            }
            return (_mark(event, "stated", **said),)
        case "definition-stated":
            said = {"version": fact.version, "text": fact.definition}
            return (_mark(event, "defined", parties=(fact.party,), **said),)
        case "target-stated" | "target-revised":
            said = {"target": plain(fact.target), "unit": fact.unit}
            return (_mark(event, "aimed", parties=(fact.party,), **said),)
        case "horizon-stated":
            said = {"horizon": str(fact.horizon), "tolerance_days": fact.tolerance_days}
            return (_mark(event, "dated", parties=(fact.party,), **said),)
        case "metric-agreed":
            return (_mark(event, "stated", version=fact.version), *_confirmed_with(event))
        case "metric-rebaselined":
            return (_mark(event, "stated", version=fact.version),) if fact.version else ()
        case _:
            return (_mark(event, "retired"),)


def _confirmed_with(event: Recorded[Any]) -> tuple[Mark, ...]:
    by = tuple(event.fact.confirmed_by)
    return (_mark(event, "confirmed", version=event.fact.version, parties=by),) if by else ()


def _of_a_term(event: Recorded[Any]) -> tuple[Mark, ...]:
    fact, context = event.fact, event.fact.context or ""
    if event.name == "term-reading-stated":
        stated = _mark(event, "stated", kind="term", parties=tuple(fact.parties))
        return (stated, _mark(event, "worded", parties=(fact.party,), text=fact.reading, context=context))
    return (
        _mark(event, "stated", kind="term", version=fact.version, text=fact.reading),
        _mark(event, "worded", parties=tuple(fact.by), text=fact.reading, context=context),
        _mark(event, "reconciled", parties=tuple(fact.by)),
        *_confirmed_with(event),
    )


def _of_the_charter(event: Recorded[Any]) -> tuple[Mark, ...]:
    fact = event.fact
    match event.name:
        case "alliance-formed":
            return (_mark(event, "stated", kind="charter", parties=tuple(party.id for party in fact.parties)),)
        case "charter-adopted":
            return (_mark(event, "stated", kind="charter", version=fact.version), *_confirmed_with(event))
        case "charter-amended":
            said = {"version": fact.version, "immaterial": fact.immaterial}
            return (_mark(event, "stated", kind="charter", **said),)
        case _:
            return (_mark(event, "confirmed", version=fact.version, parties=(fact.party,)),)


def _of_drift(event: Recorded[Any]) -> tuple[Mark, ...]:
    fact = event.fact
    match event.name:
        case "scope-declared":
            return (_mark(event, "unsettled", parties=(fact.party,), cause="reorganization", of=fact.reorganization),)
        case "priority-changed":
            said = {"cause": "priority_change", "of": fact.reorganization}
            return (_mark(event, "unsettled", parties=(fact.party,), **said),)
        case "person-departed":
            return (_mark(event, "unsettled", parties=(fact.party,), cause="departure", of=fact.person),)
        case _ if fact.old and fact.new:
            return (_mark(event, "succeeded", parties=(fact.old, fact.new)),)
        case _:
            return (_mark(event, "unsettled", parties=(fact.party,) if fact.party else (), cause="succession"),)
