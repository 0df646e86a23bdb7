"""Commands ask: imperative messages that a rule may refuse. Importing this package registers them all."""

from domain.commands import alignment, alliance_life, decision, governance, operating_profile, people
from domain.commands.command import COMMANDS, Command

__all__ = ["COMMANDS", "Command", "alignment", "alliance_life", "decision", "governance", "operating_profile", "people"]
