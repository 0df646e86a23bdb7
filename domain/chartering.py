"""The versions of an alliance's charter: drafted, adopted once, ratified by each party, amended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.commands import governance as asks
from domain.errors import Impossible
from domain.events import charter as told
from domain.recorded import Decided, Recorded
from domain.replacing import replace

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class Chartering:
    """Which versions there are, which is in force, and who ratified what."""

    drafts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    in_force: str | None = None
    adopted: tuple[str, ...] = ()
    ratified: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def charter(self) -> Mapping[str, Any]:
        """Return the data of the version in force, empty where there is none."""
        return self.drafts.get(self.in_force, {}) if self.in_force else {}

    def rank(self, body: str) -> int | None:
        """Return the tier that the charter gives a body, None where it says nothing."""
        bodies = self.charter.get("bodies") or {}
        said = bodies.get(body) if isinstance(bodies, Mapping) else None
        tier = said.get("tier") if isinstance(said, Mapping) else None
        return tier if isinstance(tier, int) else None


def decide_charter(
    message: Any,  # noqa: ANN401
    chartering: Chartering | None,
    book: "Book",  # noqa: ARG001
) -> list[Decided[Any]]:
    """Return the facts about the charter that follow from *message*, or refuse it."""
    fact, known = _asked(message), chartering or Chartering()
    match fact:
        case told.CharterDrafted(version=version) if version in known.drafts:
            raise Impossible(f"version {version} was drafted already; draft a new version", rule="version_new")
        case told.CharterAdopted() if known.in_force is not None:
            raise Impossible(f"version {known.in_force} is in force; amend it", rule="adopted_once")
        case told.CharterAdopted(version=version) if (
            fact.charter is None and known.drafts and version not in known.drafts
        ):
            raise Impossible(f"version {version} was never drafted", rule="drafted_first")
        case told.CharterAmended(supersedes=old) if old != known.in_force:
            raise Impossible(f"version {old} is not in force, {known.in_force} is", rule="supersedes_in_force")
        case told.CharterRatified(version=version) if version not in {*known.adopted, *known.drafts}:
            raise Impossible(f"there is no version {version} to ratify", rule="drafted_first")
        case _:
            return [Decided(fact, charter_version=known.in_force)]


def _asked(message: Any) -> Any:  # noqa: ANN401
    match message:
        case asks.DraftCharter():
            return told.CharterDrafted(**message.model_dump(exclude_unset=True))
        case asks.AdoptCharter():
            return told.CharterAdopted(**message.model_dump(exclude_unset=True))
        case asks.RatifyCharter():
            return told.CharterRatified(**message.model_dump(exclude_unset=True))
        case asks.AmendCharter():
            return told.CharterAmended(**message.model_dump(exclude_unset=True))
        case _:
            return message


def evolve_charter(chartering: Chartering | None, recorded: Recorded[Any]) -> Chartering:
    """Return the versions after the event."""
    fact, known = recorded.fact, chartering or Chartering()
    match fact:
        case told.CharterDrafted():
            return replace(known, drafts={**known.drafts, fact.version: fact.charter})
        case told.CharterAdopted() | told.CharterAmended():
            drafts = {**known.drafts, fact.version: fact.charter} if fact.charter else known.drafts
            return replace(known, drafts=drafts, in_force=fact.version, adopted=(*known.adopted, fact.version))
        case told.CharterRatified():
            by = known.ratified.get(fact.version, frozenset()) | {fact.party}
            return replace(known, ratified={**known.ratified, fact.version: by})
        case _:
            return known
