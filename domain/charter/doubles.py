"""What a charter says twice: one name for two things, one id for two rules, one step beside another."""

from collections.abc import Iterable, Iterator

from domain.charter.language import Charter, Step
from domain.charter.naming import WORDS_FOR_HOLDERS
from domain.charter.wording import QUOTED
from domain.charter.words import BUILT_IN_ENDS, Deadline

TRUTH_VALUES = ("true", "false")
Slip = tuple[str, str | None, str]


def doubles(charter: Charter) -> Iterator[Slip]:
    """Yield path, clause and sentence of each name, id or step that stands for two things."""
    for check in (_names, _same_ids, _same_steps, _same_matters, _same_minutes):
        yield from check(charter)


def _names(charter: Charter) -> Iterator[Slip]:
    """Yield names that would mean two things."""
    for name in charter.parties:
        if name in charter.bodies:
            yield (
                f"bodies.{name}",
                charter.bodies[name].clause,
                f"{name!r} is a party already: give the body another id",
            )
        if name in WORDS_FOR_HOLDERS or name in BUILT_IN_ENDS:
            yield f"parties.{name}", None, f"{name!r} is a word of the language: give the party another id"
    kinds: dict[str, Iterable[str]] = {"parties": charter.parties, "bodies": charter.bodies, "matters": charter.matters}
    for path, named in kinds.items():
        for name in named:
            if name.lower() in TRUTH_VALUES:
                yield f"{path}.{name}", None, f"a truth value is no name: {QUOTED}"
    for name, body in charter.bodies.items():
        if name in WORDS_FOR_HOLDERS:
            yield f"bodies.{name}", body.clause, f"{name!r} is a word of the language: give the body another id"


def _same_ids(charter: Charter) -> Iterator[Slip]:
    lists: list[tuple[str, Iterable[Deadline]]] = [
        ("obligations", charter.obligations),
        ("deadlines", charter.deadlines),
    ]
    lists += [(f"minutes.{index}.deadlines", rule.deadlines) for index, rule in enumerate(charter.minutes)]
    for path, rules in lists:
        seen: list[tuple[object, ...]] = []
        for index, rule in enumerate(rules):
            meets = (rule.kind, rule.at, rule.matters, rule.except_matters, rule.when)
            key: tuple[object, ...] = (rule.id,) if path == "obligations" else (rule.id, *meets)
            if rule.id and key in seen:
                yield f"{path}.{index}.id", rule.clause, f"{rule.id!r} is the id of an earlier one: give it another"
            seen.append(key)


def _same_steps(charter: Charter) -> Iterator[Slip]:
    for index, step in enumerate(charter.ladder):
        for earlier in charter.ladder[:index]:
            if not set(step.at) & set(earlier.at) or not _same_decisions(step, earlier):
                continue
            both = ", ".join(sorted(set(step.at) & set(earlier.at)))
            if step.to == earlier.to and (step.then, step.by, step.kind) == (earlier.then, earlier.by, earlier.kind):
                yield f"ladder.{index}", step.clause, f"the step from {both} stands here a second time"
            elif step.mode == earlier.mode == "automatic":
                says = f"two automatic steps leave {both} for the same decisions"
                yield f"ladder.{index}", step.clause, f"{says}: say by `matters` or `when` which goes where"


def _same_decisions(one: Step, other: Step) -> bool:
    def covers(step: Step) -> tuple[object, ...]:
        return (
            step.matters, step.except_matters, step.when, step.on, step.opens_when, step.after_decision, step.ends_early
        )  # fmt: skip

    return covers(one) == covers(other)


def _same_matters(charter: Charter) -> Iterator[Slip]:
    names: dict[str, str] = dict.fromkeys(charter.matters, "")
    for name, matter in charter.matters.items():
        for other in matter.also:
            if other in names:
                under = names[other] or other
                yield f"matters.{name}.also", matter.clause, f"{other!r} is declared already, under `matters.{under}`"
            names.setdefault(other, name)


def _same_minutes(charter: Charter) -> Iterator[Slip]:
    seen: set[str] = set()
    for index, rule in enumerate(charter.minutes):
        for name in rule.bodies:
            if name in seen:
                yield (
                    f"minutes.{index}.bodies",
                    rule.clause,
                    f"the minutes of {name} have a rule already: write one for each",
                )
            seen.add(name)
