"""Groups of decisions: by alliance, kind, matter, tier, body, party, charter version, or any attribute."""

from collections.abc import Callable

from domain.errors import Refused
from projections.ball_in_court import Row as Ball
from projections.decision_times import Row
from projections.measures.asking import Question, Rows

NOT_STATED = "not stated"
FIELDS = ("alliance", "decision", "kind", "matter", "work_stream", "phase", "body")
GROUPINGS = (*FIELDS, "alliance_kind", "tier", "party", "parties", "charter_version", "change")


def groups(rows: Rows, question: Question, by: str) -> dict[str, Rows]:
    """Return the rows of each group, the groups in the order of their names."""
    value = valuing(rows, question, by)
    members: dict[str, set[tuple[str, str]]] = {}
    for row in rows.decision_times:
        members.setdefault(value(row), set()).add((row.alliance, row.decision))
    return {name: within(rows, kept) for name, kept in sorted(members.items())}


def chosen(rows: Rows, question: Question) -> Rows:
    """Return the rows of the decisions that a question is about."""
    for by, wanted in question.where.items():
        value = valuing(rows, question, by)
        kept = {(row.alliance, row.decision) for row in rows.decision_times if value(row) == wanted}
        rows = within(rows, kept)
    return rows


def within(rows: Rows, kept: set[tuple[str, str]]) -> Rows:
    """Return the rows of some decisions, by alliance and id."""
    return rows.only(lambda alliance, decision: (alliance, decision) in kept)


def valuing(rows: Rows, question: Question, by: str) -> Callable[[Row], str]:
    """Return what names the group of a decision."""
    match by:
        case "tier":
            return lambda row: _tier(row, question.effective_at)
        case "party":
            raised_by = {(ball.alliance, ball.decision): ball.raised_by for ball in rows.ball_in_court}
            return lambda row: _said(raised_by.get((row.alliance, row.decision)) or row.attributes.get("party"))
        case "parties":
            held_by = {(ball.alliance, ball.decision): _parties(ball) for ball in rows.ball_in_court}
            return lambda row: held_by.get((row.alliance, row.decision)) or NOT_STATED
        case "alliance_kind":
            kinds = {period.alliance: period.kind for period in rows.periods}
            return lambda row: _said(kinds.get(row.alliance))
        case "charter_version":
            return lambda row: _said(_version(rows, row))
        case _ if by in FIELDS:
            return lambda row: _said(getattr(row, by))
        case _:
            attribute = _known_attribute(rows, by)
            return lambda row: _said(row.attributes.get(attribute))


def _known_attribute(rows: Rows, by: str) -> str:
    """Return the attribute that is meant. Raise Refused where no decision has it: a slip must not read as an answer."""
    attribute = by.removeprefix("attribute:")
    stated = {name for row in rows.decision_times for name in row.attributes}
    if rows.decision_times and attribute not in stated:
        known = ", ".join([*GROUPINGS, *sorted(stated)])
        raise Refused(f"no decision has an attribute {attribute!r}; there are: {known}", rule="attribute_known")
    return attribute


def _parties(ball: Ball) -> str:
    """Name the parties between which a decision went, in the order of their names."""
    return " and ".join(sorted({turn.who.split(":", 1)[1] for turn in ball.turns if turn.who.startswith("party:")}))


def _tier(row: Row, at: int) -> str:
    reached = [span.tier for cycle in row.cycles[:1] for span in cycle.spans if span.start <= at]
    return _said(reached[-1] if reached else row.body)


def _version(rows: Rows, row: Row) -> str | None:
    known = next((period.versions for period in rows.periods if period.alliance == row.alliance), ())
    in_force = [version.version for version in known if version.since <= row.first_at]
    return in_force[-1] if in_force else None


def _said(value: object) -> str:
    return NOT_STATED if value is None else str(value)
