"""What a charter says of bodies, seats, votes, quorum, notice, matters, notices and history, in sentences."""

from collections.abc import Iterator, Mapping

from domain.charter.drawing import (
    clause_said,
    condition_said,
    deadlines_said,
    effect_said,
    length_said,
    listed,
    notes_said,
    steps_said,
    trigger_said,
)
from domain.charter.duties import Receipt
from domain.charter.language import Body, CarveOut, Charter, FinalSay, Majority, Matter, Quorum, Toll

KINDS = {
    "committee": "a committee", "people": "people who hold matters outside the committees",
    "advisory": "advises and decides nothing", "gate": "only says whether a matter goes up",
    "information": "is informed and decides nothing", "ratifying": "ratifies: decided once every party has approved",
    "mediation": "mediates, outside the committees, and decides nothing",
    "arbitration": "arbitrates, outside the committees", "experts": "experts, outside the committees, who decide",
}  # fmt: skip
VOTES = {
    "per_party": "each party has one vote", "per_member": "each member has one vote", "weighted": "votes are weighted",
}  # fmt: skip
PROXIES = {"none": "nobody votes by proxy", "written": "a proxy counts if it is written", "any": "a proxy counts"}
COUNTS = {
    "on_sending": "it is sent", "on_receipt": "it is received",
    "on_acknowledgement": "it is acknowledged",
}  # fmt: skip
MEASURES = {
    "votes_cast": "of the votes cast", "present": "of those present", "seats": "of the seats",
    "parties": "of the parties", "weight": "of the weight",
}  # fmt: skip
OFFICIAL = {
    "finalized": "bind once they are final", "each_party_approves": "bind once each party has approved them",
    "silence": "bind unless somebody objects in time", "unknown": "bind from a day that the contract does not state",
}  # fmt: skip


def said_plainly(charter: Charter) -> list[str]:
    """Return every rule of a charter as a sentence, with its clause: who sits, who decides, each clock, the rest."""
    clocks = (*steps_said(charter), *deadlines_said(charter))
    return [*described(charter), *clocks, *settled(charter), *notes_said(charter)]


def described(charter: Charter) -> Iterator[str]:
    """Yield a sentence for each thing that a charter says beside its clocks, with its clause."""
    for name, body in charter.bodies.items():
        yield from _body(name, body)
    for name, matter in charter.matters.items():
        yield f"{name}: {'; '.join(_matter(matter))}{clause_said(matter.clause)}."


def settled(charter: Charter) -> Iterator[str]:
    """Yield a sentence for each rule on minutes, seats, notices, pauses, rights that flip, and amendments."""
    for rule in charter.minutes:
        yield f"Minutes of {listed(rule.bodies) or 'every body'} {OFFICIAL[rule.official]}{clause_said(rule.clause)}."
    yield from _seats(charter)
    yield from _notices(charter)
    for toll in charter.tolling:
        yield _toll(toll)
    yield from _history(charter)
    moves = "moves to it" if charter.amendment.open_items == "migrate" else "stays under the old version"
    binds = "with the last ratification" if charter.amendment.binds == "last_ratification" else "at once"
    yield f"An amendment binds {binds}; what is open then {moves}{clause_said(charter.amendment.clause)}."
    for right in charter.rights:
        when = f" where {condition_said(right.when)}" if right.when else ""
        at = f" at {listed(right.at)}" if right.at else ""
        yield f"{listed(right.who)} may {right.act.replace('_', ' ')}{at}{when}{clause_said(right.clause)}."


def _body(name: str, body: Body) -> Iterator[str]:
    kind = f"{KINDS[body.kind]}{f', of {body.of}' if body.of else ''}"
    tier = f", tier {body.tier}" if body.tier is not None else ""
    prose = [f"{key}: {text}" for key in ("seats", "chair", "cadence") if (text := getattr(body, key))]
    label = f" ({body.name})" if body.name else ""
    yield f"{name}{label}: {'; '.join([f'{kind}{tier}', *prose])}{clause_said(body.clause)}."
    sits = body.kind in ("committee", "people", "advisory") and (body.quorum or body.seats)
    if sits or {"votes", "passes", "weights", "proxies"} & body.model_fields_set:
        yield f"{name} votes: {_votes(body)}{clause_said(body.clause)}."
    if body.quorum:
        yield f"{name} is quorate with {_quorum(body.quorum)}{clause_said(body.quorum.clause)}."
    if body.meeting_notice:
        says = f"{length_said(body.meeting_notice.length)} before the meeting"
        yield f"{name} meets on notice of {says}{clause_said(body.meeting_notice.clause)}."
    if body.email:
        senders = f"{body.email.senders_per_party} of each party have sent it"
        known = " and each party has acknowledged it" if body.email.acknowledged else ""
        yield f"{name} decides by e-mail once {senders}{known}{clause_said(body.email.clause)}."
    yield from _end(name, body)


def _votes(body: Body) -> str:
    weights = f" ({', '.join(f'{party} {weight}' for party, weight in body.weights.items())})" if body.weights else ""
    passes = " and ".join(_majority(one, body.votes) for one in body.passes)
    return f"{VOTES[body.votes]}{weights}; {passes}; {PROXIES[body.proxies]}"


def _majority(one: Majority, votes: str) -> str:
    if one.unanimous:
        return "every party must say yes" if votes == "per_party" else "nobody present may say no"
    least = [f"at least {one.at_least} {MEASURES[one.of]}"] if one.at_least is not None else []
    more = [f"more than {one.more_than_percent} % {MEASURES[one.of]}"] if one.more_than_percent is not None else []
    return f"passes with {' and '.join([*least, *more])}"


def _quorum(quorum: Quorum) -> str:
    each = quorum.per_party
    numbers = each if isinstance(each, Mapping) else {}
    alike = (
        f"{each} of each party" if isinstance(each, int) else ", ".join(f"{n} of {one}" for one, n in numbers.items())
    )
    seats = {"majority": "more than half of the seats", "all": "all of the seats", None: ""}[quorum.of_seats]
    total = f"{quorum.total} in all" if quorum.total else ""
    without = "no decision" if quorum.forbids == "decision" else "no vote and no decision"
    return f"{' and '.join(filter(None, (total, alike, seats)))}; without it {without}"


def _end(name: str, body: Body) -> Iterator[str]:
    if body.ends:
        ways = [
            f"by notice of {listed(body.ends.by)} alone" if body.ends.by else "",
            "by agreement" if body.ends.mutual else "",
            f"with the last of {listed(body.ends.with_last_of)}" if body.ends.with_last_of else "",
            f"once {condition_said(body.ends.when)}" if body.ends.when else "",
        ]
        yield f"{name} ends {' or '.join(filter(None, ways))}{clause_said(body.ends.clause)}."
    if body.on_end:
        clock = {"carries": "and its clock goes on", "restarts": "with a new clock", "none": "without a clock"}
        says = f"What lies before {name} when it ends goes to {body.on_end.to} {clock[body.on_end.clock]}"
        yield f"{says}{clause_said(body.on_end.clause)}."


def _matter(matter: Matter) -> Iterator[str]:
    if matter.what:
        yield matter.what
    yield f"starts at {listed(matter.start_bodies)}" if matter.start_bodies else "starts anywhere"
    if matter.decides:
        yield f"{matter.decides} decides alone"
    elif matter.final_say is not None:
        yield from (_final_say(one) for one in matter.final_say)
    elif matter.unresolved is None:
        yield "who has the final say is unknown"
    else:
        yield "nobody has the final say"
    if matter.needs_approval_of:
        yield f"needs the approval of {listed(matter.needs_approval_of)} besides"
    if not matter.escalates or matter.kind == "discuss":
        yield "is not escalated"
    if matter.skip:
        yield f"passes over {listed(matter.skip)}"
    if matter.classified_by:
        yield f"{listed(matter.classified_by)} says what belongs to it"
    if matter.unresolved:
        yield f"unresolved: {matter.unresolved.replace('_', ' ')}"


def _final_say(one: FinalSay) -> str:
    when = f" where {condition_said(one.when)}" if one.when else ""
    if one.state != "held":
        return f"{'nobody has the final say' if one.state == 'none' else 'who has the final say is unknown'}{when}"
    only = f", only after {condition_said(one.only_after)}" if one.only_after else ""
    price = f", at a price: {one.price}" if one.price else ""
    requires = f", required: {one.requires}" if one.requires else ""
    level = "after the last body" if one.level == "final_say" else f"at {one.level}"
    carved = "".join(f", but not {_carve_out(carve)}" for carve in one.carve_outs)
    return f"{listed(one.who)} has the final say {level}{when}{only}{requires}{price}{carved}"


def _carve_out(carve: CarveOut) -> str:
    what = f"where {condition_said(carve.when)}" if carve.when else carve.says or carve.note or "as carved out"
    prose = f": {carve.says}" if carve.when and carve.says else ""
    to = f" (then {carve.to})" if carve.to else ""
    unless = f" unless {carve.unless_approved_by} approves" if carve.unless_approved_by else ""
    return f"{what}{prose}{to}{unless}{clause_said(carve.clause)}"


def _seats(charter: Charter) -> Iterator[str]:
    for rule in charter.seats:
        where = listed(rule.bodies)
        if rule.seniority:
            unless = rule.seniority.unless_approved_by.replace("_", " ")
            says = f"A seat in {where} goes to nobody less senior than before unless the {unless} approves"
            yield f"{says}{clause_said(rule.seniority.clause or rule.clause)}."
        if rule.excluded_from:
            yield f"Nobody who sits in {listed(rule.excluded_from)} sits in {where}{clause_said(rule.clause)}."
        if rule.appointment:
            then = effect_said(rule.appointment.then) if rule.appointment.then else ""
            says = f"Seats in {where} are filled again by {length_said(rule.appointment.length)}{then}"
            yield f"{says}{clause_said(rule.appointment.clause or rule.clause)}."


def _notices(charter: Charter) -> Iterator[str]:
    rule = charter.notices
    for means, receipt in rule.by_means.items():
        yield f"A notice by {means} counts {_received(receipt)}{clause_said(receipt.clause or rule.clause)}."
    if rule.model_fields_set:
        other = (
            f"Any other notice counts {_received(rule.otherwise)}"
            if rule.by_means
            else f"A notice counts {_received(rule.otherwise)}"
        )
        days = ", on a closed day the next open one" if rule.only_on_open_days else ""
        hour = f", after {rule.cut_off_hour}:00 the day after" if rule.cut_off_hour is not None else ""
        yield f"{other}{days}{hour}{clause_said(rule.otherwise.clause or rule.clause)}."


def _received(receipt: Receipt) -> str:
    if receipt.counts == "never":
        return "as nothing"
    when = f"{length_said(receipt.after)} after" if receipt.after else "when"
    return f"{when} {COUNTS[receipt.counts]}"


def _toll(toll: Toll) -> str:
    only = f" of {listed((*toll.only, *toll.work_streams))}" if toll.only or toll.work_streams else ""
    by = f", if started by {listed(toll.by)}" if toll.by else ""
    resumes = f"; the rest runs only if the finding is for {listed(toll.resumes_for)}" if toll.resumes_for else ""
    cause = toll.cause.replace("_", " ")
    return f"{cause} pauses the clocks of {listed(toll.pauses)}{only}{by}{resumes}{clause_said(toll.clause)}."


def _history(charter: Charter) -> Iterator[str]:
    for name, counter in charter.counters.items():
        window = length_said(counter.window)
        yield f"{name} counts {trigger_said(counter.counts)} in any {window}{clause_said(counter.clause)}."
    for flip in charter.flips:
        matters = listed(flip.matters) or "every matter"
        but = f" but {listed(flip.except_matters)}" if flip.except_matters else ""
        says = f"Once {condition_said(flip.when)}, for {matters}{but}: {_final_say(flip.final_say)}"
        yield f"{says}{clause_said(flip.clause)}."
