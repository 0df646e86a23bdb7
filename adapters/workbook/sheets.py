"""The sheets of the workbook, their columns, and what may stand in a cell."""

from dataclasses import dataclass
from typing import Literal

CellKind = Literal["id", "text", "day", "number", "whole", "choice", "party", "parties", "ids", "pairs"]
ROWS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the word it stands for, what a cell may hold, and what a person is told about it."""

    word: str
    kind: CellKind
    hint: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: one row for each thing; `key` are the columns that tell its rows apart."""

    name: str
    hint: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, word: str) -> Column:
        """Return the column of a word."""
        return next(column for column in self.columns if column.word == word)


def _key(word: str, hint: str) -> Column:
    return Column(word, "id", hint, required=True)


SINCE = Column("since", "day", "The day since when this is so; empty means the day of the alliance sheet")
KINDS = ("strategic", "co_promotion", "technology", "channel", "supplier")
CLASSES = ("outcome", "leading", "tactical", "alignment")
METHODS = ("consensus", "vote", "final_say", "expert", "award", "deemed", "unstated")

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "alliance",
        "One row: the alliance itself",
        ("alliance",),
        (
            _key("alliance", "A short id that never changes"),
            Column("title", "text", "What people call it", required=True),
            Column("kind", "choice", "What kind of alliance it is", required=True, choices=KINDS),
            Column("formed", "day", "The day on which it was formed", required=True),
            Column("as_of", "day", "The day for which this workbook speaks: changes count from then", required=True),
            Column("zone", "text", "The time zone of all days, such as Europe/Paris; empty means UTC"),
        ),
    ),
    Sheet(
        "parties",
        "The companies, two or more",
        ("party",),
        (_key("party", "A short id that outlives name and owner"), Column("name", "text", "Its name", required=True)),
    ),
    Sheet(
        "people",
        "Who is who; elsewhere a person is only the id",
        ("person",),
        (
            _key("person", "A short id"),
            Column("party", "party", "The party the person belongs to", required=True),
            Column("name", "text", "The name, which is stored sealed"),
        ),
    ),
    Sheet(
        "bodies",
        "The governance bodies",
        ("body",),
        (
            _key("body", "A short id, such as JSC"),
            Column("tier", "whole", "1 for the lowest; decisions climb to higher numbers"),
            SINCE,
        ),
    ),
    Sheet(
        "seats",
        "The seats of the bodies; authority belongs to the seat",
        ("body", "seat"),
        (
            Column("body", "id", "A body of the sheet bodies", required=True),
            _key("seat", "A short id of the seat"),
            Column("party", "party", "The party whose seat it is", required=True),
            Column("person", "id", "Who is in it; empty means that the seat is empty"),
            SINCE,
        ),
    ),
    Sheet(
        "work_streams",
        "The streams of work",
        ("work_stream",),
        (
            _key("work_stream", "A short id"),
            Column("title", "text", "What people call it"),
            Column("phase", "id", "The phase it is in"),
            Column("owners", "pairs", "Owners on each side: party=person; party=person"),
            Column("planned_end", "day", "The day on which it is planned to end"),
            SINCE,
        ),
    ),
    Sheet(
        "metrics",
        "What both parties measure themselves by; what each means by it stands on the sheet stances",
        ("metric",),
        (
            _key("metric", "A short id"),
            Column("title", "text", "What people call it"),
            Column("unit", "id", "What it is counted in, such as EUR, patients, days", required=True),
            Column("class", "choice", "What it is for", required=True, choices=CLASSES),
            Column("owner", "id", "The person who answers for it"),
            Column("cadence", "id", "How often it is observed, such as quarter"),
            Column("tolerance_days", "whole", "How many days apart the parties' horizons may be; empty means 0"),
            SINCE,
        ),
    ),
    Sheet(
        "stances",
        "What each party means by a metric: never merged; differences are shown",
        ("metric", "party"),
        (
            Column("metric", "id", "A metric of the sheet metrics", required=True),
            Column("party", "party", "Whose words these are", required=True),
            Column("version", "id", "The version of the definition; another text needs another version"),
            Column("definition", "text", "What is counted, and how"),
            Column("target", "number", "How much, in the unit of the metric"),
            Column("baseline", "number", "Where it starts from"),
            Column("horizon", "day", "By when"),
            SINCE,
        ),
    ),
    Sheet(
        "terms",
        "Words, with what each party means by them",
        ("term", "context", "party"),
        (
            _key("term", "The word"),
            Column("context", "id", "Where it is meant so; empty means everywhere"),
            Column("party", "party", "Whose reading it is", required=True),
            Column("reading", "text", "What the party means", required=True),
            SINCE,
        ),
    ),
    Sheet(
        "priorities",
        "The order of priorities, most urgent first; both parties confirm each new order",
        ("priority",),
        (_key("priority", "A work stream or a short id"), Column("resources", "text", "What stands behind it")),
    ),
    Sheet(
        "decisions",
        "Questions put to a body",
        ("decision",),
        (
            _key("decision", "A short id"),
            Column("title", "text", "The question"),
            Column("body", "id", "The body it was raised to; empty where nobody knows"),
            Column("matter", "id", "The class of question, as in the charter"),
            Column("work_stream", "id", "A work stream of the sheet work_streams"),
            Column("by", "party", "Who raised it"),
            Column("raised", "day", "The day on which it was raised", required=True),
            Column("decided", "day", "The day on which it was decided; empty while it is open"),
            Column("outcome", "id", "approve, reject, or a word of your own; needed with decided"),
            Column("method", "choice", "How it was decided", choices=METHODS),
        ),
    ),
    Sheet(
        "minutes",
        "Meetings and the minutes of them",
        ("meeting",),
        (
            _key("meeting", "A short id"),
            Column("body", "id", "The body that met", required=True),
            Column("held", "day", "The day of the meeting", required=True),
            Column("present", "parties", "The parties that were there: party; party"),
            Column("drafted", "day", "The day on which a draft went out"),
            Column("finalized", "day", "The day on which the minutes were signed"),
            Column("signed_by", "parties", "The parties that signed: party; party"),
        ),
    ),
)
