"""Looks at a file and proposes a mapping for it, saying what it is unsure of."""

from adapters.importing.suggesting.proposal import Proposal, suggest

__all__ = ["Proposal", "suggest"]
